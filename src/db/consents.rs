//! `consents`: remembered approvals, one row for a person and a client.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::consent::Consent;
use crate::model::ids::{ClientKey, OrgId, UserId};
use crate::model::scope::ScopeSet;

/// What this person approved for this client before.
pub async fn find(connection: &mut Connection, user: UserId, client: ClientKey) -> Result<Option<Consent>, Error> {
    let row = sqlx::query!(
        "SELECT scopes, identity_version, granted_at, updated_at FROM consents WHERE user_id = $1 AND client_id = $2",
        user.0,
        client.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Consent {
        scopes: ScopeSet::from(row.scopes),
        identity_version: row.identity_version,
        granted_at: row.granted_at,
        updated_at: row.updated_at,
    }))
}

/// Everything this person has approved and not taken back.
pub async fn list_by_user(connection: &mut Connection, user: UserId) -> Result<Vec<(ClientKey, Consent)>, Error> {
    let rows = sqlx::query!(
        "SELECT client_id, scopes, identity_version, granted_at, updated_at FROM consents WHERE user_id = $1 ORDER BY granted_at DESC, client_id",
        user.0
    )
    .fetch_all(connection)
    .await?;
    let consent = |scopes: Vec<String>, identity_version, granted_at, updated_at| Consent {
        scopes: ScopeSet::from(scopes),
        identity_version,
        granted_at,
        updated_at,
    };
    Ok(rows
        .into_iter()
        .map(|row| (ClientKey(row.client_id), consent(row.scopes, row.identity_version, row.granted_at, row.updated_at)))
        .collect())
}

/// Remembers an approval. It adds to an earlier one of the same face of the app; an approval of another face is replaced.
pub async fn remember(
    connection: &mut Connection,
    (org, client, user): (OrgId, ClientKey, UserId),
    scopes: &ScopeSet,
    identity_version: i32,
    at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO consents (org_id, client_id, user_id, scopes, identity_version, granted_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT ON CONSTRAINT consents_pkey DO UPDATE SET
             scopes = CASE WHEN consents.identity_version = EXCLUDED.identity_version
                 THEN ARRAY(SELECT DISTINCT unnest(consents.scopes || EXCLUDED.scopes)) ELSE EXCLUDED.scopes END,
             identity_version = EXCLUDED.identity_version,
             updated_at = EXCLUDED.updated_at",
        org.0,
        client.0,
        user.0,
        scopes.as_slice(),
        identity_version,
        at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets an approval; false when there was none.
pub async fn delete(connection: &mut Connection, user: UserId, client: ClientKey) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM consents WHERE user_id = $1 AND client_id = $2", user.0, client.0).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets what a person approved for the apps of one org.
pub async fn delete_all_of_user_in_org(connection: &mut Connection, user: UserId, org: OrgId) -> Result<u64, Error> {
    let done = sqlx::query!("DELETE FROM consents WHERE user_id = $1 AND org_id = $2", user.0, org.0).execute(connection).await?;
    Ok(done.rows_affected())
}
