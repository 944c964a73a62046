//! The fields of an application, shared by creating and by editing it.

use crate::web::views::{form::Choice, text};

/// What the fields hold, as text so that nothing typed is lost. The names are the form's field names.
///
/// A check box that is on sends `on`; `scopes` is sent once for each box that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the form has as many check boxes")]
pub struct AppValues {
    /// Name.
    pub name: String,
    /// A sentence for the consent page.
    pub description: String,
    /// One redirect URI a line (`web`, `spa`).
    pub redirect_uris: String,
    /// Names of the chosen scopes.
    pub scopes: Vec<String>,
    /// "Require PKCE" (`web`; always on for `spa`).
    pub require_pkce: bool,
    /// `http://localhost` as redirect URI (`web`, `spa`).
    pub allow_localhost: bool,
    /// Seconds that an access token lives.
    pub access_token_lifetime: String,
    /// `always`, `offline_access` or `never` (`web`, `spa`).
    pub refresh_tokens: String,
    /// Rotation (`web`; always on for `spa`).
    pub rotation: bool,
    /// Seconds of the retry window: `0`, `10`, `30` or `60`.
    pub retry_window: String,
    /// Seconds of the absolute limit, or `none`.
    pub absolute_lifetime: String,
    /// Seconds of the idle limit, or `none`.
    pub idle_lifetime: String,
    /// The password grant (`web`, `m2m`).
    pub allow_password_grant: bool,
    /// Answers as Workfront gives them.
    pub compat_workfront: bool,
    /// The token endpoint as audience of assertions (`web`, `m2m`).
    pub compat_token_endpoint_audience: bool,
    /// Milliseconds in `expires_in` of `/ims/exchange/jwt` (`m2m`).
    pub compat_exchange_milliseconds: bool,
    /// A page about the app.
    pub description_url: String,
    /// Its privacy policy.
    pub privacy_policy_url: String,
    /// Its terms of service.
    pub terms_of_service_url: String,
    /// Who develops it.
    pub developer_name: String,
    /// How to reach them.
    pub developer_email: String,
}

impl AppValues {
    /// The defaults of a new application; `m2m` gets a longer access token.
    pub fn defaults(access_token_lifetime: i64) -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            redirect_uris: String::new(),
            scopes: Vec::new(),
            require_pkce: false,
            allow_localhost: false,
            access_token_lifetime: access_token_lifetime.to_string(),
            refresh_tokens: "always".into(),
            rotation: true,
            retry_window: "30".into(),
            absolute_lifetime: "15552000".into(),
            idle_lifetime: "2592000".into(),
            allow_password_grant: false,
            compat_workfront: false,
            compat_token_endpoint_audience: false,
            compat_exchange_milliseconds: false,
            description_url: String::new(),
            privacy_policy_url: String::new(),
            terms_of_service_url: String::new(),
            developer_name: String::new(),
            developer_email: String::new(),
        }
    }

    /// Every field as a form sends it: a box that is off is not sent.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let texts = [
            ("name", &self.name),
            ("description", &self.description),
            ("access_token_lifetime", &self.access_token_lifetime),
            ("refresh_tokens", &self.refresh_tokens),
            ("retry_window", &self.retry_window),
            ("absolute_lifetime", &self.absolute_lifetime),
            ("idle_lifetime", &self.idle_lifetime),
            ("description_url", &self.description_url),
            ("privacy_policy_url", &self.privacy_policy_url),
            ("terms_of_service_url", &self.terms_of_service_url),
            ("developer_name", &self.developer_name),
            ("developer_email", &self.developer_email),
        ];
        let boxes = [
            ("require_pkce", self.require_pkce),
            ("allow_localhost", self.allow_localhost),
            ("rotation", self.rotation),
            ("allow_password_grant", self.allow_password_grant),
            ("compat_workfront", self.compat_workfront),
            ("compat_token_endpoint_audience", self.compat_token_endpoint_audience),
            ("compat_exchange_milliseconds", self.compat_exchange_milliseconds),
        ];
        let texts = texts.into_iter().map(|(name, value)| (name, value.clone()));
        let uris = self.uri_rows().into_iter().map(|row| ("redirect_uris", row.value));
        let boxes = boxes.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| (name, "on".to_owned()));
        texts.chain(uris).chain(boxes).chain(self.scopes.iter().map(|scope| ("scopes", scope.clone()))).collect()
    }

    /// Whether the box of `scope` is on.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|chosen| chosen == scope)
    }

    /// Whether refresh tokens are issued in this way.
    pub fn refreshes(&self, way: &str) -> bool {
        self.refresh_tokens == way
    }

    /// The absolute limits to choose from.
    pub fn absolute_choices(&self) -> Vec<Choice> {
        limits(&self.absolute_lifetime)
    }

    /// The idle limits to choose from.
    pub fn idle_choices(&self) -> Vec<Choice> {
        limits(&self.idle_lifetime)
    }

    /// The retry windows to choose from.
    pub fn retry_choices(&self) -> Vec<Choice> {
        spans(&[10, 30, 60], &self.retry_window, Some(Choice::new("0", "No retries")))
    }

    /// The access token lifetimes to choose from, 5 minutes to 90 days.
    pub fn access_token_choices(&self) -> Vec<Choice> {
        let lifetimes = [300, 900, 1_800, 3_600, 28_800, 86_400, 604_800, 2_592_000, 7_776_000];
        spans(&lifetimes, &self.access_token_lifetime, None)
    }

    /// An app for samples.
    pub fn sample() -> Self {
        Self {
            name: "Brand Portal".into(),
            description: "Publishes approved files to our brand site.".into(),
            redirect_uris: "https://portal.acme.example/callback\nhttp://127.0.0.1/callback".into(),
            scopes: vec!["projects:read".into(), "assets:write".into()],
            require_pkce: true,
            privacy_policy_url: "https://acme.example/privacy".into(),
            ..Self::defaults(3_600)
        }
    }
}

/// The limits that decisions offer, and `current` if it is none of them.
fn limits(current: &str) -> Vec<Choice> {
    let days = [1, 7, 14, 30, 90, 180, 365].map(|days| days * 86_400);
    let mut seconds = vec![3_600, 28_800];
    seconds.extend(days);
    let mut choices = spans(&seconds, current, None);
    choices.push(Choice::new("none", "No expiration"));
    choices
}

/// A list of spans, headed by `first`; a `current` number that is not among them is added in its place.
fn spans(seconds: &[i64], current: &str, first: Option<Choice>) -> Vec<Choice> {
    let mut seconds = seconds.to_vec();
    let known = first.as_ref().is_some_and(|choice| choice.is(current));
    if let Ok(own) = current.parse::<i64>()
        && own > 0
        && !known
        && !seconds.contains(&own)
    {
        seconds.push(own);
        seconds.sort_unstable();
    }
    first.into_iter().chain(seconds.into_iter().map(|span| Choice::new(span.to_string(), text::span(span)))).collect()
}

/// A scope that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeChoice {
    /// The wire name.
    pub name: String,
    /// A sentence about what it allows.
    pub title: String,
    /// Name of the API that it belongs to.
    pub api: String,
    /// Whether people see a warning mark at it.
    pub sensitive: bool,
}

impl ScopeChoice {
    /// Scopes for samples.
    pub fn samples() -> Vec<Self> {
        let choice =
            |name: &str, title: &str, sensitive| Self { name: name.into(), title: title.into(), api: "Projects API".into(), sensitive };
        vec![
            choice("projects:read", "See projects", false),
            choice("projects:write", "Change and delete projects", true),
            choice("assets:read", "Download files", false),
            choice("assets:write", "Upload and replace files", true),
        ]
    }
}
