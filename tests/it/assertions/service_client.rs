//! The service-credentials file in the hands of a client that knows nothing but the file (R59): it signs as the source system's
//! libraries do, puts `https://` before the host it finds, and sends their bytes over TLS.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use axum::http::Method;
use grantor::model::client::ClientKind;
use serde_json::{Map, Value, json};

use crate::apps::{ALL, APPS, manager};
use crate::kit::http::form;
use crate::kit::signer::b64;
use crate::kit::tls::{Terminator, Wire};
use crate::kit::world::{App, ISSUER, World};

/// What the libraries read from the file.
struct File {
    host: String,
    id: String,
    org: String,
    client_id: String,
    client_secret: String,
    metascopes: Vec<String>,
    pair: rsa::KeyPair,
}

impl File {
    fn read(document: &str) -> Self {
        let json: Value = serde_json::from_str(document).expect("JSON");
        let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer}")).to_owned();
        let key = pem::parse(text("/integration/privateKey")).expect("PEM");
        Self {
            host: text("/integration/imsEndpoint"),
            id: text("/integration/id"),
            org: text("/integration/org"),
            client_id: text("/integration/technicalAccount/clientId"),
            client_secret: text("/integration/technicalAccount/clientSecret"),
            metascopes: text("/integration/metascopes").split(',').map(str::to_owned).collect(),
            pair: rsa::KeyPair::from_der(key.contents()).expect("PKCS#1"),
        }
    }

    /// The assertion; `iat` as some libraries add it.
    fn jwt(&self, now: i64, lifetime: i64, iat: bool) -> String {
        let mut claims = Map::from_iter([
            ("exp".to_owned(), json!(now + lifetime)),
            ("iss".to_owned(), json!(self.org)),
            ("sub".to_owned(), json!(self.id)),
            ("aud".to_owned(), json!(format!("https://{}/c/{}", self.host, self.client_id))),
        ]);
        claims.extend(self.metascopes.iter().map(|name| (format!("https://{}/s/{name}", self.host), json!(true))));
        if iat {
            claims.insert("iat".to_owned(), json!(now));
        }
        let input = format!("{}.{}", b64(r#"{"alg":"RS256","typ":"JWT"}"#), b64(Value::Object(claims).to_string()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).expect("a signature");
        format!("{input}.{}", b64(signature))
    }

    fn fields(&self, jwt: &str) -> [(String, String); 3] {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        [field("client_id", &self.client_id), field("client_secret", &self.client_secret), field("jwt_token", jwt)]
    }

    /// As libraries that send a form: no trailing slash.
    fn as_form(&self, jwt: &str) -> String {
        let fields = self.fields(jwt);
        let body = form(&fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str())));
        let head = "POST /ims/exchange/jwt HTTP/1.1\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n";
        format!("{head}Content-Length: {}\r\nHost: {}\r\nConnection: close\r\n\r\n{body}", body.len(), self.host)
    }

    /// As libraries that send form data: a trailing slash, a boundary of dashes and digits.
    fn as_parts(&self, jwt: &str) -> String {
        let boundary = "--------------------------091023466180417083316453";
        let part = |(name, value): &(String, String)| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = self.fields(jwt).iter().map(part).collect::<String>() + &format!("--{boundary}--\r\n");
        let head = "POST /ims/exchange/jwt/ HTTP/1.1\r\nuser-agent: node-fetch/1.0 (+https://github.com/bitinn/node-fetch)\r\n";
        format!(
            "{head}content-type: multipart/form-data;boundary={boundary}\r\naccept: */*\r\nContent-Length: {}\r\nHost: {}\r\nConnection: close\r\n\r\n{body}",
            body.len(),
            self.host
        )
    }
}

/// A file as the console hands it over, from a server behind TLS.
async fn downloaded(server: &World, app: &App) -> String {
    let manager = manager(server).await;
    let token = server.machine_token(&manager, ALL).await;
    let path = format!("{APPS}/{}/service-credentials", app.client_id);
    server.api(Method::POST, &path, &token, Some(&json!({}))).await.expect(201).body
}

/// The claims of an access token, proved with the key set that the host publishes.
async fn proved(wire: &Wire, host: &str, token: &str) -> Value {
    let request = format!("GET /.well-known/jwks.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let keys = wire.send(&request).await.expect(200);
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys.body).expect("a key set");
    let kid = jsonwebtoken::decode_header(token).expect("a header").kid.expect("a kid");
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&kid).expect("the key")).expect("a key");
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_audience(&[crate::kit::world::API]);
    rules.set_issuer(&[ISSUER]);
    jsonwebtoken::decode::<Value>(token, &key, &rules).expect("a good signature").claims
}

#[tokio::test]
async fn r57_r59_the_downloaded_file_gets_tokens_over_tls_by_the_bytes_of_the_source_systems_libraries() {
    let world = World::in_real_time().await;
    let app = world.app(ClientKind::M2m).await;
    let server = world.process().await;
    let file = File::read(&downloaded(&server, &app).await);
    assert!(!file.host.contains(['/', ':']), "a host without scheme: {}", file.host);
    let tls = Terminator::start(&file.host, server.router.clone()).await;
    let wire = tls.wire();
    world.catch_up();
    let now = world.now().unix_timestamp();
    // Five minutes, an hour, eight hours, a day: what libraries and people choose.
    for (lifetime, iat) in [(300, true), (3_600, false), (28_800, false), (86_400, true)] {
        let jwt = file.jwt(now, lifetime, iat);
        for request in [file.as_form(&jwt), file.as_parts(&jwt)] {
            let answer = wire.send(&request).await.expect(200);
            let json = answer.json();
            assert_eq!(json["token_type"].as_str().map(str::to_ascii_lowercase).as_deref(), Some("bearer"));
            assert_eq!((&json["expires_in"], &json["refresh_token"]), (&json!(86_400), &Value::Null));
            let claims = proved(&wire, &file.host, &answer.text("access_token")).await;
            assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(file.id), &json!(app.client_id)));
            assert_eq!(claims["scope"], "projects:read projects:write");
        }
    }
    let late = wire.send(&file.as_form(&file.jwt(now - 600, 300, true))).await.expect_error(400, "invalid_token");
    assert!(late.text("error_description").contains("expired"), "{}", late.body);
    let other = File { host: "ims-na1.example.test".to_owned(), ..File::read(&downloaded(&server, &app).await) };
    wire.send(&file.as_form(&other.jwt(now, 300, true))).await.expect_error(400, "invalid_client");
}

#[tokio::test]
async fn r59_r65_certificates_overlap_and_revoking_one_file_leaves_the_other_at_work() {
    let world = World::in_real_time().await;
    let app = world.app(ClientKind::M2m).await;
    let server = world.process().await;
    let manager = manager(&world).await;
    let token = server.machine_token(&manager, ALL).await;
    let path = format!("{APPS}/{}", app.client_id);
    let make = async |body: Value| server.api(Method::POST, &format!("{path}/service-credentials"), &token, Some(&body)).await.expect(201);
    let first = make(json!({})).await;
    let accounts = server.api(Method::GET, &format!("{path}/technical-accounts"), &token, None).await.expect(200).json();
    let second = make(json!({ "technical_account": accounts["technical_accounts"][0]["id"] })).await;
    let (old, new) = (File::read(&first.body), File::read(&second.body));
    assert_eq!(old.id, new.id, "the same account");
    let tls = Terminator::start(&old.host, server.router.clone()).await;
    let wire = tls.wire();
    world.catch_up();
    let now = world.now().unix_timestamp();
    let ask = async |file: &File| wire.send(&file.as_parts(&file.jwt(now, 300, true))).await;
    ask(&old).await.expect(200);
    ask(&new).await.expect(200);
    // The secret of one file and the signature of the other are both the app's.
    let mixed = File { client_secret: new.client_secret.clone(), ..File::read(&first.body) };
    ask(&mixed).await.expect(200);
    let key = first.header("location").rsplit('/').next().expect("an id").to_owned();
    server.api(Method::POST, &format!("{path}/keys/{key}/revoke"), &token, None).await.expect(200);
    ask(&old).await.expect_error(401, "invalid_client");
    let refused = ask(&mixed).await.expect_error(400, "invalid_token");
    assert!(refused.text("error_description").starts_with("Could not match JWT signature"), "{}", refused.body);
    ask(&new).await.expect(200);
}

#[tokio::test]
async fn r57_r62_the_file_of_an_app_with_two_apis_asks_for_scopes_of_one_and_works_as_it_is() {
    for (scopes, listed) in [
        ("projects:read files:read projects:write", "projects:read,projects:write"),
        ("apps:read files:read projects:read", "files:read"),
        ("apps:read apps:write", "apps:read,apps:write"),
    ] {
        let world = World::new().await;
        let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes.split(' ').map(str::to_owned).collect()).await;
        let document = downloaded(&world, &app).await;
        let file = File::read(&document);
        assert_eq!(file.metascopes.join(","), listed);
        let jwt = file.jwt(world.now().unix_timestamp(), 300, true);
        let fields = file.fields(&jwt);
        let answer = world.post("/ims/exchange/jwt", &fields.each_ref().map(|(name, value)| (name.as_str(), value.as_str()))).await;
        let json = answer.expect(200).json();
        assert_eq!(json["scope"], listed.replace(',', " "));
    }
}

#[tokio::test]
async fn r57_an_app_with_nothing_to_ask_for_gets_no_file() {
    let world = World::new().await;
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = grantor::model::scope::ScopeSet::default()).await;
    let path = format!("{APPS}/{}/service-credentials", app.client_id);
    let refused = world.api(Method::POST, &path, &token, Some(&json!({}))).await.expect(422).json();
    assert_eq!(refused["errors"][0]["code"], "no_scope", "{refused}");
    assert!(refused["errors"][0]["message"].as_str().is_some_and(|text| text.contains("has none")), "{refused}");
    assert_eq!(world.count("SELECT count(*) FROM technical_accounts").await, 0, "nothing was made");
    assert_eq!(world.count("SELECT count(*) FROM credentials WHERE kind = 'key'").await, 0);
}
