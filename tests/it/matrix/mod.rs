//! Every route by everybody: `docs/ROUTES.md` says who may use which, and the server is asked whether that is so.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::kit::browser::Browser;
use crate::kit::http::{Answer, form};
use crate::kit::process::{run, said};
use crate::kit::world::World;
use crate::matrix::table::{Row, Who, known, rows};
use grantor::model::membership::Role;
use grantor::web::api::document::{TEXT, calls};

mod api;
pub(crate) mod pages;
pub(crate) mod place;
pub(crate) mod table;
mod trail;

/// Whether somebody was let in. What was asked of them after that may well be refused for what it says.
fn is_allowed(status: StatusCode, made_up: bool) -> bool {
    match status.as_u16() {
        401 | 403 | 405 => false,
        404 => made_up,
        status => status < 500,
    }
}

#[tokio::test]
async fn every_route_is_classified() {
    let world = World::new().await;
    let known = known(&world.router);
    let rows = rows();
    let classified: BTreeSet<(String, String)> = rows.iter().map(|row| (row.method.to_string(), row.path.clone())).collect();
    assert_eq!(rows.len(), classified.len(), "docs/ROUTES.md names a route twice");
    let lines = |routes: Vec<&(String, String)>| {
        routes.iter().map(|(method, path)| format!("| {method} | `{path}` |")).collect::<Vec<_>>().join("\n")
    };
    let new = lines(known.difference(&classified).collect());
    assert!(new.is_empty(), "say in docs/ROUTES.md who may use these routes: {new:#?}");
    let gone = lines(classified.difference(&known).collect());
    assert!(gone.is_empty(), "docs/ROUTES.md names routes that are not there: {gone:#?}");
}

async fn send(browser: &mut Browser, row: &Row) -> Answer {
    let path = row
        .path
        .replace("{*path}", "x")
        .replace("{code}", "invalid_grant")
        .replace("{name}", "not-found")
        .replace("{link}", "x")
        .replace("{file}", "x");
    let path = path.replace("{id}", place::NOTHING);
    let fields: Vec<_> = row.sent.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let headers: &[_] = if row.changes() { &[("content-type", "application/x-www-form-urlencoded")] } else { &[] };
    browser.send(row.method.clone(), &path, headers, if row.changes() { form(&fields) } else { String::new() }).await
}

#[test]
fn every_call_of_the_management_api_is_in_its_document_with_the_same_scopes() {
    let calls: BTreeSet<(String, String)> =
        calls::all().map(|call| (call.method.to_ascii_uppercase(), format!("/api/v1{}", call.path))).collect();
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.path.starts_with("/api/v1/")).collect();
    let routes: BTreeSet<(String, String)> = rows.iter().map(|row| (row.method.to_string(), row.path.clone())).collect();
    let undocumented: Vec<_> = routes.difference(&calls).collect();
    assert!(undocumented.is_empty(), "add these to src/web/api/document/calls: {undocumented:#?}");
    let gone: Vec<_> = calls.difference(&routes).collect();
    assert!(gone.is_empty(), "src/web/api/document/calls names calls that are not there: {gone:#?}");
    for row in &rows {
        let Who::Token(lists) = &row.who else { continue };
        let is_it = |call: &&calls::Call| call.method.eq_ignore_ascii_case(row.method.as_str()) && row.path.ends_with(call.path);
        let call = calls::all().filter(is_it).max_by_key(|call| call.path.len()).expect("the call of the row");
        for list in lists {
            assert!(call.scopes.iter().any(|needed| needed == list), "{} does not say that {list:?} is enough", call.id);
        }
    }
}

#[test]
fn the_document_is_as_recorded() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("openapi", *TEXT));
}

#[tokio::test]
async fn the_document_is_served_to_anyone_and_printed_by_the_program() {
    let world = World::new().await;
    let served = world.get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.json()["openapi"], "3.1.0");
    let printed = run(&["openapi"], &[]).await;
    assert_eq!((printed.status.code(), said(&printed.stdout).trim_end()), (Some(0), served.body.as_str()));
}

#[tokio::test]
async fn what_is_for_anyone_asks_nobody_who_they_are() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let mut owner = Browser::new(&world);
    owner.sign_in("owner@acme.test").await;
    for row in rows().into_iter().filter(|row| row.who == Who::Anyone) {
        let stranger = send(&mut Browser::new(&world), &row).await;
        let signed_in = send(&mut owner, &row).await;
        assert!(!matches!(stranger.status.as_u16(), 401 | 403 | 405 | 500..), "{} {}: {}", row.method, row.path, stranger.status);
        // Who is signed in is led on from the sign-in page.
        if row.path != "/login" {
            assert_eq!(stranger.status, signed_in.status, "{} {}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn what_is_for_the_holder_of_a_value_opens_to_nobody_without_it() {
    let world = World::new().await;
    world.person(Role::Owner).await;
    let mut owner = Browser::new(&world);
    owner.sign_in("owner@acme.test").await;
    // Who is not signed in may sign out: nothing happens.
    for row in rows().into_iter().filter(|row| matches!(row.who, Who::Holder | Who::Client) && row.path != "/logout") {
        for browser in [&mut Browser::new(&world), &mut owner] {
            let answer = send(browser, &row).await;
            let refused = matches!(answer.status.as_u16(), 400..500);
            assert!(refused || answer.header("location").starts_with("/login"), "{} {}: {}", row.method, row.path, answer.status);
            if row.who == Who::Client {
                assert!(matches!(answer.status.as_u16(), 400 | 401) && answer.json()["error"].is_string(), "{} {}", row.method, row.path);
            }
        }
    }
}
