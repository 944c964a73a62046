//! What the log may hold: everything that happened, and nothing that opens a door (P1); one entry a line, whatever was sent (P2).

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use grantor::db;
use grantor::db::{Database, PoolOptions};
use grantor::model::client::ClientKind;
use grantor::model::membership::Role;
use grantor::web::{AppState, layers};
use scraper::{Html, Selector};
use serde_json::json;

use crate::kit::browser::{Browser, authorize_url};
use crate::kit::grants::{access_token, refresh_token};
use crate::kit::heard::{Heard, hear};
use crate::kit::http::{basic, pkce};
use crate::kit::world::{App, CALLBACK, PASSWORD, PATIENT, World};

const NEW_PASSWORD: &str = "a horse of another colour 42";
const WRONG_PASSWORD: &str = "guessed-password-of-somebody";
const WRONG_SECRET: &str = "guessed-secret-of-some-application";
const EVERYTHING: [(&str, &str); 1] = [("RUST_LOG", "trace,grantor=trace")];

/// All that went over the wire, both ways.
#[derive(Clone, Default)]
struct Tap(Arc<Mutex<Vec<String>>>);

impl Tap {
    fn on(&self, router: Router) -> Router {
        let tap = self.clone();
        router.layer(from_fn(move |request: Request, next: Next| {
            let tap = tap.clone();
            async move { tap.pass(request, next).await }
        }))
    }

    async fn pass(&self, request: Request, next: Next) -> Response {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("tests' bodies are in memory");
        self.hear(&head.headers, &body);
        let (head, answer) = next.run(Request::from_parts(head, Body::from(body))).await.into_parts();
        let answer = to_bytes(answer, usize::MAX).await.expect("answers are in memory");
        self.hear(&head.headers, &answer);
        Response::from_parts(head, Body::from(answer))
    }

    fn hear(&self, headers: &axum::http::HeaderMap, body: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))));
        heard.push(String::from_utf8_lossy(body).into_owned());
    }

    /// Whatever of it opens a door.
    fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::from([PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, WRONG_SECRET, &*pkce().0].map(str::to_owned));
        for text in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let word = |c: char| !(c.is_ascii_alphanumeric() || "_-.~".contains(c));
            let is_token = |word: &&str| ["grc_", "grr_", "grs_", "gra_"].iter().any(|kind| word.starts_with(kind)) && word.len() > 24;
            let is_jwt = |word: &&str| word.starts_with("eyJ") && word.matches('.').count() == 2;
            secrets.extend(text.split(word).filter(|word| is_token(word) || is_jwt(word)).map(str::to_owned));
            if let Some(cookie) = text.strip_prefix("set-cookie: ") {
                secrets.extend(cookie.split(';').next().and_then(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned()));
            }
            if let Some(credentials) = text.strip_prefix("authorization: ") {
                secrets.extend(credentials.split_once(' ').map(|(_, value)| value.to_owned()));
            }
            if text.starts_with("<!") {
                let hidden = Selector::parse("input[name=csrf]").expect("a selector");
                secrets.extend(Html::parse_document(text).select(&hidden).filter_map(|field| field.attr("value")).map(str::to_owned));
            }
        }
        secrets.retain(|secret| secret.len() >= 16);
        secrets
    }
}

/// The first places where a secret, or the last sixteen characters of one, stands in `log`.
fn leaks(log: &str, secrets: &BTreeSet<String>) -> Vec<String> {
    let tail = |secret: &str| secret[secret.len() - 16..].to_owned();
    let leaked = |secret: &&String| log.contains(secret.as_str()) || log.contains(&tail(secret));
    let place = |secret: &String| {
        let line = log.lines().find(|line| line.contains(&tail(secret))).unwrap_or_default();
        let line: String = line.chars().take(400).collect();
        format!("{secret} in {line}")
    };
    secrets.iter().filter(leaked).take(5).map(place).collect()
}

#[tokio::test]
async fn p1_the_log_of_a_whole_journey_at_trace_level_holds_no_secret() {
    let world = World::in_real_time().await;
    let server = world.process_with(&EVERYTHING).await;
    let tap = Tap::default();
    let door = World { router: tap.on(server.router.clone()), ..(*server).clone() };
    let owner = world.person(Role::Owner).await;
    let (web, spa) = (world.app(ClientKind::Web).await, world.app(ClientKind::Spa).await);
    for app in [&web, &spa] {
        tokens_live_and_die(&door, app, owner.email.as_str()).await;
    }
    apps_are_managed(&door, owner.email.as_str()).await;
    mistakes_are_made(&door, &web, owner.email.as_str()).await;
    passwords_change(&world, &door, owner.email.as_str(), owner.id).await;

    let (status, log) = server.stop().await;
    assert!(status.success(), "{status}");
    let secrets = tap.secrets();
    assert!(secrets.len() > 40, "the journey met few secrets: {}", secrets.len());
    assert!(log.contains("grantor::access") && log.contains("sqlx"), "the log is whole");
    let leaks = leaks(&log, &secrets);
    assert!(leaks.is_empty(), "{} of {}:\n{}", leaks.len(), secrets.len(), leaks.join("\n"));
}

/// Login, consent, code, refreshes, replay, introspection, revocation.
async fn tokens_live_and_die(door: &World, app: &App, email: &str) {
    let family = door.tokens(app, email).await;
    let second = door.refresh(app, &refresh_token(&family)).await.expect(200).json();
    let third = door.refresh(app, &refresh_token(&second)).await.expect(200).json();
    if !app.secret.is_empty() {
        door.post_as("/introspect", Some(&basic(app)), &[("token", &access_token(&third))]).await;
    }
    door.refresh(app, &refresh_token(&family)).await.expect_error(400, "invalid_grant");
    let family = door.tokens(app, email).await;
    for token in [access_token(&family), refresh_token(&family)] {
        let credentials = [("token", token.as_str()), ("client_id", &app.client_id), ("client_secret", &app.secret)];
        let count = if app.secret.is_empty() { 2 } else { 3 };
        door.post("/revoke", &credentials[..count]).await.expect(200);
    }
    let code = door.code(app, email).await;
    door.redeem(app, &code).await.expect(200);
    door.redeem(app, &code).await.expect_error(400, "invalid_grant");
}

/// Apps by pages and by the API; tokens with Basic and with the secret in the body; opaque ones.
async fn apps_are_managed(door: &World, email: &str) {
    let robot = door
        .app_with(ClientKind::M2m, |client| {
            client.system = true;
            let scopes = ["apps:read", "apps:write", "credentials:write", "introspect", "files:read"];
            client.profile.scopes = scopes.into_iter().map(str::to_owned).collect();
        })
        .await;
    let body =
        [("grant_type", "client_credentials"), ("scope", "files:read"), ("client_id", &robot.client_id), ("client_secret", &robot.secret)];
    let opaque = access_token(&door.post("/token", &body).await.expect(200).json());
    door.post_as("/introspect", Some(&basic(&robot)), &[("token", &opaque)]).await.expect(200);
    let token = door.machine_token(&robot, "apps:read apps:write credentials:write").await;
    let app = json!({ "kind": "m2m", "name": "By API", "scopes": ["projects:read"] });
    let made = door.api(Method::POST, "/api/v1/orgs/acme/apps", &token, Some(&app)).await.expect(201).json();
    let secrets = format!("/api/v1/orgs/acme/apps/{}/secrets", made["client_id"].as_str().expect("an id"));
    door.api(Method::POST, &secrets, &token, Some(&json!({ "note": "second" }))).await.expect(201);
    door.api(Method::GET, &secrets, &token, None).await.expect(200);
    door.api(Method::GET, "/api/v1/orgs/acme/apps", &format!("{token}x"), None).await.expect(401);

    let mut browser = Browser::new(door);
    browser.sign_in(email).await;
    let page = browser.register("acme", "web", &[("name", "By page"), ("redirect_uris", CALLBACK), ("scopes", "projects:read")]).await;
    assert_eq!(page.answer.status.as_u16(), 201, "{}", page.answer.body);
}

/// Secrets where they do not belong, and wrong ones where they do.
async fn mistakes_are_made(door: &World, app: &App, email: &str) {
    let family = door.tokens(app, email).await;
    let (refresh, access) = (refresh_token(&family), access_token(&family));
    let code = door.code(app, email).await;
    for place in [
        format!("/token?grant_type=refresh_token&refresh_token={refresh}"),
        format!("/token?code={code}&client_secret={}", app.secret),
        format!("/introspect?token={access}"),
        format!("/revoke?token={refresh}"),
        format!("/{refresh}/{code}?access_token={access}"),
    ] {
        door.post(&place, &[("grant_type", "refresh_token")]).await;
    }
    for place in [
        format!("/authorize?code={code}&state={access}"),
        format!("/login?return_to={refresh}"),
        format!("/account?token={access}"),
        format!("/errors/{code}"),
    ] {
        door.get(&place).await;
    }
    door.redeem(app, &refresh).await.expect_error(400, "invalid_grant");
    door.refresh(app, &code).await.expect_error(400, "invalid_grant");
    door.post("/token", &[("grant_type", &*refresh), ("client_id", &*access), ("scope", &*code)]).await;
    let guess = App { secret: WRONG_SECRET.to_owned(), ..app.clone() };
    door.refresh(&guess, &refresh).await.expect_error(401, "invalid_client");
    door.post("/token", &[("grant_type", "refresh_token"), ("client_id", &*app.client_id), ("client_secret", WRONG_SECRET)])
        .await
        .expect(401);
    door.post_as("/token", Some(&format!("Bearer {access}")), &[("grant_type", "client_credentials")]).await;
    door.post_as("/token", Some(&format!("Basic {access}")), &[("grant_type", "client_credentials")]).await;
    let mut browser = Browser::new(door);
    let page = browser.open("/login").await;
    browser.submit(&page, "password", &[("email", email), ("password", WRONG_PASSWORD)]).await;
    let page = browser.open("/login").await;
    browser.submit(&page, "password", &[("email", PASSWORD), ("password", PASSWORD)]).await;
    browser.post("/login", &[("email", email), ("password", PASSWORD), ("csrf", &*access)]).await;
    let (_, challenge) = pkce();
    let url = authorize_url(&[
        ("client_id", &*app.client_id),
        ("redirect_uri", &*format!("{CALLBACK}?{refresh}")),
        ("code_challenge", &*challenge),
    ]);
    browser.open(&url).await;
}

/// By its owner, and by a one-time link.
async fn passwords_change(world: &World, door: &World, email: &str, user: grantor::model::ids::UserId) {
    let mut browser = Browser::new(door);
    browser.sign_in(email).await;
    let page = browser.open("/account").await;
    let page = browser.submit(&page, "current_password", &[("current_password", PASSWORD), ("new_password", NEW_PASSWORD)]).await;
    assert_eq!(page.answer.status.as_u16(), 200, "{}", page.answer.body);
    world.catch_up();
    let link = grantor::crypto::token::mint_cookie(&*world.deps.entropy);
    let mut connection = world.deps.db.acquire().await.expect("a connection");
    let until = world.now() + world.deps.policy.lifetimes.password_link;
    let id = world.deps.entropy.uuid(world.now());
    db::password_links::insert(&mut connection, id, user, &link.digest, world.now(), until).await.expect("a link is made");
    let page = browser.open(&format!("/set-password/{}", link.value.expose())).await;
    browser.submit(&page, "new_password", &[("new_password", PASSWORD)]).await;
    browser.post("/logout", &[]).await;
    // The path carries the link, so the tap does not see it.
    door.post("/token", &[("client_secret", link.value.expose())]).await;
}

const FORGERY: &str = "x\r\nFORGED {\"level\":\"ERROR\"}\n\u{1b}[31mred\u{1b}[0m\u{7}\u{9b}2J";

/// The same words wherever text is taken.
async fn forge_everywhere(door: &World) {
    for name in ["grant_type", "client_id", "client_secret", "code", "refresh_token", "scope", "token", FORGERY] {
        let other = if name == "grant_type" { ("client_id", "somebody") } else { ("grant_type", "refresh_token") };
        door.post("/token", &[other, (name, FORGERY)]).await;
        door.post("/revoke", &[other, (name, FORGERY)]).await;
    }
    for name in ["client_id", "redirect_uri", "state", "scope", "response_type", "prompt", "nonce", "login_hint", FORGERY] {
        door.get(&authorize_url(&[("client_id", "somebody"), (name, FORGERY)])).await;
    }
    let escaped: String = url::form_urlencoded::byte_serialize(FORGERY.as_bytes()).collect();
    for path in ["/orgs", "/consent", "/errors", "/set-password", "/api/v1/orgs"] {
        door.get(&format!("{path}/{}", escaped.replace('+', "%20"))).await;
    }
    let mut browser = Browser::new(door);
    let page = browser.open("/login").await;
    browser.submit(&page, "password", &[("email", FORGERY), ("password", FORGERY)]).await;
    let robot = door.app_with(ClientKind::M2m, |client| {
        client.system = true;
        client.profile.scopes = ["apps:read", "apps:write"].into_iter().map(str::to_owned).collect();
    });
    let token = door.machine_token(&robot.await, "apps:write").await;
    for app in [json!({ "kind": "m2m", "name": FORGERY }), json!({ "kind": FORGERY, "name": "x" }), json!({ FORGERY: 1 })] {
        door.api(Method::POST, "/api/v1/orgs/acme/apps", &token, Some(&app)).await;
    }
}

#[tokio::test]
async fn p2_what_is_sent_cannot_begin_a_line_of_the_log_or_move_a_terminal() {
    let world = World::in_real_time().await;
    let text = [EVERYTHING[0], ("GRANTOR__LOG__FORMAT", "text")];
    let (structured, plain) = tokio::join!(world.process_with(&EVERYTHING), world.process_with(&text));
    forge_everywhere(&structured).await;
    forge_everywhere(&plain).await;
    let ((_, structured), (_, plain)) = tokio::join!(structured.stop(), plain.stop());
    for line in structured.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|entry| entry.is_object()), "no entry: {line:?}");
    }
    for log in [&structured, &plain] {
        let forged = log.lines().find(|line| line.trim_start().starts_with("FORGED"));
        assert_eq!(forged, None);
        let moved = log.lines().find(|line| line.chars().any(|c| c.is_control() && c != '\t'));
        assert_eq!(moved, None);
    }
}

#[tokio::test]
async fn p5_p1_f28_a_panicking_handler_is_500_its_words_are_not_logged_and_everything_goes_on() {
    let world = World::new().await;
    world.person(Role::Member).await;
    let single = PoolOptions { max_connections: 1, ..PATIENT };
    let single = Database::connect_lazy(world.database.options.clone(), single);
    let app = AppState { deps: world.deps.clone(), draining: Arc::new(AtomicBool::new(false)) };
    let database = single.clone();
    let panics = get(move || async move {
        let mut transaction = database.begin().await.expect("a transaction");
        let deleted = sqlx::raw_sql("delete from memberships").execute(&mut *transaction).await;
        assert!(deleted.is_err(), "{WRONG_SECRET}");
    });
    let fine = get(|| async { "fine" });
    let routes = Router::new().route("/panics", panics).route("/fine", fine);
    let broken = World { router: layers::around_everything(routes, &app).with_state(app), ..world.clone() };

    let requests = async {
        for _ in 0..3 {
            let answer = broken.get("/panics").await.expect(500);
            assert!(!answer.body.contains(WRONG_SECRET) && !answer.header("x-request-id").is_empty(), "{}", answer.body);
            assert_eq!(broken.get("/fine").await.expect(200).body, "fine");
        }
    };
    let ((), Heard { log, .. }) = hear(requests).await;
    assert_eq!(world.count("select count(*) from memberships").await, 1, "what was half done is undone");
    single.acquire().await.expect("the only connection came back");
    assert!(log.contains("a handler panicked"), "{log}");
    assert!(!log.contains(WRONG_SECRET), "{log}");
}
