//! Introspection by a resource server itself (RFC 7662 §2.1): it sees the tokens whose audience it is.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use grantor::crypto::token::digest;
use grantor::model::client::{Client, ClientKind};
use grantor::model::ids::OrgId;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::http::{Answer, basic};
use crate::kit::world::{API, App, World, policy};
use crate::oauth::{MACHINE, inspector, text, tokens};

/// The API whose tokens are opaque.
const OPAQUE: &str = "https://opaque.example.test";
const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const OPAQUE_SECRET: &str = "f0e1d2c3b4a5968778695a4b3c2d1e0f";

/// A world whose two APIs may introspect, and that bears three failures a minute.
async fn world() -> World {
    let mut policy = policy();
    policy.apis[0].introspection_digest = Some(digest(SECRET));
    policy.apis[1].introspection_digest = Some(digest(OPAQUE_SECRET));
    policy.limits.client_auth_failures_per_minute = 3;
    World::with(policy).await
}

/// `identifier` and secret as RFC 6749 §2.3.1 wants them in Basic.
fn as_basic(identifier: &str, secret: &str) -> String {
    let identifier: String = url::form_urlencoded::byte_serialize(identifier.as_bytes()).collect();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{identifier}:{secret}")))
}

async fn by_basic(world: &World, identifier: &str, secret: &str, token: &str) -> Answer {
    world.post_as("/introspect", Some(&as_basic(identifier, secret)), &[("token", token)]).await
}

async fn by_body(world: &World, identifier: &str, secret: &str, token: &str) -> Answer {
    world.post("/introspect", &[("client_id", identifier), ("client_secret", secret), ("token", token)]).await
}

#[track_caller]
fn assert_inactive(answer: Answer) {
    assert_eq!(answer.expect(200).body, r#"{"active":false}"#);
}

async fn machine(world: &World, org: OrgId) -> App {
    let all = |client: &mut Client| client.profile.scopes = ["projects:read", "files:read"].into_iter().map(str::to_owned).collect();
    world.app_of(org, ClientKind::M2m, all).await
}

#[tokio::test]
async fn l9_an_api_sees_the_tokens_of_every_org_whose_audience_it_is_and_no_others() {
    let world = world().await;
    let other = world.org("globex").await;
    for org in [world.org.id, other.id] {
        let app = machine(&world, org).await;
        let (own, foreign) = (world.machine_token(&app, "projects:read").await, world.machine_token(&app, "files:read").await);
        let seen = by_basic(&world, API, SECRET, &own).await.expect(200).json();
        assert_eq!((&seen["active"], &seen["aud"], &seen["org"]), (&true.into(), &API.into(), &org.to_string().into()), "{seen}");
        assert_eq!(by_body(&world, API, SECRET, &own).await.expect(200).json(), seen);
        let seen = by_body(&world, OPAQUE, OPAQUE_SECRET, &foreign).await.expect(200).json();
        assert_eq!((&seen["active"], &seen["aud"]), (&true.into(), &OPAQUE.into()), "{seen}");
        assert_inactive(by_basic(&world, API, SECRET, &foreign).await);
        assert_inactive(by_basic(&world, OPAQUE, OPAQUE_SECRET, &own).await);
    }
}

#[tokio::test]
async fn l8_l11_dead_unknown_management_and_refresh_tokens_are_inactive_for_an_api() {
    let world = world().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let issued = tokens(&world, &app, &person).await;
    let management = world.machine_token(&inspector(&world).await, "introspect").await;
    for foreign in ["x", "a.b.c", "gra_x", "grr_x", &management, text(&issued, "refresh_token")] {
        assert_inactive(by_basic(&world, API, SECRET, foreign).await);
    }
    let access = text(&issued, "access_token");
    assert_eq!(by_basic(&world, API, SECRET, access).await.json()["active"], true);
    world.pass(Duration::HOUR);
    assert_inactive(by_basic(&world, API, SECRET, access).await);
}

#[tokio::test]
async fn l10_what_one_caller_was_just_told_is_judged_anew_for_the_next() {
    let world = world().await;
    let other = world.org("globex").await;
    let own = inspector(&world).await;
    let app = machine(&world, world.org.id).await;
    let stranger = world.app_of(other.id, ClientKind::M2m, crate::oauth::may_introspect).await;
    let token = world.machine_token(&app, "files:read").await;
    for _ in 0..2 {
        assert_eq!(by_basic(&world, OPAQUE, OPAQUE_SECRET, &token).await.json()["active"], true);
        assert_inactive(by_basic(&world, API, SECRET, &token).await);
        let asked = [("token", token.as_str())];
        assert_eq!(world.post_as("/introspect", Some(&basic(&own)), &asked).await.json()["active"], true);
        assert_inactive(world.post_as("/introspect", Some(&basic(&stranger)), &asked).await);
    }
}

#[tokio::test]
async fn g7_g9_a_wrong_secret_is_invalid_client_and_counted_and_the_right_one_always_passes() {
    let world = world().await;
    let token = world.machine_token(&machine(&world, world.org.id).await, "projects:read").await;
    let mut told = Vec::new();
    for wrong in [OPAQUE_SECRET, "wrong"] {
        let answer = by_basic(&world, API, wrong, &token).await.expect_error(401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic"), "{:?}", answer.headers);
        told.push(answer);
    }
    world.post("/introspect", &[("client_id", API), ("token", &token)]).await.expect_error(401, "invalid_client");
    by_basic(&world, API, "wrong", &token).await.expect_error(429, "temporarily_unavailable");
    assert_eq!(by_basic(&world, API, SECRET, &token).await.expect(200).json()["active"], true);
    world.pass(Duration::MINUTE);
    told.push(by_body(&world, "https://nobody.example.test", SECRET, &token).await.expect_error(401, "invalid_client"));
    for answer in told {
        assert!(answer.text("error_description").starts_with("Client authentication failed."), "{}", answer.body);
    }
}

#[tokio::test]
async fn l8_an_api_without_a_secret_of_its_own_may_not_ask() {
    let world = World::new().await;
    for secret in ["", SECRET, "0"] {
        by_body(&world, API, secret, "x").await.expect_error(401, "invalid_client");
    }
}

#[tokio::test]
async fn g7_an_api_is_no_client_at_the_other_doors() {
    let world = world().await;
    let api = as_basic(API, SECRET);
    world.post_as("/token", Some(&api), &MACHINE).await.expect_error(401, "invalid_client");
    world.post_as("/revoke", Some(&api), &[("token", "x")]).await.expect_error(401, "invalid_client");
    // Not encoded, the identifier ends at its own colon and names nobody.
    let raw = format!("Basic {}", BASE64_STANDARD.encode(format!("{API}:{SECRET}")));
    world.post_as("/introspect", Some(&raw), &[("token", "x")]).await.expect_error(401, "invalid_client");
}
