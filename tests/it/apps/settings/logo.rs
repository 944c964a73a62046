//! The logo by the form of the settings page: a file in `multipart/form-data`, refusals in words, and taking it away.

use std::io::Cursor;

use axum::http::Method;
use image::{DynamicImage, ImageFormat};

use crate::apps::settings::admin_and_app;
use crate::kit::browser::{Browser, Page};
use crate::kit::http::Answer;
use crate::kit::world::ISSUER;

const BOUNDARY: &str = "----grantor-test";

/// The body of a form with a file.
fn body(csrf: &str, name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; \
         name=\"logo\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

async fn upload(browser: &mut Browser, path: &str, csrf: &str, name: &str, file: &[u8]) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", &*kind), ("origin", ISSUER), ("sec-fetch-site", "same-origin")];
    browser.send_bytes(Method::POST, path, &headers, body(csrf, name, file)).await
}

pub(super) fn csrf(page: &Page) -> String {
    let (_, fields) = page.form("logo").expect("the logo's form");
    fields.into_iter().find(|(name, _)| name == "csrf").expect("the token").1
}

pub(super) fn png() -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgba8(64, 64).write_to(&mut file, ImageFormat::Png).expect("a picture");
    file.into_inner()
}

#[tokio::test]
async fn e10_a_logo_is_uploaded_shown_and_taken_away_on_the_settings_page() {
    let (world, mut browser, app, settings) = admin_and_app().await;
    let (path, page) = (format!("/orgs/acme/apps/{}/logo", app.client_id), browser.open(&settings).await);
    assert!(page.answer.body.contains("No logo yet") && !page.answer.body.contains("Remove the logo"));
    let token = csrf(&page);
    let set = upload(&mut browser, &path, &token, "logo.png", &png()).await.expect(303);
    assert_eq!(set.header("location"), format!("{settings}?done=logo-set"));
    let digest = world.record(&app).await.client.logo.expect("a logo");
    let page = browser.open(&settings).await;
    assert!(page.answer.body.contains(&format!("src=\"/logos/{digest}.png\"")) && page.answer.body.contains("Remove the logo"));
    let removed = browser.post(&format!("{path}/remove"), &[("csrf", &token)]).await;
    assert!(removed.url.ends_with("?done=logo-removed"));
    assert_eq!(world.record(&app).await.client.logo, None);
}

#[tokio::test]
async fn what_is_no_logo_is_refused_in_words_beside_the_field() {
    let (world, mut browser, app, settings) = admin_and_app().await;
    let (path, page) = (format!("/orgs/acme/apps/{}/logo", app.client_id), browser.open(&settings).await);
    let token = csrf(&page);
    let bomb = vec![0; 10 * 1024 * 1024];
    let files: [(&str, &[u8], &str); 5] = [
        ("logo.png", b"", "Choose a file."),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG files can hold scripts"),
        ("page.png", b"<!doctype html><script>alert(1)</script>", "whatever its name says"),
        ("torn.png", &png()[..60], "cannot be read to its end"),
        ("large.png", &bomb, "at most 1 MiB"),
    ];
    for (name, file, words) in files {
        let refused = upload(&mut browser, &path, &token, name, file).await.expect(422);
        assert!(refused.body.contains(words) && refused.body.contains("id=\"logo-error\""), "{name}: {}", refused.body);
        assert!(refused.body.contains("<title>Error: "), "{name}");
        assert!(!refused.body.contains("alert(1)"), "{name}");
    }
    assert_eq!(world.record(&app).await.client.logo, None);
}

#[tokio::test]
async fn m8_a_logo_without_the_forms_token_or_from_another_site_is_not_taken() {
    let (world, mut browser, app, settings) = admin_and_app().await;
    let path = format!("/orgs/acme/apps/{}/logo", app.client_id);
    let token = csrf(&browser.open(&settings).await);
    upload(&mut browser, &path, "forged", "logo.png", &png()).await.expect(403);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let foreign = [("content-type", &*kind), ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    browser.send_bytes(Method::POST, &path, &foreign, body(&token, "logo.png", &png())).await.expect(403);
    assert_eq!(world.record(&app).await.client.logo, None);
}
