//! Sign-in: E16, E17, N4, N5, N6, A11.

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use axum::http::Method;
use grantor::crypto::token::digest;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::secret::Secret;
use time::Duration;

use crate::authorize::{BROWSER, MEMBER, SESSION, Scene, assert_stayed};
use crate::kit::browser::{Browser, Page};
use crate::kit::world::{PASSWORD, World, policy};

async fn attempt(browser: &mut Browser, email: &str, password: &str) -> Page {
    let page = browser.open("/login").await;
    browser.submit(&page, "password", &[("email", email), ("password", password)]).await
}

#[tokio::test]
async fn n4_every_failure_looks_alike() {
    let world = World::new().await;
    world.person(Role::Member).await;
    world.person(Role::Developer).await;
    world.person(Role::Admin).await;
    world.sql("UPDATE users SET disabled_at = now() WHERE email = 'developer@acme.test'").await;
    world.sql("UPDATE users SET password_hash = NULL WHERE email = 'admin@acme.test'").await;
    let mut seen = Vec::new();
    for (email, password) in [
        (MEMBER, "wrong"),
        ("nobody@acme.test", PASSWORD),
        ("developer@acme.test", PASSWORD),
        ("admin@acme.test", PASSWORD),
        ("no address", PASSWORD),
        (MEMBER, ""),
    ] {
        let mut browser = Browser::new(&world);
        let page = attempt(&mut browser, email, password).await;
        assert!(browser.cookie(SESSION).is_none());
        let csrf = page.form("password").expect("the form again").1.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
        let request_id = page.answer.header("x-request-id").to_owned();
        let body = page.answer.body.replace(email, "EMAIL").replace(&csrf, "CSRF").replace(&request_id, "ID");
        seen.push((page.answer.status, body));
    }
    assert_eq!(seen[0].0, 401);
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
}

#[tokio::test]
async fn n5_a_hundred_parallel_guesses_do_not_exceed_the_limit() {
    let mut policy = policy();
    policy.limits.login_attempts_per_account = 5;
    policy.limits.password_queue = 200;
    let world = World::with(policy).await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    let page = browser.open("/login").await;
    let guesses = (0..100).map(|number| {
        let (mut browser, password) = (browser.clone(), format!("guess {number}"));
        let (action, fields) = page.form("password").expect("the form");
        async move {
            let mut pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            pairs.retain(|(name, _)| !["email", "password"].contains(name));
            pairs.extend([("email", MEMBER), ("password", password.as_str())]);
            browser.post(&action, &pairs).await.answer.status.as_u16()
        }
    });
    let statuses = join_all(guesses).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 95);

    let locked = attempt(&mut browser, MEMBER, PASSWORD).await;
    assert_stayed(&locked, 429);
    assert_ne!(locked.answer.header("retry-after"), "");
    world.pass(Duration::minutes(15));
    assert!(attempt(&mut browser, MEMBER, PASSWORD).await.answer.status.is_success(), "nobody is locked out for good");
}

async fn join_all<T>(work: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T>
where
    T: Send + 'static,
{
    let running: Vec<_> = work.map(tokio::spawn).collect();
    let mut done = Vec::new();
    for one in running {
        done.push(one.await.expect("no panic"));
    }
    done
}

#[tokio::test]
async fn n5_success_forgets_the_accounts_failures() {
    let mut policy = policy();
    policy.limits.login_attempts_per_account = 2;
    let world = World::with(policy).await;
    world.person(Role::Member).await;
    for _ in 0..3 {
        let mut browser = Browser::new(&world);
        assert_stayed(&attempt(&mut browser, MEMBER, "wrong").await, 401);
        assert!(attempt(&mut browser, &MEMBER.to_uppercase(), PASSWORD).await.answer.status.is_success());
    }
}

#[tokio::test]
async fn n6_a_weaker_hash_is_replaced_at_sign_in() {
    let world = World::new().await;
    let person = world.person(Role::Member).await;
    let params = Params::new(8_192, 1, 1, None).expect("parameters");
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password(PASSWORD.as_bytes()).expect("a hash");
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    grantor::db::users::set_password(&mut connection, person.id, &Secret::new(weak.to_string()), world.now()).await.expect("stored");
    drop(connection);
    let count_weak = async || world.count("SELECT count(*) FROM users WHERE password_hash LIKE '%m=8192%'").await;
    assert_stayed(&attempt(&mut Browser::new(&world), MEMBER, "not the password").await, 401);
    assert_eq!(count_weak().await, 1, "a wrong password changes nothing");
    assert_eq!(attempt(&mut Browser::new(&world), MEMBER, PASSWORD).await.answer.status, 200);
    assert_eq!(count_weak().await, 0, "the right one is hashed anew");
    assert_eq!(attempt(&mut Browser::new(&world), MEMBER, PASSWORD).await.answer.status, 200);
}

#[tokio::test]
async fn e16_a_sign_in_form_of_another_browser_or_site_is_refused() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let (mut victim, mut attacker) = (Browser::new(&world), Browser::new(&world));
    let page = attacker.open("/login").await;
    let (_, fields) = page.form("password").expect("the form");
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
    let pairs = [("email", MEMBER), ("password", PASSWORD), ("csrf", csrf.as_str())];
    assert_stayed(&victim.post("/login", &pairs).await, 403);
    victim.open("/login").await;
    assert_stayed(&victim.post("/login", &pairs).await, 403);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let cross = attacker.send(Method::POST, "/login", &[kind, ("sec-fetch-site", "cross-site")], crate::kit::http::form(&pairs)).await;
    assert_eq!(cross.status, 403);
    assert!(victim.cookie(SESSION).is_none() && attacker.cookie(SESSION).is_none());
}

#[tokio::test]
async fn e17_sign_in_leads_to_our_own_pages_only() {
    let world = World::new().await;
    world.person(Role::Member).await;
    for (target, lands) in [
        ("/account/apps", "/account/apps"),
        ("//evil.example.test", "/account"),
        ("/\\evil", "/account"),
        ("/%09/evil", "/account"),
        ("javascript:alert(1)", "/account"),
    ] {
        let mut browser = Browser::new(&world);
        let page = browser.open(&format!("/login?{}", crate::kit::http::form(&[("return_to", target)]))).await;
        let page = browser.submit(&page, "password", &[("email", MEMBER), ("password", PASSWORD), ("return_to", target)]).await;
        assert!(!page.left(), "{}", page.url);
        assert_eq!(page.url, lands, "{target}");
    }
    let mut browser = Browser::new(&world);
    let page = browser.open("/account/apps").await;
    assert!(page.url.starts_with("/login?return_to="), "{}", page.url);
    let page = browser.submit(&page, "password", &[("email", MEMBER), ("password", PASSWORD)]).await;
    assert_eq!(page.url, "/account/apps");
}

#[tokio::test]
async fn o1_cookies_are_host_only_and_their_values_are_not_in_the_database() {
    let mut scene = Scene::new(ClientKind::Web).await;
    let page = scene.open(&[]).await;
    let (_, fields) = page.form("password").expect("the form");
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs.retain(|(name, _)| !["email", "password"].contains(name));
    pairs.extend([("email", MEMBER), ("password", PASSWORD)]);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let answer = scene.browser.send(Method::POST, "/login", &[kind], crate::kit::http::form(&pairs)).await;
    assert_eq!(answer.status, 303, "A11");
    let line = answer.header("set-cookie");
    assert!(line.starts_with("__Host-grantor_session="), "{line}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("Domain"), "{line}");
    let value = scene.browser.cookie(SESSION).expect("signed in");
    assert!(value.len() >= 43, "256 bits");
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT token_digest FROM browser_sessions").fetch_one(scene.world.deps.db.pool()).await.expect("one session");
    assert_eq!(stored, digest(value).as_bytes());
    let browser: Vec<u8> = sqlx::query_scalar("SELECT browser_digest FROM authorization_requests")
        .fetch_one(scene.world.deps.db.pool())
        .await
        .expect("one request");
    assert_eq!(browser, digest(scene.browser.cookie(BROWSER).expect("bound")).as_bytes());
}

#[tokio::test]
async fn p2_sign_ins_and_failures_are_in_the_trail_of_the_persons_org() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let mut browser = Browser::new(&world);
    attempt(&mut browser, MEMBER, "wrong").await;
    attempt(&mut browser, MEMBER, PASSWORD).await;
    let actions: Vec<String> = sqlx::query_scalar("SELECT action FROM audit_events WHERE org_id IS NOT NULL ORDER BY id")
        .fetch_all(world.deps.db.pool())
        .await
        .expect("the trail");
    assert_eq!(actions, ["user.login_failed", "user.login"]);
}
