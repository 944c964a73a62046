//! `/authorize`, sign-in, consent and the own account, through the doors, by a browser without scripts.

mod account;
mod answer;
mod consent;
mod login;
mod prompts;
mod request;
mod same_work;
mod sensitive;
mod sessions;
mod signed_out;
mod unreadable;

use grantor::model::client::{Client, ClientKind};
use grantor::model::membership::Role;
use grantor::model::policy::Policy;

use crate::kit::browser::{Browser, Page, authorize_url};
use crate::kit::http::pkce;
use crate::kit::world::{App, CALLBACK, PASSWORD, World, policy};

/// One org with a member `member@acme.test` and one app, and a browser in front of it.
struct Scene {
    world: World,
    app: App,
    browser: Browser,
}

/// Who signs in.
const MEMBER: &str = "member@acme.test";

impl Scene {
    async fn new(kind: ClientKind) -> Self {
        Self::with(kind, |_| ()).await
    }

    async fn with(kind: ClientKind, change: impl FnOnce(&mut Client)) -> Self {
        Self::under(policy(), kind, change).await
    }

    async fn under(policy: Policy, kind: ClientKind, change: impl FnOnce(&mut Client)) -> Self {
        let world = World::with(policy).await;
        world.person(Role::Member).await;
        let app = world.app_with(kind, change).await;
        Self { browser: Browser::new(&world), world, app }
    }

    /// A good request with `changes` on top; an empty value takes a parameter away.
    fn url(&self, changes: &[(&str, &str)]) -> String {
        let (_, challenge) = pkce();
        let mut pairs = vec![
            ("client_id", self.app.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("state", "the-state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.extend((!value.is_empty()).then_some((*name, *value)));
        }
        authorize_url(&pairs)
    }

    /// Opens a good request with `changes`.
    async fn open(&mut self, changes: &[(&str, &str)]) -> Page {
        let url = self.url(changes);
        self.browser.open(&url).await
    }

    /// Signs the browser in.
    async fn sign_in(&mut self) {
        let page = self.browser.sign_in(MEMBER).await;
        assert_eq!(page.answer.status, 200, "{}", page.answer.body);
        assert!(self.browser.cookie(SESSION).is_some());
    }

    /// Opens a request as a signed-in member and stops at the consent page.
    async fn consent_page(&mut self, changes: &[(&str, &str)]) -> Page {
        let page = self.open(changes).await;
        let page = if page.form("password").is_some() { self.fill_in(&page).await } else { page };
        assert!(page.form("decision").is_some(), "no question at {} ({}): {}", page.url, page.answer.status, page.answer.body);
        page
    }

    /// Signs in on `page`.
    async fn fill_in(&mut self, page: &Page) -> Page {
        self.browser.submit(page, "password", &[("email", MEMBER), ("password", PASSWORD)]).await
    }

    async fn allow(&mut self, page: &Page) -> Page {
        self.browser.submit(page, "decision", &[("decision", "allow")]).await
    }

    /// How many codes were ever minted.
    async fn codes(&self) -> i64 {
        self.world.count("SELECT count(*) FROM authorizations").await
    }
}

/// The session cookie.
const SESSION: &str = "__Host-grantor_session";
/// The browser's own cookie.
const BROWSER: &str = "__Host-grantor_browser";

/// Asserts that the browser was sent to the callback with `error`, the state and the issuer.
#[track_caller]
fn assert_refused(page: &Page, error: &str) {
    assert!(page.left() && page.url.starts_with(CALLBACK), "stayed at {} ({}): {}", page.url, page.answer.status, page.answer.body);
    assert_eq!(page.parameter("error").as_deref(), Some(error), "{}", page.url);
    assert_eq!(page.parameter("state").as_deref(), Some("the-state"), "{}", page.url);
    assert_eq!(page.parameter("iss").as_deref(), Some(crate::kit::world::ISSUER));
    assert_eq!(page.parameter("code"), None);
}

/// Asserts a page of ours with `status`, from which nobody was sent anywhere.
#[track_caller]
fn assert_stayed(page: &Page, status: u16) {
    assert_eq!(page.answer.status.as_u16(), status, "{} {}", page.url, page.answer.body);
    assert_eq!(page.answer.header("location"), "");
}
