//! What every page shares: who is signed in, where we are, one notice, the theme.

use time::{OffsetDateTime, macros::datetime};

use crate::web::views::text;

/// The frame of a page. Handlers make one per request and hand it to the view.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Value of the hidden field `csrf` of every form.
    pub csrf: String,
    /// Colour theme, from the cookie `theme` (`system`, `light` or `dark`).
    pub theme: Theme,
    /// The person of the browser session, if any.
    pub signed_in: Option<SignedIn>,
    /// The org that the page belongs to; also shown in the header.
    pub org: Option<OrgLink>,
    /// The place that the navigation marks as current.
    pub section: Section,
    /// One message about what just happened.
    pub notice: Option<Notice>,
    /// Id of this request, shown in the footer for support.
    pub request_id: String,
    /// The instant of the request; relative times count from it.
    pub now: OffsetDateTime,
    /// Whose server it is.
    pub brand: Brand,
    /// Whether developers get tokens for themselves here.
    pub development: bool,
    /// Seconds until the session ends if nothing more is asked for; `None` when nobody is signed in.
    pub session_ends_in: Option<i64>,
}

/// How the operator presents the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The product's name: in the header and in titles.
    pub name: String,
    /// Address of its logo on our own origin; without one, our mark stands there.
    pub logo_url: Option<String>,
    /// Address of the stylesheet with its accent, on our own origin; without one, ours is used.
    pub stylesheet: Option<String>,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: "Grantor".to_owned(), logo_url: None, stylesheet: None }
    }
}

/// Colour theme of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the operating system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Reads the cookie value; anything unknown is [`Theme::System`].
    pub fn from_cookie(value: &str) -> Self {
        match value {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The word of the cookie and of the attribute `data-theme`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The signed-in person.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Name to show; may be the address when no name is known.
    pub name: String,
    /// Address that the person signs in with.
    pub email: String,
    /// Every org that the person belongs to.
    pub orgs: Vec<OrgLink>,
}

/// An org as the navigation shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgLink {
    /// Last part of its address.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What the signed-in person is there.
    pub role: Role,
}

/// What a person is in an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything, also naming admins.
    Owner,
    /// Apps, people, audit.
    Admin,
    /// Reads apps.
    Developer,
    /// Own account and connected apps.
    Member,
}

impl Role {
    /// The word shown to people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Developer => "Developer",
            Self::Member => "Member",
        }
    }

    /// What it allows, in a few words.
    pub fn explained(&self) -> &'static str {
        match self {
            Self::Owner => "everything, also naming owners",
            Self::Admin => "applications, people and the audit trail",
            Self::Developer => "sees applications and tries them out",
            Self::Member => "own account and connected apps",
        }
    }

    /// The same as a promise to somebody who is invited.
    pub fn promised(&self) -> &'static str {
        match self {
            Self::Owner => "You will manage everything, and name owners.",
            Self::Admin => "You will manage its applications and its people, and see its audit trail.",
            Self::Developer => "You will see its applications and can try them out.",
            Self::Member => "You will have an account of your own, and decide which of its apps may use it.",
        }
    }

    /// Whether the org's applications are visible.
    pub fn sees_apps(&self) -> bool {
        !matches!(self, Self::Member)
    }

    /// Whether the org's applications may be changed.
    pub fn changes_apps(&self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

/// The place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// None of those below.
    #[default]
    Elsewhere,
    /// `/orgs/{slug}/apps` and what is below it.
    Apps,
    /// `/orgs/{slug}/people` and what is below it.
    People,
    /// `/orgs/{slug}/audit`.
    Audit,
    /// `/orgs/{slug}/development`.
    Development,
    /// `/account/apps`.
    ConnectedApps,
    /// `/account`.
    Account,
}

/// One message about what just happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How it went.
    pub kind: NoticeKind,
    /// One sentence.
    pub text: String,
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Done.
    Success,
    /// Worth knowing.
    Info,
    /// Done, but look at it.
    Warning,
    /// Not done.
    Failure,
}

impl Notice {
    /// A message that something was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Success, text: text.into() }
    }

    /// A message worth knowing.
    pub fn info(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Info, text: text.into() }
    }

    /// A message that something was done but deserves a look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Warning, text: text.into() }
    }

    /// A message that something was not done.
    pub fn failure(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Failure, text: text.into() }
    }

    /// Class and icon of the message.
    pub fn tone(&self) -> &'static str {
        match self.kind {
            NoticeKind::Success => "success",
            NoticeKind::Info => "info",
            NoticeKind::Warning => "warning",
            NoticeKind::Failure => "danger",
        }
    }
}

impl Layout {
    /// `at` as people say it, counted from this request: `3 minutes ago`, `in 2 days`.
    pub fn ago(&self, at: &OffsetDateTime) -> String {
        text::relative(self.now, *at)
    }

    /// Whether the theme `word` is the chosen one.
    pub fn is_theme(&self, word: &str) -> bool {
        self.theme.word() == word
    }

    /// Whether `section` is the current place.
    pub fn is_at(&self, section: &Section) -> bool {
        self.section == *section
    }

    /// A page of someone signed in as an admin of `acme`.
    pub fn sample() -> Self {
        let acme = OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin };
        let north = OrgLink { slug: "northwind".into(), name: "Northwind Traders".into(), role: Role::Member };
        Self {
            csrf: "sample-csrf".into(),
            theme: Theme::System,
            signed_in: Some(SignedIn { name: "Ada Moreau".into(), email: "ada@acme.example".into(), orgs: vec![acme.clone(), north] }),
            org: Some(acme),
            section: Section::Elsewhere,
            notice: None,
            request_id: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c10".into(),
            now: datetime!(2026-08-14 09:30 UTC),
            brand: Brand::default(),
            development: false,
            session_ends_in: None,
        }
    }

    /// A page of nobody in particular, on a server with a brand of its own, seen in the dark.
    pub fn sample_branded() -> Self {
        let brand = Brand {
            name: "Northwind Work".into(),
            logo_url: Some("/brand/logo-5f70bf18a086007.png".into()),
            stylesheet: Some("/brand/accent-8c2f6b-0.1.0.css".into()),
        };
        Self { brand, theme: Theme::Dark, ..Self::sample_signed_out() }
    }

    /// A page of nobody in particular.
    pub fn sample_signed_out() -> Self {
        Self { signed_in: None, org: None, ..Self::sample() }
    }
}
