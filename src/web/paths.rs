//! Every path and URL. Discovery, redirects and links read from here; nothing is built from what a request says about its host.

/// Authorization endpoint.
pub const AUTHORIZE: &str = "/authorize";
/// Token endpoint.
pub const TOKEN: &str = "/token";
/// Refresh grant only (R81).
pub const TOKEN_REFRESH: &str = "/token/refresh";
/// RFC 7009.
pub const REVOKE: &str = "/revoke";
/// RFC 7662.
pub const INTROSPECT: &str = "/introspect";
/// RFC 8414 §3.
pub const METADATA: &str = "/.well-known/oauth-authorization-server";
/// RFC 8414 §3.1, for an issuer with a path.
pub const METADATA_OF_PATH: &str = "/.well-known/oauth-authorization-server/{*path}";
/// OpenID Connect Discovery §4; the same document.
pub const METADATA_OPENID: &str = "/.well-known/openid-configuration";
/// Keys.
pub const JWKS: &str = "/.well-known/jwks.json";

/// Aliases of the source systems (R1).
pub mod alias {
    /// Workfront.
    pub const AUTHORIZE: &str = "/integrations/oauth2/authorize";
    /// Workfront.
    pub const TOKEN: &str = "/integrations/oauth2/api/v1/token";
    /// Workfront.
    pub const REVOKE: &str = "/integrations/oauth2/api/v1/revoke";
    /// Workfront: a signed assertion and the secret for a token.
    pub const JWT_EXCHANGE: &str = "/integrations/oauth2/api/v1/jwt/exchange";
    /// Adobe IMS: the same with its own claims and errors.
    pub const IMS_EXCHANGE: &str = "/ims/exchange/jwt";
    /// The same; some clients write a slash at the end, and a redirect would lose their body (R58).
    pub const IMS_EXCHANGE_SLASH: &str = "/ims/exchange/jwt/";
    /// Adobe IMS.
    pub const IMS_TOKEN: &str = "/ims/token/v3";
}

/// The management API explained.
pub const API_REFERENCE: &str = "/docs/api";

/// Process is alive.
pub const HEALTHZ: &str = "/healthz";
/// Ready to serve.
pub const READYZ: &str = "/readyz";

/// Leads where a person belongs.
pub const HOME: &str = "/";
/// Sign in.
pub const LOGIN: &str = "/login";
/// Ask for a new password.
pub const FORGOT: &str = "/forgot";
/// Choose the colours of pages.
pub const THEME: &str = "/theme";
/// Sign out.
pub const LOGOUT: &str = "/logout";
/// Own account.
pub const ACCOUNT: &str = "/account";
/// Connected apps.
pub const ACCOUNT_APPS: &str = "/account/apps";

/// The page of a pending authorization request.
pub fn consent(id: impl std::fmt::Display) -> String {
    format!("/consent/{id}")
}

/// The sign-in page on the way to `target`: a waiting request's id or a path of ours.
pub fn login_to(target: &str) -> String {
    let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    format!("{LOGIN}?return_to={target}")
}

/// The apps of an org.
pub fn org_apps(slug: &str) -> String {
    format!("/orgs/{slug}/apps")
}

/// A file of the operator's brand.
pub fn brand(file: &str) -> String {
    format!("/brand/{file}")
}

/// The picture with this digest.
pub fn logo(digest: &str) -> String {
    format!("/logos/{digest}.png")
}

/// The people of an org.
pub fn org_people(slug: &str) -> String {
    format!("/orgs/{slug}/people")
}

/// The development tokens of an org.
pub fn org_development(slug: &str) -> String {
    format!("/orgs/{slug}/development")
}

/// The page of one app.
pub fn app(slug: &str, client_id: &str) -> String {
    format!("/orgs/{slug}/apps/{client_id}")
}

/// Where an admin changes an app.
pub fn app_settings(slug: &str, client_id: &str) -> String {
    format!("{}/settings", app(slug, client_id))
}

/// Where a round of "try this app" comes back to.
pub fn app_try(slug: &str, client_id: &str) -> String {
    format!("{}/quickstart/try", app(slug, client_id))
}

/// The page that explains an error code.
pub fn error_uri(issuer: &str, code: &str) -> String {
    format!("{issuer}/errors/{code}")
}

/// The page where a person chooses a password, by a one-time link.
pub fn set_password(link: &str) -> String {
    format!("/set-password/{link}")
}

/// The page where somebody joins an org, by a single-use link.
pub fn invitation(link: &str) -> String {
    format!("/invitations/{link}")
}
