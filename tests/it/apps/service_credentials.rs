//! Service credentials: the document in its exact shape, several keys of one account, limits.

use axum::http::Method;
use grantor::crypto::public_key::{parse, verify};
use grantor::model::client::ClientKind;
use grantor::model::policy::Policy;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{ALL, APPS, managed, manager};
use crate::kit::http::Answer;
use crate::kit::world::{App, ISSUER, World, policy};

async fn make(world: &World, token: &str, app: &App, body: &Value) -> Answer {
    world.api(Method::POST, &format!("{APPS}/{}/service-credentials", app.client_id), token, Some(body)).await
}

async fn accounts(world: &World, token: &str, app: &App) -> Vec<Value> {
    let path = format!("{APPS}/{}/technical-accounts", app.client_id);
    let answer = world.api(Method::GET, &path, token, None).await.expect(200).json();
    answer["technical_accounts"].as_array().expect("accounts").clone()
}

#[tokio::test]
async fn r57_the_document_has_the_shape_that_clients_of_the_source_system_read() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::M2m).await;
    let made = make(&world, &token, &app, &json!({})).await.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let json = made.json();
    let names = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&json), ["integration", "ok", "statusCode"]);
    assert_eq!((&json["ok"], &json["statusCode"]), (&json!(true), &json!(200)));
    let integration = &json["integration"];
    let expected = ["email", "id", "imsEndpoint", "metascopes", "org", "privateKey", "publicKey", "technicalAccount"];
    assert_eq!(names(integration), expected);
    assert_eq!(integration["imsEndpoint"], ISSUER.trim_start_matches("https://"), "host without scheme");
    assert_eq!(integration["metascopes"], "projects:read,projects:write");
    assert_eq!(integration["org"], world.org.id.to_string());
    assert_eq!(integration["technicalAccount"]["clientId"], app.client_id);
    let text = |name: &str| integration[name].as_str().expect("text").to_owned();
    assert!(text("id").ends_with("@techacct.auth.example.test") && text("email").contains('@'));
    assert!(text("privateKey").starts_with("-----BEGIN RSA PRIVATE KEY-----\r\n"));
    assert!(text("publicKey").starts_with("-----BEGIN CERTIFICATE-----\r\n"));

    // The key that signs with the file verifies with the record, for a year.
    let pair = aws_lc_rs::rsa::KeyPair::from_der(pem::parse(text("privateKey")).expect("PEM").contents()).expect("PKCS#1");
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, b"text", &mut signature).expect("a signature");
    let record = world.record(&app).await;
    let credential = record.credentials.iter().find(|own| own.key().is_some()).expect("its key");
    let key = credential.key().expect("a key");
    assert!(verify(key, b"text", &signature) && key.is_current);
    assert_eq!(parse(text("publicKey").as_bytes()).expect("a certificate").thumbprint, key.thumbprint);
    let until = key.certificate.as_ref().expect("a certificate").not_after;
    assert_eq!(until - world.now(), Duration::days(365), "r65");
    let account = record.technical_account(credential.technical_account.expect("an account")).expect("living");
    assert_eq!(account.subject, text("id"));
    assert!(made.header("location").ends_with(&credential.id.to_string()));

    // The secret of the file authenticates the app; the app's own two places stay free.
    let secret = integration["technicalAccount"]["clientSecret"].as_str().expect("a secret").to_owned();
    let with_file = App { secret: secret.clone(), ..app.clone() };
    world.token(&with_file, &[("grant_type", "client_credentials")]).await.expect(200);
    let path = format!("{APPS}/{}/secrets", app.client_id);
    world.api(Method::POST, &path, &token, Some(&json!({}))).await.expect(201);

    // Nothing that could be read stays.
    let kept = world.words("SELECT c::text FROM credentials c UNION ALL SELECT a::text FROM audit_events a").await.join("\n");
    assert!(!kept.contains(&secret) && !kept.contains("PRIVATE"), "{kept}");
}

#[tokio::test]
async fn r64_a_further_key_of_an_account_is_its_current_one_and_revoking_hands_that_on() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::M2m).await;
    let first = make(&world, &token, &app, &json!({ "note": "first" })).await.expect(201).json();
    let account = accounts(&world, &token, &app).await.remove(0);
    let id = account["id"].as_str().expect("an id").to_owned();
    let again = make(&world, &token, &app, &json!({ "technical_account": id })).await.expect(201);
    let second = again.json();
    assert_eq!(first["integration"]["id"], second["integration"]["id"], "the same account");
    assert_ne!(first["integration"]["privateKey"], second["integration"]["privateKey"]);
    let current = async || -> Vec<String> {
        let keys = world.api(Method::GET, &format!("{APPS}/{}/keys", app.client_id), &token, None).await.expect(200).json();
        let keys = keys["keys"].as_array().expect("keys").clone();
        keys.iter().filter(|key| key["current"] == true).map(|key| key["id"].as_str().expect("an id").to_owned()).collect()
    };
    let newest = again.header("location").rsplit('/').next().expect("an id").to_owned();
    assert_eq!(current().await, std::slice::from_ref(&newest), "exactly one");
    let secret_of = |json: &Value| App {
        secret: json["integration"]["technicalAccount"]["clientSecret"].as_str().expect("a secret").to_owned(),
        ..app.clone()
    };
    let works = async |file: &App| world.token(file, &[("grant_type", "client_credentials")]).await.status == 200;
    assert!(works(&secret_of(&first)).await && works(&secret_of(&second)).await, "both, without a gap");

    let revoke = format!("{APPS}/{}/keys/{newest}/revoke", app.client_id);
    world.api(Method::POST, &revoke, &token, None).await.expect(200);
    assert!(works(&secret_of(&first)).await && !works(&secret_of(&second)).await, "the secret ends with its key, at once");
    let left = current().await;
    assert!(left.len() == 1 && left[0] != newest, "{left:?}");

    let gone = format!("{APPS}/{}/technical-accounts/{id}", app.client_id);
    let refused = world.api(Method::DELETE, &gone, &token, None).await.expect(409);
    assert!(refused.text("type").ends_with("/technical-account-in-use"), "{}", refused.body);
    world.api(Method::POST, &format!("{APPS}/{}/keys/{}/revoke", app.client_id, left[0]), &token, None).await.expect(200);
    for key in [&newest, &left[0]] {
        world.api(Method::DELETE, &format!("{APPS}/{}/keys/{key}", app.client_id), &token, None).await.expect(204);
    }
    world.api(Method::DELETE, &gone, &token, None).await.expect(204);
    assert!(accounts(&world, &token, &app).await.is_empty());
    world.api(Method::DELETE, &gone, &token, None).await.expect(404);
}

#[tokio::test]
async fn r71_revoking_may_end_the_tokens_that_were_got_with_it() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::M2m).await;
    let made = make(&world, &token, &app, &json!({})).await.expect(201);
    let file = App {
        secret: made.json()["integration"]["technicalAccount"]["clientSecret"].as_str().expect("a secret").to_owned(),
        ..app.clone()
    };
    let issued = world.machine_token(&file, "projects:read").await;
    let reader = world
        .app_with(ClientKind::M2m, |client| {
            client.profile.scopes = grantor::model::scope::ScopeSet::parse("introspect").expect("a scope");
        })
        .await;
    let active = async || {
        let answer = world.post_as("/introspect", Some(&crate::kit::http::basic(&reader)), &[("token", &issued)]).await.expect(200);
        answer.json()["active"] == true
    };
    assert!(active().await);
    let key = made.header("location").rsplit('/').next().expect("an id").to_owned();
    let revoke = format!("{APPS}/{}/keys/{key}/revoke?revoke_tokens=true", app.client_id);
    world.api(Method::POST, &revoke, &token, None).await.expect(200);
    assert!(!active().await);
}

#[tokio::test]
async fn r70_an_org_has_ten_technical_accounts_and_a_deleted_one_counts_only_if_so_set() {
    for count_deleted in [false, true] {
        let limits = policy();
        let keys = grantor::model::policy::KeyPolicy {
            technical_accounts_per_org: 2,
            count_deleted_technical_accounts: count_deleted,
            ..limits.keys
        };
        let world = World::with(Policy { keys, ..limits }).await;
        let own = manager(&world).await;
        let token = world.machine_token(&own, ALL).await;
        let (one, other) = (world.app(ClientKind::M2m).await, world.app(ClientKind::M2m).await);
        let made = make(&world, &token, &one, &json!({})).await.expect(201);
        make(&world, &token, &other, &json!({})).await.expect(201);
        let refused = make(&world, &token, &one, &json!({})).await.expect(409);
        assert!(refused.text("type").ends_with("/technical-account-limit-reached"), "{}", refused.body);
        let key = made.header("location").rsplit('/').next().expect("an id").to_owned();
        world.api(Method::POST, &format!("{APPS}/{}/keys/{key}/revoke", one.client_id), &token, None).await.expect(200);
        world.api(Method::DELETE, &format!("{APPS}/{}/keys/{key}", one.client_id), &token, None).await.expect(204);
        let account = accounts(&world, &token, &one).await.remove(0)["id"].as_str().expect("an id").to_owned();
        let gone = format!("{APPS}/{}/technical-accounts/{account}", one.client_id);
        world.api(Method::DELETE, &gone, &token, None).await.expect(204);
        make(&world, &token, &one, &json!({})).await.expect(if count_deleted { 409 } else { 201 });
    }
}

#[tokio::test]
async fn r70_of_two_servers_that_make_the_tenth_account_at_once_one_does() {
    let (world, token) = managed().await;
    let second = world.second().await;
    let (one, other) = (world.app(ClientKind::M2m).await, world.app(ClientKind::M2m).await);
    make(&world, &token, &one, &json!({})).await.expect(201);
    // Eight more, without the price of eight key pairs.
    world
        .sql(
            "INSERT INTO technical_accounts SELECT (jsonb_populate_record(own, jsonb_build_object(
                 'id', gen_random_uuid(), 'subject', own.subject || n, 'email', own.email || n))).*
             FROM technical_accounts own, generate_series(1, 8) n",
        )
        .await;
    let body = json!({});
    let (left, right) = tokio::join!(make(&world, &token, &one, &body), make(&second, &token, &other, &body));
    let mut statuses = [left.status.as_u16(), right.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", left.body, right.body);
    assert_eq!(world.count("SELECT count(*) FROM technical_accounts WHERE deleted_at IS NULL").await, 10);
    for server in [&world, &second] {
        let refused = make(server, &token, &one, &body).await.expect(409);
        assert!(refused.text("type").ends_with("/technical-account-limit-reached"), "{}", refused.body);
        assert!(refused.text("detail").contains("10"), "{}", refused.body);
    }
}

#[tokio::test]
async fn r57_only_machine_apps_of_the_own_org_have_service_credentials() {
    let (world, token) = managed().await;
    let web = world.app(ClientKind::Web).await;
    make(&world, &token, &web, &json!({})).await.expect(422);
    let machine = world.app(ClientKind::M2m).await;
    make(&world, &token, &machine, &json!({ "technical_account": "01890000-0000-7000-8000-000000000000" })).await.expect(404);
    make(&world, &token, &machine, &json!({ "technical_account": "x" })).await.expect(422);
    assert_eq!(world.count("SELECT count(*) FROM technical_accounts").await, 0);
    let reader = world
        .app_with(ClientKind::M2m, |client| {
            client.profile.scopes = grantor::model::scope::ScopeSet::parse("apps:read").expect("a scope");
        })
        .await;
    let reading = world.machine_token(&reader, "apps:read").await;
    make(&world, &reading, &machine, &json!({})).await.expect(403);
}
