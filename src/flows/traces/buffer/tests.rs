//! Bounds: what a flood may take, and that a failed write loses nothing that fits.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Buffer, CLIENTS, RING, SHARDS};
use crate::model::check::Check;
use crate::model::ids::{ClientKey, OrgId};
use crate::model::request_trace::{Endpoint, Fault, Outcome, RequestTrace};

fn trace(client: u128, number: usize, outcome: Outcome) -> RequestTrace {
    RequestTrace {
        client: ClientKey(Uuid::from_u128(client)),
        org: OrgId(Uuid::nil()),
        at: OffsetDateTime::UNIX_EPOCH,
        request_id: number.to_string(),
        endpoint: Endpoint::Token,
        grant: None,
        method: None,
        status: 200,
        outcome,
    }
}

fn refused() -> Outcome {
    Outcome::Refused(Box::new(Fault { error: String::new(), cause: String::new(), check: Check::Rule, contrast: None }))
}

fn ids(buffer: &Buffer) -> Vec<String> {
    buffer.take(usize::MAX).traces().iter().map(|trace| trace.request_id.clone()).collect()
}

#[test]
fn a_client_keeps_the_newest_of_each_kind_and_successes_do_not_wash_refusals_away() {
    let buffer = Buffer::new();
    buffer.push(trace(1, 0, refused()));
    for number in 1..=5 * RING {
        buffer.push(trace(1, number, Outcome::Answered));
    }
    let kept = ids(&buffer);
    assert_eq!(kept.len(), 1 + RING);
    assert!(kept.contains(&"0".to_owned()) && kept.contains(&(5 * RING).to_string()) && !kept.contains(&"1".to_owned()), "{kept:?}");
}

#[test]
fn what_was_not_written_comes_back_in_its_order_and_what_was_written_does_not() {
    let buffer = Buffer::new();
    for number in 0..3 {
        buffer.push(trace(1, number, Outcome::Answered));
    }
    let taken = buffer.take(10);
    buffer.push(trace(1, 3, Outcome::Answered));
    drop(taken);
    assert_eq!(ids(&buffer), ["0", "1", "2", "3"], "and dropping what `ids` took puts it back once more");
    buffer.take(10).written();
    assert!(ids(&buffer).is_empty());
}

#[test]
fn many_clients_take_a_bounded_room() {
    let buffer = Buffer::new();
    let clients = 2 * CLIENTS * SHARDS;
    for client in 0..clients {
        buffer.push(trace(client as u128, client, Outcome::Answered));
    }
    let kept = buffer.take(usize::MAX).traces().len();
    assert!((CLIENTS..=CLIENTS * SHARDS).contains(&kept), "{kept}");
}
