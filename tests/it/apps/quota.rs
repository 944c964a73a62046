//! Ten apps of an org, whatever happens at one time.

use axum::http::Method;
use grantor::flows::clients::{Error, delete, register, restore};
use grantor::flows::orgs::OrgAccess;
use grantor::model::client::ClientKind;
use grantor::model::client_draft::ClientDraft;
use grantor::model::membership::Role;
use grantor::model::org::AppUsage;
use serde_json::json;
use tokio::task::JoinSet;

use crate::apps::{APPS, body, inside, managed, wish};
use crate::kit::world::World;

async fn fill(world: &World, access: &OrgAccess, apps: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..apps {
        let registered = register::register(&world.deps, access, ClientKind::Web, wish(&format!("App {number}")), world.now()).await;
        ids.push(registered.expect("a slot is free").record.client.client_id);
    }
    ids
}

#[tokio::test]
async fn m1_the_tenth_app_is_made_and_the_eleventh_is_told_the_count() {
    let (world, token) = managed().await;
    for number in 1..=10 {
        world.api(Method::POST, APPS, &token, Some(&body(&format!("App {number}")))).await.expect(201);
    }
    let refused = world.api(Method::POST, APPS, &token, Some(&body("One too many"))).await.expect(409);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.text("type"), "https://auth.example.test/problems/app-limit-reached");
    assert!(refused.text("detail").starts_with("10 of 10"), "{}", refused.body);
    let org = world.api(Method::GET, "/api/v1/orgs/acme", &token, None).await.expect(200).json();
    assert_eq!(org["apps"], json!({ "used": 10, "limit": 10 }), "the manager takes no slot");
}

#[tokio::test]
async fn m2_r26_of_fifty_creates_at_nine_apps_over_two_servers_one_succeeds() {
    let world = World::new().await;
    let access = inside(&world, Role::Admin).await;
    fill(&world, &access, 9).await;
    let second = world.second().await;
    let mut creates = JoinSet::new();
    for number in 0..50 {
        let server = if number % 2 == 0 { world.deps.clone() } else { second.deps.clone() };
        let (access, now) = (access.clone(), world.now());
        creates.spawn(async move {
            let made = register::register(&server, &access, ClientKind::Web, wish(&format!("Racer {number}")), now).await;
            match made {
                Ok(_) => true,
                Err(Error::AppLimitReached(usage)) => {
                    assert_eq!(usage, AppUsage { used: 10, limit: 10 });
                    false
                }
                Err(other) => panic!("{other}"),
            }
        });
    }
    let outcomes = creates.join_all().await;
    assert_eq!(outcomes.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE deleted_at IS NULL").await, 10);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'client.create'").await, 10);
    assert_eq!(world.count("SELECT count(*) FROM credentials").await, 10, "a refused app leaves no secret behind");
}

#[tokio::test]
async fn m3_deleting_an_app_lets_exactly_one_other_in() {
    let world = World::new().await;
    let access = inside(&world, Role::Owner).await;
    let ids = fill(&world, &access, 10).await;
    delete::delete(&world.deps, &access, &ids[3], None, None, world.now()).await.expect("the app is deleted");
    let draft = || ClientDraft { name: "Next".to_owned(), ..ClientDraft::defaults(ClientKind::M2m) };
    let (first, second) = tokio::join!(
        register::register(&world.deps, &access, ClientKind::M2m, draft(), world.now()),
        register::register(&world.deps, &access, ClientKind::M2m, draft(), world.now()),
    );
    assert_eq!([first.is_ok(), second.is_ok()].into_iter().filter(|made| *made).count(), 1);
}

#[tokio::test]
async fn m2_restoring_an_app_needs_a_free_slot_too() {
    let world = World::new().await;
    let access = inside(&world, Role::Admin).await;
    let ids = fill(&world, &access, 10).await;
    delete::delete(&world.deps, &access, &ids[0], None, None, world.now()).await.expect("the app is deleted");
    register::register(&world.deps, &access, ClientKind::Web, wish("Successor"), world.now()).await.expect("its slot is free");
    let refused = restore::restore(&world.deps, &access, &ids[0], world.now()).await;
    assert!(matches!(refused, Err(Error::AppLimitReached(AppUsage { used: 10, limit: 10 }))), "{refused:?}");
    delete::delete(&world.deps, &access, &ids[1], None, None, world.now()).await.expect("the app is deleted");
    restore::restore(&world.deps, &access, &ids[0], world.now()).await.expect("a slot is free");
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE deleted_at IS NULL").await, 10);
}

#[tokio::test]
async fn r26_each_org_counts_for_itself_and_all_kinds_count_together() {
    let world = World::new().await;
    let access = inside(&world, Role::Admin).await;
    let other = OrgAccess::operator(world.org("globex").await);
    for (number, kind) in [ClientKind::Web, ClientKind::Spa, ClientKind::M2m].into_iter().cycle().take(10).enumerate() {
        let redirect_uris = if kind.has_users() { wish("").redirect_uris } else { Vec::new() };
        let draft = ClientDraft { name: format!("App {number}"), redirect_uris, ..ClientDraft::defaults(kind) };
        register::register(&world.deps, &access, kind, draft, world.now()).await.expect("a slot is free");
    }
    let full = register::register(&world.deps, &access, ClientKind::Spa, wish("Eleventh"), world.now()).await;
    assert!(matches!(full, Err(Error::AppLimitReached(_))));
    register::register(&world.deps, &other, ClientKind::Web, wish("Theirs"), world.now()).await.expect("another org has its own slots");
}
