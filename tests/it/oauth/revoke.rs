//! Revocation (RFC 7009).

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::http::{Answer, basic};
use crate::kit::world::{App, World};
use crate::oauth::{MACHINE, inspector, request, text, tokens};

/// A web app with a connected person, and an app that looks on.
struct Scene {
    world: World,
    app: App,
    inspector: App,
    access: String,
    refresh: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
        let issued = tokens(&world, &app, &person).await;
        let inspector = inspector(&world).await;
        let (access, refresh) = (text(&issued, "access_token").to_owned(), text(&issued, "refresh_token").to_owned());
        Self { world, app, inspector, access, refresh }
    }

    async fn revoke(&self, pairs: &[(&str, &str)]) -> Answer {
        self.world.post_as("/revoke", Some(&basic(&self.app)), pairs).await
    }

    async fn is_active(&self, token: &str) -> bool {
        let answer = self.world.post_as("/introspect", Some(&basic(&self.inspector)), &[("token", token)]).await.expect(200);
        answer.json()["active"].as_bool().expect("active")
    }
}

#[tokio::test]
async fn l1_r35_a_revoked_refresh_token_takes_its_family_with_it() {
    let scene = Scene::new().await;
    let second = scene.world.refresh(&scene.app, &scene.refresh).await.expect(200).json();
    assert!(scene.is_active(&scene.access).await && scene.is_active(text(&second, "access_token")).await);
    let answer = scene.revoke(&[("token", text(&second, "refresh_token"))]).await.expect(200);
    assert_eq!(answer.body, "");
    assert!(!scene.is_active(&scene.access).await, "the first access token");
    assert!(!scene.is_active(text(&second, "access_token")).await, "the second access token");
    scene.world.refresh(&scene.app, text(&second, "refresh_token")).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn l1_an_already_rotated_refresh_token_ends_its_family_too() {
    let scene = Scene::new().await;
    let second = scene.world.refresh(&scene.app, &scene.refresh).await.expect(200).text("refresh_token");
    scene.revoke(&[("token", &scene.refresh)]).await.expect(200);
    scene.world.refresh(&scene.app, &second).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn l2_l7_a_revoked_access_token_is_dead_at_the_next_introspection_and_alone() {
    let scene = Scene::new().await;
    let second = scene.world.refresh(&scene.app, &scene.refresh).await.expect(200).json();
    assert!(scene.is_active(&scene.access).await);
    scene.revoke(&[("token", &scene.access)]).await.expect(200);
    assert!(!scene.is_active(&scene.access).await);
    assert!(scene.is_active(text(&second, "access_token")).await);
    scene.world.refresh(&scene.app, text(&second, "refresh_token")).await.expect(200);
    scene.revoke(&[("token", &scene.access)]).await.expect(200);
}

#[tokio::test]
async fn l2_an_opaque_access_token_is_revoked() {
    let scene = Scene::new().await;
    let machine =
        scene.world.app_with(ClientKind::M2m, |client| client.profile.scopes = ["files:read".to_owned()].into_iter().collect()).await;
    let token = scene.world.token(&machine, &MACHINE).await.expect(200).text("access_token");
    assert!(token.starts_with("gra_") && scene.is_active(&token).await);
    scene.revoke(&[("token", &token)]).await.expect(200);
    assert!(scene.is_active(&token).await, "another app cannot revoke it");
    scene.world.post_as("/revoke", Some(&basic(&machine)), &[("token", &token)]).await.expect(200);
    assert!(!scene.is_active(&token).await);
}

#[tokio::test]
async fn l3_unknown_and_foreign_tokens_answer_200_and_nothing_ends() {
    let scene = Scene::new().await;
    let other = scene.world.app(ClientKind::Web).await;
    for token in [scene.access.as_str(), scene.refresh.as_str(), "grr_nonsense", "gra_nonsense", "a.b.c", "x"] {
        let answer = scene.world.post_as("/revoke", Some(&basic(&other)), &[("token", token)]).await.expect(200);
        assert_eq!(answer.body, "");
    }
    assert!(scene.is_active(&scene.access).await);
    scene.world.refresh(&scene.app, &scene.refresh).await.expect(200);
}

#[tokio::test]
async fn l4_a_wrong_or_unknown_hint_does_not_matter() {
    let scene = Scene::new().await;
    scene.revoke(&[("token", &scene.access), ("token_type_hint", "refresh_token")]).await.expect(200);
    assert!(!scene.is_active(&scene.access).await);
    scene.revoke(&[("token", &scene.refresh), ("token_type_hint", "no_such_type")]).await.expect(200);
    scene.world.refresh(&scene.app, &scene.refresh).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn l5_without_token_or_client_nothing_is_revoked() {
    let scene = Scene::new().await;
    scene.revoke(&[]).await.expect_error(400, "invalid_request");
    scene.revoke(&[("token", "a"), ("refresh_token", "b")]).await.expect_error(400, "invalid_request");
    scene.world.post("/revoke", &[("token", &scene.refresh)]).await.expect_error(401, "invalid_client");
    let named = [("token", &*scene.refresh), ("client_id", &*scene.app.client_id)];
    scene.world.post("/revoke", &named).await.expect_error(401, "invalid_client");
    scene.world.refresh(&scene.app, &scene.refresh).await.expect(200);
}

#[tokio::test]
async fn l5_r35_a_public_client_revokes_with_its_client_id() {
    let world = World::new().await;
    let (spa, person) = (world.app(ClientKind::Spa).await, world.person(Role::Member).await);
    let refresh = text(&tokens(&world, &spa, &person).await, "refresh_token").to_owned();
    world.post("/revoke", &[("token", &refresh), ("client_id", &spa.client_id)]).await.expect(200);
    world.refresh(&spa, &refresh).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn r35_the_alias_of_path_and_parameter_revokes_by_form_and_by_json() {
    let scene = Scene::new().await;
    let door = "/integrations/oauth2/api/v1/revoke";
    scene.world.post_as(door, Some(&basic(&scene.app)), &[("refresh_token", "unknown")]).await.expect(200);
    let body = serde_json::json!({
        "refresh_token": scene.refresh, "client_id": scene.app.client_id, "client_secret": scene.app.secret
    });
    request(&scene.world, Method::POST, door, &[("content-type", "application/json")], body.to_string()).await.expect(200);
    scene.world.refresh(&scene.app, &scene.refresh).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn l6_trouble_with_the_storage_is_503_and_never_200() {
    let scene = Scene::new().await;
    scene.world.sql("ALTER TABLE revoked_access_tokens RENAME TO hidden_tokens").await;
    let answer = scene.revoke(&[("token", &scene.access)]).await.expect_error(503, "temporarily_unavailable");
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    scene.world.sql("ALTER TABLE hidden_tokens RENAME TO revoked_access_tokens").await;
    scene.world.sql("ALTER TABLE authorizations RENAME TO hidden_authorizations").await;
    scene.revoke(&[("token", &scene.refresh)]).await.expect_error(503, "temporarily_unavailable");
    scene.world.sql("ALTER TABLE hidden_authorizations RENAME TO authorizations").await;
    assert!(scene.is_active(&scene.access).await);
}

#[tokio::test]
async fn l6_nor_does_storage_trouble_speak_about_anybodys_credentials() {
    let scene = Scene::new().await;
    scene.world.sql("ALTER TABLE credentials RENAME TO hidden_credentials").await;
    scene.world.refresh(&scene.app, &scene.refresh).await.expect_error(503, "temporarily_unavailable");
    scene.revoke(&[("token", &scene.refresh)]).await.expect_error(503, "temporarily_unavailable");
    let asked = scene.world.post_as("/introspect", Some(&basic(&scene.inspector)), &[("token", &scene.access)]).await;
    asked.expect_error(503, "temporarily_unavailable");
}
