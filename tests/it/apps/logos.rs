//! Logos through the doors: what is taken, what is served, and what is refused.

use std::io::Cursor;

use axum::body::Body;
use axum::http::{Method, Request};
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use image::{DynamicImage, ImageFormat};

use crate::apps::{APPS, managed};
use crate::kit::browser::{Browser, authorize_url};
use crate::kit::http::{Answer, send};
use crate::kit::world::{CALLBACK, World};

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgba8(width, height).write_to(&mut file, ImageFormat::Png).expect("a picture");
    file.into_inner()
}

async fn put(world: &World, path: &str, token: &str, file: Vec<u8>) -> Answer {
    let request = Request::put(path).header("authorization", format!("Bearer {token}")).header("content-type", "image/png");
    send(&world.router, request.body(Body::from(file)).expect("a request")).await
}

#[tokio::test]
async fn e8_e10_a_logo_is_drawn_anew_served_from_our_origin_and_asked_about_again() {
    let (world, token) = managed().await;
    world.person(Role::Member).await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("{APPS}/{}/logo", app.client_id);
    let question = authorize_url(&[("client_id", &app.client_id), ("redirect_uri", CALLBACK), ("response_type", "code")]);
    let mut browser = Browser::new(&world);
    browser.approve(&question, "member@acme.test").await;
    assert!(browser.open(&question).await.left(), "the approval is remembered");

    let answer = put(&world, &path, &token, png(600, 300)).await.expect(200);
    let url = answer.text("logo_url");
    let own = url.strip_prefix("https://auth.example.test").expect("our own origin");
    let served = world.get(own).await.expect(200);
    let headers = ["content-type", "cache-control", "content-security-policy", "x-content-type-options"].map(|name| served.header(name));
    assert_eq!(headers, ["image/png", "public, max-age=31536000, immutable", "default-src 'none'; sandbox", "nosniff"]);
    let asked = browser.open(&question).await;
    assert!(!asked.left() && asked.answer.body.contains(own), "the page asks again, with the logo");

    world.api(Method::GET, &path, &token, None).await.expect(200);
    world.api(Method::DELETE, &path, &token, None).await.expect(204);
    world.api(Method::GET, &path, &token, None).await.expect(404);
    world.get(own).await.expect(404);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE action = 'client.update'").await, 2);
}

#[tokio::test]
async fn the_same_logo_again_changes_nothing() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("{APPS}/{}/logo", app.client_id);
    let first = put(&world, &path, &token, png(8, 8)).await.expect(200);
    assert_eq!(put(&world, &path, &token, png(8, 8)).await.expect(200).header("etag"), first.header("etag"));
}

#[tokio::test]
async fn what_is_no_good_picture_is_refused_with_the_reason() {
    let (world, token) = managed().await;
    let app = world.app(ClientKind::Web).await;
    let path = format!("{APPS}/{}/logo", app.client_id);
    let files: [(Vec<u8>, &str); 6] = [
        (Vec::new(), "required"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "svg"),
        (b"<!doctype html><script>alert(1)</script>".to_vec(), "not_a_picture"),
        (png(2049, 1), "too_many_pixels"),
        (png(64, 64)[..60].to_vec(), "broken"),
        (vec![0; 10 * 1024 * 1024], "too_large"),
    ];
    for (file, code) in files {
        let refused = put(&world, &path, &token, file).await.expect(422).json();
        assert_eq!((refused["errors"][0]["field"].as_str(), refused["errors"][0]["code"].as_str()), (Some("logo"), Some(code)));
    }
    assert_eq!(world.record(&app).await.client.logo, None);
}

#[tokio::test]
async fn only_the_digest_of_a_logo_is_an_address() {
    let world = World::new().await;
    let digest = "ab".repeat(32);
    for name in
        [format!("{digest}.png"), format!("{digest}.svg"), digest.to_uppercase() + ".png", "..%2Fx.png".to_owned(), "x.png".to_owned()]
    {
        world.get(&format!("/logos/{name}")).await.expect(404);
    }
}
