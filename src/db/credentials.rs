//! `credentials`: the secrets of clients, as digests.

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::credential::{Credential, CredentialKind, LastUse};
use crate::model::ids::{ClientKey, CredentialId, OrgId, UserId};
use crate::secret::Digest;
use crate::wire::GrantType;

/// A living credential as `db::clients` aggregates it into JSON: one round trip for a client with all of its credentials.
#[derive(Deserialize)]
pub(crate) struct JsonRow {
    id: Uuid,
    kind: String,
    digest: String,
    hint: String,
    note: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    created_by: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    last_used_grant: Option<String>,
}

impl TryFrom<JsonRow> for Credential {
    type Error = Error;

    fn try_from(row: JsonRow) -> Result<Self, Error> {
        let kind = match row.kind.as_str() {
            "secret" => CredentialKind::Secret { digest: digest_from_hex(&row.digest)?, hint: row.hint },
            other => return Err(Error::corrupt("credentials", format!("kind {other}"))),
        };
        let grant_type = row.last_used_grant.as_deref().and_then(GrantType::parse);
        Ok(Self {
            id: CredentialId(row.id),
            kind,
            note: row.note,
            created_at: row.created_at,
            created_by: row.created_by.map(UserId),
            expires_at: row.expires_at,
            last_use: row.last_used_at.map(|at| LastUse { at, grant_type }),
        })
    }
}

/// The 32 bytes that Postgres wrote as hex.
fn digest_from_hex(hex: &str) -> Result<Digest, Error> {
    let bytes: Option<Vec<u8>> =
        (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect();
    bytes.as_deref().and_then(Digest::from_slice).ok_or_else(|| Error::corrupt("credentials", "secret_digest"))
}

/// Adds a credential of the client.
pub async fn insert(connection: &mut Connection, org: OrgId, client: ClientKey, credential: &Credential) -> Result<(), Error> {
    let CredentialKind::Secret { digest, hint } = &credential.kind;
    sqlx::query!(
        "INSERT INTO credentials (id, org_id, client_id, kind, secret_digest, hint, note, created_at, created_by, expires_at)
         VALUES ($1, $2, $3, 'secret', $4, $5, $6, $7, $8, $9)",
        credential.id.0,
        org.0,
        client.0,
        digest.as_bytes().as_slice(),
        hint,
        credential.note,
        credential.created_at,
        credential.created_by.map(|user| user.0),
        credential.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes note and expiry of a living credential of the client; says whether there is one.
pub async fn update(
    connection: &mut Connection,
    client: ClientKey,
    id: CredentialId,
    note: &str,
    expires_at: Option<OffsetDateTime>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE credentials SET note = $3, expires_at = $4 WHERE id = $1 AND client_id = $2 AND deleted_at IS NULL",
        id.0,
        client.0,
        note,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a living credential of the client, and with `revoke_tokens` kills the access tokens issued with it at
/// introspection (R53); the row stays as their witness. Says whether there was one.
pub async fn delete(
    connection: &mut Connection,
    client: ClientKey,
    id: CredentialId,
    at: OffsetDateTime,
    revoke_tokens: bool,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE credentials SET deleted_at = $3, tokens_revoked_at = CASE WHEN $4 THEN $3 ELSE tokens_revoked_at END
         WHERE id = $1 AND client_id = $2 AND deleted_at IS NULL",
        id.0,
        client.0,
        at,
        revoke_tokens,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the access tokens issued with this credential were revoked; also `true` when there is no such credential.
pub async fn tokens_are_revoked(connection: &mut Connection, id: CredentialId) -> Result<bool, Error> {
    let revoked = sqlx::query_scalar!(r#"SELECT tokens_revoked_at IS NOT NULL AS "revoked!" FROM credentials WHERE id = $1"#, id.0)
        .fetch_optional(connection)
        .await?;
    Ok(revoked.unwrap_or(true))
}
