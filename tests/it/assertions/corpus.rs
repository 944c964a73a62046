//! The corpus: what is wrong with an assertion, and its exact answer at each of the four doors.
//!
//! Every refused assertion of a door carries the same `jti`; at the end a good one with that `jti` passes there, so none of them burned it.

mod claims;
mod form;
mod header;
mod signature;
mod times;

use serde_json::{Map, Value};

use crate::assertions::{CLIENT_ASSERTION_TYPE, DOORS, Door, Machine};
use crate::kit::http::Answer;
use crate::kit::signer::{Pair, b64};

/// Status and error at [`DOORS`]; 200 has no error.
type Ends = [(u16, &'static str); 4];

/// Accepted everywhere.
const GOOD: Ends = [(200, ""); 4];
/// What cannot be read, or is not signed by a key of the app, or has the wrong date.
const REFUSED: Ends = [(401, "invalid_client"), (400, "invalid_grant"), (400, "invalid_token"), (400, "invalid_token")];
/// The IMS table calls `iss`, `sub`, and impossible values of `exp` and `jti` a bad request.
const MALFORMED: Ends = [(401, "invalid_client"), (400, "invalid_grant"), (400, "invalid_token"), (400, "bad_request")];
/// And a foreign `aud` an invalid client.
const FOREIGN: Ends = [(401, "invalid_client"), (400, "invalid_grant"), (400, "invalid_token"), (400, "invalid_client")];
/// Right at `/token`, wrong at the exchanges.
const TOKEN_ONLY: Ends = [(200, ""), (200, ""), (400, "invalid_token"), (400, "invalid_token")];
/// Wrong at `/token`, right at the exchanges.
const EXCHANGES_ONLY: Ends = [(401, "invalid_client"), (400, "invalid_grant"), (200, ""), (200, "")];

/// Writes one for a door, with a `jti` where the case keeps it.
type Make = Box<dyn Fn(&Machine, Door, &str) -> String + Send + Sync>;

/// One kind of assertion.
struct Case {
    name: &'static str,
    make: Make,
    ends: Ends,
}

/// A good assertion, changed as text.
fn text(name: &'static str, change: fn(&str) -> String, ends: Ends) -> Case {
    Case { name, make: Box::new(move |machine, door, jti| change(&machine.assertion(door, jti))), ends }
}

/// Good claims under any header, signed with the app's RSA key.
fn header(name: &'static str, header: &'static str, ends: Ends) -> Case {
    let make = move |machine: &Machine, door, jti: &str| Pair::Rsa.get().jws(header, &Value::Object(machine.claims(door, jti)).to_string());
    Case { name, make: Box::new(make), ends }
}

/// Any claims as text under a good header.
fn payload(name: &'static str, change: fn(&str) -> String, ends: Ends) -> Case {
    let make = move |machine: &Machine, door, jti: &str| {
        Pair::Rsa.get().jws(r#"{"alg":"RS256"}"#, &change(&Value::Object(machine.claims(door, jti)).to_string()))
    };
    Case { name, make: Box::new(make), ends }
}

/// Good claims with a change.
fn edit(name: &'static str, change: fn(&Machine, Door, &mut Map<String, Value>), ends: Ends) -> Case {
    let make = move |machine: &Machine, door: Door, jti: &str| machine.signed(door, jti, |claims| change(machine, door, claims));
    Case { name, make: Box::new(make), ends }
}

/// Good claims with one of them set.
fn set(name: &'static str, claim: &'static str, value: Value, ends: Ends) -> Case {
    let make = move |machine: &Machine, door: Door, jti: &str| {
        machine.signed(door, jti, |claims| {
            claims.insert(claim.to_owned(), value.clone());
        })
    };
    Case { name, make: Box::new(make), ends }
}

/// Good claims with one of them so many seconds from now.
fn at(name: &'static str, claim: &'static str, seconds: i64, ends: Ends) -> Case {
    let make = move |machine: &Machine, door: Door, jti: &str| {
        machine.signed(door, jti, |claims| {
            claims.insert(claim.to_owned(), (machine.now() + seconds).into());
        })
    };
    Case { name, make: Box::new(make), ends }
}

/// Good claims without one of them.
fn without(name: &'static str, claim: &'static str, ends: Ends) -> Case {
    let make = move |machine: &Machine, door: Door, jti: &str| {
        machine.signed(door, jti, |claims| {
            claims.remove(claim);
        })
    };
    Case { name, make: Box::new(make), ends }
}

/// Anything else.
fn made(name: &'static str, make: fn(&Machine, Door, &str) -> String, ends: Ends) -> Case {
    Case { name, make: Box::new(make), ends }
}

/// Header, payload and signature of a good assertion.
fn parts(assertion: &str) -> [String; 3] {
    let parts: Vec<_> = assertion.split('.').map(str::to_owned).collect();
    parts.try_into().expect("three parts")
}

/// A JWS of any bytes, signed with the app's RSA key.
fn of_bytes(header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", b64(header), b64(payload));
    let signature = b64(Pair::Rsa.get().signature(input.as_bytes()));
    format!("{input}.{signature}")
}

fn mistake(answer: &Answer, (status, error): (u16, &str), assertion: &str) -> Option<String> {
    let json = answer.json();
    let came = json["error"].as_str().unwrap_or_default();
    let description = json["error_description"].as_str().unwrap_or_default();
    let tail: String = assertion.chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect();
    let echoed = tail.len() >= 30 && answer.body.contains(&tail);
    let is_plain = description.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\');
    let right = (answer.status.as_u16(), came) == (status, error) && !echoed && is_plain && json["refresh_token"].is_null();
    (!right).then(|| format!("expected {status} {error}, came {} {}", answer.status, answer.body))
}

#[tokio::test]
async fn g11_g22_j5_k11_r60_every_assertion_of_the_corpus_has_its_exact_answer_at_each_door() {
    let machine = Machine::new().await;
    let cases: Vec<Case> =
        [form::cases(), header::cases(), signature::cases(), claims::cases(), times::cases()].into_iter().flatten().collect();
    assert!(cases.len() >= 120, "{} cases", cases.len());
    let (mut mistakes, mut accepted) = (Vec::new(), 0);
    for (index, case) in cases.iter().enumerate() {
        for (door, end) in DOORS.into_iter().zip(case.ends) {
            let jti = if end.0 == 200 { id(door, index + 1) } else { id(door, 0) };
            let assertion = (case.make)(&machine, door, &jti);
            let answer = machine.show(door, &assertion).await;
            accepted += i64::from(answer.status == 200);
            mistakes.extend(mistake(&answer, end, &assertion).map(|what| format!("{} at {door:?}: {what}", case.name)));
        }
    }
    assert!(mistakes.is_empty(), "{} mistakes\n{}", mistakes.len(), mistakes.join("\n"));
    let used = machine.world.count("SELECT count(*) FROM assertion_uses").await;
    assert!(used <= accepted, "{used} uses were written for {accepted} accepted assertions");
    for door in DOORS {
        let (last, (status, error)) = (machine.assertion(door, &id(door, 0)), door.refusal());
        machine.show(door, &last).await.expect(200);
        machine.show(door, &last).await.expect_error(status, error);
    }
}

/// A `jti` of this door; the IMS door takes numbers alone.
fn id(door: Door, number: usize) -> String {
    if door == Door::Ims { (50_000 + number).to_string() } else { format!("{door:?} {number}") }
}

#[tokio::test]
async fn g11_g22_what_is_no_client_at_the_token_endpoint_is_none_at_revocation_and_introspection() {
    let machine = Machine::with(|client| client.profile.scopes = std::iter::once("introspect".to_owned()).collect()).await;
    let refused: Vec<Case> = [form::cases(), header::cases(), signature::cases(), claims::cases(), times::cases()]
        .into_iter()
        .flat_map(|cases| cases.into_iter().filter(|case| case.ends[0] == REFUSED[0]).step_by(5).take(4))
        .collect();
    assert!(refused.len() >= 15, "{} cases", refused.len());
    for path in ["/revoke", "/introspect"] {
        let show = async |assertion: &str| {
            let own = [("client_assertion_type", CLIENT_ASSERTION_TYPE), ("client_assertion", assertion)];
            let named = [("token", "x"), ("client_id", &machine.app.client_id)];
            machine.world.post(path, &[own, named].concat()).await
        };
        for case in &refused {
            let assertion = (case.make)(&machine, Door::Client, path);
            let answer = show(&assertion).await;
            assert_eq!(mistake(&answer, REFUSED[0], &assertion), None, "{} at {path}", case.name);
        }
        let good = machine.assertion(Door::Client, path);
        show(&good).await.expect(200);
        show(&good).await.expect_error(401, "invalid_client");
    }
}
