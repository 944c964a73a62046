//! Service credentials by pages: handed over once, renewed with an overlap, taken away at once.

use grantor::model::client::ClientKind;
use serde_json::Value;

use crate::credentials::Desk;
use crate::kit::browser::Page;
use crate::kit::world::App;

/// The document that the page holds for its download.
fn document(page: &Page) -> Value {
    let (_, fields) = page.form("document").unwrap_or_else(|| panic!("no document: {}", page.answer.body));
    let text = fields.into_iter().find(|(name, _)| name == "document").expect("a document").1;
    serde_json::from_str(&text).expect("JSON")
}

fn with_secret_of(app: &App, document: &Value) -> App {
    let secret = document["integration"]["technicalAccount"]["clientSecret"].as_str().expect("a secret").to_owned();
    App { secret, ..app.clone() }
}

#[tokio::test]
async fn r57_service_credentials_are_handed_over_once_and_downloaded_without_a_script() {
    let mut desk = Desk::new().await;
    let page = desk.open("").await;
    let (action, fields) = page.form_to(&format!("{}/service", desk.tab)).expect("a form");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([("note", "author")]).collect();
    let fields: Vec<_> = fields.into_iter().filter(|(name, value)| *name != "note" || !value.is_empty()).collect();
    let once = desk.browser.post(&action, &fields).await;
    assert_eq!((once.answer.status.as_u16(), once.answer.header("cache-control")), (201, "no-store"));
    let document = document(&once);
    let integration = &document["integration"];
    assert!(integration["privateKey"].as_str().expect("PEM").starts_with("-----BEGIN RSA PRIVATE KEY-----\r\n"));

    let file = desk.browser.submit(&once, "document", &[("format", "service")]).await;
    let name = format!("attachment; filename=\"{}-service-credentials.json\"", desk.app.client_id);
    assert_eq!((file.answer.header("content-type"), file.answer.header("content-disposition")), ("application/json", name.as_str()));
    assert_eq!((file.answer.json(), file.answer.header("cache-control")), (document.clone(), "no-store"), "the very document");

    desk.world.token(&with_secret_of(&desk.app, &document), &[("grant_type", "client_credentials")]).await.expect(200);
    let page = desk.open("").await;
    let subject = integration["id"].as_str().expect("an account");
    assert!(page.answer.body.contains(subject) && page.answer.body.contains("Current") && page.answer.body.contains("1 of 2 in use"));
    let secret = integration["technicalAccount"]["clientSecret"].as_str().expect("a secret");
    assert!(!page.answer.body.contains(secret) && !page.answer.body.contains("PRIVATE KEY"));
    let kept = desk.world.words("SELECT c::text FROM credentials c UNION ALL SELECT a::text FROM audit_events a").await.join(" ");
    assert!(!kept.contains(secret) && !kept.contains("PRIVATE"), "{kept}");
}

#[tokio::test]
async fn r64_a_further_key_works_beside_the_first_until_that_is_revoked() {
    let mut desk = Desk::new().await;
    let first = document(&desk.post("/service", &[("note", "first")]).await);
    let account = desk.world.record(&desk.app).await.technical_accounts[0].id.to_string();
    let page = desk.post("/service", &[("technical_account", &account)]).await;
    assert!(page.answer.body.contains("earlier key of this account goes on working"));
    let second = document(&page);
    assert_eq!(first["integration"]["id"], second["integration"]["id"]);
    let (one, other) = (with_secret_of(&desk.app, &first), with_secret_of(&desk.app, &second));
    let grant = [("grant_type", "client_credentials")];
    for file in [&one, &other] {
        desk.world.token(file, &grant).await.expect(200);
    }
    let tab = desk.open("").await;
    assert_eq!(tab.answer.body.matches("Current</span>").count(), 1);
    assert!(tab.form_to(&format!("{}/accounts/{account}/delete", desk.tab)).is_none(), "it has keys");
    let oldest = desk
        .world
        .record(&desk.app)
        .await
        .credentials
        .iter()
        .filter(|own| own.note == "first" && !own.is_secret())
        .map(|own| own.id)
        .next();
    let oldest = oldest.expect("the first key");
    desk.post(&format!("/keys/{oldest}/revoke"), &[]).await.answer.expect(200);
    desk.world.token(&one, &grant).await.expect_error(401, "invalid_client");
    desk.world.token(&other, &grant).await.expect(200);
    let refused = desk.post(&format!("/accounts/{account}/delete"), &[]).await;
    assert!(refused.answer.status == 409 && refused.answer.body.contains("still has keys"));
    for key in desk.keys().await {
        desk.post(&format!("/keys/{key}/revoke"), &[]).await.answer.expect(200);
        desk.post(&format!("/keys/{key}/delete"), &[]).await.answer.expect(200);
    }
    let gone = desk.post(&format!("/accounts/{account}/delete"), &[]).await;
    assert_eq!(gone.url, format!("{}?done=account-deleted", desk.tab));
    assert!(desk.world.record(&desk.app).await.technical_accounts.is_empty());
}

#[tokio::test]
async fn r57_only_machine_apps_have_service_credentials_and_notes_are_checked() {
    let mut desk = Desk::new().await;
    let refused = desk.post("/service", &[("note", &"a".repeat(65))]).await;
    assert!(refused.answer.status == 422 && refused.answer.body.contains("at most 64 characters"));
    desk.post("/service", &[("technical_account", "01890000-0000-7000-8000-000000000000")]).await.answer.expect(404);
    desk.post("/service", &[("technical_account", "x")]).await.answer.expect(404);
    assert_eq!(desk.world.count("SELECT count(*) FROM technical_accounts").await, 0);
    let mut web = Desk::of(ClientKind::Web).await;
    let page = web.open("").await;
    assert!(page.answer.body.contains("Public keys") && !page.answer.body.contains("Service credentials"));
    web.post("/service", &[]).await.answer.expect(422);
}

#[tokio::test]
async fn the_form_of_service_credentials_makes_them_once_however_often_it_is_sent() {
    let mut desk = Desk::new().await;
    let page = desk.open("").await;
    let (action, fields) = page.form_to(&format!("{}/service", desk.tab)).expect("a form");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let first = document(&desk.browser.post(&action, &fields).await);
    for _ in 0..2 {
        let again = desk.browser.post(&action, &fields).await;
        assert_eq!(again.url, format!("{}?done=service-made", desk.tab));
        assert!(again.texts(".message").join(" ").contains("handed over once"));
        assert!(!again.answer.body.contains("PRIVATE KEY"));
    }
    assert_eq!(desk.keys().await.len(), 1);
    // The private key is not kept for a reload, not even sealed: what is kept is far too short for it.
    let longest = "SELECT max(octet_length(response_sealed))::bigint FROM idempotency_keys";
    assert!((1..200).contains(&desk.world.count(longest).await));

    let mut another = fields.clone();
    another.iter_mut().filter(|(name, _)| *name == "note").for_each(|(_, value)| *value = "other");
    let refused = desk.browser.post(&action, &another).await;
    assert!(refused.answer.status == 409 && refused.answer.body.contains("has made service credentials already"));
    assert_eq!(desk.keys().await.len(), 1);

    // The form beside a technical account is another one.
    let page = desk.open("").await;
    let (action, fields) = page.form("technical_account").expect("a form to renew");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let second = document(&desk.browser.post(&action, &fields).await);
    assert_eq!(first["integration"]["id"], second["integration"]["id"]);
    let before = desk.keys().await.len();
    desk.browser.post(&action, &fields).await;
    assert_eq!(desk.keys().await.len(), before);
}
