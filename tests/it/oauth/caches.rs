//! Two servers on one database: what one changes, the other hears; what it cannot hear, it stops believing.

use std::time::Duration as StdDuration;

use grantor::db;
use grantor::flows::cache::listen::Ear;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::http::basic;
use crate::kit::world::{App, World};
use crate::oauth::{MACHINE, inspector, text, tokens};

/// Takes in what was told and does not wait for more.
const AT_ONCE: StdDuration = StdDuration::ZERO;

/// Deletes the app as its admin would, on `world`'s server.
async fn delete(world: &World, app: &App) {
    let mut transaction = world.deps.db.begin().await.expect("a transaction");
    assert!(db::clients::delete(&mut transaction, app.key, world.now()).await.expect("the app is deleted"));
    world.deps.clients.changed(&mut transaction, &app.client_id).await.expect("others are told");
    transaction.commit().await.expect("it is true");
    world.deps.clients.forget(&app.client_id);
}

#[tokio::test]
async fn r29_a_deleted_app_gets_nothing_any_more_on_the_server_that_deleted_it() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    world.token(&app, &MACHINE).await.expect(200);
    delete(&world, &app).await;
    world.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn a_change_on_one_server_is_heard_by_the_other() {
    let world = World::new().await;
    let second = world.second().await;
    let app = world.app(ClientKind::M2m).await;
    let mut ear = Ear::open(&second.deps).await.expect("it listens");
    second.token(&app, &MACHINE).await.expect(200);
    delete(&world, &app).await;
    ear.round(AT_ONCE).await.expect("the connection lives");
    second.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn l7_a_revocation_on_one_server_is_heard_by_the_other() {
    let world = World::new().await;
    let second = world.second().await;
    let (app, person, inspector) = (world.app(ClientKind::Web).await, world.person(Role::Member).await, inspector(&world).await);
    let mut ear = Ear::open(&second.deps).await.expect("it listens");
    for which in ["access_token", "refresh_token"] {
        let issued = tokens(&world, &app, &person).await;
        let asked = [("token", text(&issued, "access_token"))];
        let active = async || {
            let answer = second.post_as("/introspect", Some(&basic(&inspector)), &asked).await;
            answer.json()["active"] == true
        };
        assert!(active().await && active().await);
        world.post_as("/revoke", Some(&basic(&app)), &[("token", text(&issued, which))]).await.expect(200);
        ear.round(AT_ONCE).await.expect("the connection lives");
        assert!(!active().await, "{which}");
    }
}

#[tokio::test]
async fn l7_a_server_that_hears_nothing_believes_its_memory_for_one_second() {
    let world = World::new().await;
    let deaf = world.second().await;
    let (app, inspector) = (world.app(ClientKind::M2m).await, inspector(&world).await);
    let token = world.machine_token(&app, "projects:read").await;
    let active = async || deaf.post_as("/introspect", Some(&basic(&inspector)), &[("token", &token)]).await.json()["active"] == true;
    assert!(active().await);
    world.post_as("/revoke", Some(&basic(&app)), &[("token", &token)]).await.expect(200);
    delete(&world, &inspector).await;
    world.pass(Duration::milliseconds(1_001));
    deaf.post_as("/introspect", Some(&basic(&inspector)), &[("token", &token)]).await.expect_error(401, "invalid_client");
    deaf.token(&app, &MACHINE).await.expect(200);
    let other = crate::oauth::inspector(&world).await;
    let answer = deaf.post_as("/introspect", Some(&basic(&other)), &[("token", &token)]).await.expect(200);
    assert_eq!(answer.json()["active"], false);
}

#[tokio::test]
async fn a_server_that_begins_to_listen_forgets_what_it_may_have_missed() {
    let world = World::new().await;
    let second = world.second().await;
    let app = world.app(ClientKind::M2m).await;
    second.token(&app, &MACHINE).await.expect(200);
    delete(&world, &app).await;
    second.token(&app, &MACHINE).await.expect(200);
    let _ear = Ear::open(&second.deps).await.expect("it listens");
    second.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn what_is_heard_keeps_an_old_memory_good() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    let mut ear = Ear::open(&world.deps).await.expect("it listens");
    world.token(&app, &MACHINE).await.expect(200);
    world.pass(Duration::HOUR);
    ear.round(AT_ONCE).await.expect("the connection lives");
    world.sql_unheard("UPDATE clients SET disabled_at = created_at").await;
    world.token(&app, &MACHINE).await.expect(200);
    world.pass(Duration::seconds(2));
    world.token(&app, &MACHINE).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn an_app_that_was_asked_for_before_it_existed_works_once_it_does() {
    let world = World::new().await;
    let ghost = App { key: world.app(ClientKind::Web).await.key, client_id: "not-yet-registered".to_owned(), secret: "x".to_owned() };
    world.token(&ghost, &MACHINE).await.expect_error(401, "invalid_client");
    let app = world.app_with(ClientKind::M2m, |client| client.client_id.clone_from(&ghost.client_id)).await;
    world.deps.clients.forget(&app.client_id);
    world.token(&app, &MACHINE).await.expect(200);
}
