//! `grantor dev`: started twice it keeps everything.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::kit::process::{Folder, Server, run, said};

async fn start(folder: &Folder) -> Server {
    let data = folder.path().join("data");
    Server::start(folder, &["dev", "--port", "0", "--data-dir", data.to_str().expect("an ASCII path")], &[]).await
}

fn record(folder: &Folder) -> Value {
    let path = folder.path().join("data/dev.json");
    assert_eq!(fs::metadata(&path).expect("dev.json is there").permissions().mode() & 0o777, 0o600);
    serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON")
}

/// What the key of `dev.json` gets at the JWT bearer grant.
async fn token_by_key(record: &Value) -> Value {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (id, issuer) = (text(&record["apps"]["m2m"]["client_id"]), text(&record["issuer"]));
    let pem = text(&record["apps"]["m2m"]["private_key_pem"]);
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----"), "PKCS#8");
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a private key");
    let now = grantor::clock::Clock::now(&grantor::clock::SystemClock).unix_timestamp();
    let claims = serde_json::json!({ "iss": id, "sub": id, "aud": issuer, "exp": now + 60, "jti": format!("dev {now}") });
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
    let assertion = jsonwebtoken::encode(&header, &claims, &key).expect("an assertion");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &assertion)];
    let answer = client.post(format!("{}/token", text(&record["base_url"]))).form(&form).send().await.expect("an answer");
    let (status, body) = (answer.status(), answer.text().await.expect("text"));
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("JSON")
}

async fn token(record: &Value, app: &str, scope: &str) -> Value {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (id, secret) = (text(&record["apps"][app]["client_id"]), text(&record["apps"][app]["client_secret"]));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.post(format!("{}/token", text(&record["base_url"]))).basic_auth(id, Some(secret));
    let answer = request.form(&[("grant_type", "client_credentials"), ("scope", scope)]).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn development_server_is_complete_and_a_second_start_keeps_all_data() {
    let folder = Folder::new("dev");
    let mut server = start(&folder).await;
    let first = record(&folder);
    assert_eq!((&first["base_url"], &first["issuer"]), (&Value::from(server.url.as_str()), &Value::from(server.url.as_str())));
    for role in ["owner", "admin", "developer", "member"] {
        let password = first["users"][role]["password"].as_str().expect("a password");
        assert!(server.line_with(&format!("{role} ")).await.contains(password));
    }
    assert!(server.line_with("curl").await.contains("grant_type=client_credentials"));
    assert_eq!(first["org"]["slug"], "acme");
    assert!(first["apps"]["spa"].get("client_secret").is_none() && first["apps"]["web"]["redirect_uri"].is_string());
    assert_eq!(first["api"]["identifier"], "https://api.example.test");
    assert_eq!(token(&first, "m2m", "projects:read").await["scope"], "projects:read");
    assert_eq!(token_by_key(&first).await["token_type"], "Bearer");
    assert_eq!(token(&first, "manager", "apps:read people:write").await["scope"], "apps:read people:write");

    let data = folder.path().join("data");
    let second = run(&["dev", "--port", "0", "--data-dir", data.to_str().expect("ASCII")], &[]).await;
    assert_eq!(second.status.code(), Some(1), "one data directory, one server: {}", said(&second.stdout));
    let settings = data.join("dev.toml");
    let list = run(&["--config", settings.to_str().expect("ASCII"), "org", "list"], &[]).await;
    assert!(said(&list.stdout).contains("3 of 10"), "{}{}", said(&list.stdout), said(&list.stderr));
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");

    let server = start(&folder).await;
    let again = record(&folder);
    for kept in ["org", "users", "apps", "api"] {
        assert_eq!(first[kept], again[kept]);
    }
    assert_eq!(token(&again, "m2m", "projects:read").await["token_type"], "Bearer");
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
}

#[tokio::test]
async fn lost_record_is_made_anew_with_credentials_that_work() {
    let folder = Folder::new("lost");
    assert!(start(&folder).await.stop().await.0.success());
    let lost = record(&folder);
    fs::remove_file(folder.path().join("data/dev.json")).expect("it is there");
    let server = start(&folder).await;
    let made = record(&folder);
    assert_eq!(lost["org"], made["org"]);
    assert_ne!(lost["users"]["owner"]["password"], made["users"]["owner"]["password"]);
    assert_eq!(token(&made, "m2m", "projects:read").await["scope"], "projects:read");
    assert!(server.stop().await.0.success());
}
