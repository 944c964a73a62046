//! What was expected and what came, for a check that failed: from the request as sent and the registration as it is.

use time::OffsetDateTime;

use crate::model::check::Check;
use crate::model::client::{ClientKind, ClientRecord};
use crate::model::policy::Policy;
use crate::model::redirect_uri::RedirectUri;
use crate::model::request_trace::Contrast;
use crate::protocol::explain::redact;
use crate::wire::GrantType;

/// What there is to look at.
pub struct Evidence<'a> {
    /// The client as registered.
    pub record: &'a ClientRecord,
    /// What is in force.
    pub policy: &'a Policy,
    /// A parameter as sent.
    pub sent: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The secret as sent, by whatever way.
    pub secret: Option<&'a str>,
    /// When.
    pub now: OffsetDateTime,
}

/// The contrast of a failed check; `None` when the cause says all there is.
pub fn of(check: Check, evidence: &Evidence<'_>) -> Option<Contrast> {
    match check {
        Check::ClientEnabled => enabled(evidence),
        Check::ProofFits => Some(proof(evidence)),
        Check::Secret => evidence.secret.map(|secret| wrong_secret(evidence, secret)),
        Check::GrantKnown => asked(evidence, "grant_type").map(|came| {
            let known = GrantType::ALL.map(GrantType::as_str);
            Contrast::new(format!("one of {}", known.join(", ")), redact::word(came, known))
        }),
        Check::GrantAllowed => grant_allowed(evidence),
        Check::CodeGenuine => asked(evidence, "code").map(|came| genuine("an authorization code (grc_…)", came)),
        Check::TokenGenuine => asked(evidence, "refresh_token").map(|came| genuine("a refresh token (grr_…)", came)),
        Check::VerifierShape => asked(evidence, "code_verifier").map(|came| {
            let odd = came.bytes().filter(|b| !b.is_ascii_alphanumeric() && !b"-._~".contains(b)).count();
            Contrast::new("43 to 128 of A-Z a-z 0-9 - . _ ~", format!("{}, {odd} of them of other kinds", redact::length(came)))
        }),
        Check::ScopeAllowed | Check::ScopeShape => Some(scope(evidence)),
        Check::Resource => asked(evidence, "resource").map(|came| {
            let known: Vec<&str> = evidence.policy.apis.iter().map(|api| api.identifier.as_str()).collect();
            Contrast::new(format!("one of {}", known.join(", ")), redact::word(came, known))
        }),
        Check::RedirectUriRegistered => Some(redirect_uri(evidence)),
        Check::ResponseType => Some(Contrast::new(
            "response_type=code, and no response_mode but query",
            [
                ("response_type", &["code", "token", "id_token", "code id_token"][..]),
                ("response_mode", &["query", "fragment", "form_post"]),
            ]
            .map(|(name, known)| {
                format!("{name}: {}", asked(evidence, name).map_or("nothing".to_owned(), |came| redact::word(came, known.iter().copied())))
            })
            .join("; "),
        )),
        Check::Pkce => Some(pkce(evidence)),
        Check::Parameters => parameters(evidence),
        Check::Prompt => Some(Contrast::new(
            "prompt=none alone, max_age in seconds",
            format!(
                "prompt: {}; max_age: {}",
                asked(evidence, "prompt")
                    .map_or("nothing".to_owned(), |came| redact::word(came, ["none", "login", "consent", "select_account"])),
                asked(evidence, "max_age").map_or("nothing".to_owned(), redact::length)
            ),
        )),
        _ => None,
    }
}

fn asked<'a>(evidence: &Evidence<'a>, name: &str) -> Option<&'a str> {
    (evidence.sent)(name).filter(|value| !value.is_empty())
}

fn enabled(evidence: &Evidence<'_>) -> Option<Contrast> {
    let client = &evidence.record.client;
    let came = match (client.deleted_at, client.disabled_at, evidence.record.org_enabled) {
        (Some(_), ..) => "the application is deleted",
        (None, Some(_), _) => "the application is disabled",
        (None, None, false) => "the org is disabled",
        _ => return None,
    };
    Some(Contrast::new("application and org enabled", came))
}

fn proof(evidence: &Evidence<'_>) -> Contrast {
    let came = evidence.secret.map_or("no secret".to_owned(), |secret| format!("a secret ({})", redact::length(secret)));
    if evidence.record.client.kind == ClientKind::Spa {
        Contrast::new("no secret: a single-page application cannot keep one, PKCE protects it", came)
    } else {
        Contrast::new("one of the application's credentials: client_secret in a Basic header or in the body, or a signed assertion", came)
    }
}

/// Which mistake a wrong secret looks like, without repeating it.
fn wrong_secret(evidence: &Evidence<'_>, secret: &str) -> Contrast {
    use crate::model::credential::CredentialKind;
    let hints = |live: bool| -> Vec<String> {
        let ours = evidence.record.credentials.iter().filter(|credential| credential.is_live(evidence.now) == live);
        ours.filter_map(|credential| match &credential.kind {
            CredentialKind::Secret { hint, .. } => Some(format!("…{hint}")),
            CredentialKind::Key(_) => None,
        })
        .collect()
    };
    let (live, over) = (hints(true), hints(false));
    let mut expected =
        if live.is_empty() { "a live secret; there is none".to_owned() } else { format!("the secret ending in {}", live.join(" or ")) };
    if !over.is_empty() {
        expected = format!("{expected} (no longer {})", over.join(", "));
    }
    let looks = if secret.trim() != secret {
        "with blanks around it"
    } else if secret.starts_with("grs_") {
        "that looks like one of Grantor's secrets: of another application, deleted, or cut short"
    } else if secret.contains('%') {
        "that seems to be percent-encoded twice"
    } else {
        "that does not begin with grs_"
    };
    Contrast::new(expected, format!("{} {looks}", redact::length(secret)))
}

fn grant_allowed(evidence: &Evidence<'_>) -> Option<Contrast> {
    let kind = evidence.record.client.kind;
    let expected = if kind.has_users() { "authorization_code or refresh_token" } else { "client_credentials" };
    let came = asked(evidence, "grant_type").map(|came| redact::word(came, GrantType::ALL.map(GrantType::as_str)))?;
    Some(Contrast::new(format!("{expected}, for a {}", kind.label()), came))
}

fn genuine(expected: &str, came: &str) -> Contrast {
    let looks = match came {
        _ if came.starts_with("grc_") => "that looks like an authorization code, cut short or of another server",
        _ if came.starts_with("grr_") => "that looks like a refresh token, cut short or of another server",
        _ if came.starts_with("gra_") || came.starts_with("eyJ") => "that looks like an access token",
        _ if came.starts_with("grs_") => "that looks like a client secret",
        _ if came.contains('%') => "that seems to be percent-encoded twice",
        _ => "that looks like nothing of Grantor's",
    };
    Contrast::new(expected, format!("{} {looks}", redact::length(came)))
}

fn scope(evidence: &Evidence<'_>) -> Contrast {
    let own = &evidence.record.client.profile.scopes;
    let expected = if own.is_empty() { "the application has no scopes".to_owned() } else { format!("of one API, among {own}") };
    let Some(came) = asked(evidence, "scope") else { return Contrast::new(expected, "no scope") };
    let all = evidence.policy.all_scopes();
    let known: Vec<&str> = all.iter().chain(["offline_access", "openid", "profile", "email"]).collect();
    let words: Vec<String> =
        came.split([' ', ',']).filter(|word| !word.is_empty()).take(20).map(|word| redact::word(word, known.iter().copied())).collect();
    Contrast::new(expected, words.join(", "))
}

fn redirect_uri(evidence: &Evidence<'_>) -> Contrast {
    let registered = &evidence.record.client.profile.redirect_uris;
    let expected: Vec<String> = registered.iter().take(10).map(|uri| redact::uri(uri.as_str())).collect();
    let expected = if expected.is_empty() { "none is registered".to_owned() } else { expected.join(" or ") };
    let Some(came) = asked(evidence, "redirect_uri") else { return Contrast::new(expected, "nothing") };
    let hint = registered.iter().find_map(|uri| near_miss(uri.as_str(), came)).unwrap_or_default();
    Contrast::new(expected, format!("{}{hint}", redact::uri_beside(came, registered.iter().map(RedirectUri::as_str))))
}

/// The usual mistakes.
fn near_miss(registered: &str, came: &str) -> Option<&'static str> {
    let swapped = |text: &str, from: &str, to: &str| text.replacen(from, to, 1);
    if registered.trim_end_matches('/') == came.trim_end_matches('/') {
        Some(" (a slash at the end makes the difference)")
    } else if registered.eq_ignore_ascii_case(came) {
        Some(" (capitals make the difference)")
    } else if swapped(came, "http://", "https://") == registered || swapped(came, "https://", "http://") == registered {
        Some(" (http and https are not the same)")
    } else if swapped(came, "//localhost", "//127.0.0.1") == registered || swapped(came, "//127.0.0.1", "//localhost") == registered {
        Some(" (localhost and 127.0.0.1 are not the same)")
    } else if came.split('?').next() == registered.split('?').next() {
        Some(" (the query makes the difference)")
    } else {
        None
    }
}

fn pkce(evidence: &Evidence<'_>) -> Contrast {
    let method = asked(evidence, "code_challenge_method").map_or("nothing".to_owned(), |came| redact::word(came, ["S256", "plain"]));
    let challenge = asked(evidence, "code_challenge").map_or("nothing".to_owned(), redact::length);
    Contrast::new("code_challenge of 43 characters, code_challenge_method=S256", format!("challenge: {challenge}; method: {method}"))
}

/// Which of the usual parameters came, by name.
fn parameters(evidence: &Evidence<'_>) -> Option<Contrast> {
    const NAMES: [&str; 14] = [
        "grant_type",
        "client_id",
        "client_secret",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "token",
        "assertion",
        "client_assertion",
        "jwt_token",
        "username",
        "state",
    ];
    let came: Vec<&str> = NAMES.into_iter().filter(|name| asked(evidence, name).is_some()).collect();
    (!came.is_empty()).then(|| Contrast::new("what the cause names", format!("these parameters: {}", came.join(", "))))
}
