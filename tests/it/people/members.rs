//! Roles, removal, disabling: M5, M11, O5.

use axum::http::Method;
use grantor::flows::operator::standing;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use serde_json::json;
use tokio::task::JoinSet;

use crate::kit::browser::Browser;
use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::basic;
use crate::kit::world::World;
use crate::people::{act, id_of, people_token, signed_in};

async fn everybody() -> World {
    let world = World::new().await;
    for role in Role::ALL {
        world.person(role).await;
    }
    world
}

const ROLES: &str = "select u.email || ' ' || m.role from memberships m join users u on u.id = m.user_id order by 1";

#[tokio::test]
async fn m5_the_page_changes_roles_up_to_ones_own_and_never_of_who_stands_above() {
    let world = everybody().await;
    let (owner, member) = (id_of(&world, "owner").await, id_of(&world, "member").await);
    let mut admin = signed_in(&world, "admin").await;
    let page = admin.open("/orgs/acme/people").await;
    assert!(
        page.answer.body.contains("owner@acme.test") && !page.answer.body.contains(&format!("/people/{owner}/")),
        "no buttons for owners"
    );
    for (path, fields) in [
        (format!("{owner}/role"), vec![("role", "member")]),
        (format!("{owner}/remove"), vec![]),
        (format!("{owner}/disable"), vec![]),
        (format!("{member}/role"), vec![("role", "owner")]),
        ("invitations".to_owned(), vec![("email", "new@acme.test"), ("role", "owner")]),
    ] {
        let answer = act(&mut admin, &path, &fields).await.answer;
        assert_eq!(answer.status.as_u16(), 409, "{path}: {}", answer.body);
    }
    let done = act(&mut admin, &format!("{member}/role"), &[("role", "admin")]).await;
    assert_eq!(done.url, "/orgs/acme/people?done=role-changed");
    let own = id_of(&world, "admin").await;
    assert_eq!(act(&mut admin, &format!("{own}/role"), &[("role", "owner")]).await.answer.status.as_u16(), 409, "nobody raises themselves");
    let roles = world.words(ROLES).await;
    assert_eq!(roles, ["admin@acme.test admin", "developer@acme.test developer", "member@acme.test admin", "owner@acme.test owner"]);
    assert_eq!(world.count("select count(*) from audit_events where action = 'membership.change_role'").await, 1);
}

#[tokio::test]
async fn m5_the_api_acts_as_an_admin_and_refuses_what_it_does_not_know() {
    let world = everybody().await;
    let token = people_token(&world).await;
    let (owner, member) = (id_of(&world, "owner").await, id_of(&world, "member").await);
    let people = "/api/v1/orgs/acme/people";
    let list = world.api(Method::GET, &format!("{people}?limit=3"), &token, None).await.expect(200).json();
    assert_eq!(list["people"].as_array().map(Vec::len), Some(3));
    let cursor = list["next_cursor"].as_str().expect("a cursor");
    let rest = world.api(Method::GET, &format!("{people}?cursor={cursor}"), &token, None).await.expect(200).json();
    assert_eq!(rest["people"][0]["email"], "owner@acme.test");
    world.api(Method::GET, &format!("{people}?cursor=x"), &token, None).await.expect(422);
    world.api(Method::PATCH, &format!("{people}/{owner}"), &token, Some(&json!({ "role": "member" }))).await.expect(403);
    world.api(Method::DELETE, &format!("{people}/{owner}"), &token, None).await.expect(403);
    world.api(Method::PATCH, &format!("{people}/{member}"), &token, Some(&json!({ "role": "owner" }))).await.expect(403);
    world.api(Method::PATCH, &format!("{people}/{member}"), &token, Some(&json!({ "role": "king" }))).await.expect(422);
    world.api(Method::PATCH, &format!("{people}/{member}"), &token, Some(&json!({ "role": "admin", "org": "x" }))).await.expect(422);
    let changed = world.api(Method::PATCH, &format!("{people}/{member}"), &token, Some(&json!({ "role": "developer" }))).await.expect(200);
    assert_eq!(changed.text("role"), "developer");
    let globex = world.org("globex").await;
    let foreign = world.person_of(&globex, "owner", Role::Owner).await;
    for method in [Method::GET, Method::DELETE] {
        world.api(method, &format!("{people}/{}", foreign.id), &token, None).await.expect(404);
    }
    world.api(Method::DELETE, &format!("{people}/{member}"), &token, None).await.expect(204);
    world.api(Method::GET, &format!("{people}/{member}"), &token, None).await.expect(404);
}

#[tokio::test]
async fn the_last_owner_stays_even_when_two_owners_remove_each_other_at_one_time() {
    let world = World::in_real_time().await;
    let (one, two) = (world.person(Role::Owner).await, world.person_of(&world.org, "second", Role::Owner).await);
    let (a, b) = tokio::join!(world.process(), world.process());
    let mut running = JoinSet::new();
    for (door, name, other) in [(&*a, "owner", two.id), (&*b, "second", one.id)] {
        let mut browser = signed_in(door, name).await;
        running.spawn(async move { act(&mut browser, &format!("{other}/remove"), &[]).await.answer.status.as_u16() });
    }
    let outcomes = running.join_all().await;
    assert_eq!(world.count("select count(*) from memberships where role = 'owner'").await, 1, "{outcomes:?}");
    let left = world.words("select u.email from memberships m join users u on u.id = m.user_id where m.role = 'owner'").await;
    let name = left[0].split('@').next().expect("a name");
    let own = id_of(&world, name).await;
    let mut last = signed_in(&a, name).await;
    for path in ["remove", "disable"] {
        assert_eq!(act(&mut last, &format!("{own}/{path}"), &[]).await.answer.status.as_u16(), 409, "{path}");
    }
    assert_eq!(act(&mut last, &format!("{own}/role"), &[("role", "member")]).await.answer.status.as_u16(), 409);
}

#[tokio::test]
async fn m11_who_is_removed_or_disabled_is_out_at_both_servers() {
    for verb in ["remove", "disable"] {
        let world = World::in_real_time().await;
        world.person(Role::Owner).await;
        let member = world.person(Role::Member).await;
        let app = world.app(ClientKind::Web).await;
        let asker = world.app_with(ClientKind::M2m, |client| {
            client.system = true;
            client.profile.scopes = std::iter::once("introspect".to_owned()).collect();
        });
        let asker = asker.await;
        let (a, b) = tokio::join!(world.process(), world.process());
        let family = world.family(&app, &member).await;
        let introspect = async |door: &World| {
            let token = access_token(&family);
            door.post_as("/introspect", Some(&basic(&asker)), &[("token", &token)]).await.expect(200).json()["active"] == true
        };
        assert!(introspect(&b).await, "the other server remembers it");
        let mut theirs = signed_in(&b, "member").await;
        let mut owner = signed_in(&a, "owner").await;
        let done = act(&mut owner, &format!("{}/{verb}", member.id), &[]).await;
        assert!(done.url.contains("done="), "{verb}: {}", done.answer.body);

        a.refresh(&app, &refresh_token(&family)).await.expect_error(400, "invalid_grant");
        b.refresh(&app, &refresh_token(&family)).await.expect_error(400, "invalid_grant");
        assert!(!introspect(&a).await);
        let acknowledged = std::time::Instant::now();
        while introspect(&b).await {
            assert!(acknowledged.elapsed() <= std::time::Duration::from_secs(1), "{verb}: still alive at the other server");
        }
        let account = theirs.open("/account").await;
        assert_eq!(account.url == "/account", verb == "remove", "O5: a disabled person is signed out everywhere");
        assert_eq!(world.words("select end_cause from authorizations").await, ["user_removed"]);
    }
}

#[tokio::test]
async fn an_org_disables_only_accounts_that_are_its_alone_and_enables_only_what_it_disabled() {
    let world = everybody().await;
    let globex = world.org("globex").await;
    let shared = world.person_of(&world.org, "shared", Role::Member).await;
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    grantor::db::memberships::insert(&mut connection, globex.id, shared.id, Role::Member, world.now()).await.expect("a member of both");
    let mut owner = signed_in(&world, "owner").await;
    assert_eq!(act(&mut owner, &format!("{}/disable", shared.id), &[]).await.answer.status.as_u16(), 409);
    let own = id_of(&world, "owner").await;
    world.person_of(&world.org, "second", Role::Owner).await;
    assert_eq!(act(&mut owner, &format!("{own}/disable"), &[]).await.answer.status.as_u16(), 409, "nobody disables themselves");

    let member = id_of(&world, "member").await;
    assert!(act(&mut owner, &format!("{member}/disable"), &[]).await.url.ends_with("person-disabled"));
    let refused = Browser::new(&world).sign_in("member@acme.test").await;
    assert_eq!(refused.answer.status.as_u16(), 401);
    assert!(act(&mut owner, &format!("{member}/enable"), &[]).await.url.ends_with("person-enabled"));
    assert_eq!(signed_in(&world, "member").await.open("/account").await.url, "/account");

    standing::set_person_disabled(&world.deps, "member@acme.test", true, world.now()).await.expect("the operator may");
    assert_eq!(act(&mut owner, &format!("{member}/enable"), &[]).await.answer.status.as_u16(), 409, "what the operator did stays");
    assert!(standing::set_person_disabled(&world.deps, "member@acme.test", false, world.now()).await.expect("the operator may"));
}

#[tokio::test]
async fn m11_a_disabled_org_gets_no_tokens_and_has_none_that_live_until_it_is_enabled() {
    let world = everybody().await;
    let app = world.app(ClientKind::Web).await;
    let user = world.person_of(&world.org, "user", Role::Member).await;
    let family = world.family(&app, &user).await;
    let mut owner = signed_in(&world, "owner").await;
    let (_, changed) = standing::set_org_disabled(&world.deps, "acme", true, world.now()).await.expect("the operator may");
    assert!(changed);
    assert_eq!(owner.open("/orgs/acme/people").await.answer.status.as_u16(), 404);
    assert!(!world.refresh(&app, &refresh_token(&family)).await.status.is_success());
    standing::set_org_disabled(&world.deps, "acme", false, world.now()).await.expect("the operator may");
    world.refresh(&app, &refresh_token(&family)).await.expect(200);
    assert_eq!(owner.open("/orgs/acme/people").await.answer.status.as_u16(), 200);
}

#[tokio::test]
async fn o5_an_admin_signs_a_person_out_everywhere_and_their_apps_go_on() {
    let world = everybody().await;
    let app = world.app(ClientKind::Web).await;
    let kim = world.person_of(&world.org, "kim", Role::Member).await;
    let family = world.family(&app, &kim).await;
    let (mut here, mut there) = (signed_in(&world, "kim").await, signed_in(&world, "kim").await);
    let mut admin = signed_in(&world, "admin").await;
    let page = admin.open("/orgs/acme/people").await;
    assert!(page.form_to(&format!("/orgs/acme/people/{}/sign-out", kim.id)).is_some(), "{}", page.answer.body);
    assert_eq!(act(&mut admin, &format!("{}/sign-out", kim.id), &[]).await.url, "/orgs/acme/people?done=signed-out");
    for browser in [&mut here, &mut there] {
        assert!(browser.open("/account").await.url.starts_with("/login"));
    }
    world.refresh(&app, &refresh_token(&family)).await.expect(200);

    let owner = id_of(&world, "owner").await;
    assert_eq!(act(&mut admin, &format!("{owner}/sign-out"), &[]).await.answer.status.as_u16(), 409, "they stand above");
    let token = people_token(&world).await;
    let path = |id: &str| format!("/api/v1/orgs/acme/people/{id}/sign-out");
    world.api(Method::POST, &path(&owner), &token, None).await.expect(403);
    world.api(Method::POST, &path(&kim.id.to_string()), &token, None).await.expect(200);
    let globex = world.org("globex").await;
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    grantor::db::memberships::insert(&mut connection, globex.id, kim.id, Role::Member, world.now()).await.expect("a member of both");
    drop(connection);
    world.api(Method::POST, &path(&kim.id.to_string()), &token, None).await.expect(409);
    assert_eq!(act(&mut admin, &format!("{}/sign-out", kim.id), &[]).await.answer.status.as_u16(), 409, "another org's member too");
}
