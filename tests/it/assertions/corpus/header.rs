//! Headers: algorithms, types, extensions, and keys that the header brings along (G14, G18, G19).

use serde_json::{Value, json};

use crate::assertions::corpus::{Case, Ends, GOOD, REFUSED, TOKEN_ONLY, header, made, of_bytes, text};
use crate::assertions::{Door, Machine};
use crate::kit::signer::{Pair, b64};

const CLIENT_ONLY: Ends = [(200, ""), (400, "invalid_grant"), (400, "invalid_token"), (400, "invalid_token")];
const GRANT_ONLY: Ends = [(401, "invalid_client"), (200, ""), (400, "invalid_token"), (400, "invalid_token")];

pub(super) fn cases() -> Vec<Case> {
    [algorithms(), shapes(), extensions(), types(), keys()].into_iter().flatten().collect()
}

fn algorithms() -> Vec<Case> {
    vec![
        header("no alg", r#"{"typ":"JWT"}"#, REFUSED),
        header("alg null", r#"{"alg":null}"#, REFUSED),
        header("alg a number", r#"{"alg":256}"#, REFUSED),
        header("alg a list", r#"{"alg":["RS256"]}"#, REFUSED),
        header("alg an object", r#"{"alg":{"name":"RS256"}}"#, REFUSED),
        header("alg true", r#"{"alg":true}"#, REFUSED),
        header("alg empty", r#"{"alg":""}"#, REFUSED),
        header("alg none with a signature", r#"{"alg":"none"}"#, REFUSED),
        header("alg None", r#"{"alg":"None"}"#, REFUSED),
        header("alg nOnE", r#"{"alg":"nOnE"}"#, REFUSED),
        made("alg none without a signature", |machine, door, jti| unsigned(machine, door, jti, ""), REFUSED),
        made("alg none with one byte as signature", |machine, door, jti| unsigned(machine, door, jti, "AA"), REFUSED),
        header("alg HS256 over the RSA signature", r#"{"alg":"HS256"}"#, REFUSED),
        header("alg HS512", r#"{"alg":"HS512"}"#, REFUSED),
        header("alg RS384", r#"{"alg":"RS384"}"#, REFUSED),
        header("alg RS512", r#"{"alg":"RS512"}"#, REFUSED),
        header("alg PS256", r#"{"alg":"PS256"}"#, REFUSED),
        header("alg ES512", r#"{"alg":"ES512"}"#, REFUSED),
        header("alg ES256K", r#"{"alg":"ES256K"}"#, REFUSED),
        header("alg of encryption", r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, REFUSED),
        header("alg in lower case", r#"{"alg":"rs256"}"#, REFUSED),
        header("alg with a blank behind", r#"{"alg":"RS256 "}"#, REFUSED),
        header("alg ES256 over an RSA signature", r#"{"alg":"ES256"}"#, REFUSED),
        header("alg ES384 over an RSA signature", r#"{"alg":"ES384"}"#, REFUSED),
        header("alg EdDSA over an RSA signature", r#"{"alg":"EdDSA"}"#, REFUSED),
    ]
}

fn shapes() -> Vec<Case> {
    vec![
        header("an empty header", "{}", REFUSED),
        header("a header that is a list", "[]", REFUSED),
        header("a header that is null", "null", REFUSED),
        header("a header that is a string", r#""RS256""#, REFUSED),
        header("a header that is a number", "1", REFUSED),
        header("a header that is no JSON", "alg=RS256", REFUSED),
        header("a header cut off", r#"{"alg":"RS256""#, REFUSED),
        header("two headers in one", r#"{"alg":"RS256"}{"alg":"none"}"#, REFUSED),
        header("alg twice", r#"{"alg":"RS256","alg":"RS256"}"#, REFUSED),
        header("alg twice, once escaped", r#"{"alg":"RS256","\u0061lg":"none"}"#, REFUSED),
        header("kid twice", r#"{"alg":"RS256","kid":"a","kid":"b"}"#, REFUSED),
        header("a deeper member twice", r#"{"alg":"RS256","x":{"a":1,"a":2}}"#, REFUSED),
        made(
            "a header that is no UTF-8",
            |machine, door, jti| of_bytes(b"{\"alg\":\"RS256\",\"x\":\"\xff\"}", &claims(machine, door, jti)),
            REFUSED,
        ),
        made("a byte order mark", |machine, door, jti| of_bytes(b"\xef\xbb\xbf{\"alg\":\"RS256\"}", &claims(machine, door, jti)), REFUSED),
    ]
}

fn extensions() -> Vec<Case> {
    vec![
        header("crit of a claim's name", r#"{"alg":"RS256","crit":["exp"],"exp":1}"#, REFUSED),
        header("crit of b64", r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, REFUSED),
        header("an empty crit", r#"{"alg":"RS256","crit":[]}"#, REFUSED),
        header("crit null", r#"{"alg":"RS256","crit":null}"#, REFUSED),
        header("crit a string", r#"{"alg":"RS256","crit":"exp"}"#, REFUSED),
        header("members that nobody knows", r#"{"alg":"RS256","zip":"DEF","b64":false,"nonce":"x"}"#, GOOD),
    ]
}

fn types() -> Vec<Case> {
    vec![
        header("no typ", r#"{"alg":"RS256"}"#, GOOD),
        header("typ jwt in lower case", r#"{"alg":"RS256","typ":"jwt"}"#, GOOD),
        header("typ as a media type", r#"{"alg":"RS256","typ":"application/jwt"}"#, GOOD),
        header("typ of client authentication", r#"{"alg":"RS256","typ":"client-authentication+jwt"}"#, CLIENT_ONLY),
        header("the same as a media type", r#"{"alg":"RS256","typ":"Application/Client-Authentication+JWT"}"#, CLIENT_ONLY),
        header("typ of a grant", r#"{"alg":"RS256","typ":"authorization-grant+jwt"}"#, GRANT_ONLY),
        header("typ of an access token", r#"{"alg":"RS256","typ":"at+jwt"}"#, REFUSED),
        header("typ of a DPoP proof", r#"{"alg":"RS256","typ":"dpop+jwt"}"#, REFUSED),
        header("typ of a logout token", r#"{"alg":"RS256","typ":"logout+jwt"}"#, REFUSED),
        header("typ of a security event", r#"{"alg":"RS256","typ":"secevent+jwt"}"#, REFUSED),
        header("an empty typ", r#"{"alg":"RS256","typ":""}"#, REFUSED),
        header("typ null", r#"{"alg":"RS256","typ":null}"#, REFUSED),
        header("typ a number", r#"{"alg":"RS256","typ":1}"#, REFUSED),
        header("typ a list", r#"{"alg":"RS256","typ":["JWT"]}"#, REFUSED),
    ]
}

fn keys() -> Vec<Case> {
    vec![
        header("a kid that nobody knows", r#"{"alg":"RS256","kid":"2019-key"}"#, GOOD),
        header("a kid that is a path", r#"{"alg":"RS256","kid":"../../../../dev/null"}"#, GOOD),
        header("a kid that is SQL", r#"{"alg":"RS256","kid":"' UNION SELECT 'x"}"#, GOOD),
        header("a kid that is a number", r#"{"alg":"RS256","kid":7}"#, GOOD),
        header("jku and x5u beside a good signature", r#"{"alg":"RS256","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/"}"#, GOOD),
        text("the kid of a key of ours", str::to_owned, GOOD),
        made("its own jwk", |machine, door, jti| with_own_key(machine, door, jti, "jwk"), REFUSED),
        made("its own x5c", |machine, door, jti| with_own_key(machine, door, jti, "x5c"), REFUSED),
        made("its own jku", |machine, door, jti| with_own_key(machine, door, jti, "jku"), REFUSED),
        made("the thumbprint of a key that is not the app's", |machine, door, jti| with_own_key(machine, door, jti, "kid"), REFUSED),
        made(
            "the thumbprint of another key of the app",
            |machine, door, jti| {
                let kid = &Pair::P256.get().public.thumbprint;
                let header = json!({ "alg": "RS256", "kid": kid }).to_string();
                Pair::Rsa.get().jws(&header, &Value::Object(machine.claims(door, jti)).to_string())
            },
            GOOD,
        ),
        made(
            "an algorithm of the app's other keys",
            |machine, door, jti| machine.signed_by(Pair::P384.get(), door, jti, |_| ()),
            TOKEN_ONLY,
        ),
    ]
}

fn claims(machine: &Machine, door: Door, jti: &str) -> Vec<u8> {
    Value::Object(machine.claims(door, jti)).to_string().into_bytes()
}

fn unsigned(machine: &Machine, door: Door, jti: &str, signature: &str) -> String {
    format!("{}.{}.{signature}", b64(r#"{"alg":"none"}"#), b64(claims(machine, door, jti)))
}

/// Signed with a key that is not the app's, which the header names or brings along.
fn with_own_key(machine: &Machine, door: Door, jti: &str, member: &str) -> String {
    let pair = Pair::OtherRsa.get();
    let value = match member {
        "jwk" => json!(pair.public.jwk),
        "x5c" => json!(["MIIB"]),
        "kid" => json!(pair.public.thumbprint),
        _ => json!("https://keys.example.test/jwks.json"),
    };
    let header = json!({ "alg": "RS256", member: value }).to_string();
    pair.jws(&header, &Value::Object(machine.claims(door, jti)).to_string())
}
