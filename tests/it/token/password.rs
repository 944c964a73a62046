//! The password grant at its door: R76, R85, N4, N5, N7.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use grantor::db::authorizations::{PasswordGrant, begin_by_password};
use grantor::model::client::{Client, ClientKind};
use grantor::model::ids::AuthorizationId;
use grantor::model::membership::Role;
use grantor::model::policy::Policy;
use grantor::secret::Secret;
use serde_json::Value;
use time::Duration;
use tokio::task::JoinSet;

use crate::kit::browser::{Browser, authorize_url};
use crate::kit::grants::{access_token, refresh_token};
use crate::kit::http::Answer;
use crate::kit::world::{API, App, CALLBACK, PASSWORD, World, policy};

const MEMBER: &str = "member@acme.test";

fn allowed(client: &mut Client) {
    client.profile.allow_password_grant = true;
}

/// A world with a member and an app that may use passwords.
async fn scene(kind: ClientKind) -> (World, App) {
    scene_under(policy(), kind).await
}

async fn scene_under(policy: Policy, kind: ClientKind) -> (World, App) {
    let world = World::with(policy).await;
    world.person(Role::Member).await;
    let app = world.app_with(kind, allowed).await;
    (world, app)
}

async fn ask(world: &World, app: &App, username: &str, password: &str) -> Answer {
    ask_for(world, app, username, password, &[]).await
}

async fn ask_for(world: &World, app: &App, username: &str, password: &str, more: &[(&str, &str)]) -> Answer {
    let pairs = [("grant_type", "password"), ("username", username), ("password", password)];
    world.token(app, &[&pairs, more].concat()).await
}

async fn claims(world: &World, answer: &Value) -> Value {
    let inspector = world.app_with(ClientKind::M2m, |client| client.profile.scopes = ["introspect".to_owned()].into_iter().collect()).await;
    let authorization = crate::kit::http::basic(&inspector);
    world.post_as("/introspect", Some(&authorization), &[("token", &access_token(answer))]).await.expect(200).json()
}

#[tokio::test]
async fn r76_r85_a_web_app_gets_tokens_of_the_person_and_refreshes_them() {
    let (world, app) = scene(ClientKind::Web).await;
    let tokens = ask_for(&world, &app, " Member@ACME.test ", PASSWORD, &[("scope", "projects:read")]).await.expect(200).json();
    assert_eq!(
        (&tokens["token_type"], &tokens["scope"], &tokens["expires_in"]),
        (&"Bearer".into(), &"projects:read".into(), &3_600.into())
    );
    assert_eq!(tokens["refresh_token_expires_in"], 30 * 86_400);
    let member = world.words("SELECT id::text FROM users WHERE email = 'member@acme.test'").await;
    let said = claims(&world, &tokens).await;
    assert_eq!((&said["active"], &said["sub"]), (&true.into(), &member[0].as_str().into()));
    let first = refresh_token(&tokens);
    let second = world.refresh(&app, &first).await.expect(200).json();
    assert_ne!(refresh_token(&second), first);
    world.pass(Duration::seconds(31));
    world.refresh(&app, &first).await.expect_error(400, "invalid_grant");
    world.refresh(&app, &refresh_token(&second)).await.expect_error(400, "invalid_grant");
    assert_eq!(
        world.words("SELECT action FROM audit_events WHERE org_id IS NOT NULL ORDER BY id").await,
        ["authorization.password", "authorization.reuse"]
    );
}

#[tokio::test]
async fn r76_r85_a_machine_app_gets_an_access_token_of_the_person_and_nothing_to_refresh() {
    let (world, app) = scene(ClientKind::M2m).await;
    let tokens = ask(&world, &app, MEMBER, PASSWORD).await.expect(200).json();
    assert_eq!((tokens.get("refresh_token"), &tokens["expires_in"]), (None, &86_400.into()));
    let said = claims(&world, &tokens).await;
    assert_ne!(said["sub"], app.client_id);
    world.pass(Duration::seconds(86_400));
    assert_eq!(claims(&world, &tokens).await["active"], false);
}

#[tokio::test]
async fn r85_the_refresh_policy_of_the_app_holds_for_passwords_too() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let never = world.app_with(ClientKind::Web, |client| {
        allowed(client);
        client.profile.refresh_tokens.enabled = false;
    });
    let asked = world.app_with(ClientKind::Web, |client| {
        allowed(client);
        client.profile.refresh_tokens.requires_offline_access = true;
    });
    let (never, asked) = (never.await, asked.await);
    assert_eq!(ask(&world, &never, MEMBER, PASSWORD).await.expect(200).json().get("refresh_token"), None);
    assert_eq!(ask(&world, &asked, MEMBER, PASSWORD).await.expect(200).json().get("refresh_token"), None);
    let scope = [("scope", "projects:read offline_access")];
    refresh_token(&ask_for(&world, &asked, MEMBER, PASSWORD, &scope).await.expect(200).json());
    ask_for(&world, &never, MEMBER, PASSWORD, &scope).await.expect_error(400, "invalid_scope");
}

#[tokio::test]
async fn r76_what_began_with_a_password_is_listed_and_ended_by_the_person_and_no_consent() {
    for kind in [ClientKind::Web, ClientKind::M2m] {
        let (world, app) = scene(kind).await;
        let tokens = ask(&world, &app, MEMBER, PASSWORD).await.expect(200).json();
        assert_eq!(world.count("SELECT count(*) FROM consents").await, 0, "a password is not an approval of a page");
        let mut browser = Browser::new(&world);
        browser.sign_in(MEMBER).await;
        let url = [("client_id", &*app.client_id), ("redirect_uri", CALLBACK), ("response_type", "code")];
        if kind == ClientKind::Web {
            assert!(browser.open(&authorize_url(&url)).await.form("decision").is_some(), "the page still asks");
        }
        let page = browser.open("/account/apps").await;
        assert!(page.answer.body.contains(&format!("The {} app", kind.as_str())), "{}", page.answer.body);
        let action = format!("/account/apps/{}/end", app.client_id);
        let (_, fields) = page.form_to(&action).expect("a way to end it");
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(&action, &fields).await;
        assert_eq!(claims(&world, &tokens).await["active"], false);
    }
}

#[tokio::test]
async fn r76_j11_without_the_opt_in_an_app_is_unauthorized_whatever_is_sent() {
    let world = World::new().await;
    world.person(Role::Member).await;
    for kind in ClientKind::ALL {
        let app = world.app(kind).await;
        for password in [PASSWORD, "wrong"] {
            ask(&world, &app, MEMBER, password).await.expect_error(400, "unauthorized_client");
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM throttles").await, 0, "nobody looked at the password");
}

#[tokio::test]
async fn r76_a3_a_server_that_does_not_offer_it_does_not_list_it_and_does_not_know_it() {
    const METADATA: &str = "/.well-known/oauth-authorization-server";
    let lists = |answer: Answer| answer.json()["grant_types_supported"].as_array().expect("a list").contains(&"password".into());
    let (world, app) = scene(ClientKind::Web).await;
    assert!(lists(world.get(METADATA).await));
    let mut without = policy();
    without.password_grant = false;
    let silent = world.beside(&world.database.options, without, crate::kit::world::PATIENT).await;
    assert!(!lists(silent.get(METADATA).await));
    ask(&silent, &app, MEMBER, PASSWORD).await.expect_error(400, "unsupported_grant_type");
}

#[tokio::test]
async fn r76_a_single_page_app_is_refused_by_the_database_too() {
    let world = World::new().await;
    world.app(ClientKind::Spa).await;
    let refused = world.refused_sql("UPDATE clients SET allow_password_grant = true").await;
    assert_eq!(refused.as_deref(), Some("clients_spa_has_no_password_grant"));
}

#[tokio::test]
async fn r76_n4_every_name_and_password_that_does_not_work_reads_the_same() {
    let (world, app) = scene(ClientKind::Web).await;
    let other = world.org("globex").await;
    world.person_of(&other, "stranger", Role::Owner).await;
    world.person(Role::Developer).await;
    world.person(Role::Admin).await;
    world.person(Role::Owner).await;
    world.sql("UPDATE users SET disabled_at = now() WHERE email = 'developer@acme.test'").await;
    world.sql("UPDATE users SET password_hash = NULL WHERE email = 'admin@acme.test'").await;
    world.sql("DELETE FROM memberships USING users WHERE users.id = user_id AND email = 'owner@acme.test'").await;
    let long = "x".repeat(2_000);
    let mut seen = Vec::new();
    for (name, password) in [
        (MEMBER, "wrong"),
        ("nobody@acme.test", PASSWORD),
        ("stranger@globex.test", PASSWORD),
        ("developer@acme.test", PASSWORD),
        ("admin@acme.test", PASSWORD),
        ("owner@acme.test", PASSWORD),
        ("no address", PASSWORD),
        (MEMBER, &long),
    ] {
        let answer = ask(&world, &app, name, password).await.expect_error(400, "invalid_grant");
        let id = answer.header("x-request-id").to_owned();
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        seen.push((answer.body.replace(&id, "ID"), headers));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    assert_eq!(world.count("SELECT count(*) FROM authorizations").await, 0);
    let trail =
        world.words("SELECT DISTINCT action || ' ' || actor_kind || ' ' || detail::text FROM audit_events WHERE org_id IS NOT NULL").await;
    assert_eq!(trail, [r#"authorization.password_failed client {"app": "The web app"}"#], "what was typed is nowhere");
}

#[tokio::test]
async fn r76_scopes_are_decided_before_the_password_and_never_of_the_management_api() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let app = world.app_with(ClientKind::M2m, |client| {
        allowed(client);
        client.profile.scopes = ["apps:read", "projects:read"].into_iter().map(str::to_owned).collect();
    });
    let app = app.await;
    for scope in ["apps:read", "projects:write", "nonsense", "apps:read projects:read"] {
        for password in [PASSWORD, "wrong"] {
            ask_for(&world, &app, MEMBER, password, &[("scope", scope)]).await.expect_error(400, "invalid_scope");
        }
    }
    ask_for(&world, &app, MEMBER, PASSWORD, &[("resource", "https://nobody.example.test")]).await.expect_error(400, "invalid_target");
    let tokens = ask_for(&world, &app, MEMBER, PASSWORD, &[("resource", API)]).await.expect(200).json();
    assert_eq!(tokens["scope"], "projects:read");
    for missing in [[("grant_type", "password"), ("username", MEMBER)], [("grant_type", "password"), ("password", PASSWORD)]] {
        world.token(&app, &missing).await.expect_error(400, "invalid_request");
    }
}

#[tokio::test]
async fn r76_n5_parallel_guesses_over_two_servers_and_the_sign_in_page_share_one_limit() {
    let mut policy = policy();
    policy.limits.login_attempts_per_account = 5;
    policy.limits.password_queue = 200;
    let (world, app) = scene_under(policy, ClientKind::Web).await;
    let second = world.second().await;
    let mut guesses = JoinSet::new();
    for number in 0..60 {
        let (server, app) = (if number % 2 == 0 { world.clone() } else { second.clone() }, app.clone());
        guesses.spawn(async move { ask(&server, &app, MEMBER, &format!("guess {number}")).await.status.as_u16() });
    }
    let statuses = guesses.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 55);
    let right = ask(&world, &app, MEMBER, PASSWORD).await.expect_error(429, "temporarily_unavailable");
    let wrong = ask(&world, &app, MEMBER, "wrong").await.expect_error(429, "temporarily_unavailable");
    assert_eq!(right.header("retry-after"), "900");
    let text = |answer: &Answer| answer.text("error_description").split(" (ref").next().unwrap_or_default().to_owned();
    assert_eq!(text(&right), text(&wrong), "a throttled try tells nothing");
    let mut browser = Browser::new(&world);
    assert_eq!(browser.sign_in(MEMBER).await.answer.status, 429, "the page counts the same tries");
    world.pass(Duration::minutes(15));
    ask(&world, &app, MEMBER, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn r76_n5_wrong_passwords_count_for_the_app_and_right_ones_do_not() {
    let mut policy = policy();
    policy.limits.password_failures_per_client = 3;
    let (world, app) = scene_under(policy, ClientKind::Web).await;
    let other = world.app_with(ClientKind::M2m, allowed).await;
    for _ in 0..5 {
        ask(&world, &app, MEMBER, PASSWORD).await.expect(200);
    }
    for number in 0..3 {
        ask(&world, &app, &format!("somebody{number}@acme.test"), PASSWORD).await.expect_error(400, "invalid_grant");
    }
    let told = ask(&world, &app, MEMBER, PASSWORD).await.expect_error(429, "temporarily_unavailable");
    assert_eq!(told.header("retry-after"), "900");
    ask(&world, &other, MEMBER, PASSWORD).await.expect(200);
    world.pass(Duration::minutes(15));
    ask(&world, &app, MEMBER, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn r76_n7_n4_a_full_queue_of_password_checks_is_503_whoever_is_asked_for() {
    let mut policy = policy();
    policy.limits.password_hashes = 1;
    policy.limits.password_queue = 0;
    let (world, app) = scene_under(policy, ClientKind::Web).await;
    let secret = Secret::from("somebody else's");
    let mut somebody = pin!(world.deps.passwords.hash(&secret));
    poll_fn(|context| {
        assert!(somebody.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    for name in [MEMBER, "nobody@acme.test", "no address"] {
        let answer = ask(&world, &app, name, PASSWORD).await.expect_error(503, "temporarily_unavailable");
        assert_ne!(answer.header("retry-after"), "", "{name}");
    }
    somebody.await.unwrap_or_else(|busy| panic!("{busy}"));
    ask(&world, &app, MEMBER, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn i10_a_changed_password_ends_what_began_with_the_old_one_and_nothing_begins_with_it() {
    let (world, app) = scene(ClientKind::Web).await;
    let tokens = ask(&world, &app, MEMBER, PASSWORD).await.expect(200).json();
    let person = {
        let mut connection = world.deps.db.acquire().await.expect("a connection");
        let email = grantor::model::user::Email::parse(MEMBER).expect("an address");
        grantor::db::users::find_by_email(&mut connection, &email).await.expect("read").expect("a member")
    };
    let hash = Secret::new(world.words("SELECT password_hash FROM users WHERE email = 'member@acme.test'").await.remove(0));
    let mut browser = Browser::new(&world);
    browser.sign_in(MEMBER).await;
    let page = browser.open("/account").await;
    let new = "a horse of another colour 42";
    let values = [("current_password", PASSWORD), ("new_password", new), ("confirm_password", new)];
    assert_eq!(browser.submit(&page, "new_password", &values).await.answer.status, 200);
    world.refresh(&app, &refresh_token(&tokens)).await.expect_error(400, "invalid_grant");
    ask(&world, &app, MEMBER, PASSWORD).await.expect_error(400, "invalid_grant");

    // Who had compared the password before it was changed comes too late.
    let scopes = std::iter::once("projects:read".to_owned()).collect();
    let late = PasswordGrant {
        id: AuthorizationId(world.deps.entropy.uuid(world.now())),
        client: app.key,
        user: person.id,
        password_hash: &hash,
        offline: true,
        scopes: &scopes,
        api: API,
        now: world.now(),
    };
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    assert_eq!(begin_by_password(&mut connection, &late).await.expect("the statement runs"), None);
    drop(connection);
    ask(&world, &app, MEMBER, new).await.expect(200);
}

#[tokio::test]
async fn n5_the_right_password_forgets_the_accounts_failures() {
    let mut policy = policy();
    policy.limits.login_attempts_per_account = 2;
    let (world, app) = scene_under(policy, ClientKind::Web).await;
    for _ in 0..3 {
        ask(&world, &app, MEMBER, "wrong").await.expect_error(400, "invalid_grant");
        ask(&world, &app, MEMBER, PASSWORD).await.expect(200);
    }
}
