//! What no reader should have to read, at the doors of browsers: too long, too large, of another type, by another verb, not UTF-8.

use axum::http::Method;
use grantor::model::client::ClientKind;

use crate::authorize::{MEMBER, SESSION, Scene};
use crate::kit::browser::{Browser, Page};
use crate::kit::http::Answer;
use crate::kit::world::PASSWORD;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const AUTHORIZE: [&str; 2] = ["/authorize", "/integrations/oauth2/authorize"];

/// The doors with a question that waits, and that question's page.
async fn doors(scene: &mut Scene) -> (Page, Vec<String>) {
    let page = scene.consent_page(&[]).await;
    let doors = AUTHORIZE.iter().map(|door| (*door).to_owned()).chain(["/login".to_owned(), page.url.clone()]).collect();
    (page, doors)
}

/// A form that would be good at the door if it came as it should.
fn good(scene: &Scene, page: &Page, door: &str) -> String {
    if AUTHORIZE.contains(&door) {
        return scene.url(&[]).trim_start_matches("/authorize?").to_owned();
    }
    let (_, mut fields) = page.form("decision").expect("the form");
    fields.push(("decision".to_owned(), "allow".to_owned()));
    if door == "/login" {
        fields = vec![("email".to_owned(), MEMBER.to_owned()), ("password".to_owned(), PASSWORD.to_owned())];
    }
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    crate::kit::http::form(&pairs)
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
    assert_eq!(answer.header("location"), "", "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
}

#[tokio::test]
async fn a19_a_query_above_8_kib_and_a_body_above_64_kib_are_refused_at_every_door_of_browsers() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let (page, doors) = doors(&mut scene).await;
    let codes = scene.codes().await;
    for door in doors {
        let body = good(&scene, &page, &door);
        let long = format!("{door}?{body}&x={}", "a".repeat(8 * 1024));
        for method in [Method::GET, Method::POST] {
            let answer = scene.browser.send(method.clone(), &long, &[FORM], body.clone()).await;
            assert_refused(&answer, 414, &format!("{method} {door}"));
        }
        let large = format!("{body}&x={}", "a".repeat(64 * 1024));
        let answer = scene.browser.send(Method::POST, &door, &[FORM], large).await;
        assert_refused(&answer, 413, &door);
    }
    assert_eq!(scene.codes().await, codes);
}

#[tokio::test]
async fn a18_a_body_of_another_type_or_of_none_is_415_at_every_door_of_browsers() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let (page, doors) = doors(&mut scene).await;
    let codes = scene.codes().await;
    for door in doors {
        let body = good(&scene, &page, &door);
        for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml", ""] {
            let headers = [("content-type", kind)];
            let headers = if kind.is_empty() { &[][..] } else { &headers };
            let answer = scene.browser.send(Method::POST, &door, headers, body.clone()).await;
            assert_refused(&answer, 415, &format!("{kind} {door}"));
        }
    }
    assert_eq!(scene.codes().await, codes);
}

#[tokio::test]
async fn a17_a23_another_verb_is_405_with_allow_at_every_door_of_browsers() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let (page, doors) = doors(&mut scene).await;
    for door in doors {
        let body = good(&scene, &page, &door);
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = scene.browser.send(method.clone(), &format!("{door}?{body}"), &[FORM], body.clone()).await;
            assert_refused(&answer, 405, &format!("{method} {door}"));
            let allow = answer.header("allow");
            assert!(allow.contains("GET") && allow.contains("POST") && !allow.contains(method.as_str()), "{door}: {allow}");
        }
    }
}

#[tokio::test]
async fn a22_what_is_not_utf_8_is_refused_at_every_door_of_browsers() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let (page, doors) = doors(&mut scene).await;
    let codes = scene.codes().await;
    for door in doors {
        let body = good(&scene, &page, &door);
        for bad in ["%ff", "%C0%AF", "%ED%A0%80", "%00", "%zz", "%"] {
            for sent in [format!("{body}&x={bad}"), format!("{bad}=x&{body}")] {
                let answer = scene.browser.send(Method::POST, &door, &[FORM], sent).await;
                assert_refused(&answer, 400, &format!("{bad} {door}"));
            }
        }
        let raw = [body.as_bytes(), b"&x=\xff\xfe"].concat();
        let answer = scene.browser.send_bytes(Method::POST, &door, &[FORM], raw).await;
        assert_refused(&answer, 400, &door);
    }
    assert_eq!(scene.codes().await, codes);
}

#[tokio::test]
async fn a15_a_field_that_came_twice_decides_nothing_at_the_doors_of_browsers() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let (page, _) = doors(&mut scene).await;
    let body = good(&scene, &page, &page.url);
    for twice in ["decision=deny", "decision=allow", "csrf=x"] {
        let answer = scene.browser.send(Method::POST, &page.url, &[FORM], format!("{body}&{twice}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 403), "{twice}: {}", answer.status);
    }
    assert_eq!(scene.codes().await, 0, "nothing was decided");
    let mut stranger = Browser::new(&scene.world);
    let login = stranger.open("/login").await;
    let (_, fields) = login.form("password").expect("the form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    for twice in [("email", "other@acme.test"), ("password", PASSWORD), ("csrf", "x")] {
        let fields = [("csrf", csrf.as_str()), ("email", MEMBER), ("password", PASSWORD), twice];
        let page = stranger.post("/login", &fields).await;
        assert!((400..500).contains(&page.answer.status.as_u16()), "{twice:?}: {}", page.answer.status);
        assert!(stranger.cookie(SESSION).is_none(), "{twice:?}");
    }
    for door in AUTHORIZE {
        let body = good(&scene, &page, door);
        let twice = scene.browser.send(Method::POST, door, &[FORM], format!("{body}&scope=a&scope=b")).await;
        assert!(twice.header("location").contains("error=invalid_request"), "{door}: {}", twice.header("location"));
        let twice = scene.browser.send(Method::POST, door, &[FORM], format!("{body}&client_id=x")).await;
        assert_refused(&twice, 400, door);
    }
}
