//! The list as a page: search, filters and order in the address, pages, marks, what was deleted, and the limit.

use grantor::model::client::{Client, ClientKind};
use grantor::model::membership::Role;
use time::Duration;

use crate::apps::console::signed_in;
use crate::kit::browser::{Browser, Page};
use crate::kit::world::{App, World};

const LIST: &str = "/orgs/acme/apps";

async fn named(world: &World, kind: ClientKind, name: &str) -> App {
    world.app_with(kind, |client: &mut Client| name.clone_into(&mut client.profile.name)).await
}

/// The names of the list in order.
fn names(page: &Page) -> Vec<String> {
    page.texts(".table tbody .name")
}

#[tokio::test]
async fn r30_r46_the_list_is_searched_filtered_and_ordered_by_its_address() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    for (kind, name) in [(ClientKind::Web, "Portal"), (ClientKind::Spa, "Board"), (ClientKind::M2m, "Sync 100%")] {
        named(&world, kind, name).await;
        world.pass(Duration::seconds(1));
    }
    world.sql("UPDATE clients SET disabled_at = created_at WHERE name = 'Board'").await;
    world.sql("UPDATE clients SET last_used_at = created_at WHERE name = 'Portal'").await;
    for (query, expected) in [
        ("", vec!["Sync 100%", "Board", "Portal"]),
        ("?sort=oldest", vec!["Portal", "Board", "Sync 100%"]),
        ("?sort=name", vec!["Board", "Portal", "Sync 100%"]),
        ("?sort=name_desc", vec!["Sync 100%", "Portal", "Board"]),
        ("?sort=used", vec!["Portal", "Sync 100%", "Board"]),
        ("?kind=spa", vec!["Board"]),
        ("?status=active&sort=name", vec!["Portal", "Sync 100%"]),
        ("?status=disabled", vec!["Board"]),
        ("?q=port", vec!["Portal"]),
        ("?q=%25", vec!["Sync 100%"]),
        ("?credential=secret&sort=name", vec!["Portal", "Sync 100%"]),
        ("?credential=jwt", vec![]),
        ("?kind=nonsense&sort=nonsense&status=nonsense", vec!["Sync 100%", "Board", "Portal"]),
    ] {
        let page = browser.open(&format!("{LIST}{query}")).await;
        assert_eq!(names(&page), expected, "{query}");
    }
    let page = browser.open(&format!("{LIST}?sort=name&kind=web")).await;
    let sorted = page.texts("th[aria-sort=ascending]");
    assert_eq!(sorted, ["Application"]);
    assert_eq!(page.attribute("th[aria-sort] a", "href").as_deref(), Some("/orgs/acme/apps?kind=web&sort=name_desc"));
    let filtered = browser.open(&format!("{LIST}?q=nothing&kind=web")).await;
    assert!(filtered.answer.body.contains("No application found") && filtered.answer.body.contains("Clear filter"));
}

#[tokio::test]
async fn a_pasted_client_id_leads_to_its_app() {
    let (world, mut browser) = signed_in(Role::Developer).await;
    let app = named(&world, ClientKind::Web, "Portal").await;
    named(&world, ClientKind::Web, "Other").await;
    let found = browser.open(&format!("{LIST}?q={}", app.client_id)).await;
    assert_eq!(found.url, format!("{LIST}/{}/settings", app.client_id));
    let unknown = browser.open(&format!("{LIST}?q=zzzzzzzzzzzzzzzzzzzzzzzzzz")).await;
    assert!(unknown.answer.body.contains("No application found"));
}

#[tokio::test]
async fn m9_the_list_goes_on_over_pages_and_a_foreign_cursor_is_refused() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    world.sql("UPDATE orgs SET app_limit = 100 WHERE slug = 'acme'").await;
    for number in 0..27 {
        named(&world, ClientKind::M2m, &format!("App {number:02}")).await;
    }
    let first = browser.open(&format!("{LIST}?sort=name")).await;
    assert_eq!((names(&first).len(), first.answer.body.contains("First page")), (25, false));
    let next = first.attribute(".pager a", "href").expect("a next page");
    assert!(next.starts_with("/orgs/acme/apps?sort=name&cursor="), "the order stays: {next}");
    let second = browser.open(&next).await;
    assert_eq!(names(&second), ["App 25", "App 26"]);
    assert_eq!(second.attribute(".pager a", "href").as_deref(), Some("/orgs/acme/apps?sort=name"));
    assert_eq!(browser.open(&format!("{LIST}?cursor=AAAA")).await.answer.status, 422);
}

#[tokio::test]
async fn r46_r54_marks_say_why_an_app_needs_attention() {
    let (world, mut browser) = signed_in(Role::Developer).await;
    let old = named(&world, ClientKind::Web, "Old").await;
    world.pass(Duration::days(100));
    browser.sign_in("developer@acme.test").await;
    let fresh = named(&world, ClientKind::Web, "Fresh").await;
    let ending = named(&world, ClientKind::M2m, "Ending").await;
    world.sql("UPDATE credentials SET expires_at = created_at + interval '2 days' WHERE client_id = (SELECT id FROM clients WHERE name = 'Ending')").await;
    let page = browser.open(LIST).await;
    assert!(page.answer.body.contains("Needs attention (2)"), "{}", page.answer.body);
    assert_eq!(page.texts(".reason"), ["Secret expires in 2 days", "Never used"]);
    let link = page.attribute(".reason.danger", "href").expect("a link to what helps");
    assert_eq!(link, format!("{LIST}/{}/credentials", ending.client_id));
    let needy = browser.open(&format!("{LIST}?attention=true&sort=name")).await;
    assert_eq!(names(&needy), ["Ending", "Old"]);
    world.sql("UPDATE clients SET disabled_at = created_at").await;
    assert!(!page.answer.body.contains(&format!("{}/activity", fresh.client_id)));
    assert!(page.answer.body.contains(&format!("{}/activity", old.client_id)));
}

#[tokio::test]
async fn each_empty_list_says_why_and_what_to_do() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let empty = browser.open(LIST).await;
    assert!(empty.answer.body.contains("No application yet") && empty.answer.body.contains("/orgs/acme/apps/new"));
    assert!(empty.form("q").is_none(), "nothing to look through");
    world.person(Role::Developer).await;
    let mut developer = Browser::new(&world);
    developer.sign_in("developer@acme.test").await;
    let empty = developer.open(LIST).await;
    assert!(empty.answer.body.contains("Its admins can do that") && !empty.answer.body.contains("/orgs/acme/apps/new"));
    named(&world, ClientKind::Web, "Portal").await;
    let well = browser.open(&format!("{LIST}?attention=true")).await;
    assert!(well.answer.body.contains("Nothing needs attention"));
}

#[tokio::test]
async fn m2_a_deleted_app_is_restored_from_its_page_if_a_place_is_free() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    let gone = named(&world, ClientKind::Web, "Gone").await;
    world.sql("UPDATE clients SET deleted_at = created_at").await;
    let list = browser.open(LIST).await;
    assert!(list.answer.body.contains("1 deleted application can be restored"), "{}", list.answer.body);
    for _ in 0..10 {
        world.app(ClientKind::M2m).await;
    }
    let page = browser.open(&format!("{LIST}/deleted")).await;
    assert!(page.answer.body.contains("All 10 applications are in use"));
    let restore = format!("{LIST}/{}/restore", gone.client_id);
    let (_, fields) = page.form_to(&restore).expect("a form to restore it");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = browser.post(&restore, &fields).await;
    assert_eq!((refused.answer.status.as_u16(), refused.heading().as_str()), (409, "All 10 applications are in use"));
    assert!(refused.answer.body.contains("Nothing was restored"));
    world.sql("DELETE FROM credentials WHERE client_id = (SELECT id FROM clients WHERE deleted_at IS NULL LIMIT 1)").await;
    world
        .sql("UPDATE clients SET deleted_at = created_at WHERE id = (SELECT id FROM clients WHERE deleted_at IS NULL ORDER BY id LIMIT 1)")
        .await;
    let restored = browser.post(&restore, &fields).await;
    assert_eq!(restored.url, format!("{LIST}/{}/settings?done=restored", gone.client_id));
    let nothing = browser.open(&format!("{LIST}?q=Gone")).await;
    assert_eq!(names(&nothing), ["Gone"]);
}

#[tokio::test]
async fn m1_the_page_at_the_limit_names_what_is_unused_and_who_can_help() {
    let (world, mut browser) = signed_in(Role::Admin).await;
    for number in 0..10 {
        named(&world, ClientKind::M2m, &format!("App {number}")).await;
    }
    world.sql("UPDATE clients SET last_used_at = created_at WHERE name <> 'App 7'").await;
    let page = browser.open(&format!("{LIST}/new")).await;
    assert_eq!(page.heading(), "All 10 applications are in use");
    assert_eq!(page.texts(".rows .name").first().map(String::as_str), Some("App 7"), "the one that was never used comes first");
    assert!(page.answer.body.contains("grantor org set acme --app-limit 20") && page.answer.body.contains("settings#danger"));
    let list = browser.open(LIST).await;
    assert!(list.answer.body.contains("<strong>10 of 10</strong>") && list.answer.body.contains("/orgs/acme/apps/new"));
}
