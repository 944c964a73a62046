//! The legs of a round as people read them: what a program would send, and what came, with secrets masked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::flows::tryout::code::{End, Tried};
use crate::model::client::ClientRecord;
use crate::web::admin::place::Place;
use crate::web::paths;
use crate::web::views::apps::show::tried::Leg;
use crate::wire::token::TokenResponse;

/// How much of a secret is shown, so that it can be told from another.
const SHOWN: usize = 10;

/// Every leg of a round of the code flow; `came` is the query that came to the callback.
pub(super) fn of_code(place: &Place, tried: &Tried, came: &[(&str, &str)]) -> Vec<Leg> {
    let issuer = &place.deps.policy.issuer;
    let (client_id, asked) = (tried.record.client.client_id.as_str(), &tried.asked);
    let callback = asked.redirect_uri.as_str();
    let scope = asked.scopes.iter().collect::<Vec<_>>().join(" ");
    let challenge = asked.code_challenge.as_deref().unwrap_or_default();
    let state = asked.state.as_deref().unwrap_or_default();
    let sent = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", callback),
        ("scope", &scope),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    let mut legs = vec![
        Leg {
            title: "Your program sends the person to Grantor",
            about: "They sign in and answer on the consent page. The address to come back to is one of Grantor's own, for this round only."
                .to_owned(),
            sent: format!("GET {issuer}{}\n{}", paths::AUTHORIZE, query(&sent)),
            came: String::new(),
        },
        Leg {
            title: "The person comes back",
            about: "Your program checks that state and iss are those it expects.".to_owned(),
            sent: format!("GET {callback}\n{}", query(came)),
            came: String::new(),
        },
    ];
    let code = came.iter().find(|(name, _)| *name == "code").map_or("", |(_, code)| code);
    let answer = match &tried.end {
        End::NoCode => return legs,
        End::Refused(refusal) => pretty(&json!({ "error": refusal.error.as_str(), "error_description": refusal.description })),
        End::Issued(given) => masked_answer(&given.answer),
    };
    let body =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", callback), ("code_verifier", tried.verifier.expose())];
    legs.push(Leg {
        title: "Your program redeems the code",
        about: proof(&tried.record).to_owned(),
        sent: request(issuer, &tried.record, &body),
        came: answer,
    });
    if let End::Issued(issued) = &tried.end {
        legs.extend(claims(&issued.answer.access_token));
    }
    legs
}

/// The legs of a machine's token.
pub(super) fn of_machine(place: &Place, record: &ClientRecord, scope: &str, answer: &TokenResponse) -> Vec<Leg> {
    let mut body = vec![("grant_type", "client_credentials")];
    if !scope.is_empty() {
        body.push(("scope", scope));
    }
    let ask = Leg {
        title: "Your program asks for a token",
        about: "With its own proof: the secret, or an assertion that it signs.".to_owned(),
        sent: request(&place.deps.policy.issuer, record, &body),
        came: masked_answer(answer),
    };
    std::iter::once(ask).chain(claims(&answer.access_token)).collect()
}

fn proof(record: &ClientRecord) -> &'static str {
    if record.client.kind.is_confidential() {
        "With its own proof. In this round Grantor vouches for the application, whose secret nobody here knows."
    } else {
        "With the verifier alone: a single-page application keeps no secret."
    }
}

fn request(issuer: &str, record: &ClientRecord, body: &[(&str, &str)]) -> String {
    let body: Vec<_> = body.iter().map(|(name, value)| format!("{name}={}", shown(name, value))).collect();
    let client_id = &record.client.client_id;
    let head = format!("POST {issuer}{}\nContent-Type: application/x-www-form-urlencoded\n", paths::TOKEN);
    if record.client.kind.is_confidential() {
        format!("{head}Authorization: Basic base64({client_id}:$GRANTOR_CLIENT_SECRET)\n\n{}", body.join("\n&"))
    } else {
        format!("{head}\nclient_id={client_id}\n&{}", body.join("\n&"))
    }
}

fn query(pairs: &[(&str, &str)]) -> String {
    let lines = pairs.iter().enumerate().map(|(at, (name, value))| {
        let mark = if at == 0 { '?' } else { '&' };
        format!("    {mark}{name}={}", shown(name, value))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The value, or the beginning of one that is secret.
fn shown(name: &str, value: &str) -> String {
    if matches!(name, "code" | "code_verifier" | "access_token" | "refresh_token") { mask(value) } else { value.to_owned() }
}

fn mask(secret: &str) -> String {
    format!("{}… ({} characters)", secret.chars().take(SHOWN).collect::<String>(), secret.chars().count())
}

fn masked_answer(answer: &TokenResponse) -> String {
    let mut members = match serde_json::to_value(answer) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    for (name, value) in &mut members {
        if let Value::String(text) = value {
            *text = shown(name, text);
        }
    }
    format!("200 OK\n\n{}", pretty(&Value::Object(members)))
}

/// What an API reads in the token (RFC 9068); nothing for one that says nothing by itself.
fn claims(token: &str) -> Option<Leg> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(Leg {
        title: "The API reads the access token",
        about: "Its signature is verified by a key of the server's key set; these are its claims.".to_owned(),
        sent: String::new(),
        came: pretty(&claims),
    })
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
