//! What answers look like, whatever the grant.

use grantor::model::client::ClientKind;
use serde_json::json;
use time::Duration;

use crate::token::{Party, refresh_token};

#[tokio::test]
async fn r16_the_workfront_switch_changes_the_type_and_adds_the_org() {
    let party = Party::with(ClientKind::Web, |client| client.profile.compat.workfront = true).await;
    let (_, tokens) = party.connect().await;
    let answer = serde_json::to_value(&tokens).expect("an answer is JSON");
    assert_eq!(answer["token_type"], json!("sessionID"));
    assert_eq!(answer["wid"], json!(party.world.org.id.to_string()));
    assert_eq!(answer["expires_in"], json!(3_600), "never 0");
}

#[tokio::test]
async fn r78_answers_are_flat_with_integers_and_nothing_unasked() {
    let party = Party::new().await;
    let (_, tokens) = party.connect().await;
    let answer = serde_json::to_value(&tokens).expect("an answer is JSON");
    let mut members: Vec<_> = answer.as_object().expect("an object").keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "scope", "token_type"]);
    assert!(answer["expires_in"].is_i64() && answer["refresh_token_expires_in"].is_i64());
}

#[tokio::test]
async fn an_opaque_access_token_names_its_authorization() {
    let party = Party::with(ClientKind::Web, |client| {
        client.profile.scopes = client.profile.scopes.union(&["files:read".to_owned()].into_iter().collect());
    })
    .await;
    let code = party
        .approve_with(|new| {
            new.api = "https://opaque.example.test".to_owned();
            new.scopes = ["files:read".to_owned()].into_iter().collect();
        })
        .await;
    let mut tokens = party.redeem(&code).await.expect("a fresh code");
    for _ in 0..2 {
        let digest = grantor::crypto::token::digest(&tokens.access_token);
        let mut connection = party.world.deps.db.acquire().await.expect("a connection");
        let stored = grantor::db::access_tokens::find_by_digest(&mut connection, &digest).await.expect("read").expect("stored");
        assert_eq!((stored.authorization, stored.user, stored.credential), (Some(code.id), Some(party.user.id), None));
        assert_eq!(stored.expires_at, party.world.now() + Duration::seconds(3_600));
        tokens = party.refresh(&refresh_token(&tokens)).await.expect("rotated");
    }
}

#[tokio::test]
async fn an_api_missing_from_the_settings_is_our_trouble_and_consumes_nothing() {
    let party = Party::new().await;
    let code = party.approve().await;
    let (id, tokens) = party.connect().await;
    party.world.sql("UPDATE authorizations SET api = 'https://gone.example.test'").await;
    for outcome in [party.redeem(&code).await, party.refresh(&refresh_token(&tokens)).await] {
        assert!(matches!(outcome, Err(grantor::flows::Error::Unavailable(_))), "{outcome:?}");
    }
    assert_eq!((party.facts(code.id).await.authorization.generation, party.facts(id).await.authorization.generation), (0, 1));
}
