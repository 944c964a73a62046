//! Which redirect URIs may be registered (C4, C5). They are kept as the exact string and later compared as such, so
//! whatever a browser would rewrite is refused here: what is registered is what is visited.

use url::{Host, Url};

use crate::protocol::client_metadata::URL_MAX_BYTES;

/// Query names that the authorization response writes itself (C5).
const RESPONSE_NAMES: [&str; 7] = ["code", "state", "iss", "error", "error_description", "error_uri", "response"];

/// Why a redirect URI cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedirectUriFault {
    /// Nothing there.
    Empty,
    /// More than 2048 bytes.
    TooLong,
    /// A blank, a control character, a non-ASCII or otherwise forbidden character.
    Characters,
    /// `*`
    Wildcard,
    /// `#`
    Fragment,
    /// Neither https nor http, or not written in lower case, or no scheme at all.
    Scheme,
    /// It cannot be understood as a URL with a host.
    Malformed,
    /// `user@` or `user:password@`.
    Userinfo,
    /// http, and not to a loopback IP address.
    PlainHttp,
    /// `http://localhost`, while the app does not allow it.
    Localhost,
    /// A browser would rewrite it, to this.
    NotNormal(String),
    /// The query has a name that the answer uses.
    ResponseParameter,
    /// The same string twice.
    Duplicate,
}

impl RedirectUriFault {
    /// A word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong => "too_long",
            Self::Characters => "forbidden_characters",
            Self::Wildcard => "wildcard",
            Self::Fragment => "fragment",
            Self::Scheme => "scheme",
            Self::Malformed => "malformed",
            Self::Userinfo => "userinfo",
            Self::PlainHttp => "not_https",
            Self::Localhost => "localhost",
            Self::NotNormal(_) => "not_normal",
            Self::ResponseParameter => "response_parameter",
            Self::Duplicate => "duplicate",
        }
    }

    /// A sentence for people.
    pub fn message(&self) -> String {
        match self {
            Self::Empty => "Give a redirect URI or remove the line.".to_owned(),
            Self::TooLong => format!("A redirect URI has at most {URL_MAX_BYTES} characters."),
            Self::Characters => {
                "A redirect URI must not have blanks, control characters or characters outside ASCII; encode them.".to_owned()
            }
            Self::Wildcard => "A redirect URI must not have a wildcard (*); it is compared exactly.".to_owned(),
            Self::Fragment => "A redirect URI must not have a fragment (the part after #).".to_owned(),
            Self::Scheme => "A redirect URI must begin with https:// (or http:// for a loopback IP address).".to_owned(),
            Self::Malformed => "A redirect URI must be an absolute URL with a host, such as https://app.example.com/callback.".to_owned(),
            Self::Userinfo => "A redirect URI must not have a user name or password (the part before @).".to_owned(),
            Self::PlainHttp => "A redirect URI must use https; http is allowed for 127.0.0.1 and [::1] only.".to_owned(),
            Self::Localhost => "Use http://127.0.0.1 in place of http://localhost, or allow localhost for this application.".to_owned(),
            Self::NotNormal(normal) => format!("Write it as a browser does: {normal}"),
            Self::ResponseParameter => "The query must not have code, state, iss, error or response: the answer adds its own.".to_owned(),
            Self::Duplicate => "This redirect URI is in the list twice.".to_owned(),
        }
    }
}

/// Whether `text` may be registered as a redirect URI of a `web` or `spa` app.
pub fn check_redirect_uri(text: &str, allow_localhost: bool) -> Result<(), RedirectUriFault> {
    if text.is_empty() {
        return Err(RedirectUriFault::Empty);
    }
    if text.len() > URL_MAX_BYTES {
        return Err(RedirectUriFault::TooLong);
    }
    // RFC 3986 §2: these need an escape; a backslash would be read as a slash by browsers.
    if text.bytes().any(|b| !b.is_ascii_graphic() || matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')) {
        return Err(RedirectUriFault::Characters);
    }
    if text.contains('*') {
        return Err(RedirectUriFault::Wildcard);
    }
    if text.contains('#') {
        return Err(RedirectUriFault::Fragment);
    }
    let (scheme, rest) = text.split_once("://").ok_or(RedirectUriFault::Scheme)?;
    if !matches!(scheme, "https" | "http") {
        return Err(RedirectUriFault::Scheme);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(RedirectUriFault::Userinfo);
    }
    let url = Url::parse(text).map_err(|_| RedirectUriFault::Malformed)?;
    let host = url.host().filter(|_| !authority.is_empty()).ok_or(RedirectUriFault::Malformed)?;
    if scheme == "http" {
        check_loopback(&host, allow_localhost)?;
    }
    // An empty path is the one thing that stays as written: "https://app.example" is sent as registered.
    let normal = url.as_str();
    if normal != text && normal != with_root_path(text, authority) {
        return Err(RedirectUriFault::NotNormal(normal.to_owned()));
    }
    if url.query_pairs().any(|(name, _)| RESPONSE_NAMES.contains(&name.as_ref())) {
        return Err(RedirectUriFault::ResponseParameter);
    }
    Ok(())
}

/// RFC 8252 §7.3: the IP literals; `localhost` may be resolved to somewhere else (§8.3), so it is the app's choice.
fn check_loopback(host: &Host<&str>, allow_localhost: bool) -> Result<(), RedirectUriFault> {
    match host {
        Host::Ipv4(ip) if *ip == std::net::Ipv4Addr::LOCALHOST => Ok(()),
        Host::Ipv6(ip) if *ip == std::net::Ipv6Addr::LOCALHOST => Ok(()),
        Host::Domain("localhost") if allow_localhost => Ok(()),
        Host::Domain("localhost") => Err(RedirectUriFault::Localhost),
        _ => Err(RedirectUriFault::PlainHttp),
    }
}

/// `text` with "/" put in where its path is empty.
fn with_root_path(text: &str, authority: &str) -> String {
    let end = text.find("://").map_or(0, |at| at + 3) + authority.len();
    let (head, tail) = text.split_at(end);
    if tail.starts_with('/') { text.to_owned() } else { format!("{head}/{tail}") }
}
