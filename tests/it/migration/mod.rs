//! Moving an app from keys to a secret and back, through its doors and over two servers (R36-R46).

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::Method;
use grantor::model::client::ClientKind;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{ALL, APPS, lasting_manager};
use crate::assertions::{Door, claims_for, show_at};
use crate::kit::http::Answer;
use crate::kit::signer::Pair;
use crate::kit::world::{App, World};

mod brown_out;
mod deadlines;
mod fleet;
mod list;
mod old_ones;
mod pages;
mod processes;
mod published;
mod races;
mod steps;
mod test_token;

/// What apps sign with before a migration.
const OLD: Pair = Pair::P256;
/// What they move to.
const NEW: Pair = Pair::Ed;

/// A day, and as long as one server may take to tell the others what it saw.
const QUIET: Duration = Duration::seconds(86_405);

/// The public half of [`NEW`].
fn new_key() -> String {
    serde_json::to_string(&NEW.get().public.jwk).expect("JSON")
}

/// Where the migration of an app is.
fn path(app: &App) -> String {
    format!("{APPS}/{}/migration", app.client_id)
}

/// A world with a manager's token that outlives the days that pass here.
async fn lasting() -> (World, String) {
    let world = World::new().await;
    let manager = lasting_manager(&world).await;
    let token = world.machine_token(&manager, ALL).await;
    (world, token)
}

/// A machine that has a key and no secret, as before any migration.
async fn keyed(world: &World) -> App {
    let app = world.app(ClientKind::M2m).await;
    world.signer(&app, OLD).await;
    world
        .sql(
            "UPDATE credentials SET deleted_at = created_at
             WHERE kind = 'secret' AND client_id IN (SELECT client_id FROM credentials WHERE kind = 'key' AND deleted_at IS NULL)
               AND client_id NOT IN (SELECT client_id FROM credential_migrations)",
        )
        .await;
    App { secret: String::new(), ..app }
}

impl World {
    /// Starts towards a secret; the app with it.
    async fn start(&self, token: &str, app: &App) -> App {
        let started = self.api(Method::POST, &path(app), token, None).await.expect(201);
        App { secret: started.text("client_secret"), ..app.clone() }
    }

    /// Starts towards [`NEW`].
    async fn start_to_key(&self, token: &str, app: &App) -> Answer {
        self.api(Method::POST, &path(app), token, Some(&json!({ "direction": "secret_to_key", "public_key": new_key() }))).await
    }

    /// The migration as the API tells it.
    async fn migration(&self, token: &str, app: &App) -> Value {
        self.api(Method::GET, &path(app), token, None).await.expect(200).json()
    }

    /// Completes with the app's right name.
    async fn complete(&self, token: &str, app: &App, overridden: bool) -> Answer {
        let body = json!({ "confirm_name": "The m2m app", "override": overridden });
        self.api(Method::POST, &format!("{}/complete", path(app)), token, Some(&body)).await
    }

    /// Cancels.
    async fn cancel(&self, token: &str, app: &App) -> Answer {
        self.api(Method::DELETE, &path(app), token, None).await
    }

    /// A token request signed with a key that the app has, or else with [`OLD`].
    async fn by_key(&self, app: &App) -> Answer {
        let record = self.record(app).await;
        let has_new = record.credentials.iter().any(|own| own.key().is_some_and(|key| key.thumbprint == NEW.get().public.thumbprint));
        let has_old = record.credentials.iter().any(|own| own.key().is_some_and(|key| key.thumbprint == OLD.get().public.thumbprint));
        self.signed(app, if has_new && !has_old { NEW } else { OLD }, Door::Client).await
    }

    /// A request at a door with a good assertion that is shown for the first time.
    async fn signed(&self, app: &App, pair: Pair, door: Door) -> Answer {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let user = match door {
            Door::Workfront => self.words("SELECT user_id::text FROM memberships LIMIT 1").await.remove(0),
            _ => String::new(),
        };
        let jti = COUNT.fetch_add(1, Ordering::Relaxed).to_string();
        let claims = claims_for(self, app, &user, door, &jti);
        show_at(self, app, door, &pair.get().assertion(&Value::Object(claims))).await
    }

    /// A token request with the app's secret.
    async fn by_secret(&self, app: &App) -> Answer {
        self.token(app, &[("grant_type", "client_credentials")]).await
    }

    /// Long enough for a change made by another server to be believed here.
    fn let_it_be_heard(&self) {
        self.pass(Duration::milliseconds(1_001));
    }
}
