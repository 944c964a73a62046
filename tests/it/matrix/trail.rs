//! Every route that changes something leaves an entry in the audit trail (M15), and what weighs much asks for the password
//! again (M14).

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use time::Duration;

use crate::kit::http::Answer;
use crate::kit::world::World;
use crate::matrix::api::call;
use crate::matrix::pages::{Person, place};
use crate::matrix::place::Aim;
use crate::matrix::table::{Row, Who, rows};

/// What answers well here without having changed anything: the thing is as it is wished to be.
const ALREADY_SO: [&str; 6] =
    ["POST /enable", "POST /sign-out", "POST /sessions/end-others", "POST /brown-out/end", "DELETE /logo", "POST /logo/remove"];

/// Posts that change nothing: steps of a form, downloads of what was posted, an assertion that is only looked at.
const CHANGES_NOTHING: [&str; 9] = [
    "/new/details",
    "/new/access",
    "/new/limits",
    "/new/review",
    "/quickstart/try",
    "/credentials/download",
    "/development/download",
    "/credentials/check",
    "/assertion-check",
];

fn is_done(answer: &Answer) -> bool {
    let led_away = answer.status == StatusCode::SEE_OTHER && answer.header("location").starts_with("/login");
    (answer.status.is_success() || answer.status.is_redirection()) && !led_away
}

/// The reference ids in the trail with their actions.
async fn trail(world: &World) -> BTreeMap<String, String> {
    let lines = world.words("SELECT request_id || ' ' || action FROM audit_events WHERE request_id IS NOT NULL").await;
    lines.iter().filter_map(|line| line.split_once(' ')).map(|(id, action)| (id.to_owned(), action.to_owned())).collect()
}

#[tokio::test]
async fn m15_every_route_that_changes_something_leaves_an_entry() {
    let place = place().await;
    let mut owner = Person::sign_in(&place.world, "owner@acme.test").await;
    let manager = place.world.manager_token("acme").await;
    let (mut reached, mut silent) = (BTreeSet::new(), Vec::new());
    for row in rows().into_iter().filter(Row::changes) {
        if !matches!(row.who, Who::Role(_) | Who::SignedIn | Who::Token(_)) {
            continue;
        }
        let address = place.address_for(&row, Aim::Own, "owner@acme.test").await;
        let answer = match row.who {
            Who::Token(_) => call(&place, &row, &address, ("authorization", &manager)).await,
            _ => owner.send(&row, &address).await,
        };
        if CHANGES_NOTHING.into_iter().any(|end| row.path.ends_with(end)) {
            continue;
        }
        let already_so = |so: &str| so.split_once(' ').is_some_and(|(method, end)| row.method == method && row.path.ends_with(end));
        if !is_done(&answer) || ALREADY_SO.into_iter().any(already_so) {
            continue;
        }
        let entry = trail(&place.world).await.remove(answer.header("x-request-id"));
        if entry.is_none() {
            silent.push(format!("{} {}: {} {}", row.method, row.path, answer.status, answer.header("location")));
        }
        reached.insert(format!("{} {}", row.method, row.path));
    }
    assert!(silent.is_empty(), "no entry in the audit trail for {silent:#?}");
    assert!(reached.len() >= 20, "too few were reached to say anything: {reached:#?}");
}

/// Routes of a role that ask whoever signed in long ago for the password.
async fn asking(place: &crate::matrix::place::Place) -> BTreeSet<String> {
    let mut owner = Person::sign_in(&place.world, "owner@acme.test").await;
    place.world.pass(Duration::minutes(11));
    let mut asking = BTreeSet::new();
    for row in rows().into_iter().filter(|row| row.method == Method::POST && matches!(row.who, Who::Role(_))) {
        let address = place.address_for(&row, Aim::Own, "owner@acme.test").await;
        let answer = owner.send(&row, &address).await;
        if answer.status == StatusCode::UNAUTHORIZED && answer.body.contains("Confirm it is you") {
            asking.insert(row.path.clone());
        }
    }
    asking
}

#[tokio::test]
async fn m14_what_weighs_much_asks_whoever_signed_in_long_ago() {
    let place = place().await;
    let asking = asking(&place).await;
    let weighs = |path: &str| {
        let app = path.strip_prefix("/orgs/{slug}/apps/{client_id}").unwrap_or_default();
        let of_an_app = ["/delete", "/credentials", "/migration", "/migration/cancel", "/migration/complete"].contains(&app)
            || app.starts_with("/credentials/{id}/")
            || app.contains("keys")
            || app.contains("service-credentials");
        let of_people = path.strip_prefix("/orgs/{slug}/people/").is_some_and(|path| path != "invitations/{id}/revoke");
        of_an_app || of_people
    };
    let weighty: BTreeSet<String> =
        rows().iter().filter(|row| row.method == Method::POST && weighs(&row.path)).map(|row| row.path.clone()).collect();
    assert!(weighty.len() >= 12, "{weighty:#?}");
    let silent: Vec<_> = weighty.difference(&asking).collect();
    assert!(silent.is_empty(), "these should ask for the password again: {silent:#?}");
    let deleted = "SELECT count(*) FROM clients WHERE deleted_at IS NOT NULL AND deleted_at <> created_at";
    assert_eq!(place.world.count(deleted).await, 0, "but those that were there to be restored");
}
