//! What snippets are filled with: the app's own values, quoted for the language they stand in.

use crate::web::views::apps::kind::AppKind;

/// The app as snippets show it.
#[derive(Debug, Clone)]
pub struct Values {
    /// The issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// Where people come back to; nothing for a machine.
    pub redirect_uri: String,
    /// Of one API.
    pub scopes: Vec<String>,
    /// What kind of app it is.
    pub kind: AppKind,
    /// Whether it has a secret that works.
    pub has_secret: bool,
    /// Whether it has an RSA key that works.
    pub has_rsa_key: bool,
}

impl Values {
    /// Values for samples.
    pub fn sample() -> Self {
        Self {
            issuer: "https://auth.acme.example".into(),
            client_id: "k3v9m2q8r7t1w5x0y4z6a8b2c9".into(),
            redirect_uri: "http://127.0.0.1:8765/callback".into(),
            scopes: vec!["projects:read".into(), "assets:write".into()],
            kind: AppKind::Web,
            has_secret: true,
            has_rsa_key: false,
        }
    }

    /// Where a program on this machine listens so that people come back to it.
    pub fn port(&self) -> u16 {
        let uri = url::Url::parse(&self.redirect_uri).ok();
        let loopback = uri.filter(|uri| matches!(uri.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")));
        loopback.and_then(|uri| uri.port()).unwrap_or(3_000)
    }

    /// The address to open first.
    pub fn start(&self) -> String {
        let port = self.port();
        let localhost = self.redirect_uri.starts_with("http://localhost");
        format!("http://{}:{port}/", if localhost { "localhost" } else { "127.0.0.1" })
    }
}

/// Everything that a template of a snippet names. Words without a prefix are string literals of JavaScript, Python, Java, Go,
/// Rust, YAML and JSON alike; those with `shell_` are words of a shell.
#[derive(Debug)]
pub(super) struct Filled {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) authorize: String,
    pub(super) authorize_plain: String,
    pub(super) token: String,
    pub(super) refresh: String,
    pub(super) scope: String,
    pub(super) scope_arguments: String,
    pub(super) scope_list: String,
    pub(super) scope_count: usize,
    pub(super) has_scope: bool,
    pub(super) public: bool,
    pub(super) machine: bool,
    pub(super) port: u16,
    pub(super) open_line: String,
    pub(super) shell_issuer: String,
    pub(super) shell_client_id: String,
    pub(super) shell_client_id_field: String,
    pub(super) shell_token: String,
    pub(super) shell_authorize: String,
    pub(super) shell_scope_field: String,
    pub(super) shell_redirect_field: String,
}

impl Filled {
    pub(super) fn of(values: &Values) -> Self {
        let at = |path: &str| format!("{}{path}", values.issuer);
        let scope = values.scopes.join(" ");
        let scopes: Vec<String> = values.scopes.iter().map(|scope| literal(scope)).collect();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &values.client_id)
            .append_pair("redirect_uri", &values.redirect_uri)
            .append_pair("scope", &scope)
            .finish();
        Self {
            issuer: literal(&values.issuer),
            client_id: literal(&values.client_id),
            redirect_uri: literal(&values.redirect_uri),
            authorize: literal(&at("/authorize")),
            authorize_plain: at("/authorize"),
            token: literal(&at("/token")),
            refresh: literal(&at("/token/refresh")),
            scope: literal(&scope),
            scope_arguments: scopes.join(", "),
            scope_list: format!("[{}]", scopes.join(", ")),
            scope_count: scopes.len(),
            has_scope: !scopes.is_empty(),
            public: values.kind == AppKind::Spa,
            machine: values.kind == AppKind::M2m,
            port: values.port(),
            open_line: literal(&format!("Open {}", values.start())),
            shell_issuer: shell(&values.issuer),
            shell_client_id: shell(&values.client_id),
            shell_client_id_field: shell(&format!("client_id={}", values.client_id)),
            shell_token: shell(&at("/token")),
            shell_authorize: shell(&format!("{}?{query}", at("/authorize"))),
            shell_scope_field: shell(&format!("scope={scope}")),
            shell_redirect_field: shell(&format!("redirect_uri={}", values.redirect_uri)),
        }
    }
}

/// A string literal in double quotes.
fn literal(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// A word in single quotes.
fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
