//! `technical_accounts`: the names that apps act under.

use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{ClientKey, OrgId, TechnicalAccountId, UserId};
use crate::model::technical_account::TechnicalAccount;

/// A living account as `db::clients` aggregates it into JSON.
#[derive(Deserialize)]
pub(crate) struct JsonRow {
    id: Uuid,
    subject: String,
    email: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    created_by: Option<Uuid>,
}

impl From<JsonRow> for TechnicalAccount {
    fn from(row: JsonRow) -> Self {
        Self {
            id: TechnicalAccountId(row.id),
            subject: row.subject,
            email: row.email,
            created_at: row.created_at,
            created_by: row.created_by.map(UserId),
        }
    }
}

/// How many technical accounts the org has; nobody else adds one until the transaction ends.
pub async fn count_locked(connection: &mut Connection, org: OrgId, with_deleted: bool) -> Result<i64, Error> {
    sqlx::query_scalar!("SELECT id FROM orgs WHERE id = $1 FOR NO KEY UPDATE", org.0).fetch_optional(&mut *connection).await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM technical_accounts t JOIN clients c ON c.id = t.client_id
           WHERE t.org_id = $1 AND ($2 OR (t.deleted_at IS NULL AND c.deleted_at IS NULL))"#,
        org.0,
        with_deleted,
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Adds an account of the client.
pub async fn insert(connection: &mut Connection, org: OrgId, client: ClientKey, account: &TechnicalAccount) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO technical_accounts (id, org_id, client_id, subject, email, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        account.id.0,
        org.0,
        client.0,
        account.subject,
        account.email,
        account.created_at,
        account.created_by.map(|user| user.0),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a living account of the client; says whether there was one.
pub async fn delete(connection: &mut Connection, client: ClientKey, id: TechnicalAccountId, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE technical_accounts SET deleted_at = $3 WHERE id = $1 AND client_id = $2 AND deleted_at IS NULL",
        id.0,
        client.0,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
