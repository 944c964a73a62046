//! Who the client is, at the token endpoint.

use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use grantor::model::client::ClientKind;
use time::Duration;

use crate::kit::http::{Answer, basic};
use crate::kit::world::{App, World};
use crate::oauth::{MACHINE, request};

fn with<'a>(extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    MACHINE.iter().chain(extra).copied().collect()
}

fn header(client_id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{client_id}:{secret}")))
}

async fn machine() -> (World, App) {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    (world, app)
}

#[tokio::test]
async fn g1_r90_basic_is_accepted_raw_and_percent_encoded() {
    let (world, app) = machine().await;
    world.post_as("/token", Some(&basic(&app)), &MACHINE).await.expect(200);
    let encoded = app.secret.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    world.post_as("/token", Some(&header(&app.client_id, &encoded)), &MACHINE).await.expect(200);
    let sparse = app.secret.replace('_', "%5F").replace('-', "%2d");
    world.post_as("/token", Some(&header(&app.client_id, &sparse)), &MACHINE).await.expect(200);
}

#[tokio::test]
async fn r14_r82_the_secret_is_accepted_in_a_form_and_in_a_json_body() {
    let (world, app) = machine().await;
    world.post("/token", &with(&[("client_id", &app.client_id), ("client_secret", &app.secret)])).await.expect(200);
    let body = serde_json::json!({"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.secret});
    for content_type in ["application/json", "application/json; charset=utf-8"] {
        request(&world, Method::POST, "/token", &[("content-type", content_type)], body.to_string()).await.expect(200);
    }
}

#[tokio::test]
async fn g2_r14_a_wrong_secret_is_an_invalid_client_and_only_the_header_is_challenged() {
    let (world, app) = machine().await;
    let by_header = world.post_as("/token", Some(&header(&app.client_id, "grs_wrong")), &MACHINE).await;
    assert_eq!(by_header.expect_error(401, "invalid_client").header("www-authenticate"), "Basic realm=\"grantor\"");
    let by_body = world.post("/token", &with(&[("client_id", &app.client_id), ("client_secret", "grs_wrong")])).await;
    assert_eq!(by_body.expect_error(401, "invalid_client").header("www-authenticate"), "");
}

#[tokio::test]
async fn g3_r14_two_methods_or_two_clients_in_one_request_are_invalid() {
    let (world, app) = machine().await;
    let basic = basic(&app);
    let both = with(&[("client_id", &app.client_id), ("client_secret", &app.secret)]);
    world.post_as("/token", Some(&basic), &both).await.expect_error(400, "invalid_request");
    let other = with(&[("client_id", "another-client")]);
    world.post_as("/token", Some(&basic), &other).await.expect_error(400, "invalid_request");
    let assertion = with(&[("client_assertion", "x.y.z")]);
    world.post_as("/token", Some(&basic), &assertion).await.expect_error(400, "invalid_request");
    let same = with(&[("client_id", &app.client_id)]);
    world.post_as("/token", Some(&basic), &same).await.expect(200);
}

#[tokio::test]
async fn g5_a_public_client_never_has_a_secret_and_a_confidential_one_always() {
    let world = World::new().await;
    let (spa, web) = (world.app(ClientKind::Spa).await, world.app(ClientKind::Web).await);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "grr_x")];
    let sent = |extra: &[(&'static str, String)]| -> Vec<(String, String)> {
        let own = refresh.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        own.chain(extra.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect()
    };
    for (extra, status, error) in [
        (vec![("client_id", spa.client_id.clone())], 400, "invalid_grant"),
        (vec![("client_id", spa.client_id.clone()), ("client_secret", "anything".to_owned())], 401, "invalid_client"),
        (vec![("client_id", web.client_id.clone())], 401, "invalid_client"),
        (vec![], 401, "invalid_client"),
    ] {
        let pairs = sent(&extra);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        world.post("/token", &pairs).await.expect_error(status, error);
    }
    let empty = world.post_as("/token", Some(&header(&spa.client_id, "")), &refresh).await;
    empty.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn g6_a_secret_works_until_it_expires() {
    let (world, app) = machine().await;
    world.sql("UPDATE credentials SET expires_at = '2026-03-01 12:00:10Z'").await;
    world.pass(Duration::seconds(9));
    world.token(&app, &MACHINE).await.expect(200);
    world.pass(Duration::seconds(1));
    world.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn g7_an_unknown_client_and_a_wrong_secret_cannot_be_told_apart() {
    let (world, app) = machine().await;
    let disabled = world.app_with(ClientKind::M2m, |client| "Disabled".clone_into(&mut client.profile.name)).await;
    world.sql("UPDATE clients SET disabled_at = created_at WHERE name = 'Disabled'").await;
    let shown = |answer: Answer| {
        let mut json = answer.json();
        let reference = answer.header("x-request-id").to_owned();
        let description = json["error_description"].as_str().expect("a text").to_owned();
        assert!(description.ends_with(&format!("(ref {reference})")), "{description}");
        json["error_description"] = description.replace(&reference, "").into();
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (answer.status, json, names)
    };
    let wrong = shown(world.post_as("/token", Some(&header(&app.client_id, "grs_wrong")), &MACHINE).await);
    for (client_id, secret) in [
        ("k3v9q2m7x4t8w1r6z5n0b2c9d7", "grs_wrong"),
        ("nobody", "x"),
        (disabled.client_id.as_str(), disabled.secret.as_str()),
        (app.client_id.as_str(), disabled.secret.as_str()),
        (app.client_id.as_str(), ""),
    ] {
        assert_eq!(shown(world.post_as("/token", Some(&header(client_id, secret)), &MACHINE).await), wrong, "{client_id}");
    }
}

#[tokio::test]
async fn g8_a_malformed_basic_header_is_401_and_no_panic() {
    let (world, app) = machine().await;
    let huge = format!("Basic {}", "A".repeat(1 << 20));
    for malformed in ["Basic", "Basic ", "Basic !!!!", "Basic YWJj", "Basic /zr/", "basic Og", huge.as_str()] {
        let pairs = with(&[("client_id", &app.client_id)]);
        world.post_as("/token", Some(malformed), &pairs).await.expect_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn g10_r49_a17_credentials_in_the_query_are_refused() {
    let (world, app) = machine().await;
    for query in [
        format!("client_id={}&client_secret={}", app.client_id, app.secret),
        format!("client_secret={}", app.secret),
        "grant_type=client_credentials".to_owned(),
    ] {
        for door in ["/token", "/revoke", "/introspect"] {
            let answer = world.post_as(&format!("{door}?{query}"), Some(&basic(&app)), &MACHINE).await;
            let answer = answer.expect_error(400, "invalid_request");
            assert!(!answer.body.contains(&app.secret), "the secret must not come back");
        }
    }
}

#[tokio::test]
async fn r88_a14_other_headers_parameters_and_queries_are_ignored() {
    let (world, app) = machine().await;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &*basic(&app)),
        ("x-tenant", "acme"),
        ("accept", "text/html"),
    ];
    let body = "grant_type=client_credentials&colour=blue&version=";
    request(&world, Method::POST, "/token?tenant=acme", &headers, body).await.expect(200);
}

#[tokio::test]
async fn i10_a_client_of_a_disabled_org_and_a_deleted_client_are_invalid() {
    let (world, app) = machine().await;
    world.token(&app, &MACHINE).await.expect(200);
    world.sql("UPDATE orgs SET disabled_at = created_at").await;
    world.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
    world.sql("UPDATE orgs SET disabled_at = NULL").await;
    world.sql("UPDATE clients SET deleted_at = created_at").await;
    world.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
}
