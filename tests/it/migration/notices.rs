//! What the console tells of the operator's dates, before and after the last of them.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use time::Duration;

use crate::kit::browser::Browser;
use crate::kit::world::World;
use crate::migration::deadlines::policy_with_dates;
use crate::migration::keyed;

async fn admin(world: &World) -> Browser {
    let mut browser = Browser::new(world);
    browser.sign_in("admin@acme.test").await;
    browser
}

#[tokio::test]
async fn r46_the_list_and_the_migration_tab_tell_the_dates_and_then_that_keys_are_refused() {
    let world = World::with(policy_with_dates()).await;
    world.person(Role::Admin).await;
    let (key, secret) = (keyed(&world).await, world.app(ClientKind::Web).await);
    let tab = |client_id: &str| format!("/orgs/acme/apps/{client_id}/migration");
    let dates = ["From 11 March 2026", "From 21 March 2026", "From 31 March 2026"];
    for (days, mark) in [(0, "JWT credential, refused from 31 March 2026"), (30, "JWT credential, refused since 31 March 2026")] {
        world.pass(Duration::days(days));
        let mut browser = admin(&world).await;
        let list = browser.open("/orgs/acme/apps").await.answer.body;
        let page = browser.open(&tab(&key.client_id)).await.answer.body;
        for (place, body) in [("list", &list), ("tab", &page)] {
            assert!(body.contains("Keys go away."), "{place} after {days} days: {body}");
            for date in dates {
                assert!(body.contains(date), "{place} after {days} days lacks {date}: {body}");
            }
        }
        assert!(list.contains(mark), "after {days} days: {list}");
        assert!(page.contains("From keys to a client secret"), "the way out stays open");
        let other = browser.open(&tab(&secret.client_id)).await.answer.body;
        assert!(!other.contains("Keys go away."), "whoever has no key is not bothered");
    }
}
