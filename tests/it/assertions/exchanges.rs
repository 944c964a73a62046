//! What the exchanges of the source systems add: forms of the body, the IMS table, metascopes, lifetimes and switches.

use axum::body::Body;
use axum::http::Request;
use grantor::model::client::ClientKind;
use grantor::model::policy::{BadSignature, Metascope};
use serde_json::{Value, json};

use crate::assertions::{Door, IMS, Machine, WORKFRONT, metascope, patient, show_at};
use crate::kit::http::{Answer, form, send};
use crate::kit::signer::{Pair, b64};
use crate::kit::world::{App, ISSUER, World};

const BOUNDARY: &str = "----------------------------735323031399963166993862";

/// A post with any content type and any host.
async fn post(world: &World, path: &str, (kind, body): (&str, String), host: &str) -> Answer {
    let request = Request::post(path).header("content-type", kind).header("host", host).body(Body::from(body));
    send(&world.router, request.expect("a request")).await
}

/// The fields as `multipart/form-data`, as Node's `form-data` writes them.
fn parts(fields: &[(&str, &str)]) -> (String, String) {
    let part = |(name, value): &(&str, &str)| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = fields.iter().map(part).collect::<String>() + &format!("--{BOUNDARY}--\r\n");
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

fn fields<'a>(app: &'a App, assertion: &'a str) -> [(&'a str, &'a str); 3] {
    [("client_id", &app.client_id), ("client_secret", &app.secret), ("jwt_token", assertion)]
}

#[tokio::test]
async fn r58_the_ims_door_takes_multipart_forms_and_json_with_and_without_a_slash_and_never_redirects() {
    let machine = Machine::new().await;
    let (world, app) = (&machine.world, &machine.app);
    let good = machine.assertion(Door::Ims, "");
    let claims = machine.signed(Door::Ims, "", |claims| claims.retain(|name, _| name != "jti"));
    for assertion in [&good, &claims] {
        let fields = fields(app, assertion);
        let json = Value::from_iter(fields.map(|(name, value)| (name, value))).to_string();
        let (multipart, urlencoded) = (parts(&fields), ("application/x-www-form-urlencoded".to_owned(), form(&fields)));
        for path in [IMS, "/ims/exchange/jwt/"] {
            for (kind, body) in [&multipart, &urlencoded, &("application/json".to_owned(), json.clone())] {
                let answer = post(world, path, (kind, body.clone()), "auth.example.test").await.expect(200);
                assert_eq!((answer.text("scope"), answer.json()["refresh_token"].is_null()), ("projects:read".to_owned(), true), "r68");
                assert_eq!(answer.header("cache-control"), "no-store");
            }
        }
        let (kind, body) = &multipart;
        let elsewhere = post(world, WORKFRONT, (kind, body.clone()), "auth.example.test").await;
        elsewhere.expect_error(415, "invalid_request");
        post(world, "/token", (kind, body.clone()), "auth.example.test").await.expect_error(415, "invalid_request");
    }
}

#[tokio::test]
async fn r58_a15_multipart_is_read_as_strictly_as_a_form() {
    let machine = Machine::new().await;
    let (world, app) = (&machine.world, &machine.app);
    let good = machine.assertion(Door::Ims, "");
    let fields = fields(app, &good);
    let (kind, whole) = parts(&fields);
    let twice = parts(&[fields.as_slice(), &fields[2..]].concat()).1;
    let nameless = whole.replacen("name=\"client_id\"", "filename=\"client_id\"", 1);
    let broken_line = parts(&[fields[0], fields[1], ("jwt_token", "a\r\nb")]).1;
    let cases = [
        ("a part twice", twice),
        ("a part without a name", nameless),
        ("a line break in a part", broken_line),
        ("cut off", whole[..whole.len() - 30].to_owned()),
        ("no parts", "nothing of the kind".to_owned()),
        ("more parts than anybody needs", {
            let names: Vec<_> = (0..300).map(|index| format!("x{index}")).collect();
            parts(&names.iter().map(|name| (name.as_str(), "y")).collect::<Vec<_>>()).1
        }),
    ];
    for (what, body) in cases {
        let answer = post(world, IMS, (&kind, body), "auth.example.test").await;
        assert_eq!((answer.status.as_u16(), answer.text("error")), (400, "invalid_request".to_owned()), "{what}");
    }
    post(world, IMS, ("multipart/form-data", whole.clone()), "auth.example.test").await.expect_error(400, "invalid_request");
    let large = parts(&[fields[0], fields[1], ("jwt_token", &"x".repeat(70_000))]).1;
    post(world, IMS, (&kind, large), "auth.example.test").await.expect_error(413, "invalid_request");
    // Parts that nobody knows are let be, as parameters are; so are a file name and a type of a part's own.
    let more = parts(&[("x-note", "hello"), fields[0], fields[1], fields[2]]).1;
    let more = more.replacen("name=\"x-note\"", "name=\"x-note\"; filename=\"n.txt\"\r\nContent-Type: text/plain", 1);
    post(world, IMS, (&kind, more), "auth.example.test").await.expect(200);
}

#[tokio::test]
async fn r60_every_row_of_the_ims_table_has_its_status_and_code() {
    let machine = Machine::new().await;
    let world = &machine.world;
    let signed = |change: fn(&mut serde_json::Map<String, Value>)| machine.signed(Door::Ims, "", change);
    let good = signed(|_| ());
    let unknown = App { client_id: "k3v9q2m7x4t8w1r6z5n0b2c9d7".to_owned(), ..machine.app.clone() };
    let wrong_secret = App { secret: "grs_wrong".to_owned(), ..machine.app.clone() };
    let rows = [
        ("no such integration", &unknown, good.clone(), 400, "invalid_client"),
        ("a wrong pair of id and secret", &wrong_secret, good.clone(), 401, "invalid_client"),
        ("aud of another client", &machine.app, signed(|claims| claims["aud"] = json!(format!("{ISSUER}/c/x"))), 400, "invalid_client"),
        ("nothing to decode", &machine.app, "nonsense".to_owned(), 400, "invalid_token"),
        ("expired", &machine.app, signed(|claims| claims["exp"] = json!(1_700_000_000)), 400, "invalid_token"),
        ("exp in milliseconds", &machine.app, signed(|claims| claims["exp"] = json!(1_772_366_460_000_i64)), 400, "bad_request"),
        ("exp as text", &machine.app, signed(|claims| claims["exp"] = json!("1772366460")), 400, "invalid_token"),
        ("exp with a fraction", &machine.app, signed(|claims| claims["exp"] = json!(1_772_366_460.5)), 400, "invalid_token"),
        ("no exp", &machine.app, signed(|claims| drop(claims.remove("exp"))), 400, "bad_request"),
        ("jti as text", &machine.app, signed(|claims| drop(claims.insert("jti".into(), json!("x")))), 400, "invalid_token"),
        ("another key", &machine.app, machine.signed_by(Pair::OtherRsa.get(), Door::Ims, "", |_| ()), 400, "invalid_token"),
        ("another algorithm", &machine.app, machine.signed_by(Pair::P256.get(), Door::Ims, "", |_| ()), 400, "invalid_token"),
        ("a malformed sub", &machine.app, signed(|claims| claims["sub"] = json!(7)), 400, "bad_request"),
        ("a foreign iss", &machine.app, signed(|claims| claims["iss"] = json!("0000@AdobeOrg")), 400, "bad_request"),
        ("no metascope", &machine.app, signed(|claims| drop(claims.remove(&metascope("projects:read")))), 400, "invalid_scope"),
        ("an unknown metascope", &machine.app, signed(|c| drop(c.insert(metascope("ent_x"), json!(true)))), 400, "invalid_scope"),
    ];
    for (what, app, assertion, status, error) in rows {
        let answer = show_at(world, app, Door::Ims, &assertion).await;
        assert_eq!((answer.status.as_u16(), answer.text("error").as_str()), (status, error), "{what}: {}", answer.body);
    }
    let nothing = [("client_id", machine.app.client_id.as_str()), ("client_secret", machine.app.secret.as_str())];
    world.post(IMS, &nothing).await.expect_error(400, "invalid_token");
    world.post(IMS, &[]).await.expect_error(400, "invalid_client");
    let web = world.app(ClientKind::Web).await;
    let assertion = Machine { app: web.clone(), ..machine.clone() }.assertion(Door::Ims, "");
    show_at(world, &web, Door::Ims, &assertion).await.expect_error(401, "invalid_client");
    world.signer(&web, Pair::Rsa).await;
    show_at(world, &web, Door::Ims, &assertion).await.expect_error(401, "invalid_client");
    show_at(world, &machine.app, Door::Ims, &good).await.expect(200);
}

#[tokio::test]
async fn r63_a_bad_signature_has_the_code_that_is_set_and_names_no_key() {
    for (code, error) in [(BadSignature::InvalidToken, "invalid_token"), (BadSignature::InvalidSignature, "invalid_signature")] {
        let mut policy = patient();
        policy.assertions.bad_signature = code;
        let machine = Machine::under(policy, |_| ()).await;
        let by_public_key = {
            // The classic: HS256 with the public key as the shared secret is refused for its algorithm.
            let claims = Value::Object(machine.claims(Door::Ims, ""));
            format!("{}.{}.{}", b64(r#"{"alg":"HS256"}"#), b64(claims.to_string()), b64([7; 32]))
        };
        let foreign = machine.signed_by(Pair::OtherRsa.get(), Door::Ims, "", |_| ());
        for (assertion, is_key) in [(&foreign, true), (&by_public_key, false)] {
            let answer = machine.show(Door::Ims, assertion).await.expect_error(400, error);
            let text = answer.text("error_description");
            assert!(!is_key || text.starts_with("Could not match JWT signature to any of the bindings."), "{text}");
            let thumbprint = &Pair::Rsa.get().public.thumbprint;
            assert!(!text.contains(thumbprint.as_str()) && !text.contains("RSA"), "{text}");
        }
        let elsewhere = machine.signed_by(Pair::OtherRsa.get(), Door::Workfront, "x", |_| ());
        machine.show(Door::Workfront, &elsewhere).await.expect_error(400, "invalid_token");
        machine.show(Door::Ims, &machine.assertion(Door::Ims, "")).await.expect(200);
    }
}

#[tokio::test]
async fn r62_metascopes_stand_for_what_the_settings_say_and_else_for_the_scope_of_their_name() {
    let mut policy = patient();
    let known = ["ent_aem_cloud_api = projects:read projects:write", "ent_cloudmgr_sdk=projects:read", "ent_files=files:read"];
    policy.assertions.metascopes = known.into_iter().map(|text| Metascope::parse(text).expect("a metascope")).collect();
    let machine = Machine::under(policy, |_| ()).await;
    let ask = async |names: &[&str]| {
        let assertion = machine.signed(Door::Ims, "", |claims| {
            claims.remove(&metascope("projects:read"));
            claims.extend(names.iter().map(|name| (metascope(name), json!(true))));
        });
        machine.show(Door::Ims, &assertion).await
    };
    for (names, scope) in [
        (&["ent_aem_cloud_api"][..], "projects:read projects:write"),
        (&["ent_cloudmgr_sdk"], "projects:read"),
        (&["ent_cloudmgr_sdk", "projects:write"], "projects:read projects:write"),
        (&["projects:write"], "projects:write"),
    ] {
        assert_eq!(ask(names).await.expect(200).text("scope"), scope, "{names:?}");
    }
    for names in [&["ent_files"][..], &["ent_aem_cloud_api", "ent_files"], &["ent_unknown"], &[]] {
        ask(names).await.expect_error(400, "invalid_scope");
    }
    // The parameter of other doors means nothing here.
    let assertion = machine.assertion(Door::Ims, "");
    let wish = [fields(&machine.app, &assertion).as_slice(), &[("scope", "projects:write")]].concat();
    assert_eq!(machine.world.post(IMS, &wish).await.expect(200).text("scope"), "projects:read");
}

#[tokio::test]
async fn r67_lifetimes_are_seconds_and_milliseconds_only_where_the_app_has_the_switch() {
    for milliseconds in [false, true] {
        let machine = Machine::with(|client| client.profile.compat.exchange_milliseconds = milliseconds).await;
        for (door, unit) in [(Door::Ims, if milliseconds { 1_000 } else { 1 }), (Door::Workfront, 1), (Door::Grant, 1), (Door::Client, 1)] {
            let answer = machine.show(door, &machine.assertion(door, &format!("{door:?}"))).await.expect(200);
            let json = answer.json();
            assert_eq!((&json["expires_in"], &json["token_type"]), (&json!(86_400 * unit), &json!("Bearer")), "{door:?}");
            let claims = machine.world.deps.keyring.current().verify(&answer.text("access_token")).expect("ours").claims;
            assert_eq!(claims.exp - claims.iat, 86_400, "the token itself knows seconds");
        }
    }
}

#[tokio::test]
async fn r61_a7_a_forged_host_changes_no_audience() {
    let machine = Machine::new().await;
    let urlencoded = |assertion: &str| ("application/x-www-form-urlencoded", form(&fields(&machine.app, assertion)));
    let good = machine.assertion(Door::Ims, "");
    post(&machine.world, IMS, urlencoded(&good), "ims.evil.test").await.expect(200);
    let forged =
        machine.signed(Door::Ims, "", |claims| claims["aud"] = json!(format!("https://ims.evil.test/c/{}", machine.app.client_id)));
    post(&machine.world, IMS, urlencoded(&forged), "ims.evil.test").await.expect_error(400, "invalid_client");
}
