//! The operator's dates A, B and C, and the headers that tell of what ends.

use grantor::model::client::ClientKind;
use grantor::model::jwt_deadlines::JwtDeadlines;
use time::Duration;

use crate::apps::{ALL, manager};
use crate::kit::world::{App, START, World, policy};
use crate::migration::keyed;

async fn dated() -> (World, String) {
    let mut policy = policy();
    policy.jwt_deadlines = JwtDeadlines {
        announcement: "Keys go away.".to_owned(),
        no_new_apps: Some(START + Duration::days(10)),
        no_renewal: Some(START + Duration::days(20)),
        disabled: Some(START + Duration::days(30)),
    };
    let world = World::with(policy).await;
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    (world, token)
}

/// The two headers of a token answer.
fn headers(answer: &crate::kit::http::Answer) -> (&str, &str) {
    (answer.header("deprecation"), answer.header("sunset"))
}

#[tokio::test]
async fn r46_tokens_got_with_the_old_secret_of_a_running_migration_say_so() {
    let (world, token) = crate::apps::managed().await;
    let other = world.app(ClientKind::M2m).await;
    assert_eq!(headers(&world.by_secret(&other).await.expect(200)), ("", ""));
    let started = format!("@{}", START.unix_timestamp());
    world.start_to_key(&token, &other).await.expect(201);
    assert_eq!(headers(&world.by_secret(&other).await.expect(200)), (started.as_str(), ""));
}

#[tokio::test]
async fn r46_after_the_last_date_keys_are_refused_and_a_migration_still_leads_out() {
    let (world, _) = dated().await;
    let app = keyed(&world).await;
    world.pass(Duration::days(30) - Duration::SECOND);
    world.by_key(&app).await.expect("a token");
    world.pass(Duration::SECOND);
    let refused = world.by_key(&app).await.expect_err("refused");
    assert!(refused.contains("no longer accepts keys"), "{refused}");
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    let moved = world.start(&token, &app).await;
    world.by_secret(&moved).await.expect(200);
}

#[tokio::test]
async fn r46_after_the_first_date_nobody_moves_to_a_key() {
    let (world, _) = dated().await;
    let app: App = world.app(ClientKind::M2m).await;
    world.pass(Duration::days(10));
    let manager = manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    let refused = world.start_to_key(&token, &app).await.expect(409);
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/deadline-passed");
}
