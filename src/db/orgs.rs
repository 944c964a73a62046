//! `orgs`: the operator's customers.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::OrgId;
use crate::model::org::{AppUsage, Org};

/// A row as selected.
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    app_limit: i32,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
}

impl From<Row> for Org {
    fn from(row: Row) -> Self {
        let Row { id, slug, name, app_limit, created_at, disabled_at } = row;
        Self { id: OrgId(id), slug, name, app_limit, created_at, disabled_at }
    }
}

/// Adds an org; `orgs_slug_key` refuses a taken slug.
pub async fn insert(connection: &mut Connection, org: &Org) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO orgs (id, slug, name, app_limit, created_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6)",
        org.id.0,
        org.slug,
        org.name,
        org.app_limit,
        org.created_at,
        org.disabled_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The org with this id.
pub async fn find_by_id(connection: &mut Connection, id: OrgId) -> Result<Option<Org>, Error> {
    let row = sqlx::query_as!(Row, "SELECT id, slug, name, app_limit, created_at, disabled_at FROM orgs WHERE id = $1", id.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Org::from))
}

/// The org with this slug.
pub async fn find_by_slug(connection: &mut Connection, slug: &str) -> Result<Option<Org>, Error> {
    let row = sqlx::query_as!(Row, "SELECT id, slug, name, app_limit, created_at, disabled_at FROM orgs WHERE slug = $1", slug)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Org::from))
}

/// Every org with its living apps counted, by slug.
pub async fn list(connection: &mut Connection) -> Result<Vec<(Org, AppUsage)>, Error> {
    let rows = sqlx::query!(
        r#"SELECT o.id, o.slug, o.name, o.app_limit, o.created_at, o.disabled_at,
                  (SELECT count(*) FROM clients c WHERE c.org_id = o.id AND c.slot IS NOT NULL) AS "used!"
           FROM orgs o ORDER BY o.slug"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let usage = AppUsage { used: row.used, limit: i64::from(row.app_limit) };
            let org = Org {
                id: OrgId(row.id),
                slug: row.slug,
                name: row.name,
                app_limit: row.app_limit,
                created_at: row.created_at,
                disabled_at: row.disabled_at,
            };
            (org, usage)
        })
        .collect())
}

/// How many apps live in the org and how many may; `None` when there is no such org.
pub async fn app_usage(connection: &mut Connection, id: OrgId) -> Result<Option<AppUsage>, Error> {
    let row = sqlx::query!(
        r#"SELECT o.app_limit, (SELECT count(*) FROM clients c WHERE c.org_id = o.id AND c.slot IS NOT NULL) AS "used!"
           FROM orgs o WHERE o.id = $1"#,
        id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| AppUsage { used: row.used, limit: i64::from(row.app_limit) }))
}

/// Sets the app limit; apps beyond a lowered limit stay. Says whether there is such an org.
pub async fn set_app_limit(connection: &mut Connection, id: OrgId, app_limit: i32) -> Result<bool, Error> {
    let done = sqlx::query!("UPDATE orgs SET app_limit = $2 WHERE id = $1", id.0, app_limit).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps others from changing who owns the org until the transaction ends; false when there is no such org.
pub async fn lock(connection: &mut Connection, id: OrgId) -> Result<bool, Error> {
    let found = sqlx::query_scalar!("SELECT id FROM orgs WHERE id = $1 FOR NO KEY UPDATE", id.0).fetch_optional(connection).await?;
    Ok(found.is_some())
}

/// Disables an org (`Some`) or enables it again (`None`); false when it already was so.
pub async fn set_disabled(connection: &mut Connection, id: OrgId, disabled_at: Option<OffsetDateTime>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE orgs SET disabled_at = $2 WHERE id = $1 AND (disabled_at IS NULL) <> ($2::timestamptz IS NULL)",
        id.0,
        disabled_at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
