//! Development tokens: a developer's own, for a day at most, listed, revocable, and gone with the developer (R69).

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::model::policy::{DevelopmentPolicy, Policy};
use grantor::model::scope::ScopeSet;
use serde_json::Value;
use time::Duration;

use crate::kit::browser::{Browser, Page};
use crate::kit::http::basic;
use crate::kit::signer::b64;
use crate::kit::world::{API, World, policy};

const PAGE: &str = "/orgs/acme/development";

/// A browser of the org's person with this role.
async fn browser(world: &World, role: Role) -> Browser {
    world.person(role).await;
    let mut browser = Browser::new(world);
    browser.sign_in(&format!("{}@acme.test", role.as_str())).await;
    browser
}

async fn ask(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    ask_at(browser, PAGE, fields).await
}

async fn ask_at(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open("/account").await;
    let (_, form) = page.form("csrf").expect("a form with the token");
    let csrf = form.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let mut sent = vec![("csrf", csrf.as_str())];
    sent.extend_from_slice(fields);
    browser.post(path, &sent).await
}

fn shown(page: &Page) -> String {
    assert_eq!(page.answer.status.as_u16(), 201, "{}", page.answer.body);
    assert!(page.answer.header("cache-control").contains("no-store"));
    let body = &page.answer.body;
    let start = body.find(r#"id="access_token""#).expect("the field");
    let rest = &body[start..];
    let value = rest.split(r#"value=""#).nth(1).and_then(|rest| rest.split('"').next());
    value.expect("a token").to_owned()
}

async fn issued(browser: &mut Browser) -> String {
    shown(&ask(browser, &[("scopes", "projects:read"), ("lifetime", "3600")]).await)
}

async fn introspected(world: &World, token: &str) -> Value {
    let scopes = ScopeSet::parse("introspect").expect("a scope");
    let asker = world.app_with(ClientKind::M2m, |client| client.profile.scopes = scopes).await;
    world.post_as("/introspect", Some(&basic(&asker)), &[("token", token)]).await.expect(200).json()
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("a JWT");
    let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    assert_eq!(b64(&bytes), payload);
    serde_json::from_slice(&bytes).expect("JSON")
}

const IDS: &str = "SELECT id::text FROM authorizations WHERE ended_at IS NULL ORDER BY id";

#[tokio::test]
async fn r69_a_developer_gets_a_token_for_themself_once_shown_then_listed_and_revocable() {
    let world = World::new().await;
    let mut developer = browser(&world, Role::Developer).await;
    let token = issued(&mut developer).await;
    let said = claims(&token);
    let me = world.words("SELECT id::text FROM users").await;
    assert_eq!(said["sub"], me[0].as_str());
    assert_eq!((&said["aud"], &said["scope"]), (&API.into(), &"projects:read".into()));
    assert_eq!(said["exp"].as_i64().expect("exp") - said["iat"].as_i64().expect("iat"), 3_600);
    assert_eq!(introspected(&world, &token).await["active"], true);

    let page = developer.open(PAGE).await;
    assert!(!page.answer.body.contains(&token), "shown once");
    let id = world.words(IDS).await.remove(0);
    let (action, fields) = page.form_to(&format!("{PAGE}/{id}/revoke")).expect("its row");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = developer.post(&action, &fields).await;
    assert!(page.answer.body.contains("The token is revoked."), "{}", page.answer.body);
    assert_eq!(introspected(&world, &token).await["active"], false, "at once");
    assert_eq!(developer.post(&action, &fields).await.answer.status.as_u16(), 404, "once");
    let trail = "SELECT action || ' ' || actor_kind FROM audit_events WHERE action LIKE 'development_token%' ORDER BY action";
    assert_eq!(world.words(trail).await, ["development_token.create user", "development_token.revoke user"]);
}

#[tokio::test]
async fn r69_one_click_is_enough_and_the_token_is_taken_home_as_json() {
    let world = World::new().await;
    let mut developer = browser(&world, Role::Developer).await;
    let page = developer.open(PAGE).await;
    let once = developer.submit(&page, "lifetime", &[]).await;
    let token = shown(&once);
    let said = claims(&token);
    assert_eq!((&said["aud"], &said["scope"]), (&API.into(), &"projects:read projects:write".into()), "all of the first API");

    let file = developer.submit(&once, "access_token", &[]).await.answer.expect(200);
    assert_eq!(file.body, format!("{{\n  \"accessToken\": \"{token}\"\n}}\n"));
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("application/json", "no-store"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"acme-development-token.json\"");
}

#[tokio::test]
async fn r69_p1_the_download_gives_back_nothing_but_tokens_and_to_developers_alone() {
    let world = World::new().await;
    let download = format!("{PAGE}/download");
    let mut developer = browser(&world, Role::Developer).await;
    for text in ["", "<script>alert(1)</script>", "a b", "a\"b", "a\nb", &"x".repeat(16_385)] {
        assert_eq!(ask_at(&mut developer, &download, &[("access_token", text)]).await.answer.status.as_u16(), 400, "{text}");
    }
    assert_eq!(ask_at(&mut developer, &download, &[]).await.answer.status.as_u16(), 400);
    let mut member = browser(&world, Role::Member).await;
    assert_eq!(ask_at(&mut member, &download, &[("access_token", "x")]).await.answer.status.as_u16(), 403);
    let development = DevelopmentPolicy { tokens: false, ..policy().development };
    let off = World::with(Policy { development, ..policy() }).await;
    let mut developer = browser(&off, Role::Developer).await;
    assert_eq!(ask_at(&mut developer, &download, &[("access_token", "x")]).await.answer.status.as_u16(), 404);
}

#[tokio::test]
async fn r69_nobody_gets_more_than_a_day_than_one_api_or_than_their_own_rights() {
    let world = World::new().await;
    let mut developer = browser(&world, Role::Developer).await;
    for fields in [
        &[("lifetime", "3600")][..],
        &[("scopes", "projects:read"), ("lifetime", "86401")],
        &[("scopes", "projects:read"), ("lifetime", "0")],
        &[("scopes", "projects:read"), ("lifetime", "-5")],
        &[("scopes", "unknown"), ("lifetime", "3600")],
        &[("scopes", "projects:read"), ("scopes", "files:read"), ("lifetime", "3600")],
        &[("scopes", "apps:read"), ("lifetime", "3600")],
        &[("scopes", "people:write"), ("lifetime", "3600")],
        &[("scopes", "introspect"), ("lifetime", "3600")],
        &[("scopes", "offline_access"), ("lifetime", "3600")],
    ] {
        assert_eq!(ask(&mut developer, fields).await.answer.status.as_u16(), 422, "{fields:?}");
    }
    assert_eq!(world.count("SELECT count(*) FROM authorizations").await, 0);
    let longest = ask(&mut developer, &[("scopes", "projects:read"), ("scopes", "projects:write"), ("lifetime", "86400")]).await;
    let token = shown(&longest);
    let opaque = shown(&ask(&mut developer, &[("scopes", "files:read"), ("lifetime", "28800")]).await);
    assert!(opaque.starts_with("gra_"), "as the API has it");
    world.pass(Duration::hours(8));
    assert_eq!(introspected(&world, &opaque).await["active"], false);
    world.pass(Duration::hours(16) - Duration::seconds(1));
    assert_eq!(introspected(&world, &token).await["active"], true);
    world.pass(Duration::seconds(1));
    assert_eq!(introspected(&world, &token).await["active"], false);
    assert_eq!(world.count("SELECT count(*) FROM authorizations WHERE offline").await, 0, "nothing to refresh");
}

#[tokio::test]
async fn r69_members_get_none_others_see_their_own_and_admins_everybodys() {
    let world = World::new().await;
    let mut member = browser(&world, Role::Member).await;
    assert_eq!(member.open(PAGE).await.answer.status.as_u16(), 403);
    assert_eq!(ask(&mut member, &[("scopes", "projects:read"), ("lifetime", "3600")]).await.answer.status.as_u16(), 403);
    let (mut developer, mut admin) = (browser(&world, Role::Developer).await, browser(&world, Role::Admin).await);
    let token = issued(&mut developer).await;
    let own = world.words(IDS).await.remove(0);
    issued(&mut admin).await;
    let of_admin = world.words(IDS).await.into_iter().find(|id| *id != own).expect("another");

    let page = developer.open(PAGE).await;
    assert!(page.answer.body.contains(&own) && !page.answer.body.contains(&of_admin));
    let fields = page.form_to(&format!("{PAGE}/{own}/revoke")).expect("a row").1;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let theirs = developer.post(&format!("{PAGE}/{of_admin}/revoke"), &fields).await;
    assert_eq!(theirs.answer.status.as_u16(), 404, "as if it were not there");

    let page = admin.open(PAGE).await;
    assert!(page.answer.body.contains(&own) && page.answer.body.contains(&of_admin));
    let (action, fields) = page.form_to(&format!("{PAGE}/{own}/revoke")).expect("a row");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    admin.post(&action, &fields).await;
    assert_eq!(introspected(&world, &token).await["active"], false);
}

#[tokio::test]
async fn r69_tokens_end_with_the_account_the_membership_and_the_role() {
    for end in ["disable", "remove", "role"] {
        let world = World::new().await;
        let (mut owner, mut developer) = (browser(&world, Role::Owner).await, browser(&world, Role::Developer).await);
        let token = issued(&mut developer).await;
        assert_eq!(introspected(&world, &token).await["active"], true);
        let users = world.words("SELECT email || ' ' || id::text FROM users").await;
        let id = users.iter().find_map(|line| line.strip_prefix("developer@acme.test ")).expect("the developer").to_owned();
        let page = owner.open("/orgs/acme/people").await;
        let (action, form) = page.form_to(&format!("/orgs/acme/people/{id}/{end}")).expect("a form");
        let mut fields: Vec<_> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(|(name, _)| *name != "role").collect();
        fields.push(("role", "member"));
        let page = owner.post(&action, &fields).await;
        assert_eq!(page.answer.status.as_u16(), 200, "{}", page.answer.body);
        assert_eq!(introspected(&world, &token).await["active"], false, "{end}");
    }
}

#[tokio::test]
async fn r69_where_the_setting_is_off_there_is_no_such_page() {
    let development = DevelopmentPolicy { tokens: false, ..policy().development };
    let world = World::with(Policy { development, ..policy() }).await;
    let mut owner = browser(&world, Role::Owner).await;
    let page = owner.open(PAGE).await;
    assert_eq!(page.answer.status.as_u16(), 404);
    assert_eq!(ask(&mut owner, &[("scopes", "projects:read"), ("lifetime", "3600")]).await.answer.status.as_u16(), 404);
    assert!(!owner.open("/orgs/acme/apps").await.answer.body.contains(PAGE));
}

#[tokio::test]
async fn r69_the_hidden_app_is_in_no_list_takes_no_slot_and_can_be_neither_managed_nor_used() {
    let world = World::new().await;
    let mut owner = browser(&world, Role::Owner).await;
    assert!(owner.open("/orgs/acme/apps").await.answer.body.contains(PAGE), "a way there");
    issued(&mut owner).await;
    issued(&mut owner).await;
    assert_eq!(world.count("SELECT count(*) FROM clients WHERE development AND system AND slot IS NULL").await, 1, "one for all");
    let hidden = world.words("SELECT client_id FROM clients WHERE development").await.remove(0);
    let scopes = ScopeSet::parse("apps:read apps:write credentials:write").expect("scopes");
    let manager = world
        .app_with(ClientKind::M2m, |client| {
            client.profile.scopes = scopes;
            client.system = true;
        })
        .await;
    let token = world.machine_token(&manager, "apps:read apps:write credentials:write").await;
    let list = world.api(Method::GET, "/api/v1/orgs/acme/apps", &token, None).await.expect(200).body;
    assert!(!list.contains(&hidden), "{list}");
    let app = format!("/api/v1/orgs/acme/apps/{hidden}");
    world.api(Method::GET, &app, &token, None).await.expect(404);
    world.api(Method::DELETE, &app, &token, None).await.expect(404);
    world.api(Method::POST, &format!("{app}/secrets"), &token, Some(&serde_json::json!({}))).await.expect(404);
    assert_eq!(owner.open(&format!("/orgs/acme/apps/{hidden}")).await.answer.status.as_u16(), 404);
    let form = [("grant_type", "client_credentials"), ("client_id", hidden.as_str())];
    world.post("/token", &form).await.expect_error(401, "invalid_client");
    let refused = world.get(&format!("/authorize?client_id={hidden}&response_type=code")).await;
    assert_eq!(refused.status.as_u16(), 400);
}

#[tokio::test]
async fn a_token_form_gets_one_token_and_shows_it_again_for_a_moment_only() {
    let world = World::new().await;
    let mut developer = browser(&world, Role::Developer).await;
    let page = developer.open(PAGE).await;
    let (action, fields) = page.form("lifetime").expect("the form");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let token = shown(&developer.post(&action, &fields).await);
    world.pass(Duration::minutes(9));
    assert_eq!(shown(&developer.post(&action, &fields).await), token, "a reload shows the same one");
    assert_eq!(world.count("SELECT count(*) FROM authorizations").await, 1);
    let other: Vec<_> = fields.iter().map(|(name, value)| (*name, if *name == "lifetime" { "28800" } else { *value })).collect();
    let refused = developer.post(&action, &other).await;
    assert!(refused.answer.status == 409 && refused.answer.body.contains("has made a token already"));
    assert_eq!(
        refused.form("lifetime").expect("the form").1.iter().filter(|(_, value)| value == "28800").count(),
        1,
        "what was chosen stays"
    );

    let mut colleague = self::browser(&world, Role::Admin).await;
    let csrf = colleague.open(PAGE).await.form("lifetime").expect("the form").1.remove(0).1;
    let theirs: Vec<_> = fields.iter().map(|(name, value)| (*name, if *name == "csrf" { csrf.as_str() } else { *value })).collect();
    assert_ne!(shown(&colleague.post(&action, &theirs).await), token, "keys are each person's own");

    world.pass(Duration::minutes(2));
    let late = developer.post(&action, &fields).await;
    assert_eq!((late.answer.status.as_u16(), late.url.as_str()), (200, PAGE));
    assert!(!late.answer.body.contains(&token));
    assert_eq!(world.count("SELECT count(*) FROM authorizations").await, 2);
}

#[tokio::test]
async fn a_revoked_token_is_not_shown_again() {
    let world = World::new().await;
    let mut developer = browser(&world, Role::Developer).await;
    let page = developer.open(PAGE).await;
    let (action, fields) = page.form("lifetime").expect("the form");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let token = shown(&developer.post(&action, &fields).await);
    world.sql("UPDATE authorizations SET ended_at = now(), end_cause = 'revoked_by_user'").await;
    let again = developer.post(&action, &fields).await;
    assert!(again.url == PAGE && !again.answer.body.contains(&token));
}
