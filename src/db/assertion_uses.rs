//! `assertion_uses`: assertions that were used and may not be used again before they expire.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::gather::{Answers, Together, column};
use crate::db::{Connection, Database, Error};
use crate::model::ids::ClientKey;
use crate::secret::Digest;

/// One use of an assertion.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// Whose assertion.
    pub client: ClientKey,
    /// What it is known by.
    pub digest: Digest,
    /// This use, told from any other.
    pub id: Uuid,
    /// When the assertion expires by itself.
    pub expires_at: OffsetDateTime,
    /// When it is used.
    pub now: OffsetDateTime,
}

/// Marks the assertion as used; false when another use came first. May be repeated: the same use is one use.
pub async fn insert(db: &Database, used: &Use) -> Result<bool, Error> {
    match Arc::clone(&db.gathers.uses).ask(db, *used).await? {
        Together::Answered(first) => Ok(first),
        Together::Alone { .. } => {
            let alone = db.statement(|mut connection| async move { insert_all(&mut connection, &[*used]).await }).await?;
            Ok(alone == [Some(true)])
        }
    }
}

/// Answers `uses`, each by its place.
pub(in crate::db) fn answer_all<'a>(connection: &'a mut Connection, uses: &'a [Use]) -> Answers<'a, bool> {
    Box::pin(insert_all(connection, uses))
}

/// In the order of the key, so that two servers that insert the same assertions wait for each other in one direction only. Of the
/// same assertion only one can stand in a statement; its other uses are left unanswered.
async fn insert_all(connection: &mut Connection, uses: &[Use]) -> Result<Vec<Option<bool>>, Error> {
    let mut distinct: BTreeMap<_, &Use> = BTreeMap::new();
    for used in uses {
        distinct.entry((used.client.0, used.digest.as_bytes().as_slice())).or_insert(used);
    }
    let sorted: Vec<&Use> = distinct.into_values().collect();
    let first = sqlx::query_scalar!(
        "INSERT INTO assertion_uses (client_id, digest, use_id, expires_at)
         SELECT q.client_id, q.digest, q.use_id, q.expires_at
         FROM unnest((SELECT $1::uuid[]), (SELECT $2::bytea[]), (SELECT $3::uuid[]), (SELECT $4::timestamptz[]))
             AS q(client_id, digest, use_id, expires_at)
         ON CONFLICT ON CONSTRAINT assertion_uses_pkey DO UPDATE SET use_id = excluded.use_id, expires_at = excluded.expires_at
         WHERE assertion_uses.use_id = excluded.use_id OR assertion_uses.expires_at <= $5
         RETURNING use_id",
        &column(&sorted, |used| used.client.0),
        &column(&sorted, |used| used.digest.as_bytes().as_slice()) as &[&[u8]],
        &column(&sorted, |used| used.id),
        &column(&sorted, |used| used.expires_at),
        // The earliest of them: what has expired for it has expired for all.
        sorted.iter().map(|used| used.now).min(),
    )
    .fetch_all(connection)
    .await?;
    let asked = |used: &Use| sorted.iter().any(|sorted| sorted.id == used.id);
    Ok(uses.iter().map(|used| asked(used).then(|| first.contains(&used.id))).collect())
}

/// Whether the assertion was used and has not expired since.
pub async fn is_used(connection: &mut Connection, client: ClientKey, digest: &Digest, now: OffsetDateTime) -> Result<bool, Error> {
    let used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM assertion_uses WHERE client_id = $1 AND digest = $2 AND $3 < expires_at) AS "used!""#,
        client.0,
        digest.as_bytes().as_slice(),
        now,
    );
    Ok(used.fetch_one(connection).await?)
}
