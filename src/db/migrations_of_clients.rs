//! `credential_migrations`: apps on their way from one kind of credential to the other. (The schema's own migrations are in
//! `db::migrations`.)

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{ClientKey, CredentialId, MigrationId, OrgId};
use crate::model::migration::{Direction, Migration, MigrationState};

/// A migration as `db::clients` puts it into JSON beside its client.
#[derive(Deserialize)]
pub(crate) struct JsonRow {
    id: Uuid,
    direction: String,
    state: String,
    new_credential: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    finished_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    brown_out_until: Option<OffsetDateTime>,
}

impl TryFrom<JsonRow> for Migration {
    type Error = Error;

    fn try_from(row: JsonRow) -> Result<Self, Error> {
        let corrupt = |what: &str| Error::corrupt("credential_migrations", what);
        Ok(Self {
            id: MigrationId(row.id),
            direction: Direction::parse(&row.direction).ok_or_else(|| corrupt("direction"))?,
            state: MigrationState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
            new_credential: CredentialId(row.new_credential),
            started_at: row.started_at,
            finished_at: row.finished_at,
            brown_out_until: row.brown_out_until,
        })
    }
}

/// How a running migration ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As if it had never begun.
    Cancelled,
    /// For good.
    Completed,
}

/// Adds a running migration; says whether none stood in its way, running or completed.
pub async fn insert(connection: &mut Connection, org: OrgId, client: ClientKey, migration: &Migration) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO credential_migrations (id, org_id, client_id, direction, state, new_credential_id, started_at)
         VALUES ($1, $2, $3, $4, 'running', $5, $6)
         ON CONFLICT (client_id) WHERE state <> 'cancelled' DO NOTHING",
        migration.id.0,
        org.0,
        client.0,
        migration.direction.as_str(),
        migration.new_credential.0,
        migration.started_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a running migration; says whether this call did. Of two that try at one time exactly one hears yes (R44).
pub async fn finish(connection: &mut Connection, id: MigrationId, end: End, at: OffsetDateTime) -> Result<bool, Error> {
    let state = match end {
        End::Cancelled => "cancelled",
        End::Completed => "completed",
    };
    let done = sqlx::query!(
        "UPDATE credential_migrations SET state = $2, finished_at = $3, brown_out_until = NULL WHERE id = $1 AND state = 'running'",
        id.0,
        state,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Refuses the old credentials until then, or no longer; says whether the migration runs.
pub async fn set_brown_out(connection: &mut Connection, id: MigrationId, until: Option<OffsetDateTime>) -> Result<bool, Error> {
    let done = sqlx::query!("UPDATE credential_migrations SET brown_out_until = $2 WHERE id = $1 AND state = 'running'", id.0, until)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
