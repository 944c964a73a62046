//! The table of bad input: each kind at each door, with the answer it gets.

use axum::http::Method;
use grantor::model::client::ClientKind;

use crate::kit::http::{Answer, basic};
use crate::kit::world::{App, ISSUER, World};
use crate::oauth::{MACHINE, request};

const FORM: &str = "application/x-www-form-urlencoded";
const DOORS: [&str; 7] = [
    "/token",
    "/token/refresh",
    "/integrations/oauth2/api/v1/token",
    "/ims/token/v3",
    "/revoke",
    "/integrations/oauth2/api/v1/revoke",
    "/introspect",
];

async fn world() -> (World, App) {
    let world = World::new().await;
    let app = world.app(ClientKind::M2m).await;
    (world, app)
}

/// What every error of these doors looks like.
#[track_caller]
fn assert_is_an_oauth_error(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let error = answer.text("error");
    let description = answer.text("error_description");
    assert!(description.bytes().all(|b| matches!(b, 0x20..=0x7e) && b != b'"' && b != b'\\'), "{description}");
    assert!(description.ends_with(&format!("(ref {})", answer.header("x-request-id"))), "{description}");
    assert_eq!(answer.text("error_uri"), format!("{ISSUER}/errors/{error}"));
}

#[tokio::test]
async fn a15_r88_a_parameter_sent_twice_is_an_invalid_request() {
    let (world, app) = world().await;
    for door in DOORS {
        for (content_type, body) in [
            (FORM, "grant_type=client_credentials&grant_type=client_credentials"),
            (FORM, "token=a&token=b"),
            (FORM, "scope=&scope=projects%3Aread"),
            ("application/json", r#"{"token":"a","token":"b"}"#),
        ] {
            let headers = [("content-type", content_type), ("authorization", &*basic(&app))];
            let answer = request(&world, Method::POST, door, &headers, body).await.expect_error(400, "invalid_request");
            assert_is_an_oauth_error(&answer);
        }
    }
}

#[tokio::test]
async fn a16_an_empty_parameter_is_a_missing_one() {
    let (world, app) = world().await;
    world.token(&app, &[("grant_type", "")]).await.expect_error(400, "invalid_request");
    world.token(&app, &[("grant_type", "client_credentials"), ("scope", "")]).await.expect(200);
    world.token(&app, &[("grant_type", "refresh_token"), ("refresh_token", "")]).await.expect_error(400, "invalid_request");
    world.post_as("/revoke", Some(&basic(&app)), &[("token", "")]).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn a17_a23_wrong_methods_are_405_and_told_the_right_one() {
    let (world, _) = world().await;
    for door in DOORS {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
            let answer = request(&world, method.clone(), door, &[], "").await.expect_error(405, "invalid_request");
            assert!(answer.header("allow").contains("POST"), "{method} {door}");
            assert_is_an_oauth_error(&answer);
        }
    }
    for document in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        let answer = request(&world, Method::POST, document, &[], "").await.expect_error(405, "invalid_request");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    }
}

#[tokio::test]
async fn a18_other_content_types_are_415() {
    let (world, app) = world().await;
    let basic = basic(&app);
    for door in DOORS {
        for content_type in [
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/json; charset=utf-7",
            "",
        ] {
            let headers = [("content-type", content_type), ("authorization", &*basic)];
            let answer = request(&world, Method::POST, door, &headers, "token=a&grant_type=client_credentials").await;
            assert_is_an_oauth_error(&answer.expect_error(415, "invalid_request"));
        }
        let answer = request(&world, Method::POST, door, &[("authorization", &*basic)], "token=a").await;
        answer.expect_error(415, "invalid_request");
    }
}

#[tokio::test]
async fn a18_json_that_is_no_flat_object_is_an_invalid_request() {
    let (world, app) = world().await;
    let headers = [("content-type", "application/json"), ("authorization", &*basic(&app))];
    for body in ["", "[]", "null", r#"{"grant_type":["client_credentials"]}"#, r#"{"grant_type":{}}"#, "{", "{} {}"] {
        request(&world, Method::POST, "/token", &headers, body).await.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a19_a_body_above_64_kib_is_413_and_a_query_above_8_kib_is_414() {
    let (world, app) = world().await;
    let headers = [("content-type", FORM), ("authorization", &*basic(&app))];
    for door in DOORS {
        let body = format!("token={}", "a".repeat(64 * 1024));
        let answer = request(&world, Method::POST, door, &headers, body).await.expect_error(413, "invalid_request");
        assert_is_an_oauth_error(&answer);
        let far = format!("{door}?a={}", "b".repeat(8 * 1024));
        request(&world, Method::POST, &far, &headers, "token=a").await.expect(414);
    }
}

#[tokio::test]
async fn a22_a20_text_that_is_not_clean_utf8_is_an_invalid_request() {
    let (world, app) = world().await;
    let headers = [("content-type", FORM), ("authorization", &*basic(&app))];
    for door in DOORS {
        for value in ["%ff", "%ED%A0%80", "%C0%AF", "%00", "a%0D%0ASet-Cookie:x", "%0A", "%4", "%zz"] {
            for body in [format!("token={value}&grant_type=client_credentials"), format!("grant_type=client_credentials&{value}=x")] {
                let answer = request(&world, Method::POST, door, &headers, body).await.expect_error(400, "invalid_request");
                assert_is_an_oauth_error(&answer);
                assert!(answer.headers.get("set-cookie").is_none());
            }
        }
        let raw = &b"token=\xff&grant_type=client_credentials"[..];
        request(&world, Method::POST, door, &headers, raw).await.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn a20_no_input_comes_back() {
    let (world, app) = world().await;
    for pairs in [
        [("grant_type", "<script>\"zebra\\")].as_slice(),
        &[("grant_type", "client_credentials"), ("scope", "zebra<script>")],
        &[("grant_type", "authorization_code"), ("code", "zebra"), ("redirect_uri", "https://zebra.example")],
        &[("grant_type", "refresh_token"), ("refresh_token", "zebra\"")],
    ] {
        let answer = world.token(&app, pairs).await;
        assert_is_an_oauth_error(&answer);
        assert!(!answer.body.contains("zebra"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a21_successes_are_not_kept_either() {
    let (world, app) = world().await;
    let answer = world.token(&app, &MACHINE).await.expect(200);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let answer = world.post_as("/revoke", Some(&basic(&app)), &[("token", "x")]).await.expect(200);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
}
