//! The credentials tab as people use it: keys, service credentials, and files that are taken home once.

use grantor::model::client::ClientKind;
use grantor::model::membership::Role;

use crate::kit::browser::{Browser, Page};
use crate::kit::world::{App, World};

mod files;
mod key_set;
mod keys;
mod service;

/// An admin at the credentials of a machine app.
struct Desk {
    world: World,
    app: App,
    browser: Browser,
    /// Where the tab is.
    tab: String,
}

impl Desk {
    async fn new() -> Self {
        Self::of(ClientKind::M2m).await
    }

    async fn of(kind: ClientKind) -> Self {
        let world = World::new().await;
        world.person(Role::Admin).await;
        let app = world.app(kind).await;
        let mut browser = Browser::new(&world);
        browser.sign_in("admin@acme.test").await;
        let tab = format!("/orgs/acme/apps/{}/credentials", app.client_id);
        Self { world, app, browser, tab }
    }

    async fn open(&mut self, below: &str) -> Page {
        let path = format!("{}{below}", self.tab);
        self.browser.open(&path).await
    }

    /// Posts with the token of the tab's forms.
    async fn post(&mut self, below: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = token(&self.open("").await);
        let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let path = format!("{}{below}", self.tab);
        self.browser.post(&path, &fields).await
    }

    /// Chooses a file on the form of a new key.
    async fn upload(&mut self, file: &[u8], fields: &[(&str, &str)]) -> Page {
        let csrf = token(&self.open("").await);
        let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let path = format!("{}/keys/new", self.tab);
        self.browser.upload(&path, &fields, ("file", file)).await
    }

    /// Ids of the app's keys, newest first.
    async fn keys(&self) -> Vec<String> {
        self.world.record(&self.app).await.credentials.iter().filter(|own| !own.is_secret()).map(|own| own.id.to_string()).collect()
    }
}

/// The token of the signed-in forms of `page`.
fn token(page: &Page) -> String {
    let (_, fields) = page.form("csrf").unwrap_or_else(|| panic!("no form with the token: {}", page.answer.body));
    fields.into_iter().find(|(name, _)| name == "csrf").expect("a token").1
}
