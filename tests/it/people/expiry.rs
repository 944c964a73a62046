//! Mails about secrets and keys that will soon stop working.

use grantor::flows::mails::expiry::warn;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::world::World;
use crate::people::{mailing, read_mail};

const IN_40_DAYS: &str = "UPDATE credentials SET expires_at = TIMESTAMPTZ '2026-04-10 12:00:00Z'";

async fn told(world: &World) -> usize {
    warn(&world.deps, world.now()).await.expect("the database is there")
}

/// A world with mail, where an app has a secret that ends in 40 days, and an owner, an admin, a developer and a member.
async fn ending() -> World {
    let world = mailing().await;
    for role in [Role::Owner, Role::Admin, Role::Developer, Role::Member] {
        world.person(role).await;
    }
    world.app(ClientKind::M2m).await;
    world.sql(IN_40_DAYS).await;
    world
}

#[tokio::test]
async fn r54_admins_are_told_thirty_and_three_days_before_a_credential_ends_and_once_each_time() {
    let world = ending().await;
    world.pass(Duration::days(10) - Duration::SECOND);
    assert_eq!(told(&world).await, 0, "a second too early");
    world.pass(Duration::SECOND);
    let second = world.second().await;
    let (one, other) = tokio::join!(told(&world), told(&second));
    assert_eq!(one + other, 1, "of two servers one tells");
    let mut mails = read_mail(&world).await;
    mails.sort();
    assert_eq!(mails.len(), 2, "owner and admin, nobody else: {mails:?}");
    for (mail, to) in mails.iter().zip(["admin@acme.test", "owner@acme.test"]) {
        assert!(mail.contains(&format!("To: {to}")), "{mail}");
        assert!(
            mail.contains("stops working in 30 days") && mail.contains("10 April 2026, 12:00 UTC") && mail.contains("/credentials"),
            "{mail}"
        );
    }
    world.pass(Duration::days(20));
    assert_eq!(told(&world).await, 0);
    world.pass(Duration::days(7));
    assert_eq!((told(&world).await, read_mail(&world).await.len(), told(&world).await), (1, 2, 0), "three days before, again");
    world.pass(Duration::days(3));
    assert_eq!(told(&world).await, 0, "it has ended");
}

#[tokio::test]
async fn an_end_that_is_moved_is_warned_of_anew_and_one_that_is_near_only_once() {
    let world = ending().await;
    world.sql("UPDATE credentials SET expires_at = TIMESTAMPTZ '2026-03-03 12:00:00Z'").await;
    assert_eq!((told(&world).await, told(&world).await), (1, 0), "with two days left the warning of thirty is not sent as well");
    world.sql("UPDATE credentials SET expires_at = TIMESTAMPTZ '2026-03-20 12:00:00Z'").await;
    assert_eq!(told(&world).await, 1);
}

#[tokio::test]
async fn nobody_is_told_of_what_cannot_be_used_any_more_nor_where_mail_is_off() {
    for gone in [
        "UPDATE credentials SET deleted_at = created_at",
        "UPDATE clients SET disabled_at = created_at",
        "UPDATE orgs SET disabled_at = created_at",
        "UPDATE credentials SET expires_at = NULL",
    ] {
        let world = ending().await;
        world.pass(Duration::days(39));
        world.sql(gone).await;
        assert_eq!(told(&world).await, 0, "{gone}");
    }
    let silent = World::new().await;
    silent.app(ClientKind::M2m).await;
    silent.sql(IN_40_DAYS).await;
    silent.pass(Duration::days(39));
    assert_eq!((told(&silent).await, silent.count("SELECT count(*) FROM expiry_warnings").await), (0, 0), "told when mail is there");
}
