//! The `sessionID` header of Workfront's clients (R17): a token of an app with the switch, at our own protected endpoints.

use axum::http::Method;
use grantor::model::client::{Client, ClientKind};
use serde_json::json;

use crate::apps::APPS;
use crate::kit::http::{Answer, basic, form};
use crate::kit::world::{App, World};
use crate::oauth::request;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A machine that may look at apps and at tokens.
async fn machine(world: &World, workfront: bool) -> App {
    let change = |client: &mut Client| {
        client.profile.scopes = ["apps:read", "introspect"].into_iter().map(str::to_owned).collect();
        client.profile.compat.workfront = workfront;
    };
    world.app_with(ClientKind::M2m, change).await
}

/// Asks about `token` with these headers and these further parameters.
async fn ask(world: &World, headers: &[(&str, &str)], token: &str, more: &[(&str, &str)]) -> Answer {
    let headers: Vec<_> = [FORM].iter().chain(headers).copied().collect();
    request(world, Method::POST, "/introspect", &headers, form(&[&[("token", token)], more].concat())).await
}

async fn list(world: &World, headers: &[(&str, &str)]) -> Answer {
    request(world, Method::GET, APPS, headers, "").await
}

#[tokio::test]
async fn r17_a_session_id_counts_for_apps_with_the_switch_alone() {
    let world = World::new().await;
    for workfront in [true, false] {
        let app = machine(&world, workfront).await;
        let token = world.machine_token(&app, "apps:read introspect").await;
        for name in ["sessionID", "sessionid", "SESSIONID"] {
            let (listed, asked) = (list(&world, &[(name, &token)]).await, ask(&world, &[(name, &token)], &token, &[]).await);
            if workfront {
                assert_eq!(listed.expect(200).json()["apps"].as_array().map(Vec::len), Some(1));
                assert_eq!(asked.expect(200).json()["active"], true);
            } else {
                let challenge = "Bearer realm=\"grantor\", error=\"invalid_token\"";
                assert_eq!(asked.expect_error(401, "invalid_token").header("www-authenticate"), challenge);
                let refused = listed.expect(401);
                assert!(refused.header("www-authenticate").contains("invalid_token"), "{}", refused.header("www-authenticate"));
            }
        }
        assert_eq!(list(&world, &[("authorization", &format!("Bearer {token}"))]).await.status, 200);
        world.sql("UPDATE clients SET deleted_at = created_at").await;
    }
}

#[tokio::test]
async fn r17_it_is_the_token_of_the_app_that_has_the_switch_and_stops_with_it() {
    let world = World::new().await;
    let app = machine(&world, true).await;
    let answer = world.token(&app, &[("grant_type", "client_credentials"), ("scope", "apps:read")]).await.expect(200);
    assert_eq!((answer.text("token_type"), answer.json()["wid"].clone()), ("sessionID".to_owned(), json!(world.org.id)));
    let (token, rubbish) = (answer.text("access_token"), "not a token");
    list(&world, &[("sessionID", &token)]).await.expect(200);
    // It has no more rights than the token.
    ask(&world, &[("sessionID", &token)], &token, &[]).await.expect_error(403, "insufficient_scope");
    for bad in [rubbish, "", "a b", &"x".repeat(5_000)] {
        list(&world, &[("sessionID", bad)]).await.expect(401);
        ask(&world, &[("sessionID", bad)], &token, &[]).await.expect(401);
    }
    list(&world, &[("sessionID", &token), ("sessionID", &token)]).await.expect(401);
    world.sql("UPDATE clients SET compat = '{}'").await;
    list(&world, &[("sessionID", &token)]).await.expect(401);
}

#[tokio::test]
async fn r17_r88_what_else_says_who_asks_goes_before_it() {
    let world = World::new().await;
    let app = machine(&world, true).await;
    let token = world.machine_token(&app, "apps:read introspect").await;
    let bearer = format!("Bearer {token}");
    list(&world, &[("authorization", &bearer), ("sessionID", "rubbish")]).await.expect(200);
    list(&world, &[("authorization", "Bearer rubbish"), ("sessionID", &token)]).await.expect(401);
    ask(&world, &[("authorization", &bearer), ("sessionID", "rubbish")], &token, &[]).await.expect(200);
    ask(&world, &[("authorization", &basic(&app)), ("sessionID", "rubbish")], &token, &[]).await.expect(200);
    let own = [("client_id", app.client_id.as_str()), ("client_secret", app.secret.as_str())];
    ask(&world, &[("sessionID", "rubbish")], &token, &own).await.expect(200);
    let wrong = [("client_id", app.client_id.as_str()), ("client_secret", "grs_wrong")];
    ask(&world, &[("sessionID", &token)], &token, &wrong).await.expect_error(401, "invalid_client");
    // It authenticates nobody where clients authenticate.
    for path in ["/token", "/revoke"] {
        let body = form(&[("grant_type", "client_credentials"), ("token", &token)]);
        request(&world, Method::POST, path, &[FORM, ("sessionID", &token)], body).await.expect_error(401, "invalid_client");
    }
}
