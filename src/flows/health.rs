//! Whether this server can serve: the database answers, its schema fits, a signing key is loaded.

use std::time::Duration;

use crate::db::migrations::{self, Schema};
use crate::flows::Deps;
use crate::model::api::TokenForm;

/// How long the database may take to answer the question.
const PATIENCE: Duration = Duration::from_secs(1);

/// The answer, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The database answered in time.
    pub database: bool,
    /// Its schema is the one this binary works on.
    pub migrations: bool,
    /// Tokens can be signed.
    pub signing_key: bool,
}

impl Readiness {
    /// Everything is as it must be.
    pub fn is_ready(&self) -> bool {
        self.database && self.migrations && self.signing_key
    }
}

/// Asks once; never longer than a second.
pub async fn readiness(deps: &Deps) -> Readiness {
    let schema = tokio::time::timeout(PATIENCE, schema(deps)).await.ok().flatten();
    Readiness { database: schema.is_some(), migrations: schema.is_some_and(|schema| schema.is_current()), signing_key: can_sign(deps) }
}

/// Whether every API's tokens can be signed.
fn can_sign(deps: &Deps) -> bool {
    let keyring = deps.keyring.current();
    deps.policy.apis.iter().all(|api| api.token_form == TokenForm::Opaque || keyring.can_sign(api.algorithm))
}

async fn schema(deps: &Deps) -> Option<Schema> {
    let asked = deps.db.retrying(async |connection| migrations::schema(connection).await).await;
    asked.inspect_err(|error| tracing::warn!(%error, "readiness: the database does not answer")).ok()
}
