//! The same assertion at two server processes: one of them accepts it, once.

use serde_json::json;
use tokio::task::JoinSet;

use crate::assertions::{DOORS, Door, Machine, show_at};
use crate::kit::http::Answer;
use crate::kit::signer::Pair;
use crate::kit::world::World;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

/// How many try at once.
const TRIES: usize = 24;

async fn race(machine: &Machine, doors: [&World; 2], door: Door, assertion: &str) -> Vec<Answer> {
    let mut tries = JoinSet::new();
    for number in 0..TRIES {
        let (world, app, assertion) = (doors[number % 2].clone(), machine.app.clone(), assertion.to_owned());
        tries.spawn(async move { show_at(&world, &app, door, &assertion).await });
    }
    tries.join_all().await
}

#[tokio::test]
async fn g17_j7_i8_an_assertion_is_used_once_whichever_process_sees_it_and_whatever_becomes_of_that() {
    let world = World::in_real_time().await;
    let user = world.person(Role::Member).await;
    let app = world.app(ClientKind::M2m).await;
    world.signer(&app, Pair::Rsa).await;
    let machine = Machine { world: world.clone(), app, user };
    let (a, b) = tokio::join!(world.process(), world.process());
    let mut shown = Vec::new();
    for (number, door) in DOORS.into_iter().enumerate() {
        world.catch_up();
        let assertion = machine.signed(door, &format!("raced {door:?}"), |claims| {
            if door == Door::Ims {
                claims.insert("jti".to_owned(), json!(number));
            }
        });
        let answers = race(&machine, [&a, &b], door, &assertion).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        // 429: so many failures of one client at one address are themselves too many.
        let expected = [200, door.refusal().0, 429];
        assert!(won == 1 && statuses.iter().all(|status| expected.contains(status)), "{door:?} {statuses:?}");
        shown.push((door, assertion));
    }
    // What one process accepted is not forgotten with it.
    a.kill().await;
    let late = world.process().await;
    for (door, assertion) in shown {
        let (status, error) = door.refusal();
        show_at(&late, &machine.app, door, &assertion).await.expect_error(status, error);
    }
    assert_eq!(world.count("SELECT count(*) FROM assertion_uses").await, 4);
}
