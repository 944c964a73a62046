//! The token endpoint's names, grants and answers; what each grant decides is tested in `token/`.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::http::{basic, form};
use crate::kit::world::World;
use crate::oauth::{MACHINE, request, text, tokens};

#[tokio::test]
async fn r16_r78_a_success_is_a_flat_json_object_with_status_200() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let json = tokens(&world, &app, &person).await;
    let members = json.as_object().expect("an object");
    for name in ["access_token", "token_type", "expires_in", "refresh_token", "refresh_token_expires_in", "scope"] {
        assert!(members.contains_key(name), "{name} in {json}");
    }
    assert!(members.values().all(|value| value.is_string() || value.is_i64()), "{json}");
    assert_eq!((text(&json, "token_type"), json["expires_in"].as_i64()), ("Bearer", Some(3_600)));
}

#[tokio::test]
async fn r1_every_name_of_the_token_endpoint_answers_alike() {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    for door in ["/token", "/integrations/oauth2/api/v1/token", "/ims/token/v3"] {
        world.post_as(door, Some(&basic(&app)), &MACHINE).await.expect(200).text("access_token");
    }
}

#[tokio::test]
async fn r81_r82_the_refresh_door_refreshes_and_does_nothing_else() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let first = tokens(&world, &app, &person).await;
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", text(&first, "refresh_token"))];
    let second = world.post_as("/token/refresh", Some(&basic(&app)), &pairs).await.expect(200).text("refresh_token");
    let body = serde_json::json!({
        "grant_type": "refresh_token", "refresh_token": second, "client_id": app.client_id, "client_secret": app.secret
    });
    request(&world, Method::POST, "/token/refresh", &[("content-type", "application/json")], body.to_string()).await.expect(200);
    for pairs in [
        MACHINE.as_slice(),
        &[("grant_type", "authorization_code"), ("code", "x")],
        &[("grant_type", "password"), ("username", "x"), ("password", "x")],
    ] {
        world.post_as("/token/refresh", Some(&basic(&app)), pairs).await.expect_error(400, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn unknown_grant_types_are_unsupported_and_none_is_an_invalid_request() {
    let world = World::new().await;
    let app = world.app(ClientKind::Web).await;
    for grant_type in ["implicit", "Password", "Authorization_Code", "urn:ietf:params:oauth:grant-type:device_code"] {
        world.token(&app, &[("grant_type", grant_type)]).await.expect_error(400, "unsupported_grant_type");
    }
    world.token(&app, &[("code", "x")]).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn r12_a_spa_refreshes_with_its_client_id_only_by_form_and_by_json() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Spa).await, world.person(Role::Member).await);
    let first = tokens(&world, &app, &person).await;
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", text(&first, "refresh_token")), ("client_id", &*app.client_id)];
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    let second = request(&world, Method::POST, "/token", &headers, form(&pairs)).await.expect(200).text("refresh_token");
    let body = serde_json::json!({"grant_type": "refresh_token", "refresh_token": second, "client_id": app.client_id});
    request(&world, Method::POST, "/token", &[("content-type", "application/json")], body.to_string()).await.expect(200);
}
