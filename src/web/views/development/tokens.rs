//! `/orgs/{slug}/development`: the form of a new token, and those that live.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::model::api::Api;
use crate::web::views::{
    form::{Choice, FieldError, Form},
    layout::{Layout, OrgLink, Role, Section},
};

/// The page. The form posts `csrf`, `lifetime` and `scopes` (once for each box) to itself; a row posts `csrf` to `{id}/revoke`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "development/tokens.html")]
pub struct TokensPage {
    /// The frame.
    pub layout: Layout,
    /// The org and what the person who looks is in it.
    pub org: OrgLink,
    /// What tokens can be for.
    pub apis: Vec<ApiChoice>,
    /// How long they can live.
    pub lifetimes: Vec<Choice>,
    /// What was chosen.
    pub form: Form<Values>,
    /// What makes a form one: the same one again makes no second token.
    pub once: String,
    /// Living tokens, newest first.
    pub tokens: Vec<TokenRow>,
    /// Whether they are everybody's and not one's own only.
    pub everybodys: bool,
}

/// What the fields hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Names of the chosen scopes.
    pub scopes: Vec<String>,
    /// Seconds.
    pub lifetime: String,
}

impl Values {
    /// Whether the box of `scope` is on.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|chosen| chosen == scope)
    }
}

/// An API with its scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiChoice {
    /// Name.
    pub name: String,
    /// Each scope's name and title, and whether it is sensitive.
    pub scopes: Vec<(String, String, bool)>,
}

impl ApiChoice {
    /// An API of this server.
    pub fn of(api: &Api) -> Self {
        let scopes = api.scopes.iter().map(|scope| (scope.name.clone(), scope.title.clone(), scope.sensitive));
        Self { name: api.name.clone(), scopes: scopes.collect() }
    }
}

/// A living token; the token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Id in the address of the form.
    pub id: String,
    /// Whose it is.
    pub name: String,
    /// Whether it belongs to the person who looks.
    pub yourself: bool,
    /// Name of the API.
    pub api: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Its end.
    pub expires_at: OffsetDateTime,
}

/// The lifetimes to choose from, up to `longest` seconds, the shortest first.
pub fn lifetimes(longest: i64) -> Vec<Choice> {
    let usual = [(3_600, "1 hour"), (28_800, "8 hours"), (86_400, "24 hours")];
    let mut choices: Vec<Choice> =
        usual.iter().filter(|(seconds, _)| *seconds <= longest).map(|(seconds, label)| Choice::new(seconds.to_string(), *label)).collect();
    if usual.iter().all(|(seconds, _)| *seconds != longest) {
        choices.push(Choice::new(longest.to_string(), format!("{} minutes", longest / 60)));
    }
    choices
}

impl TokensPage {
    /// What tells a token from the others.
    pub fn told(&self, token: &TokenRow) -> String {
        let by = if self.everybodys { format!(" by {}", token.name) } else { String::new() };
        format!("the token for {} made {}{by}", token.api, self.layout.ago(&token.created_at))
    }

    /// A developer with two tokens.
    pub fn sample() -> Self {
        let projects = ApiChoice {
            name: "Acme API".into(),
            scopes: vec![
                ("projects:read".into(), "See your projects".into(), false),
                ("projects:write".into(), "Change your projects".into(), true),
            ],
        };
        let row = |id: &str, name: &str, yourself| TokenRow {
            id: id.into(),
            name: name.into(),
            yourself,
            api: "Acme API".into(),
            scopes: vec!["projects:read".into(), "projects:write".into()],
            created_at: datetime!(2026-08-14 08:30 UTC),
            expires_at: datetime!(2026-08-14 16:30 UTC),
        };
        Self {
            layout: Layout { section: Section::Development, development: true, ..Layout::sample() },
            org: OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin },
            apis: vec![projects],
            lifetimes: lifetimes(86_400),
            form: Form::new(Values { scopes: vec!["projects:read".into(), "projects:write".into()], lifetime: "3600".into() }),
            once: "0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c13".into(),
            tokens: vec![
                row("0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c11", "Ada Moreau", true),
                row("0198f3c2-7a41-7c0e-9d55-3f1b6a2e8c12", "Sam Okafor", false),
            ],
            everybodys: true,
        }
    }

    /// Nothing yet.
    pub fn sample_empty() -> Self {
        Self { tokens: Vec::new(), everybodys: false, ..Self::sample() }
    }

    /// Nothing was chosen.
    pub fn sample_refused() -> Self {
        let error = FieldError::new("scopes", "Choose at least one scope.");
        Self { form: Form::refused(Values { scopes: Vec::new(), lifetime: "3600".into() }, vec![error]), ..Self::sample_empty() }
    }
}
