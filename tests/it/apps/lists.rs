//! Lists in every order, page by page; and what a change of limits does to those who are connected.

use grantor::flows::clients::list::{Query, list};
use grantor::flows::clients::update;
use grantor::model::client::{ClientKind, Sort, SortBy};
use grantor::model::client_draft::ClientDraft;
use grantor::model::membership::Role;
use rstest::rstest;
use time::Duration;

use crate::apps::inside;
use crate::kit::world::World;

const DAY: i64 = 86_400;

#[rstest]
#[tokio::test]
async fn m9_each_order_lists_every_app_once_over_pages(
    #[values(SortBy::Created, SortBy::Name, SortBy::Used)] by: SortBy,
    #[values(true, false)] ascending: bool,
) {
    let world = World::new().await;
    let access = inside(&world, Role::Admin).await;
    for name in ["delta", "Alpha", "charlie", "Bravo", "alpha"] {
        world.app_with(ClientKind::Web, |client| client.profile.name = name.to_owned()).await;
        world.pass(Duration::seconds(1));
    }
    world.sql("UPDATE clients SET last_used_at = created_at WHERE name IN ('Bravo', 'delta')").await;
    world.sql("UPDATE clients SET disabled_at = created_at WHERE name = 'charlie'").await;
    let mut query = Query { sort: Sort { by, ascending }, limit: Some(2), ..Query::default() };
    let mut names = Vec::new();
    loop {
        let page = list(&world.deps, &access, &query).await.expect("a page");
        names.extend(page.items.into_iter().map(|record| record.client.profile.name));
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    // In the order made: delta, Alpha, charlie, Bravo, alpha; ties stand in that order too.
    let mut expected = match by {
        SortBy::Created => ["delta", "Alpha", "charlie", "Bravo", "alpha"],
        SortBy::Name => ["Alpha", "alpha", "Bravo", "charlie", "delta"],
        SortBy::Used => ["Alpha", "charlie", "alpha", "delta", "Bravo"],
    };
    if !ascending {
        expected.reverse();
    }
    assert_eq!(names, expected);
    let enabled = Query { enabled: Some(false), ..Query::default() };
    assert_eq!(list(&world.deps, &access, &enabled).await.expect("a page").items.len(), 1);
}

#[tokio::test]
async fn shorter_limits_end_living_authorizations_earlier_and_longer_ones_bring_none_back() {
    let world = World::new().await;
    let access = inside(&world, Role::Admin).await;
    world.person(Role::Member).await;
    let app = world.app(ClientKind::Web).await;
    world.tokens(&app, "member@acme.test").await;
    world.pass(Duration::days(10));
    world.tokens(&app, "member@acme.test").await;
    let limits = |absolute: i64, idle: i64| {
        move |mut draft: ClientDraft| {
            draft.refresh_tokens.absolute_lifetime = Some(absolute);
            draft.refresh_tokens.idle_lifetime = Some(idle);
            draft
        }
    };
    let wish = limits(5 * DAY, 5 * DAY)(ClientDraft::from(&world.record(&app).await.client.profile));
    let effect = update::effect(&world.deps, &access, &app.client_id, &wish, world.now()).await.expect("counted");
    assert_eq!(effect, Some(update::Effect { living: 2, earlier: 2, at_once: 1 }));
    for (absolute, idle) in [(5, 5), (365, 365)] {
        let edit = |draft| Ok(limits(absolute * DAY, idle * DAY)(draft));
        update::update(&world.deps, &access, &app.client_id, None, edit, world.now()).await.expect("saved");
    }
    let ends =
        "SELECT (extract(epoch from least(absolute_expires_at, idle_expires_at) - redeemed_at) / 86400)::int::text FROM authorizations";
    assert_eq!(world.words(ends).await, ["5", "5"]);
    let told = "SELECT detail->>'authorizations_ending_earlier' FROM audit_events WHERE action = 'client.update' AND detail ? 'authorizations_ending_earlier'";
    assert_eq!(world.words(told).await, ["2"]);
}
