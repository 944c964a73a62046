//! `users`: people and their password hashes.

use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::db::{Connection, Error};
use crate::model::ids::{OrgId, UserId};
use crate::model::user::{Email, User};
use crate::secret::Secret;

struct Row {
    id: Uuid,
    email: String,
    name: String,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
}

/// Reads a stored address: the row means nothing without one.
pub(super) fn email(text: &str) -> Result<Email, Error> {
    Email::parse(text).ok_or_else(|| Error::corrupt("users", "an email that is none"))
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self { id: UserId(row.id), email: email(&row.email)?, name: row.name, created_at: row.created_at, disabled_at: row.disabled_at })
    }
}

/// What a sign-in is checked against.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who has this address; disabled people too.
    pub user: User,
    /// The argon2 hash; `None` until the person chose a password.
    pub password_hash: Option<Secret<String>>,
}

/// Adds a person. The constraint `users_email_key` refuses an address that someone has.
pub async fn insert(connection: &mut Connection, user: &User, password_hash: Option<&Secret<String>>) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO users (id, email, name, password_hash, password_changed_at, created_at, disabled_at)
         VALUES ($1, $2, $3, $4, CASE WHEN $4::text IS NULL THEN NULL ELSE $5::timestamptz END, $5, $6)",
        user.id.0,
        user.email.as_str(),
        user.name,
        password_hash.map(Secret::expose),
        user.created_at,
        user.disabled_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who has this address; disabled people too.
pub async fn find_by_email(connection: &mut Connection, email: &Email) -> Result<Option<User>, Error> {
    sqlx::query_as!(Row, "SELECT id, email, name, created_at, disabled_at FROM users WHERE email = $1", email.as_str())
        .fetch_optional(connection)
        .await?
        .map(TryInto::try_into)
        .transpose()
}

/// The person of this row; disabled people too.
pub async fn find_by_id(connection: &mut Connection, id: UserId) -> Result<Option<User>, Error> {
    sqlx::query_as!(Row, "SELECT id, email, name, created_at, disabled_at FROM users WHERE id = $1", id.0)
        .fetch_optional(connection)
        .await?
        .map(TryInto::try_into)
        .transpose()
}

/// What a sign-in with this address is checked against.
pub async fn find_login(connection: &mut Connection, email: &Email) -> Result<Option<Login>, Error> {
    let row = sqlx::query!("SELECT id, email, name, created_at, disabled_at, password_hash FROM users WHERE email = $1", email.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let user = Row { id: row.id, email: row.email, name: row.name, created_at: row.created_at, disabled_at: row.disabled_at };
        Ok(Login { user: user.try_into()?, password_hash: row.password_hash.map(Secret::new) })
    })
    .transpose()
}

/// What a password is checked against that an app of `org` sent: only enabled members of the org have one there. One statement,
/// whoever it is, so that it takes as long for strangers.
pub async fn find_member_login(connection: &mut Connection, email: &Email, org: OrgId) -> Result<Option<Login>, Error> {
    let row = sqlx::query!(
        "SELECT u.id, u.email, u.name, u.created_at, u.disabled_at, u.password_hash
         FROM users u JOIN memberships m ON m.user_id = u.id AND m.org_id = $2
         WHERE u.email = $1 AND u.disabled_at IS NULL",
        email.as_str(),
        org.0,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let user = Row { id: row.id, email: row.email, name: row.name, created_at: row.created_at, disabled_at: row.disabled_at };
        Ok(Login { user: user.try_into()?, password_hash: row.password_hash.map(Secret::new) })
    })
    .transpose()
}

/// The stored hash of a person who may sign in.
pub async fn find_password_hash(connection: &mut Connection, id: UserId) -> Result<Option<Secret<String>>, Error> {
    let hash = sqlx::query_scalar!("SELECT password_hash FROM users WHERE id = $1 AND disabled_at IS NULL", id.0)
        .fetch_optional(connection)
        .await?;
    Ok(hash.flatten().map(Secret::new))
}

/// Sets a new password; false when there is no such person or they are disabled.
pub async fn set_password(connection: &mut Connection, id: UserId, hash: &Secret<String>, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1 AND disabled_at IS NULL",
        id.0,
        hash.expose(),
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the password `from` by `to`; false when `from` is not the password any more, so that of two changes at one time one wins.
pub async fn change_password(
    connection: &mut Connection,
    id: UserId,
    from: &Secret<String>,
    to: &Secret<String>,
    at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE users SET password_hash = $3, password_changed_at = $4 WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
        id.0,
        from.expose(),
        to.expose(),
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the same password with today's cost (N6); false when it was changed meanwhile, which wins.
pub async fn rehash_password(connection: &mut Connection, id: UserId, from: &Secret<String>, to: &Secret<String>) -> Result<bool, Error> {
    let done = sqlx::query!("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2", id.0, from.expose(), to.expose())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Disables a person (`Some`) or enables them again (`None`), in the name of an org or of the operator; false when they already
/// were so.
pub async fn set_disabled(
    connection: &mut Connection,
    id: UserId,
    disabled_at: Option<OffsetDateTime>,
    by_org: Option<OrgId>,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE users SET disabled_at = $2, disabled_by_org = $3 WHERE id = $1 AND (disabled_at IS NULL) <> ($2::timestamptz IS NULL)",
        id.0,
        disabled_at,
        by_org.filter(|_| disabled_at.is_some()).map(|org| org.0),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
