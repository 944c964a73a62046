//! Moving an app from keys to a secret and back, through its doors and over two servers (R36-R46).

use axum::http::Method;
use grantor::model::client::ClientKind;
use grantor::model::migration::Proof;
use grantor::protocol::migration::check_may_use;
use grantor::wire::GrantType;
use serde_json::{Value, json};
use time::Duration;

use crate::apps::{ALL, APPS, lasting_manager};
use crate::kit::http::Answer;
use crate::kit::world::{App, World};

mod brown_out;
mod deadlines;
mod fleet;
mod list;
mod pages;
mod races;
mod steps;
mod test_token;

/// An Ed25519 key (RFC 8037 §A.2).
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

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
    world.key(&app).await;
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

    /// Starts towards [`KEY`].
    async fn start_to_key(&self, token: &str, app: &App) -> Answer {
        self.api(Method::POST, &path(app), token, Some(&json!({ "direction": "secret_to_key", "public_key": KEY }))).await
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

    /// What every door asks about a key whose signature is good, with the record that this server sees; a yes is a token.
    async fn by_key(&self, app: &App) -> Result<(), &'static str> {
        let record = self.deps.clients.get(&self.deps, &app.client_id).await.expect("clients are read").expect("the app is there");
        let live = record.credentials.iter().find(|own| own.key().is_some() && own.is_live(self.now())).ok_or("no live key")?;
        check_may_use(&record, Proof::Key, &self.deps.policy.jwt_deadlines, self.now()).map_err(|refusal| refusal.description)?;
        self.deps.last_use.record_credential(live.id, Some(GrantType::ClientCredentials), self.now());
        Ok(())
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
