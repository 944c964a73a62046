//! The key set that an app publishes itself, on the credentials tab: its address is set, refused, shown as it was read, and taken away.

use grantor::model::client::ClientKind;

use crate::credentials::Desk;

const SET: &str = "https://keys.example.test/jwks.json";

#[tokio::test]
async fn an_admin_sets_the_address_of_a_key_set_and_takes_it_away_again() {
    let mut desk = Desk::new().await;
    assert!(desk.open("").await.answer.body.contains("Address of the key set"));
    let saved = desk.post("/key-set", &[("jwks_uri", &format!(" {SET} "))]).await;
    assert_eq!(saved.url, format!("{}?done=key-set-saved", desk.tab));
    assert!(saved.answer.body.contains(SET) && saved.answer.body.contains("Nothing was read yet"));
    assert_eq!(desk.world.record(&desk.app).await.client.profile.jwks_uri.as_deref(), Some(SET));

    let failed = "INSERT INTO client_jwks (client_id, uri, attempted_at, problem)
        SELECT id, jwks_uri, TIMESTAMPTZ '2026-03-01 11:00:00Z', 'the host <b>does not</b> answer' FROM clients WHERE jwks_uri IS NOT NULL";
    desk.world.sql(failed).await;
    let told = desk.open("").await.answer.body;
    assert!(told.contains("The last reading failed:") && told.contains("the host &#60;b&#62;does not"), "{told}");

    let removed = desk.post("/key-set", &[("jwks_uri", "")]).await;
    assert_eq!(removed.url, format!("{}?done=key-set-removed", desk.tab));
    assert_eq!(desk.world.record(&desk.app).await.client.profile.jwks_uri, None);
    assert!(!removed.answer.body.contains("The last reading failed"));
    assert_eq!(desk.world.count("SELECT count(*) FROM audit_events WHERE action = 'client.update'").await, 2);
}

#[tokio::test]
async fn an_address_that_is_not_https_is_refused_where_it_was_typed() {
    let mut desk = Desk::new().await;
    for typed in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:application/json,{}",
        "http://keys.example.test/",
        "//keys.example.test/",
        "keys",
        "https://",
    ] {
        let page = desk.post("/key-set", &[("jwks_uri", typed)]).await;
        assert_eq!(page.answer.status, 422, "{typed}");
        assert!(page.answer.body.contains("begins with https://"), "{typed}");
        assert_eq!(page.attribute("#jwks_uri", "value").as_deref(), Some(typed), "what was typed stays");
    }
    assert_eq!(desk.world.record(&desk.app).await.client.profile.jwks_uri, None);
    let mut spa = Desk::of(ClientKind::Spa).await;
    assert_eq!(spa.post("/key-set", &[("jwks_uri", SET)]).await.answer.status, 404);
}
