//! The filters of the list: who has a key, who has a secret, who needs attention.

use axum::http::Method;
use grantor::flows::clients::list;
use grantor::model::client::ClientKind;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{APPS, managed};
use crate::kit::world::{App, World};
use crate::migration::keyed;

async fn listed(world: &World, token: &str, query: &str) -> Vec<String> {
    let answer = world.api(Method::GET, &format!("{APPS}?{query}"), token, None).await.expect(200).json();
    let mut ids: Vec<String> =
        answer["apps"].as_array().expect("apps").iter().map(|app| app["client_id"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

fn sorted(apps: &[&App]) -> Vec<String> {
    let mut ids: Vec<String> = apps.iter().map(|app| app.client_id.clone()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn r46_the_list_is_filtered_by_what_apps_have() {
    let (world, token) = managed().await;
    let manager = world.words("SELECT client_id FROM clients").await.remove(0);
    let (key, secret, spa) = (keyed(&world).await, world.app(ClientKind::Web).await, world.app(ClientKind::Spa).await);
    assert_eq!(listed(&world, &token, "credential=jwt").await, sorted(&[&key]));
    let mut with_secret = vec![manager, secret.client_id.clone()];
    with_secret.sort();
    assert_eq!(listed(&world, &token, "credential=secret").await, with_secret);
    world.start(&token, &key).await;
    assert!(listed(&world, &token, "credential=secret").await.contains(&key.client_id), "while both work it has both");
    world.complete(&token, &key, true).await.expect(200);
    assert!(listed(&world, &token, "credential=jwt").await.is_empty());
    assert!(!listed(&world, &token, "credential=secret").await.contains(&spa.client_id));
    for bad in ["credential=both", "attention=maybe"] {
        world.api(Method::GET, &format!("{APPS}?{bad}"), &token, None).await.expect(422);
    }
}

#[tokio::test]
async fn r46_what_needs_attention_is_listed_with_its_reasons() {
    let (world, token) = managed().await;
    let (key, fine, ending) = (keyed(&world).await, world.app(ClientKind::Web).await, world.app(ClientKind::Web).await);
    let secrets = format!("{APPS}/{}/secrets", ending.client_id);
    let id = world.record(&ending).await.credentials[0].id;
    let soon = json!({ "expires_at": "2026-03-20T00:00:00Z" });
    world.api(Method::PATCH, &format!("{secrets}/{id}"), &token, Some(&soon)).await.expect(200);
    assert_eq!(listed(&world, &token, "attention=true").await, sorted(&[&key, &ending]));
    assert!(listed(&world, &token, "attention=false").await.contains(&fine.client_id));
    let reasons = async |app: &App| -> Value {
        world.api(Method::GET, &format!("{APPS}/{}", app.client_id), &token, None).await.expect(200).json()["attention"].clone()
    };
    assert_eq!(reasons(&key).await, json!(["jwt_credential"]));
    assert_eq!(reasons(&ending).await, json!(["secret_expires_soon"]));
    assert_eq!(reasons(&fine).await, json!([]));
}

/// Every kind of app, and what may be wrong with it.
#[tokio::test]
async fn r46_the_filter_and_the_reasons_ask_the_same_questions() {
    let (world, token) = managed().await;
    world.sql("UPDATE orgs SET app_limit = 100").await;
    for _ in 0..4 {
        world.app(ClientKind::Web).await;
        world.app(ClientKind::Spa).await;
        keyed(&world).await;
    }
    let moved = keyed(&world).await;
    world.start(&token, &moved).await;
    world.complete(&token, &moved, true).await.expect(200);
    let to_key = world.app(ClientKind::M2m).await;
    world.start_to_key(&token, &to_key).await.expect(201);
    world.complete(&token, &to_key, true).await.expect(200);
    world
        .sql(
            "UPDATE credentials SET expires_at = created_at + (5 + length(id::text) % 3 + ascii(right(id::text, 1)) % 7 * 9) * interval '1 day'
             WHERE ascii(left(right(id::text, 2), 1)) % 2 = 0;
             UPDATE clients SET last_used_at = created_at + interval '40 days' WHERE ascii(right(id::text, 1)) % 2 = 0;
             UPDATE clients SET jwks_uri = 'https://app.example.test/jwks' WHERE ascii(right(id::text, 1)) % 5 = 0;
             UPDATE credentials SET revoked_at = created_at WHERE kind = 'key' AND ascii(right(id::text, 1)) % 3 = 0",
        )
        .await;
    for days in [0, 5, 8, 20, 35, 60, 89, 90, 91, 129, 130, 200] {
        let start = world.now();
        let now = start + Duration::days(days);
        let access = crate::apps::inside_as_operator(&world);
        let query = list::Query { attention_at: Some(now), limit: Some(100), ..list::Query::default() };
        let by_sql: Vec<_> = list::list(&world.deps, &access, &query).await.expect("a list").items;
        let all = list::Query { limit: Some(100), ..list::Query::default() };
        let all = list::list(&world.deps, &access, &all).await.expect("a list").items;
        let ids =
            |records: Vec<grantor::model::client::ClientRecord>| records.into_iter().map(|own| own.client.client_id).collect::<Vec<_>>();
        let by_rule = all.into_iter().filter(|record| !list::attention(record, now).is_empty()).collect();
        assert_eq!(ids(by_sql), ids(by_rule), "after {days} days");
    }
}
