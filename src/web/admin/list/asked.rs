//! What the address of the list asks for.

use time::OffsetDateTime;

use crate::flows::clients::list::Query;
use crate::model::client::{ClientKind, Sort, SortBy};
use crate::model::migration::Proof;
use crate::web::admin::list::PAGE;
use crate::web::admin::place::Place;
use crate::web::views::apps::list::{Asked, ORDERS};

/// How much of a search is read.
const LONGEST: usize = 200;

/// What it asks for; what it cannot mean is left out, so that the page never shows a filter that is not in force.
pub(super) fn read(place: &Place) -> Asked {
    let known = |name: &str, words: &[&str]| {
        let word = words.iter().find(|word| **word == place.query(name));
        word.map(|word| (*word).to_owned()).unwrap_or_default()
    };
    Asked {
        q: place.query("q").trim().chars().take(LONGEST).collect(),
        kind: known("kind", &ClientKind::ALL.map(ClientKind::as_str)),
        status: known("status", &["active", "disabled"]),
        credential: known("credential", &["jwt", "secret"]),
        attention: place.query("attention") == "true",
        sort: known("sort", &ORDERS.map(|order| order.word)),
    }
}

/// The same for the flow.
pub(super) fn query(asked: &Asked, cursor: Option<String>, now: OffsetDateTime) -> Query {
    let order = asked.order();
    let by = match order.column {
        "Application" => SortBy::Name,
        "Last used" => SortBy::Used,
        _ => SortBy::Created,
    };
    let credential = match asked.credential.as_str() {
        "jwt" => Some(Proof::Key),
        "secret" => Some(Proof::Secret),
        _ => None,
    };
    Query {
        q: Some(asked.q.clone()).filter(|q| !q.is_empty()),
        kind: ClientKind::parse(&asked.kind),
        credential,
        attention_at: asked.attention.then_some(now),
        enabled: (!asked.status.is_empty()).then_some(asked.status == "active"),
        system: None,
        sort: Sort { by, ascending: order.ascending },
        cursor,
        limit: Some(PAGE),
    }
}
