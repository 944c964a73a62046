//! `signing_keys`: the keys that sign access tokens, private halves sealed.

use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::signing_key::{Algorithm, SigningKey};

/// Names the advisory lock under which keys are made and retired; "grantorK" read as a number.
const LOCK: i64 = 0x6772_616e_746f_724b;

/// A row as selected.
struct Row {
    kid: String,
    algorithm: String,
    private_sealed: Vec<u8>,
    public_jwk: serde_json::Value,
    created_at: OffsetDateTime,
    active_at: OffsetDateTime,
    retired_at: Option<OffsetDateTime>,
    expires_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for SigningKey {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let Row { kid, algorithm, private_sealed, public_jwk, created_at, active_at, retired_at, expires_at } = row;
        let algorithm = Algorithm::parse(&algorithm).ok_or_else(|| Error::corrupt("signing_keys", format!("algorithm {algorithm:?}")))?;
        Ok(Self { kid, algorithm, private_sealed, public_jwk, created_at, active_at, retired_at, expires_at })
    }
}

/// Waits until no other transaction, of any server, makes or retires keys; held to the end of this one.
pub async fn lock(connection: &mut Connection) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", LOCK).execute(connection).await?;
    Ok(())
}

/// Every key that was ever made and not removed, newest first.
pub async fn list(connection: &mut Connection) -> Result<Vec<SigningKey>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT kid, algorithm, private_sealed, public_jwk, created_at, active_at, retired_at, expires_at
         FROM signing_keys ORDER BY active_at DESC, kid"
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(SigningKey::try_from).collect()
}

/// Adds a key.
pub async fn insert(connection: &mut Connection, key: &SigningKey) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO signing_keys (kid, algorithm, private_sealed, public_jwk, created_at, active_at, retired_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        key.kid,
        key.algorithm.as_str(),
        key.private_sealed,
        key.public_jwk,
        key.created_at,
        key.active_at,
        key.retired_at,
        key.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets a key sign until `retired_at` and be published until `expires_at`; never makes it sign longer. Says whether it happened.
pub async fn retire(connection: &mut Connection, kid: &str, retired_at: OffsetDateTime, expires_at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE signing_keys SET retired_at = $2, expires_at = $3 WHERE kid = $1 AND (retired_at IS NULL OR retired_at > $2)",
        kid,
        retired_at,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a key out of the key set at `at`: it neither signs nor verifies any more. Says whether it happened.
pub async fn withdraw(connection: &mut Connection, kid: &str, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE signing_keys SET retired_at = LEAST(retired_at, $2), expires_at = $2
         WHERE kid = $1 AND (expires_at IS NULL OR expires_at > $2)",
        kid,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
