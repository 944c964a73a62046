//! The `last_used_at` columns of `credentials` and `clients`, and `last_token_at` of `client_jwks`: many uses, one statement.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::credential::LastUse;
use crate::model::ids::{ClientKey, CredentialId};

/// Writes the last uses of all these credentials and clients, and the last tokens got with keys that clients publish, unless a later one stands there already.
pub async fn write(
    connection: &mut Connection,
    credentials: &[(CredentialId, LastUse)],
    clients: &[(ClientKey, OffsetDateTime)],
    publishers: &[(ClientKey, OffsetDateTime)],
) -> Result<(), Error> {
    let credential_ids: Vec<_> = credentials.iter().map(|(id, _)| id.0).collect();
    let credential_times: Vec<_> = credentials.iter().map(|(_, last)| last.at).collect();
    let credential_grants: Vec<_> = credentials.iter().map(|(_, last)| last.grant_type.map(|grant| grant.as_str().to_owned())).collect();
    let token_times: Vec<_> = credentials.iter().map(|(_, last)| last.token_at).collect();
    let client_ids: Vec<_> = clients.iter().map(|(key, _)| key.0).collect();
    let client_times: Vec<_> = clients.iter().map(|(_, at)| *at).collect();
    let publisher_ids: Vec<_> = publishers.iter().map(|(key, _)| key.0).collect();
    let publisher_times: Vec<_> = publishers.iter().map(|(_, at)| *at).collect();
    sqlx::query!(
        "WITH credentials_used AS (
             UPDATE credentials c SET last_used_at = greatest(c.last_used_at, used.at), last_token_at = greatest(c.last_token_at, used.token_at),
                 last_used_grant = CASE WHEN c.last_used_at > used.at THEN c.last_used_grant ELSE used.grant_type END
             FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $6::timestamptz[]) AS used (id, at, grant_type, token_at)
             WHERE c.id = used.id AND (c.last_used_at IS NULL OR c.last_used_at <= used.at
                 OR used.token_at > coalesce(c.last_token_at, '-infinity'))
         ), publishers_served AS (
             UPDATE client_jwks j SET last_token_at = greatest(j.last_token_at, used.at)
             FROM unnest($7::uuid[], $8::timestamptz[]) AS used (id, at)
             WHERE j.client_id = used.id
         )
         UPDATE clients c SET last_used_at = used.at
         FROM unnest($4::uuid[], $5::timestamptz[]) AS used (id, at)
         WHERE c.id = used.id AND (c.last_used_at IS NULL OR c.last_used_at < used.at)",
        &credential_ids,
        &credential_times,
        &credential_grants as &[Option<String>],
        &client_ids,
        &client_times,
        &token_times as &[Option<OffsetDateTime>],
        &publisher_ids,
        &publisher_times,
    )
    .execute(connection)
    .await?;
    Ok(())
}
