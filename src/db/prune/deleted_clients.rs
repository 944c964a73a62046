//! Apps that were deleted so long ago that nobody can restore them: first what points at them, in bounded batches, then they.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::OrgId;

/// A client that is gone for good.
#[derive(Debug)]
pub struct Purged {
    /// Whose it was.
    pub org: OrgId,
    /// Its public id.
    pub client_id: String,
    /// Its name.
    pub name: String,
}

/// Deletes up to `batch` rows of each table that may hold many for clients deleted before `before`; how many.
pub async fn belongings(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<u64, Error> {
    let authorizations = sqlx::query!(
        "DELETE FROM authorizations WHERE id IN (SELECT a.id FROM authorizations a JOIN clients c ON c.id = a.client_id
         WHERE c.deleted_at < $1 LIMIT $2 FOR UPDATE OF a SKIP LOCKED)",
        before,
        batch
    );
    let tokens = sqlx::query!(
        "DELETE FROM access_tokens WHERE token_digest IN (SELECT a.token_digest FROM access_tokens a JOIN clients c ON c.id = a.client_id
         WHERE c.deleted_at < $1 LIMIT $2 FOR UPDATE OF a SKIP LOCKED)",
        before,
        batch
    );
    let requests = sqlx::query!(
        "DELETE FROM authorization_requests WHERE id IN (SELECT a.id FROM authorization_requests a JOIN clients c ON c.id = a.client_id
         WHERE c.deleted_at < $1 LIMIT $2 FOR UPDATE OF a SKIP LOCKED)",
        before,
        batch
    );
    let consents = sqlx::query!(
        "DELETE FROM consents WHERE (user_id, client_id) IN (SELECT a.user_id, a.client_id FROM consents a JOIN clients c ON c.id = a.client_id
         WHERE c.deleted_at < $1 LIMIT $2 FOR UPDATE OF a SKIP LOCKED)",
        before,
        batch
    );
    let mut deleted = authorizations.execute(&mut *connection).await?.rows_affected();
    deleted += tokens.execute(&mut *connection).await?.rows_affected();
    deleted += requests.execute(&mut *connection).await?.rows_affected();
    deleted += consents.execute(&mut *connection).await?.rows_affected();
    Ok(deleted)
}

/// Deletes up to `batch` clients deleted before `before` that nothing of [`belongings`] points at any more, with what is small.
pub async fn clients(connection: &mut Connection, before: OffsetDateTime, batch: i64) -> Result<Vec<Purged>, Error> {
    let ids: Vec<Uuid> = sqlx::query_scalar!(
        "SELECT c.id FROM clients c WHERE c.deleted_at < $1
           AND NOT EXISTS (SELECT FROM authorizations a WHERE a.client_id = c.id)
           AND NOT EXISTS (SELECT FROM access_tokens a WHERE a.client_id = c.id)
           AND NOT EXISTS (SELECT FROM authorization_requests a WHERE a.client_id = c.id)
           AND NOT EXISTS (SELECT FROM consents a WHERE a.client_id = c.id)
         LIMIT $2 FOR UPDATE SKIP LOCKED",
        before,
        batch
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM credential_migrations WHERE client_id = ANY($1)", &ids).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM credentials WHERE client_id = ANY($1)", &ids).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM technical_accounts WHERE client_id = ANY($1)", &ids).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM client_jwks WHERE client_id = ANY($1)", &ids).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM client_logos WHERE client_id = ANY($1)", &ids).execute(&mut *connection).await?;
    let gone = sqlx::query!("DELETE FROM clients WHERE id = ANY($1) RETURNING org_id, client_id, name", &ids);
    let gone = gone.fetch_all(connection).await?;
    Ok(gone.into_iter().map(|row| Purged { org: OrgId(row.org_id), client_id: row.client_id, name: row.name }).collect())
}
