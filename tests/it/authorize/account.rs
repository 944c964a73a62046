//! The own account: E14, N8, N9, I10, and where `/` and `/errors` lead.

use grantor::crypto::token::mint_cookie;
use grantor::db::password_links;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::user::User;

use crate::authorize::{MEMBER, Scene, assert_stayed};
use crate::kit::browser::{Browser, Page};
use crate::kit::world::{PASSWORD, World};

const NEW: &str = "another battery of staples";

async fn change(browser: &mut Browser, current: &str, new: &str) -> Page {
    let page = browser.open("/account").await;
    browser.submit(&page, "current_password", &[("current_password", current), ("new_password", new)]).await
}

#[tokio::test]
async fn n9_i10_a_new_password_needs_the_old_one_and_ends_what_it_opened() {
    let scene = Scene::new(ClientKind::Web).await;
    let tokens = scene.world.tokens(&scene.app, MEMBER).await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    let (mut here, mut there) = (Browser::new(&scene.world), Browser::new(&scene.world));
    here.sign_in(MEMBER).await;
    there.sign_in(MEMBER).await;
    assert_stayed(&change(&mut here, "wrong", NEW).await, 422);
    assert_stayed(&change(&mut here, PASSWORD, "short").await, 422);
    assert_stayed(&change(&mut here, PASSWORD, "Password12345").await, 422);
    assert_eq!(there.open("/account").await.url, "/account");

    assert_stayed(&change(&mut here, PASSWORD, NEW).await, 200);
    assert_eq!(here.open("/account").await.url, "/account", "this browser goes on");
    assert_ne!(there.open("/account").await.url, "/account", "others are signed out");
    scene.world.refresh(&scene.app, refresh).await.expect_error(400, "invalid_grant");
    let old = there.sign_in(MEMBER).await;
    assert_stayed(&old, 401);
    let page = there.open("/login").await;
    let page = there.submit(&page, "password", &[("email", MEMBER), ("password", NEW)]).await;
    assert_stayed(&page, 200);
}

#[tokio::test]
async fn n5_guesses_at_the_current_password_count_too() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    for _ in 0..10 {
        assert_stayed(&change(&mut browser, "wrong", NEW).await, 422);
    }
    assert_stayed(&change(&mut browser, PASSWORD, NEW).await, 429);
}

async fn link(world: &World, user: &User) -> String {
    let minted = mint_cookie(&*world.deps.entropy);
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    password_links::void_all_of_user(&mut connection, user.id, world.now()).await.expect("older links are void");
    let expires = world.now() + world.deps.policy.lifetimes.password_link;
    let id = world.deps.entropy.uuid(world.now());
    password_links::insert(&mut connection, id, user.id, &minted.digest, world.now(), expires).await.expect("a link is stored");
    format!("/set-password/{}", minted.value.expose())
}

#[tokio::test]
async fn n8_a_set_password_link_works_once_in_time_and_only_the_newest() {
    let world = World::new().await;
    let user = world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    let (older, newer) = (link(&world, &user).await, link(&world, &user).await);
    assert_stayed(&browser.open(&older).await, 404);
    let page = browser.open(&newer).await;
    assert!(page.answer.body.contains(MEMBER));
    assert_stayed(&browser.post(&newer, &[("new_password", NEW)]).await, 403);
    assert_stayed(&browser.submit(&page, "new_password", &[("new_password", "short")]).await, 422);
    let done = browser.submit(&page, "new_password", &[("new_password", NEW)]).await;
    assert_eq!(done.url, "/login");
    assert_stayed(&browser.submit(&page, "new_password", &[("new_password", NEW)]).await, 404);
    let page = browser.submit(&done, "password", &[("email", MEMBER), ("password", NEW)]).await;
    assert_stayed(&page, 200);

    let late = link(&world, &user).await;
    world.pass(world.deps.policy.lifetimes.password_link);
    assert_stayed(&browser.open(&late).await, 404);
    assert_stayed(&browser.open("/set-password/nonsense").await, 404);
}

#[tokio::test]
async fn n8_changing_the_password_voids_a_link() {
    let world = World::new().await;
    let user = world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    let path = link(&world, &user).await;
    assert_stayed(&change(&mut browser, PASSWORD, NEW).await, 200);
    assert_stayed(&Browser::new(&world).open(&path).await, 404);
}

#[tokio::test]
async fn e14_a_person_sees_and_ends_connected_apps() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let tokens = scene.world.tokens(&scene.app, MEMBER).await;
    scene.sign_in().await;
    let page = scene.browser.open("/account/apps").await;
    assert!(page.answer.body.contains("The web app") && page.answer.body.contains("Do projects:read"));
    let action = format!("/account/apps/{}/end", scene.app.client_id);
    assert_stayed(&scene.browser.post(&action, &[("csrf", "nonsense")]).await, 403);
    scene.browser.post(&action, &[("csrf", &token(&page))]).await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    scene.world.refresh(&scene.app, refresh).await.expect_error(400, "invalid_grant");
    let page = scene.browser.open("/account/apps").await;
    assert!(page.form_to(&action).is_none() && page.answer.body.contains("You ended it."), "{}", page.answer.body);
    assert_stayed(&scene.browser.post(&action, &[("csrf", &token(&page))]).await, 404);
    assert!(scene.open(&[]).await.form("decision").is_some(), "the approval is forgotten");
}

#[tokio::test]
async fn o5_a_person_signs_out_of_every_other_browser_at_once() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut here = Browser::new(&world);
    here.sign_in(MEMBER).await;
    let alone = here.open("/account").await;
    assert!(alone.form_to("/account/sessions/end-others").is_none(), "nothing to end");
    let (mut there, mut elsewhere) = (Browser::new(&world), Browser::new(&world));
    there.sign_in(MEMBER).await;
    elsewhere.sign_in(MEMBER).await;
    let page = here.open("/account").await;
    let (action, fields) = page.form_to("/account/sessions/end-others").expect("a button");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let left = here.post(&action, &fields).await;
    assert_eq!((left.url.as_str(), left.answer.body.matches("/end\"").count()), ("/account", 1), "only this one is left");
    for browser in [&mut there, &mut elsewhere] {
        assert!(browser.open("/account").await.url.starts_with("/login"));
    }
}

/// The token of the signed-in forms of `page`.
fn token(page: &Page) -> String {
    let (_, fields) = page.form("csrf").expect("a form with the token");
    fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1
}

#[tokio::test]
async fn o5_a_person_sees_and_ends_sessions_of_their_own() {
    let world = World::new().await;
    world.person(Role::Member).await;
    world.person(Role::Owner).await;
    let (mut here, mut there, mut stranger) = (Browser::new(&world), Browser::new(&world), Browser::new(&world));
    here.sign_in(MEMBER).await;
    there.sign_in(MEMBER).await;
    stranger.sign_in("owner@acme.test").await;
    let id = |page: &Page, nth: usize| {
        page.answer.body.split("/account/sessions/").nth(nth).expect("a session").split('/').next().expect("an id").to_owned()
    };
    let page = here.open("/account").await;
    let other = format!("/account/sessions/{}/end", id(&page, 2));
    let foreign = stranger.open("/account").await;
    assert_stayed(&stranger.post(&other, &[("csrf", &token(&foreign))]).await, 404);
    assert_eq!(there.open("/account").await.url, "/account");
    here.post(&other, &[("csrf", &token(&page))]).await;
    assert_ne!(there.open("/account").await.url, "/account");
    let own = format!("/account/sessions/{}/end", id(&page, 1));
    assert_eq!(here.post(&own, &[("csrf", &token(&page))]).await.url, "/login");
    assert_ne!(here.open("/account").await.url, "/account");
}

#[tokio::test]
async fn the_root_leads_where_a_person_belongs_and_error_codes_are_explained() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    assert!(browser.open("/").await.url.starts_with("/login"));
    assert_eq!(browser.sign_in(MEMBER).await.url, "/account");
    let page = browser.open("/errors/invalid_scope").await;
    assert_stayed(&page, 200);
    assert!(page.answer.body.contains("invalid_scope"));
    assert_stayed(&browser.open("/errors/nonsense").await, 404);
}
