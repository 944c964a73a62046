//! What the doors keep without saying so in a rule of their own: what a failed authentication leaves alone, what is ignored, what is
//! never sent.

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::browser::{Browser, authorize_url};
use crate::kit::grants::refresh_token;
use crate::kit::http::{basic, pkce};
use crate::kit::world::{App, CALLBACK, World};
use crate::oauth::MACHINE;

#[tokio::test]
async fn h8_r28_a_wrong_secret_costs_neither_the_code_nor_the_refresh_token_nor_moves_the_last_use() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let stranger = App { secret: "grs_not-the-secret".to_owned(), ..app.clone() };
    let code = world.approved(&app, &person).await;
    world.redeem(&stranger, &code).await.expect_error(401, "invalid_client");
    world.deps.last_use.flush(&world.deps.db).await.expect("uses are written");
    assert_eq!(world.count("SELECT count(*) FROM credentials WHERE last_used_at IS NOT NULL").await, 0);
    let token = refresh_token(&world.redeem(&app, &code).await.expect(200).json());
    world.refresh(&stranger, &token).await.expect_error(401, "invalid_client");
    world.refresh(&app, &token).await.expect(200);
    world.deps.last_use.flush(&world.deps.db).await.expect("uses are written");
    assert_eq!(world.count("SELECT count(*) FROM credentials WHERE last_used_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn h7_d8_a_scope_and_a_challenge_method_at_code_exchange_are_ignored() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let (code, (verifier, _)) = (world.approved(&app, &person).await, pkce());
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", &*verifier),
        ("scope", "projects:write nonsense"),
        ("code_challenge_method", "plain"),
    ];
    assert_eq!(world.token(&app, &pairs).await.expect(200).text("scope"), "projects:read");
}

#[tokio::test]
async fn r15_a_redirect_uri_with_a_refresh_is_ignored() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    let token = refresh_token(&world.family(&app, &person).await);
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*token), ("redirect_uri", "https://elsewhere.example/")];
    world.token(&app, &pairs).await.expect(200);
}

#[tokio::test]
async fn k9_an_access_token_in_the_query_is_refused() {
    let world = World::new().await;
    let app = world.app_with(ClientKind::M2m, |client| client.profile.scopes = vec!["apps:read".to_owned()].into()).await;
    let token = world.machine_token(&app, "apps:read").await;
    let path = format!("/api/v1/orgs/{}/apps", world.org.slug);
    world.api(Method::GET, &path, &token, None).await.expect(200);
    let answer = world.get(&format!("{path}?access_token={token}")).await.expect(401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    world.post_as(&format!("/token?access_token={token}"), Some(&basic(&app)), &MACHINE).await.expect_error(400, "invalid_request");
}

#[tokio::test]
async fn a9_p7_every_answer_asks_for_https_and_names_no_server() {
    let world = World::new().await;
    for path in ["/login", "/.well-known/jwks.json", "/nowhere", "/api/v1/orgs/acme", "/token"] {
        let answer = world.get(path).await;
        let seconds = answer.header("strict-transport-security").strip_prefix("max-age=").and_then(|age| age.parse::<u32>().ok());
        assert!(seconds.is_some_and(|seconds| seconds >= 31_536_000), "{path}: {:?}", answer.headers);
        for name in ["server", "x-powered-by", "via"] {
            assert!(!answer.headers.contains_key(name), "{name} at {path}");
        }
    }
}

#[tokio::test]
async fn a23_head_and_get_of_a_page_agree() {
    let world = World::new().await;
    let (mut one, mut other) = (Browser::new(&world), Browser::new(&world));
    for path in ["/login", "/errors/invalid_grant", "/nowhere"] {
        let get = one.send(Method::GET, path, &[], String::new()).await;
        let head = other.send(Method::HEAD, path, &[], String::new()).await;
        assert_eq!((get.status, get.header("content-type")), (head.status, head.header("content-type")), "{path}");
        assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn p3_approval_denial_and_sign_out_are_in_the_trail() {
    let world = World::new().await;
    let app = world.app(ClientKind::Web).await;
    world.person(Role::Member).await;
    let url = authorize_url(&[("client_id", &app.client_id), ("redirect_uri", CALLBACK), ("response_type", "code")]);
    let mut browser = Browser::new(&world);
    browser.sign_in("member@acme.test").await;
    let page = browser.open(&url).await;
    browser.submit(&page, "decision", &[("decision", "deny")]).await;
    browser.approve(&url, "member@acme.test").await;
    let page = browser.open("/account").await;
    let (action, fields) = page.form_to("/logout").expect("a way out");
    let pairs: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&action, &pairs).await;
    let actions = world.words("SELECT DISTINCT action FROM audit_events ORDER BY action").await;
    for action in ["authorization.approve", "authorization.deny", "user.login", "user.logout"] {
        assert!(actions.iter().any(|known| known == action), "{action} in {actions:?}");
    }
}

#[tokio::test]
async fn i10_no_row_can_name_a_client_of_another_org() {
    let world = World::new().await;
    let (app, person) = (world.app(ClientKind::Web).await, world.person(Role::Member).await);
    world.approved(&app, &person).await;
    world.org("other").await;
    for table in ["authorizations", "credentials"] {
        let moved = world.refused_sql(&format!("UPDATE {table} SET org_id = (SELECT id FROM orgs WHERE slug = 'other')")).await;
        assert_eq!(moved.as_deref(), Some(&*format!("{table}_client_fkey")));
    }
}
