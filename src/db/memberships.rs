//! `memberships`: who belongs to which org, and as what.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{OrgId, UserId};
use crate::model::membership::{Membership, Role};
use crate::model::org::Org;
use crate::model::user::Email;

/// A membership with its org, as selected.
struct Row {
    user_id: Uuid,
    role: String,
    org_id: Uuid,
    slug: String,
    name: String,
    app_limit: i32,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for Membership {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let role = Role::parse(&row.role).ok_or_else(|| Error::corrupt("memberships", format!("role {}", row.role)))?;
        let Row { user_id, role: _, org_id, slug, name, app_limit, created_at, disabled_at } = row;
        Ok(Self { user: UserId(user_id), org: Org { id: OrgId(org_id), slug, name, app_limit, created_at, disabled_at }, role })
    }
}

/// Makes the person a member; `memberships_pkey` refuses a second membership in the same org.
pub async fn insert(connection: &mut Connection, org: OrgId, user: UserId, role: Role, created_at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO memberships (org_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
        org.0,
        user.0,
        role.as_str(),
        created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The person's place in the org.
pub async fn find(connection: &mut Connection, org: OrgId, user: UserId) -> Result<Option<Membership>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT m.user_id, m.role, o.id AS org_id, o.slug, o.name, o.app_limit, o.created_at, o.disabled_at
         FROM memberships m JOIN orgs o ON o.id = m.org_id WHERE m.org_id = $1 AND m.user_id = $2",
        org.0,
        user.0,
    )
    .fetch_optional(connection)
    .await?
    .map(Membership::try_from)
    .transpose()
}

/// The person's place in the org with this slug.
pub async fn find_by_slug(connection: &mut Connection, slug: &str, user: UserId) -> Result<Option<Membership>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT m.user_id, m.role, o.id AS org_id, o.slug, o.name, o.app_limit, o.created_at, o.disabled_at
         FROM memberships m JOIN orgs o ON o.id = m.org_id WHERE o.slug = $1 AND m.user_id = $2",
        slug,
        user.0,
    )
    .fetch_optional(connection)
    .await?
    .map(Membership::try_from)
    .transpose()
}

/// Whether the person is a member of the org and neither is disabled.
pub async fn is_enabled(connection: &mut Connection, org: OrgId, user: UserId) -> Result<bool, Error> {
    let enabled = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id JOIN orgs o ON o.id = m.org_id
           WHERE m.org_id = $1 AND m.user_id = $2 AND u.disabled_at IS NULL AND o.disabled_at IS NULL) AS "enabled!""#,
        org.0,
        user.0,
    );
    Ok(enabled.fetch_one(connection).await?)
}

/// Every place of the person, by the orgs' names.
pub async fn list_by_user(connection: &mut Connection, user: UserId) -> Result<Vec<Membership>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT m.user_id, m.role, o.id AS org_id, o.slug, o.name, o.app_limit, o.created_at, o.disabled_at
         FROM memberships m JOIN orgs o ON o.id = m.org_id WHERE m.user_id = $1 ORDER BY o.name, o.slug",
        user.0,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Membership::try_from)
    .collect()
}

/// E-mail address and name of each of these people, whether or not they are still members.
pub async fn list_names(connection: &mut Connection, users: &[UserId]) -> Result<Vec<(UserId, String, String)>, Error> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query!("SELECT id, email, name FROM users WHERE id = ANY($1)", &ids).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (UserId(row.id), row.email, row.name)).collect())
}

/// The addresses of those who look after the org's apps: its owners and admins whose accounts are enabled.
pub async fn list_admins(connection: &mut Connection, org: OrgId) -> Result<Vec<Email>, Error> {
    let rows = sqlx::query_scalar!(
        "SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.org_id = $1 AND m.role IN ('owner', 'admin') AND u.disabled_at IS NULL ORDER BY u.email",
        org.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().filter_map(|address| Email::parse(address)).collect())
}

/// Gives a member another role; false when they are none or have it.
pub async fn change_role(connection: &mut Connection, org: OrgId, user: UserId, role: Role) -> Result<bool, Error> {
    let done =
        sqlx::query!("UPDATE memberships SET role = $3 WHERE org_id = $1 AND user_id = $2 AND role <> $3", org.0, user.0, role.as_str(),)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a membership; false when there was none.
pub async fn delete(connection: &mut Connection, org: OrgId, user: UserId) -> Result<bool, Error> {
    let done = sqlx::query!("DELETE FROM memberships WHERE org_id = $1 AND user_id = $2", org.0, user.0).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// How many owners of the org can sign in.
pub async fn count_owners(connection: &mut Connection, org: OrgId) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.org_id = $1 AND m.role = 'owner' AND u.disabled_at IS NULL"#,
        org.0
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}
