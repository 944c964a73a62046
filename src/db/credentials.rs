//! `credentials`: the secrets of clients, as digests, and their public keys.

use serde::Deserialize;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::credential::{Credential, CredentialKind, LastUse};
use crate::model::ids::{ClientKey, CredentialId, OrgId, TechnicalAccountId, UserId};
use crate::model::migration::Proof;
use crate::model::public_key::{Certificate, Jwk, KeyAlgorithm, PublicKey};
use crate::secret::Digest;
use crate::wire::GrantType;

/// A living credential as `db::clients` aggregates it into JSON: one round trip for a client with all of its credentials.
#[derive(Deserialize)]
pub(crate) struct JsonRow {
    id: Uuid,
    kind: String,
    digest: Option<String>,
    hint: Option<String>,
    note: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    created_by: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    last_used_grant: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    last_token_at: Option<OffsetDateTime>,
    technical_account: Option<Uuid>,
    paired_key: Option<Uuid>,
    algorithm: Option<KeyAlgorithm>,
    jwk: Option<Jwk>,
    thumbprint: Option<String>,
    bits: Option<u16>,
    certificate: Option<String>,
    certificate_sha256: Option<String>,
    certificate_subject: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    certificate_not_before: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    certificate_not_after: Option<OffsetDateTime>,
    is_current: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
}

impl JsonRow {
    fn secret(&self) -> Option<CredentialKind> {
        let digest = Digest::from_slice(&bytes_from_hex(self.digest.as_deref()?)?)?;
        Some(CredentialKind::Secret { digest, hint: self.hint.clone()? })
    }

    fn key(&self) -> Option<CredentialKind> {
        let certificate = match &self.certificate {
            Some(hex) => Some(Certificate {
                der: bytes_from_hex(hex)?,
                subject: self.certificate_subject.clone()?,
                not_before: self.certificate_not_before?,
                not_after: self.certificate_not_after?,
                sha256: self.certificate_sha256.clone()?,
            }),
            None => None,
        };
        Some(CredentialKind::Key(Box::new(PublicKey {
            algorithm: self.algorithm?,
            jwk: self.jwk.clone()?,
            thumbprint: self.thumbprint.clone()?,
            bits: self.bits?,
            certificate,
            is_current: self.is_current,
            revoked_at: self.revoked_at,
        })))
    }
}

impl TryFrom<JsonRow> for Credential {
    type Error = Error;

    fn try_from(row: JsonRow) -> Result<Self, Error> {
        let kind = match row.kind.as_str() {
            "secret" => row.secret(),
            "key" => row.key(),
            _ => None,
        };
        let kind = kind.ok_or_else(|| Error::corrupt("credentials", format!("a {} without its columns", row.kind)))?;
        let grant_type = row.last_used_grant.as_deref().and_then(GrantType::parse);
        Ok(Self {
            id: CredentialId(row.id),
            kind,
            note: row.note,
            created_at: row.created_at,
            created_by: row.created_by.map(UserId),
            expires_at: row.expires_at,
            technical_account: row.technical_account.map(TechnicalAccountId),
            paired_key: row.paired_key.map(CredentialId),
            last_use: row.last_used_at.map(|at| LastUse { at, grant_type, token_at: row.last_token_at }),
        })
    }
}

/// The bytes that Postgres wrote as hex.
fn bytes_from_hex(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

/// Adds a credential of the client.
pub async fn insert(connection: &mut Connection, org: OrgId, client: ClientKey, credential: &Credential) -> Result<(), Error> {
    let secret = match &credential.kind {
        CredentialKind::Secret { digest, hint } => Some((digest.as_bytes().as_slice(), hint.as_str())),
        CredentialKind::Key(_) => None,
    };
    let key = credential.key();
    let certificate = key.and_then(|key| key.certificate.as_ref());
    sqlx::query!(
        "INSERT INTO credentials (id, org_id, client_id, kind, secret_digest, hint, note, created_at, created_by, expires_at,
             technical_account_id, algorithm, public_jwk, thumbprint, key_bits, certificate, certificate_subject,
             certificate_not_before, certificate_not_after, is_current, revoked_at, paired_key_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        credential.id.0,
        org.0,
        client.0,
        if secret.is_some() { "secret" } else { "key" },
        secret.map(|(digest, _)| digest),
        secret.map(|(_, hint)| hint),
        credential.note,
        credential.created_at,
        credential.created_by.map(|user| user.0),
        credential.expires_at,
        credential.technical_account.map(|account| account.0),
        key.map(|key| key.algorithm.as_str()),
        key.map(|key| Json(&key.jwk)) as _,
        key.map(|key| key.thumbprint.as_str()),
        key.map(|key| i32::from(key.bits)),
        certificate.map(|own| own.der.as_slice()),
        certificate.map(|own| own.subject.as_str()),
        certificate.map(|own| own.not_before),
        certificate.map(|own| own.not_after),
        key.is_some_and(|key| key.is_current),
        key.and_then(|key| key.revoked_at),
        credential.paired_key.map(|key| key.0),
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
        "UPDATE credentials SET deleted_at = $3, is_current = false, tokens_revoked_at = CASE WHEN $4 THEN $3 ELSE tokens_revoked_at END
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

/// Deletes every living credential of the client that is of this kind, with keys the secrets that came with them, too; says how
/// many. Tokens issued with them go on.
pub async fn delete_all_of_kind(connection: &mut Connection, client: ClientKey, kind: Proof, at: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE credentials SET deleted_at = $3, is_current = false
         WHERE client_id = $1 AND (kind = $2 OR ($2 = 'key' AND paired_key_id IS NOT NULL)) AND deleted_at IS NULL",
        client.0,
        kind.as_str(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Revokes a key of the client that was not, and with `revoke_tokens` kills the access tokens issued with it; it stays listed.
/// Says whether it did.
pub async fn revoke(
    connection: &mut Connection,
    client: ClientKey,
    id: CredentialId,
    at: OffsetDateTime,
    revoke_tokens: bool,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE credentials SET revoked_at = $3, is_current = false,
             tokens_revoked_at = CASE WHEN $4 THEN $3 ELSE tokens_revoked_at END
         WHERE id = $1 AND client_id = $2 AND kind = 'key' AND revoked_at IS NULL AND deleted_at IS NULL",
        id.0,
        client.0,
        at,
        revoke_tokens,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a newer certificate of the same key in the place of the old one; says whether the key was there and not revoked.
pub async fn renew(connection: &mut Connection, client: ClientKey, id: CredentialId, certificate: &Certificate) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE credentials SET certificate = $3, certificate_subject = $4, certificate_not_before = $5, certificate_not_after = $6
         WHERE id = $1 AND client_id = $2 AND kind = 'key' AND revoked_at IS NULL AND deleted_at IS NULL",
        id.0,
        client.0,
        certificate.der,
        certificate.subject,
        certificate.not_before,
        certificate.not_after,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes `id` the current key of the technical account, or none.
pub async fn set_current(connection: &mut Connection, account: TechnicalAccountId, id: Option<CredentialId>) -> Result<(), Error> {
    sqlx::query!("UPDATE credentials SET is_current = false WHERE technical_account_id = $1 AND is_current", account.0)
        .execute(&mut *connection)
        .await?;
    if let Some(id) = id {
        sqlx::query!(
            "UPDATE credentials SET is_current = true
             WHERE technical_account_id = $1 AND id = $2 AND revoked_at IS NULL AND deleted_at IS NULL",
            account.0,
            id.0,
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Deletes the secret that was made with a key, if there is one.
pub async fn delete_paired(connection: &mut Connection, key: CredentialId, at: OffsetDateTime, revoke_tokens: bool) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE credentials SET deleted_at = $2, tokens_revoked_at = CASE WHEN $3 THEN $2 ELSE tokens_revoked_at END
         WHERE paired_key_id = $1 AND deleted_at IS NULL",
        key.0,
        at,
        revoke_tokens,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes whatever secrets a technical account still has.
pub async fn delete_of_account(connection: &mut Connection, account: TechnicalAccountId, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("UPDATE credentials SET deleted_at = $2 WHERE technical_account_id = $1 AND deleted_at IS NULL", account.0, at)
        .execute(connection)
        .await?;
    Ok(())
}
