//! Every route by everybody: `docs/ROUTES.md` says who may use which, and the server is asked whether that is so.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::kit::browser::Browser;
use crate::kit::http::{Answer, form};
use crate::kit::world::World;
use crate::matrix::table::{Row, Who, known, rows};
use grantor::model::membership::Role;

mod api;
mod pages;
mod place;
mod table;

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
    assert!(new.is_empty(), "say in docs/ROUTES.md who may use these routes:{new}");
    let gone = lines(classified.difference(&known).collect());
    assert!(gone.is_empty(), "docs/ROUTES.md names routes that are not there:{gone}");
}

async fn send(browser: &mut Browser, row: &Row) -> Answer {
    let path = row.path.replace("{*path}", "x").replace("{code}", "invalid_grant").replace("{link}", "x").replace("{file}", "x");
    let path = path.replace("{id}", place::NOTHING);
    let fields: Vec<_> = row.sent.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let headers: &[_] = if row.changes() { &[("content-type", "application/x-www-form-urlencoded")] } else { &[] };
    browser.send(row.method.clone(), &path, headers, if row.changes() { form(&fields) } else { String::new() }).await
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
