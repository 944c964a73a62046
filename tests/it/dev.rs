//! `grantor dev`: started twice it keeps everything.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::kit::postgres::empty_database;
use crate::kit::process::{Folder, Server, run, said};

async fn start(folder: &Folder) -> Server {
    start_with(folder, &[], &[]).await
}

async fn start_with(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> Server {
    let data = folder.path().join("data");
    let dev = ["dev", "--port", "0", "--data-dir", data.to_str().expect("an ASCII path")];
    Server::start(folder, &[arguments, &dev].concat(), environment).await
}

/// Runs a command with the settings that `grantor dev` wrote.
async fn beside(folder: &Folder, arguments: &[&str]) -> String {
    let settings = folder.path().join("data/dev.toml");
    let output = run(&[&["--config", settings.to_str().expect("ASCII")], arguments].concat(), &[]).await;
    assert!(output.status.success(), "{}", said(&output.stderr));
    said(&output.stdout)
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
    let now = grantor::clock::Clock::now(&grantor::clock::SystemClock);
    // Several restarts fit into one second, and an assertion works once.
    let (end, jti) = (now.unix_timestamp() + 60, format!("dev {}", now.unix_timestamp_nanos()));
    let claims = serde_json::json!({ "iss": id, "sub": id, "aud": issuer, "exp": end, "jti": jti });
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

/// Every member that the public surface promises.
fn assert_record_is_whole(record: &Value) {
    let filled = |pointer: &str| {
        let value = record.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is missing"));
        assert!(!value.is_empty(), "{pointer} is empty");
        value
    };
    assert!(filled("/org/id").parse::<uuid::Uuid>().is_ok());
    for role in ["owner", "admin", "developer", "member"] {
        assert!(filled(&format!("/users/{role}/email")).contains('@'));
    }
    let apps = [
        ("web", &["client_id", "client_secret", "redirect_uri"][..]),
        ("spa", &["client_id", "redirect_uri"]),
        ("m2m", &["client_id", "client_secret", "private_key_pem"]),
        ("manager", &["client_id", "client_secret"]),
    ];
    for (app, members) in apps {
        for member in members {
            assert_ne!(filled(&format!("/apps/{app}/{member}")), "null");
        }
        let count = record["apps"][app].as_object().expect("an object").len();
        assert_eq!(count, members.len(), "members of {app}");
    }
    assert_eq!(filled("/api/identifier"), "https://api.example.test");
    assert_eq!(record["api"]["scopes"], serde_json::json!(["projects:read", "projects:write", "reports:read", "billing:write"]));
}

/// What the management API tells an app of itself.
async fn own_app(record: &Value, app: &str, answer: &Value) -> Value {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (base, org, id) = (text(&record["base_url"]), text(&record["org"]["slug"]), text(&record["apps"][app]["client_id"]));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.get(format!("{base}/api/v1/orgs/{org}/apps/{id}")).bearer_auth(text(&answer["access_token"]));
    let answer = request.send().await.expect("an answer");
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
    assert_record_is_whole(&first);
    assert_eq!(token(&first, "m2m", "projects:read").await["scope"], "projects:read");
    assert_eq!(token_by_key(&first).await["token_type"], "Bearer");
    let managing = token(&first, "manager", "apps:read people:write").await;
    assert_eq!(managing["scope"], "apps:read people:write");
    assert_eq!(own_app(&first, "manager", &managing).await["system"], true);

    let data = folder.path().join("data");
    let second = run(&["dev", "--port", "0", "--data-dir", data.to_str().expect("ASCII")], &[]).await;
    assert_eq!(second.status.code(), Some(1), "one data directory, one server: {}", said(&second.stdout));
    assert!(beside(&folder, &["org", "list"]).await.contains("3 of 10"));
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
async fn lost_record_is_made_anew_with_credentials_that_work_and_the_same_apps_however_often() {
    let folder = Folder::new("lost");
    assert!(start(&folder).await.stop().await.0.success());
    let mut lost = record(&folder);
    for _ in 0..4 {
        fs::remove_file(folder.path().join("data/dev.json")).expect("it is there");
        let server = start(&folder).await;
        let made = record(&folder);
        assert_record_is_whole(&made);
        assert_eq!(lost["org"], made["org"]);
        assert_ne!(lost["users"]["owner"]["password"], made["users"]["owner"]["password"]);
        for app in ["web", "spa", "m2m", "manager"] {
            assert_eq!(lost["apps"][app]["client_id"], made["apps"][app]["client_id"], "{app}");
        }
        assert_eq!(token(&made, "m2m", "projects:read").await["scope"], "projects:read");
        assert_eq!(token(&made, "manager", "apps:read").await["scope"], "apps:read");
        assert_eq!(token_by_key(&made).await["token_type"], "Bearer");
        let web = token_refusal(&made, "web").await;
        assert_eq!(web, "unauthorized_client", "the secret is right, the grant is not the app's");
        assert!(beside(&folder, &["org", "list"]).await.contains("3 of 10"));
        assert!(server.stop().await.0.success());
        lost = made;
    }
}

/// Why an app gets no token of its own; `invalid_client` would mean a wrong secret.
async fn token_refusal(record: &Value, app: &str) -> Value {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (id, secret) = (text(&record["apps"][app]["client_id"]), text(&record["apps"][app]["client_secret"]));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.post(format!("{}/token", text(&record["base_url"]))).basic_auth(id, Some(secret));
    let answer = request.form(&[("grant_type", "client_credentials")]).send().await.expect("an answer");
    answer.json::<Value>().await.expect("JSON")["error"].clone()
}

#[tokio::test]
async fn given_database_is_used_its_data_is_kept_and_no_postgres_is_started() {
    let (folder, database) = (Folder::new("given"), empty_database().await);
    let environment = [("DATABASE_URL", database.url.as_str())];
    assert!(start_with(&folder, &[], &environment).await.stop().await.0.success());
    let first = record(&folder);
    let server = start_with(&folder, &[], &environment).await;
    let again = record(&folder);
    for kept in ["org", "users", "apps", "api"] {
        assert_eq!(first[kept], again[kept]);
    }
    assert_eq!(token(&again, "m2m", "projects:read").await["token_type"], "Bearer");
    assert!(!folder.path().join("data/postgres").exists(), "nothing of a Postgres is in the data directory");
    assert!(beside(&folder, &["org", "list"]).await.contains("3 of 10"), "dev.toml leads to the given database");
    assert!(server.stop().await.0.success());
}

#[tokio::test]
async fn an_org_without_a_free_slot_does_not_stop_the_start() {
    let (folder, database) = (Folder::new("full"), empty_database().await);
    let environment = [("DATABASE_URL", database.url.as_str()), ("GRANTOR__LIMITS__APPS_PER_ORG", "2")];
    let server = start_with(&folder, &[], &environment).await;
    let record = record(&folder);
    assert_eq!(record["apps"]["m2m"], serde_json::json!({ "client_id": "", "client_secret": "", "private_key_pem": "" }));
    assert_eq!(token(&record, "manager", "apps:read").await["scope"], "apps:read");
    let (status, log) = server.stop().await;
    assert!(status.success() && log.contains("the org has no slot for this app"), "{log}");
}

#[tokio::test]
async fn commands_beside_it_know_its_apis_as_they_are() {
    let folder = Folder::new("apis");
    let settings = folder.path().join("own.toml");
    let text = concat!(
        "[[apis]]\nidentifier = \"https://api.acme.test\"\nname = \"Acme \\\"API\\\"\"\nalgorithm = \"RS256\"\ntoken_form = \"opaque\"\n",
        "scopes = [{ name = \"files:write\", title = \"Change files\", description = \"All of them.\", sensitive = true }]\n",
        "[[apis]]\nidentifier = \"https://other.acme.test\"\nname = \"Other\"\nalgorithm = \"EdDSA\"\n",
        "scopes = [{ name = \"other:read\", title = \"Read\" }]\n",
    );
    fs::write(&settings, text).expect("the folder is writable");
    let server = start_with(&folder, &["--config", settings.to_str().expect("ASCII")], &[]).await;
    let rotated = beside(&folder, &["keys", "rotate"]).await;
    assert!(rotated.contains("signs EdDSA tokens"), "{rotated}");
    assert!(!rotated.contains("RS256"), "opaque tokens are not signed: {rotated}");
    let shown = beside(&folder, &["settings", "show"]).await;
    for kept in ["RS256", "opaque", "EdDSA", "Acme \\\"API\\\"", "All of them.", "sensitive"] {
        assert!(shown.contains(kept), "{kept} is missing: {shown}");
    }
    assert!(server.stop().await.0.success());
}

/// Only root can show a process a machine without Postgres; under another account this says nothing.
#[test]
fn a_machine_without_postgres_is_told_what_to_install() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = Folder::new("bare");
    let root = folder.path();
    let binary = Path::new(env!("CARGO_BIN_EXE_grantor"));
    let listed = Command::new("ldd").arg(binary).output().expect("every system with a linker has ldd");
    let libraries = said(&listed.stdout);
    let needed = libraries.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from);
    for file in needed.chain(["/etc/passwd", "/etc/group"].map(PathBuf::from)) {
        let inside = root.join(file.strip_prefix("/").expect("absolute"));
        fs::create_dir_all(inside.parent().expect("a folder")).expect("the folder is writable");
        fs::copy(&file, inside).expect("it can be copied");
    }
    for made in ["dev", "tmp"] {
        fs::create_dir_all(root.join(made)).expect("the folder is writable");
    }
    fs::write(root.join("dev/null"), "").expect("the folder is writable");
    fs::write(root.join("etc/os-release"), "ID=debian\n").expect("the folder is writable");
    fs::copy(binary, root.join("grantor")).expect("it can be copied");
    let mut command = Command::new("chroot");
    command
        .arg(root)
        .args(["/grantor", "dev", "--port", "0", "--data-dir", "/data"])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let output = command.output().expect("every system has chroot");
    let told = said(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let sentence = "grantor: no PostgreSQL server programs (initdb, postgres) were found: install them with `sudo apt-get install -y postgresql`, \
        or set DATABASE_URL to a running server, or start everything with `docker compose up`";
    assert!(told.lines().any(|line| line == sentence), "{told}");
    assert_eq!(said(&output.stdout), "", "nothing is ready");
}
