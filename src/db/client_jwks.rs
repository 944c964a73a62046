//! `client_jwks`: what apps publish at their `jwks_uri`, as one server fetched it for all.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::ClientKey;
use crate::model::public_key::{FetchedJwks, FetchedKey, Jwk, KeyAlgorithm, PublicKey};

/// A set as `db::clients` aggregates it into JSON.
#[derive(Deserialize)]
pub(crate) struct JsonSet {
    keys: Vec<JsonKey>,
    #[serde(with = "time::serde::rfc3339::option")]
    fetched_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    attempted_at: Option<OffsetDateTime>,
    problem: Option<String>,
}

/// One key as it stands in the column `keys`: already parsed and checked when it was written.
#[derive(Serialize, Deserialize)]
struct JsonKey {
    kid: Option<String>,
    alg: KeyAlgorithm,
    jwk: Jwk,
    thumbprint: String,
    bits: u16,
}

impl From<JsonSet> for FetchedJwks {
    fn from(set: JsonSet) -> Self {
        let keys = set.keys.into_iter().map(|row| FetchedKey {
            kid: row.kid,
            key: PublicKey {
                algorithm: row.alg,
                jwk: row.jwk,
                thumbprint: row.thumbprint,
                bits: row.bits,
                certificate: None,
                is_current: false,
                revoked_at: None,
            },
        });
        Self { keys: keys.collect(), fetched_at: set.fetched_at, attempted_at: set.attempted_at, problem: set.problem }
    }
}

impl From<&FetchedKey> for JsonKey {
    fn from(own: &FetchedKey) -> Self {
        let FetchedKey { kid, key } = own;
        Self { kid: kid.clone(), alg: key.algorithm, jwk: key.jwk.clone(), thumbprint: key.thumbprint.clone(), bits: key.bits }
    }
}

/// Takes the right to read the set at `uri` now; false when somebody took it after `since`, or the client publishes elsewhere now.
/// The keys of the last good reading stay, unless they came from elsewhere.
pub async fn attempt(
    connection: &mut Connection,
    client: ClientKey,
    uri: &str,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "INSERT INTO client_jwks (client_id, uri, attempted_at) SELECT id, jwks_uri, $4 FROM clients WHERE id = $1 AND jwks_uri = $2
         ON CONFLICT ON CONSTRAINT client_jwks_pkey DO UPDATE SET
             uri = excluded.uri,
             attempted_at = excluded.attempted_at,
             problem = NULL,
             keys = CASE WHEN client_jwks.uri = excluded.uri THEN client_jwks.keys ELSE '[]' END,
             fetched_at = CASE WHEN client_jwks.uri = excluded.uri THEN client_jwks.fetched_at END
         WHERE client_jwks.uri <> excluded.uri OR client_jwks.attempted_at <= $3",
        client.0,
        uri,
        since,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What the attempt of `attempted_at` found; says whether it was still the last one.
pub async fn succeed(
    connection: &mut Connection,
    (client, uri): (ClientKey, &str),
    keys: &[FetchedKey],
    attempted_at: OffsetDateTime,
) -> Result<bool, Error> {
    let keys: Vec<JsonKey> = keys.iter().map(JsonKey::from).collect();
    let done = sqlx::query!(
        "UPDATE client_jwks SET keys = $3, fetched_at = $4, problem = NULL WHERE client_id = $1 AND uri = $2 AND attempted_at = $4",
        client.0,
        uri,
        Json(keys) as _,
        attempted_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// That the attempt of `attempted_at` failed; the keys of the last good reading stay. Says whether it was still the last one.
pub async fn fail(
    connection: &mut Connection,
    (client, uri): (ClientKey, &str),
    problem: &str,
    attempted_at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE client_jwks SET problem = $3 WHERE client_id = $1 AND uri = $2 AND attempted_at = $4",
        client.0,
        uri,
        problem,
        attempted_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
