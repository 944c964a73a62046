//! One use each: across servers, across doors, and only while the assertion lives.

use serde_json::json;
use time::Duration;
use tokio::task::JoinSet;

use crate::assertions::{Door, Machine, show_at};
use crate::kit::signer::{Pair, b64};

#[tokio::test]
async fn g17_j7_64_parallel_uses_over_two_servers_have_one_winner() {
    let machine = Machine::new().await;
    let second = machine.world.second().await;
    for door in [Door::Client, Door::Grant, Door::Workfront] {
        let assertion = machine.assertion(door, &format!("raced {door:?}"));
        let mut tries = JoinSet::new();
        for index in 0..64 {
            let (world, app, assertion) =
                (if index % 2 == 0 { machine.world.clone() } else { second.clone() }, machine.app.clone(), assertion.clone());
            tries.spawn(async move { show_at(&world, &app, door, &assertion).await });
        }
        let answers = tries.join_all().await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{door:?}");
        let (status, error) = door.refusal();
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.expect_error(status, error);
        }
    }
    assert_eq!(machine.world.count("SELECT count(*) FROM assertion_uses").await, 3);
}

#[tokio::test]
async fn g17_r34_a_second_use_is_refused_in_the_words_of_the_door() {
    let machine = Machine::new().await;
    for (door, status, error) in
        [(Door::Client, 401, "invalid_client"), (Door::Grant, 400, "invalid_grant"), (Door::Workfront, 400, "invalid_token")]
    {
        let assertion = machine.assertion(door, &format!("{door:?}"));
        machine.show(door, &assertion).await.expect(200);
        machine.show(door, &assertion).await.expect_error(status, error);
        // Another assertion with the same id is the same one.
        let again = machine.signed(door, &format!("{door:?}"), |claims| claims["exp"] = json!(machine.now() + 30));
        machine.show(door, &again).await.expect_error(status, error);
    }
    let id = |claims: &mut serde_json::Map<String, serde_json::Value>| {
        claims.insert("jti".to_owned(), json!(9));
    };
    machine.show(Door::Ims, &machine.signed(Door::Ims, "", id)).await.expect(200);
    machine.show(Door::Ims, &machine.signed(Door::Ims, "", id)).await.expect_error(400, "invalid_token");
}

#[tokio::test]
async fn j8_an_assertion_used_in_one_role_is_used_in_the_other() {
    let machine = Machine::new().await;
    let first = machine.assertion(Door::Client, "first");
    machine.show(Door::Client, &first).await.expect(200);
    machine.show(Door::Grant, &first).await.expect_error(400, "invalid_grant");
    let second = machine.assertion(Door::Grant, "second");
    machine.show(Door::Grant, &second).await.expect(200);
    machine.show(Door::Client, &second).await.expect_error(401, "invalid_client");
}

#[tokio::test]
async fn ids_are_each_clients_own() {
    let machine = Machine::new().await;
    let app = machine.world.app(grantor::model::client::ClientKind::M2m).await;
    machine.world.signer(&app, Pair::Rsa).await;
    let other = Machine { app, ..machine.clone() };
    machine.show(Door::Client, &machine.assertion(Door::Client, "same")).await.expect(200);
    other.show(Door::Client, &other.assertion(Door::Client, "same")).await.expect(200);
}

#[tokio::test]
async fn r34_without_an_id_the_exchanges_take_it_again_and_the_token_endpoint_does_not() {
    let machine = Machine::new().await;
    for door in [Door::Workfront, Door::Ims] {
        let assertion = machine.signed(door, "", |claims| {
            claims.remove("jti");
        });
        machine.show(door, &assertion).await.expect(200);
        machine.show(door, &assertion).await.expect(200);
    }
    let claims = serde_json::Value::Object({
        let mut claims = machine.claims(Door::Grant, "");
        claims.remove("jti");
        claims
    });
    let first = Pair::P256.get().assertion(&claims);
    machine.show(Door::Grant, &first).await.expect(200);
    // Every ECDSA signature of the same text is another one, and the assertion is the same.
    let input = first.rsplit_once('.').expect("a dot").0;
    let again = format!("{input}.{}", b64(Pair::P256.get().signature(input.as_bytes())));
    assert_ne!(first, again);
    machine.show(Door::Grant, &again).await.expect_error(400, "invalid_grant");
}

#[tokio::test]
async fn r4_uses_are_kept_until_the_assertion_has_expired_and_pruned_then() {
    let machine = Machine::new().await;
    machine.show(Door::Client, &machine.assertion(Door::Client, "kept")).await.expect(200);
    machine.world.pass(Duration::seconds(60));
    // The row is still there, its assertion is not: the id is free again.
    machine.show(Door::Client, &machine.assertion(Door::Client, "kept")).await.expect(200);
    assert_eq!(machine.world.count("SELECT count(*) FROM assertion_uses").await, 1);
    machine.world.pass(Duration::days(2));
    let bounds = grantor::flows::prune::Bounds { batch: 100, batches: 10 };
    let now = machine.world.now();
    grantor::flows::prune::prune(&machine.world.deps, &mut grantor::flows::prune::Cursor::default(), bounds, now).await.expect("pruned");
    assert_eq!(machine.world.count("SELECT count(*) FROM assertion_uses").await, 0);
}
