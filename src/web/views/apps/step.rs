//! The steps of registering an application, and which field belongs to which.

use crate::web::views::apps::kind::AppKind;

/// A step after the choice of the kind; each has an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Name, description and links.
    Details,
    /// Redirect URIs and scopes.
    Access,
    /// Lifetimes of tokens.
    Limits,
    /// Everything once more.
    Review,
}

/// A step as the line above the form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMark {
    /// A word or two.
    pub label: &'static str,
    /// `done`, `current` or `next`.
    pub state: &'static str,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Details, Self::Access, Self::Limits, Self::Review];

    /// The last part of its address.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Access => "access",
            Self::Limits => "limits",
            Self::Review => "review",
        }
    }

    /// The heading of its page.
    pub fn heading(&self, kind: &AppKind) -> &'static str {
        match self {
            Self::Details => "Name and links",
            Self::Access if kind.has_people() => "Redirect URIs and scopes",
            Self::Access => "Scopes",
            Self::Limits => "Token limits",
            Self::Review => "Check and create",
        }
    }

    fn label(self, kind: AppKind) -> &'static str {
        match self {
            Self::Details => "Details",
            Self::Access if kind.has_people() => "Access",
            Self::Access => "Scopes",
            Self::Limits => "Limits",
            Self::Review => "Review",
        }
    }

    /// Its place among all steps, the choice of the kind being the first.
    pub fn number(&self) -> usize {
        Self::ALL.iter().position(|step| step == self).unwrap_or_default() + 2
    }

    /// How many steps there are.
    pub const COUNT: usize = Self::ALL.len() + 1;

    /// The one after it; the review is the last.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL.into_iter().find(|step| *step > self).unwrap_or(Self::Review)
    }

    /// The one before it; `None` = the choice of the kind.
    pub fn previous(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|step| *step < self)
    }

    /// Its address for an application of this kind.
    pub fn url(&self, slug: &str, kind: &AppKind) -> String {
        format!("/orgs/{slug}/apps/new/{}?kind={}", self.word(), kind.word())
    }

    /// Where a field is asked for; what no step asks for is shown at the review.
    pub fn of_field(name: &str) -> Self {
        match name {
            "name"
            | "description"
            | "description_url"
            | "privacy_policy_url"
            | "terms_of_service_url"
            | "developer_name"
            | "developer_email" => Self::Details,
            "allow_localhost" | "require_pkce" | "scopes" => Self::Access,
            uri if uri.starts_with("redirect_uri") => Self::Access,
            "access_token_lifetime"
            | "refresh_tokens"
            | "rotation"
            | "retry_window"
            | "absolute_lifetime"
            | "idle_lifetime"
            | "allow_password_grant" => Self::Limits,
            _ => Self::Review,
        }
    }

    /// Whether it asks for a section of the fields.
    pub fn asks_for(self, section: &str) -> bool {
        match section {
            "basics" | "links" => self == Self::Details,
            "redirects" | "scopes" => self == Self::Access,
            _ => self == Self::Limits,
        }
    }

    /// The line of steps when this is the current one; `None` = the choice of the kind is.
    pub fn line(current: Option<Self>, kind: AppKind) -> Vec<StepMark> {
        let first = StepMark { label: "Kind", state: if current.is_some() { "done" } else { "current" } };
        let state = |step: Self| match current {
            Some(now) if step < now => "done",
            Some(now) if step == now => "current",
            _ => "next",
        };
        let further = Self::ALL.into_iter().map(|step| StepMark { label: step.label(kind), state: state(step) });
        std::iter::once(first).chain(further).collect()
    }
}
