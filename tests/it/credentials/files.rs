//! What is shown once, as files; and a second secret that gives the first an end.

use grantor::model::client::ClientKind;
use time::Duration;

use crate::credentials::{Desk, token};
use crate::kit::browser::Browser;

#[tokio::test]
async fn r28_a_new_secret_is_taken_home_as_env_or_json_without_a_script() {
    let mut desk = Desk::of(ClientKind::Web).await;
    let once = desk.post("", &[("note", "second")]).await;
    assert_eq!(once.answer.status, 201);
    let (_, fields) = once.form("client_secret").expect("the form of the files");
    let secret = fields.into_iter().find(|(name, _)| name == "client_secret").expect("the secret").1;
    let env = desk.browser.submit(&once, "client_secret", &[("format", "env")]).await.answer;
    let id = desk.app.client_id.clone();
    let expected = format!("OAUTH_ISSUER=https://auth.example.test\nOAUTH_CLIENT_ID={id}\nOAUTH_CLIENT_SECRET={secret}\n");
    assert_eq!((env.body.as_str(), env.header("cache-control")), (expected.as_str(), "no-store"));
    assert_eq!(env.header("content-disposition"), format!("attachment; filename=\"{id}.env\""));
    assert_eq!(env.header("content-type"), "text/plain; charset=utf-8");
    let json = desk.browser.submit(&once, "client_secret", &[("format", "json")]).await.answer;
    assert_eq!(json.header("content-disposition"), format!("attachment; filename=\"{id}.json\""));
    let json = json.json();
    assert_eq!((json["client_id"].as_str(), json["client_secret"].as_str()), (Some(id.as_str()), Some(secret.as_str())));
}

#[tokio::test]
async fn p1_the_download_gives_back_nothing_but_the_files_of_this_app() {
    let mut desk = Desk::new().await;
    let other = desk.world.app(ClientKind::M2m).await;
    let foreign = format!(r#"{{"integration":{{"technicalAccount":{{"clientId":"{}"}}}}}}"#, other.client_id);
    for fields in [
        vec![("format", "env"), ("client_secret", "grs_x\nEVIL=1")],
        vec![("format", "html"), ("document", "<script>")],
        vec![("format", "service"), ("document", "<script>alert(1)</script>")],
        vec![("format", "service"), ("document", foreign.as_str())],
        vec![],
    ] {
        desk.post("/download", &fields).await.answer.expect(400);
    }
    let page = desk.open("").await;
    let path = format!("/orgs/acme/apps/{}/credentials/download", "z".repeat(26));
    desk.browser.post(&path, &[("csrf", &token(&page)), ("format", "env")]).await.answer.expect(404);
}

#[tokio::test]
async fn a_second_secret_gives_the_first_an_end_of_its_own() {
    let mut desk = Desk::of(ClientKind::Web).await;
    let page = desk.post("", &[("note", "next"), ("others_end_in", "7")]).await;
    assert!(page.answer.status == 422 && page.answer.body.contains("Choose one of these."));
    desk.post("", &[("note", "next"), ("expires_in", "none"), ("others_end_in", "86400")]).await.answer.expect(201);
    let record = desk.world.record(&desk.app).await;
    let ends: Vec<_> = record.credentials.iter().map(|own| (own.note.as_str(), own.expires_at)).collect();
    assert_eq!(ends.len(), 2);
    assert!(ends.contains(&("", Some(desk.world.now() + Duration::days(1)))) && ends.contains(&("next", None)), "{ends:?}");
    assert_eq!(desk.world.count("SELECT count(*) FROM audit_events WHERE action = 'secret.update'").await, 1);
    let works = async |desk: &Desk| {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", "x")];
        desk.world.token(&desk.app, &pairs).await.text("error")
    };
    desk.world.pass(Duration::days(1) - Duration::SECOND);
    assert_eq!(works(&desk).await, "invalid_grant", "the first still proves who asks");
    desk.world.pass(Duration::SECOND);
    assert_eq!(works(&desk).await, "invalid_client");
    desk.browser = Browser::new(&desk.world);
    desk.browser.sign_in("admin@acme.test").await;
    let page = desk.open("").await;
    assert!(page.answer.body.contains("1 of 2 in use") && page.answer.body.contains("Expired"), "{}", page.answer.body);
}
