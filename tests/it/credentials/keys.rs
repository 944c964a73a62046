//! Public keys by pages: pasted, uploaded, refused in plain words, revoked and deleted.

use grantor::crypto::public_key::parse;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::credentials::{Desk, token};
use crate::kit::browser::Browser;
use crate::kit::keys::TestKey;
use crate::kit::world::{ISSUER, PASSWORD};

#[tokio::test]
async fn r31_a_key_is_pasted_or_uploaded_in_every_form_and_listed_with_what_one_must_know() {
    let mut desk = Desk::new().await;
    let now = desk.world.now();
    let pairs: Vec<TestKey> = (0..5).map(|_| TestKey::generate()).collect();
    let empty = desk.open("/keys/new").await;
    assert!(empty.answer.body.contains("openssl") && empty.answer.body.contains("enctype=\"multipart/form-data\""));
    let pasted = desk.browser.submit(&empty, "key", &[("key", &pairs[0].pem), ("note", "Build server")]).await;
    assert_eq!(pasted.url, format!("{}?done=key-added", desk.tab));
    let jwk = serde_json::to_string(&parse(pairs[1].pem.as_bytes()).expect("a key").jwk).expect("JSON");
    let certificate = pairs[3].certificate(now, now + Duration::days(90));
    let der = pem::parse(pairs[4].certificate(now, now + Duration::days(90))).expect("PEM").into_contents();
    desk.post("/keys/new", &[("key", &jwk)]).await.answer.expect(200);
    desk.upload(pairs[2].pem.as_bytes(), &[("key", " \r\n")]).await.answer.expect(200);
    desk.upload(certificate.as_bytes(), &[("key", ""), ("note", "From a file")]).await.answer.expect(200);
    let page = desk.upload(&der, &[("key", "")]).await;
    assert_eq!(page.answer.status, 200);
    for pair in &pairs {
        assert!(page.answer.body.contains(&pair.thumbprint), "{}", pair.thumbprint);
    }
    for words in
        ["5 of 10 in use", "Build server", "From a file", "nightly sync", "1 Mar 2026 to 30 May 2026", "never used", "by <bdi>admin</bdi>"]
    {
        assert!(page.answer.body.contains(words), "{words}");
    }
    assert_eq!(desk.world.count("SELECT count(*) FROM audit_events WHERE action = 'key.create'").await, 5);
}

#[tokio::test]
async fn r33_the_ids_that_an_assertion_names_stand_beside_the_keys() {
    let mut desk = Desk::new().await;
    let page = desk.open("").await;
    let person = desk.world.words("SELECT id::text FROM users").await.remove(0);
    let chips = page.texts(".chip code");
    for id in [desk.world.org.id.to_string(), person, desk.app.client_id.clone(), ISSUER.to_owned()] {
        assert!(chips.contains(&id), "{id} is not in {chips:?}");
    }
    assert!(page.answer.body.contains("For assertions"));
    // An app with users exchanges nothing.
    let mut web = Desk::of(ClientKind::Web).await;
    let page = web.open("").await;
    let org = web.world.org.id.to_string();
    assert!(page.texts(".chip code").contains(&ISSUER.to_owned()) && !page.answer.body.contains(&org));
}

#[tokio::test]
async fn r31_what_is_no_public_key_is_refused_in_words_and_a_private_key_is_not_sent_back() {
    let mut desk = Desk::new().await;
    let pair = TestKey::generate();
    let private = pair.private_pem();
    let page = desk.post("/keys/new", &[("key", &private), ("note", "kept")]).await;
    assert_eq!(page.answer.status, 422);
    let (_, fields) = page.form("key").expect("the form");
    let field = |name: &str| fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    assert!(page.answer.body.contains("discard it") && !page.answer.body.contains("BEGIN PRIVATE KEY"));
    assert_eq!((field("key"), field("note")), (Some(""), Some("kept")), "what was typed beside it stays");
    let page = desk.upload(private.as_bytes(), &[("key", "")]).await;
    assert!(page.answer.status == 422 && page.answer.body.contains("discard it") && !page.answer.body.contains("BEGIN PRIVATE KEY"));
    let short = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, "_".repeat(168));
    let long = "a".repeat(65);
    for (sent, words) in [
        (vec![("key", "what is this")], "neither a PEM certificate"),
        (vec![("key", "")], "Paste a public key or a certificate."),
        (vec![("key", short.as_str())], "too short"),
        (vec![("key", pair.pem.as_str()), ("note", long.as_str())], "at most 64 characters"),
        (vec![("key", pair.pem.as_str()), ("expires_in", "7")], "Choose one of these."),
        (vec![("key", pair.pem.as_str()), ("technical_account", "x")], "no such technical account"),
        (vec![("key", pair.pem.as_str()), ("technical_account", "01890000-0000-7000-8000-000000000000")], "no such technical account"),
    ] {
        let page = desk.post("/keys/new", &sent).await;
        assert!(page.answer.status == 422 && page.answer.body.contains(words), "{words}: {}", page.answer.body);
    }
    let both = desk.upload(pair.pem.as_bytes(), &[("key", &pair.pem)]).await;
    assert!(both.answer.status == 422 && both.answer.body.contains("not both"));
    for size in [40_000, 5_000_000] {
        let page = desk.upload(&vec![0x30; size], &[("key", ""), ("note", "laptop")]).await;
        assert_eq!(page.answer.status, 422, "{size}");
        assert!(page.texts("#file-error")[0].contains("at most 32 KiB") && page.answer.body.contains(r#"value="laptop""#), "{size}");
    }
    assert!(desk.keys().await.is_empty());
    desk.post("/keys/new", &[("key", &pair.pem)]).await.answer.expect(200);
    let again = desk.post("/keys/new", &[("key", &pair.pem)]).await;
    assert!(again.answer.status == 422 && again.answer.body.contains("has this key already"));
    let trail = desk.world.words("SELECT detail::text FROM audit_events").await.join(" ");
    assert!(!trail.contains("PRIVATE"), "{trail}");
}

#[tokio::test]
async fn at_ten_keys_the_form_says_so_and_an_expired_one_makes_room() {
    let mut desk = Desk::new().await;
    for _ in 0..9 {
        desk.world.key(&desk.app).await;
    }
    let form = desk.open("/keys/new").await;
    desk.world.key(&desk.app).await;
    let refused = desk.browser.submit(&form, "key", &[("key", &TestKey::generate().pem)]).await;
    assert!(refused.answer.status == 409 && refused.answer.body.contains("at most 10 keys"));
    let page = desk.open("").await;
    assert!(page.answer.body.contains("10 of 10 in use") && !page.answer.body.contains("/credentials/keys/new"));
}

#[tokio::test]
async fn r64_a_key_is_revoked_on_the_page_and_deleted_then() {
    let mut desk = Desk::new().await;
    let (one, other) = (desk.world.key(&desk.app).await, desk.world.key(&desk.app).await);
    let at = |id: &dyn std::fmt::Display, verb: &str| format!("/keys/{id}/{verb}");
    let early = desk.post(&at(&one.id, "delete"), &[]).await;
    assert!(early.answer.status == 409 && early.answer.body.contains("Revoke it before you delete it"));
    let revoked = desk.post(&at(&one.id, "revoke"), &[("revoke_tokens", "on")]).await;
    assert_eq!(revoked.url, format!("{}?done=key-revoked", desk.tab));
    assert!(revoked.form_to(&format!("{}/keys/{}/delete", desk.tab, one.id)).is_some(), "now it can be deleted");
    assert!(revoked.form_to(&format!("{}/keys/{}/revoke", desk.tab, other.id)).is_some(), "the other works");
    assert_eq!(desk.world.count("SELECT count(*) FROM credentials WHERE tokens_revoked_at IS NOT NULL").await, 1);
    let gone = desk.post(&at(&one.id, "delete"), &[]).await;
    assert_eq!(gone.url, format!("{}?done=key-deleted", desk.tab));
    assert_eq!(desk.keys().await, [other.id.to_string()]);
    // The secret goes; then the key is all there is.
    let secret = desk.world.record(&desk.app).await.credentials.iter().find(|own| own.is_secret()).expect("a secret").id;
    desk.post(&format!("/{secret}/delete"), &[]).await.answer.expect(200);
    let last = desk.post(&at(&other.id, "revoke"), &[]).await;
    assert!(last.answer.status == 409 && last.answer.body.contains("only credential that works"));
}

#[tokio::test]
async fn r54_the_page_warns_thirty_and_three_days_before_a_key_ends() {
    let mut desk = Desk::new().await;
    let now = desk.world.now();
    let certificate = TestKey::generate().certificate(now, now + Duration::days(40));
    desk.post("/keys/new", &[("key", &certificate)]).await.answer.expect(200);
    let key = desk.keys().await.remove(0);
    for (days, words, form) in
        [(0, "Works", "revoke"), (20, "message warning", "revoke"), (18, "message danger", "revoke"), (2, "Expired", "delete")]
    {
        desk.world.pass(Duration::days(days));
        desk.browser = Browser::new(&desk.world);
        desk.browser.sign_in("admin@acme.test").await;
        let page = desk.open("").await;
        assert!(page.answer.body.contains(words), "{words}: {}", page.answer.body);
        assert_eq!(page.answer.body.contains("Stops working"), words.starts_with("message"), "{words}");
        assert!(page.form_to(&format!("{}/keys/{key}/{form}", desk.tab)).is_some(), "{words}");
    }
}

#[tokio::test]
async fn r65_a_newer_certificate_on_the_page_renews_the_key() {
    let mut desk = Desk::new().await;
    let now = desk.world.now();
    let pair = TestKey::generate();
    desk.post("/keys/new", &[("key", &pair.certificate(now, now + Duration::days(30)))]).await.answer.expect(200);
    let renewed = desk.post("/keys/new", &[("key", &pair.certificate(now, now + Duration::days(60)))]).await;
    assert_eq!(renewed.url, format!("{}?done=key-renewed", desk.tab));
    assert!(renewed.answer.body.contains("newer certificate") && desk.keys().await.len() == 1);
}

#[tokio::test]
async fn m14_a_key_is_added_and_revoked_only_after_a_recent_password_and_its_file_is_not_lost() {
    let mut desk = Desk::new().await;
    desk.world.pass(Duration::minutes(11));
    let pair = TestKey::generate();
    let der = pem::parse(&pair.pem).expect("PEM").into_contents();
    let asked = desk.upload(&der, &[("key", ""), ("note", "from afar"), ("expires_in", "2592000")]).await;
    assert_eq!((asked.answer.status.as_u16(), asked.heading().as_str()), (401, "Confirm it is you"));
    assert!(desk.keys().await.is_empty());
    let done = desk.browser.submit(&asked, "reauthenticate_password", &[("reauthenticate_password", PASSWORD)]).await;
    assert_eq!(done.url, format!("{}?done=key-added", desk.tab), "{}", done.answer.body);
    assert!(done.answer.body.contains(&pair.thumbprint) && done.answer.body.contains("from afar"));
    let id = desk.keys().await.remove(0);
    desk.world.pass(Duration::minutes(11));
    for form in [format!("/keys/{id}/revoke"), format!("/keys/{id}/delete"), "/service".to_owned()] {
        assert_eq!(desk.post(&form, &[]).await.heading(), "Confirm it is you", "{form}");
    }
}

#[tokio::test]
async fn r72_developers_see_keys_and_change_none() {
    let mut desk = Desk::new().await;
    let key = desk.world.key(&desk.app).await;
    desk.world.person(Role::Developer).await;
    let mut developer = Browser::new(&desk.world);
    developer.sign_in("developer@acme.test").await;
    let page = developer.open(&desk.tab).await;
    assert!(page.answer.body.contains(&key.thumbprint));
    for form in ["revoke", "delete"] {
        assert!(page.form_to(&format!("{}/keys/{}/{form}", desk.tab, key.id)).is_none());
    }
    developer.open(&format!("{}/keys/new", desk.tab)).await.answer.expect(403);
    let csrf = token(&page);
    for path in [format!("{}/keys/{}/revoke", desk.tab, key.id), format!("{}/keys/new", desk.tab), format!("{}/service", desk.tab)] {
        developer.post(&path, &[("csrf", &csrf), ("key", &TestKey::generate().pem)]).await.answer.expect(403);
    }
    // A single-page app has none of this.
    let spa = desk.world.app(ClientKind::Spa).await;
    for below in ["keys/new", "check"] {
        desk.browser.open(&format!("/orgs/acme/apps/{}/credentials/{below}", spa.client_id)).await.answer.expect(404);
    }
}

#[tokio::test]
async fn e9_what_a_certificate_says_is_text() {
    let mut desk = Desk::new().await;
    let pair = TestKey::generate();
    let private = rcgen::KeyPair::from_pem(&pair.private_pem()).expect("a key pair");
    let mut wish = rcgen::CertificateParams::default();
    (wish.not_before, wish.not_after) = (desk.world.now(), desk.world.now() + Duration::days(9));
    wish.distinguished_name.push(rcgen::DnType::CommonName, "<img src=x onerror=alert(1)>");
    let certificate = wish.self_signed(&private).expect("a certificate").pem();
    let page = desk.post("/keys/new", &[("key", &certificate), ("note", "<script>alert(2)</script>")]).await;
    assert!(page.answer.body.contains("onerror=alert(1)") && page.answer.body.contains("alert(2)"));
    assert!(!page.answer.body.contains("<img src=x") && !page.answer.body.contains("<script>alert"));
}
