//! The people of an org: `memberships` with their `users`, as pages and the management API list them.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error, users};
use crate::model::ids::{OrgId, UserId};
use crate::model::membership::Role;
use crate::model::person::Person;
use crate::model::user::User;

struct Row {
    id: Uuid,
    email: String,
    name: String,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
    disabled_by_org: Option<Uuid>,
    role: String,
    since: OffsetDateTime,
    last_seen_at: Option<OffsetDateTime>,
    orgs: i64,
}

impl TryFrom<Row> for Person {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let role = Role::parse(&row.role).ok_or_else(|| Error::corrupt("memberships", format!("role {}", row.role)))?;
        let email = users::email(&row.email)?;
        Ok(Self {
            user: User { id: UserId(row.id), email, name: row.name, created_at: row.created_at, disabled_at: row.disabled_at },
            role,
            since: row.since,
            last_seen_at: row.last_seen_at,
            orgs: row.orgs,
            disabled_by_org: row.disabled_by_org.map(OrgId),
        })
    }
}

/// A page of the org's people by address, after the address `after`; `q` is part of the address or the name.
pub async fn list(connection: &mut Connection, org: OrgId, q: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Person>, Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.name, u.created_at, u.disabled_at, u.disabled_by_org, m.role, m.created_at AS since,
                  (SELECT max(s.last_seen_at) FROM browser_sessions s WHERE s.user_id = u.id) AS last_seen_at,
                  (SELECT count(*) FROM memberships o WHERE o.user_id = u.id) AS "orgs!"
           FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.org_id = $1 AND ($2::text IS NULL OR strpos(u.email, lower($2)) > 0 OR strpos(lower(u.name), lower($2)) > 0)
             AND ($3::text IS NULL OR u.email > $3)
           ORDER BY u.email LIMIT $4"#,
        org.0,
        q,
        after,
        limit,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Person::try_from)
    .collect()
}

/// One of the org's people.
pub async fn find(connection: &mut Connection, org: OrgId, user: UserId) -> Result<Option<Person>, Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.name, u.created_at, u.disabled_at, u.disabled_by_org, m.role, m.created_at AS since,
                  (SELECT max(s.last_seen_at) FROM browser_sessions s WHERE s.user_id = u.id) AS last_seen_at,
                  (SELECT count(*) FROM memberships o WHERE o.user_id = u.id) AS "orgs!"
           FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.org_id = $1 AND m.user_id = $2"#,
        org.0,
        user.0,
    )
    .fetch_optional(connection)
    .await?
    .map(Person::try_from)
    .transpose()
}

/// How many people the org has.
pub async fn count(connection: &mut Connection, org: OrgId) -> Result<i64, Error> {
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM memberships WHERE org_id = $1"#, org.0).fetch_one(connection).await?;
    Ok(count)
}
