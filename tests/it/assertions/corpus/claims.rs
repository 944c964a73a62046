//! Claims: who, for whom, to whom, and what for (G12, G13, G16, G17, J5, R33, R60-R62).

use serde_json::{Value, json};

use crate::assertions::corpus::{
    Case, EXCHANGES_ONLY, Ends, FOREIGN, GOOD, MALFORMED, REFUSED, TOKEN_ONLY, edit, made, of_bytes, payload, set, without,
};
use crate::assertions::{Door, metascope};
use crate::kit::world::ISSUER;

const NO_SCOPE: Ends = [(200, ""), (200, ""), (200, ""), (400, "invalid_scope")];
/// No `aud` is needed at Workfront's door alone.
const NO_AUDIENCE: Ends = [(401, "invalid_client"), (400, "invalid_grant"), (200, ""), (400, "invalid_client")];
const NOT_AT_IMS: Ends = [(200, ""), (200, ""), (200, ""), (400, "invalid_client")];
/// `jti` is a string, but an integer at the IMS door.
const STRING_ID: Ends = [(200, ""), (200, ""), (200, ""), (400, "invalid_token")];
const NO_ID: Ends = [(401, "invalid_client"), (200, ""), (200, ""), (200, "")];

pub(super) fn cases() -> Vec<Case> {
    [shapes(), issuers(), subjects(), audiences(), ids(), metascopes()].into_iter().flatten().collect()
}

fn shapes() -> Vec<Case> {
    vec![
        payload("claims that are a list", |_| "[]".to_owned(), REFUSED),
        payload("claims that are null", |_| "null".to_owned(), REFUSED),
        payload("claims that are a string", |_| "\"iss\"".to_owned(), REFUSED),
        payload("claims that are no JSON", |_| "iss=me".to_owned(), REFUSED),
        payload("no claims at all", |_| "{}".to_owned(), MALFORMED),
        payload("claims cut off", |good| good[..good.len() - 1].to_owned(), REFUSED),
        payload("something behind the claims", |good| format!("{good}x"), REFUSED),
        payload("iss twice", |good| format!("{{\"iss\":\"me\",{}", &good[1..]), REFUSED),
        payload("exp twice with the same value", |good| format!("{{\"exp\":1,\"\\u0065xp\":1,{}", &good[1..]), REFUSED),
        payload("an unknown claim twice within another", |good| format!("{{\"x\":[{{\"a\":1,\"a\":1}}],{}", &good[1..]), REFUSED),
        payload("a lone surrogate", |good| format!("{{\"x\":\"\\ud800\",{}", &good[1..]), REFUSED),
        payload("a number beyond all", |good| format!("{{\"x\":1e999,{}", &good[1..]), REFUSED),
        payload(
            "two hundred lists in each other",
            |good| format!("{{\"x\":{}{},{}", "[".repeat(200), "]".repeat(200), &good[1..]),
            REFUSED,
        ),
        payload("a hundred lists in each other", |good| format!("{{\"x\":{}{},{}", "[".repeat(100), "]".repeat(100), &good[1..]), GOOD),
        payload("claims that nobody knows", |good| format!("{{\"x\":{{\"y\":[null,1.5,\"z\"]}},\"cnf\":1,{}", &good[1..]), GOOD),
        payload("white space around the claims", |good| format!(" \n{good}\n "), GOOD),
        made("claims that are no UTF-8", |_, _, _| of_bytes(br#"{"alg":"RS256"}"#, b"{\"iss\":\"\xc3\x28\"}"), REFUSED),
    ]
}

fn issuers() -> Vec<Case> {
    vec![
        without("no iss", "iss", MALFORMED),
        set("iss null", "iss", Value::Null, MALFORMED),
        set("iss a number", "iss", json!(1), MALFORMED),
        edit("iss in a list", |_, _, claims| claims["iss"] = json!([claims["iss"]]), MALFORMED),
        set("iss an object", "iss", json!({}), MALFORMED),
        set("iss empty", "iss", json!(""), MALFORMED),
        set("iss of somebody else", "iss", json!("https://accounts.example.test"), MALFORMED),
        edit("iss in capitals", |_, _, claims| claims["iss"] = json!(claims["iss"].as_str().expect("text").to_uppercase()), MALFORMED),
        edit(
            "iss with a blank behind",
            |_, _, claims| claims["iss"] = json!(format!("{} ", claims["iss"].as_str().expect("text"))),
            MALFORMED,
        ),
        edit("iss is the org", |machine, _, claims| claims["iss"] = json!(machine.world.org.id), EXCHANGES_ONLY),
        edit(
            "iss is the client",
            |machine, _, claims| claims["iss"] = json!(machine.app.client_id),
            [(200, ""), (200, ""), (400, "invalid_token"), (400, "bad_request")],
        ),
    ]
}

fn subjects() -> Vec<Case> {
    vec![
        without("no sub", "sub", MALFORMED),
        set("sub null", "sub", Value::Null, MALFORMED),
        set("sub a number", "sub", json!(1), MALFORMED),
        edit("sub in a list", |_, _, claims| claims["sub"] = json!([claims["sub"]]), MALFORMED),
        set("sub true", "sub", json!(true), MALFORMED),
        set("sub empty", "sub", json!(""), MALFORMED),
        set("sub of nobody", "sub", json!("nobody"), MALFORMED),
        set("sub an id that nobody has", "sub", json!("01890000-0000-7000-8000-000000000000"), MALFORMED),
        edit(
            "sub is a person",
            |machine, _, claims| claims["sub"] = json!(machine.user.id),
            [(401, "invalid_client"), (400, "invalid_grant"), (200, ""), (400, "bad_request")],
        ),
        edit(
            "sub is a person in capitals",
            |machine, _, claims| claims["sub"] = json!(machine.user.id.to_string().to_uppercase()),
            MALFORMED,
        ),
        edit("sub is the org", |machine, _, claims| claims["sub"] = json!(machine.world.org.id), MALFORMED),
    ]
}

fn audiences() -> Vec<Case> {
    vec![
        without("no aud", "aud", NO_AUDIENCE),
        set("aud null", "aud", Value::Null, FOREIGN),
        set("aud a number", "aud", json!(1), FOREIGN),
        set("aud an object", "aud", json!({}), FOREIGN),
        set("aud an empty list", "aud", json!([]), FOREIGN),
        set("aud a list of a number", "aud", json!([1]), FOREIGN),
        set("aud a list of us", "aud", json!([ISSUER]), FOREIGN),
        set("aud a list of us and another", "aud", json!([ISSUER, "https://other.example.test"]), FOREIGN),
        set("aud a list of us twice", "aud", json!([ISSUER, ISSUER]), FOREIGN),
        set("aud of somebody else", "aud", json!("https://other.example.test"), FOREIGN),
        set("aud empty", "aud", json!(""), FOREIGN),
        set("aud with a slash behind", "aud", json!(format!("{ISSUER}/")), FOREIGN),
        set("aud in capitals", "aud", json!(ISSUER.to_uppercase()), FOREIGN),
        set("aud is the token endpoint", "aud", json!(format!("{ISSUER}/token")), FOREIGN),
        set("aud is the plain host", "aud", json!("auth.example.test"), FOREIGN),
        set("aud is http", "aud", json!(ISSUER.replace("https", "http")), FOREIGN),
        set("aud is the issuer", "aud", json!(ISSUER), NOT_AT_IMS),
        edit(
            "aud is the client",
            |machine, _, claims| {
                claims.insert("aud".to_owned(), json!(machine.app.client_id));
            },
            FOREIGN,
        ),
        edit(
            "aud is another client at this host",
            |_, door, claims| {
                if door == Door::Ims {
                    claims["aud"] = json!(format!("{ISSUER}/c/another-client"));
                }
            },
            NOT_AT_IMS,
        ),
        edit(
            "aud is this client at another host",
            |machine, door, claims| {
                if door == Door::Ims {
                    claims["aud"] = json!(format!("https://ims.example.test/c/{}", machine.app.client_id));
                }
            },
            NOT_AT_IMS,
        ),
    ]
}

fn ids() -> Vec<Case> {
    vec![
        without("no jti", "jti", NO_ID),
        set("jti null", "jti", Value::Null, REFUSED),
        set("jti a list", "jti", json!(["x"]), REFUSED),
        set("jti an object", "jti", json!({}), REFUSED),
        set("jti true", "jti", json!(true), REFUSED),
        set("jti empty", "jti", json!(""), REFUSED),
        edit(
            "jti an integer",
            |_, door, claims| {
                claims.insert("jti".to_owned(), json!(7_000 + door as u64));
            },
            EXCHANGES_ONLY,
        ),
        set("jti negative", "jti", json!(-1), MALFORMED),
        set("jti with a fraction", "jti", json!(1.5), REFUSED),
        edit(
            "jti a string",
            |_, door, claims| {
                claims.insert("jti".to_owned(), json!(format!("a string at {door:?}")));
            },
            STRING_ID,
        ),
        edit(
            "jti a long string",
            |_, door, claims| {
                claims.insert("jti".to_owned(), json!(format!("{door:?}{}", "x".repeat(4_000))));
            },
            STRING_ID,
        ),
        edit(
            "jti at the greatest integer",
            |_, door, claims| {
                if door == Door::Ims {
                    claims.insert("jti".to_owned(), json!(u64::MAX));
                }
            },
            GOOD,
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn metascopes() -> Vec<Case> {
    let own = || metascope("projects:read");
    vec![
        edit(
            "no metascope",
            |_, _, claims| {
                claims.remove(&metascope("projects:read"));
            },
            NO_SCOPE,
        ),
        edit("a metascope that is false", |_, door, claims| only(door, claims, &metascope("projects:read"), json!(false)), NO_SCOPE),
        edit("a metascope that is text", |_, door, claims| only(door, claims, &metascope("projects:read"), json!("true")), NO_SCOPE),
        edit("a metascope that is 1", |_, door, claims| only(door, claims, &metascope("projects:read"), json!(1)), NO_SCOPE),
        edit("a metascope that is null", |_, door, claims| only(door, claims, &metascope("projects:read"), Value::Null), NO_SCOPE),
        edit(
            "a metascope at another host",
            |_, door, claims| only(door, claims, "https://ims.example.test/s/projects:read", json!(true)),
            NO_SCOPE,
        ),
        edit(
            "a metascope with http",
            |_, door, claims| only(door, claims, "http://auth.example.test/s/projects:read", json!(true)),
            NO_SCOPE,
        ),
        edit("a metascope without a name", |_, door, claims| only(door, claims, &metascope(""), json!(true)), NO_SCOPE),
        edit("a metascope that nobody knows", |_, door, claims| only(door, claims, &metascope("ent_unknown_sdk"), json!(true)), NO_SCOPE),
        edit(
            "a metascope that the app may not have",
            |_, door, claims| only(door, claims, &metascope("files:read"), json!(true)),
            NO_SCOPE,
        ),
        edit(
            "one metascope too many",
            |_, door, claims| {
                if door == Door::Ims {
                    claims.insert(metascope("apps:write"), json!(true));
                }
            },
            NO_SCOPE,
        ),
        edit(
            "a second metascope that is false",
            |_, door, claims| {
                if door == Door::Ims {
                    claims.insert(metascope("apps:write"), json!(false));
                }
            },
            GOOD,
        ),
        edit(
            "two metascopes",
            |_, door, claims| {
                if door == Door::Ims {
                    claims.insert(metascope("projects:write"), json!(true));
                }
            },
            GOOD,
        ),
        set("a metascope elsewhere", Box::leak(own().into_boxed_str()), json!(true), GOOD),
        made(
            "claims of another door",
            |machine, door, jti| {
                let other = match door {
                    Door::Client | Door::Grant => Door::Workfront,
                    Door::Workfront | Door::Ims => Door::Client,
                };
                machine.assertion(other, jti)
            },
            MALFORMED,
        ),
        made(
            "the good one with P-256",
            |machine, door, _| machine.signed_by(crate::kit::signer::Pair::P256.get(), door, &format!("good {door:?}"), |_| ()),
            TOKEN_ONLY,
        ),
    ]
}

/// In the place of the good metascope.
fn only(door: Door, claims: &mut serde_json::Map<String, Value>, name: &str, value: Value) {
    if door == Door::Ims {
        claims.remove(&metascope("projects:read"));
        claims.insert(name.to_owned(), value);
    }
}
