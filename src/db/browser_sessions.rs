//! `browser_sessions`: signed-in browsers. The cookie's value is not here, only its SHA-256.

use std::net::IpAddr;

use ipnet::IpNet;
use sqlx::types::Uuid;
use time::OffsetDateTime;

use crate::db::{Connection, Error, users};
use crate::model::browser_session::BrowserSession;
use crate::model::ids::{BrowserSessionId, UserId};
use crate::model::user::User;
use crate::secret::Digest;

struct Row {
    id: Uuid,
    created_at: OffsetDateTime,
    authenticated_at: OffsetDateTime,
    last_seen_at: OffsetDateTime,
    idle_expires_at: OffsetDateTime,
    absolute_expires_at: OffsetDateTime,
    user_agent: String,
    ip: Option<IpNet>,
    user_id: Uuid,
    email: String,
    name: String,
    user_created_at: OffsetDateTime,
}

impl TryFrom<Row> for BrowserSession {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let email = users::email(&row.email)?;
        Ok(Self {
            id: BrowserSessionId(row.id),
            user: User { id: UserId(row.user_id), email, name: row.name, created_at: row.user_created_at, disabled_at: None },
            authenticated_at: row.authenticated_at,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            idle_expires_at: row.idle_expires_at,
            absolute_expires_at: row.absolute_expires_at,
            user_agent: row.user_agent,
            ip: row.ip.map(|net| net.addr()),
        })
    }
}

/// Begins a session; `token` is the digest of its cookie.
pub async fn insert(connection: &mut Connection, session: &BrowserSession, token: &Digest) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO browser_sessions (id, user_id, token_digest, created_at, authenticated_at, last_seen_at, idle_expires_at,
             absolute_expires_at, user_agent, ip)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        session.id.0,
        session.user.id.0,
        &token.as_bytes()[..],
        session.created_at,
        session.authenticated_at,
        session.last_seen_at,
        session.idle_expires_at,
        session.absolute_expires_at,
        session.user_agent,
        session.ip.map(IpNet::from as fn(IpAddr) -> IpNet),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The living session of this cookie, if its person is enabled.
pub async fn find_live_by_token(connection: &mut Connection, token: &Digest, now: OffsetDateTime) -> Result<Option<BrowserSession>, Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT s.id, s.created_at, s.authenticated_at, s.last_seen_at, s.idle_expires_at, s.absolute_expires_at, s.user_agent,
                  s.ip AS "ip: IpNet", u.id AS user_id, u.email, u.name, u.created_at AS user_created_at
           FROM browser_sessions s JOIN users u ON u.id = s.user_id
           WHERE s.token_digest = $1 AND s.ended_at IS NULL AND $2 < s.idle_expires_at AND $2 < s.absolute_expires_at
             AND u.disabled_at IS NULL"#,
        &token.as_bytes()[..],
        now
    )
    .fetch_optional(connection)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// Living sessions of a person, the last seen first.
pub async fn list_live_by_user(connection: &mut Connection, user: UserId, now: OffsetDateTime) -> Result<Vec<BrowserSession>, Error> {
    sqlx::query_as!(
        Row,
        r#"SELECT s.id, s.created_at, s.authenticated_at, s.last_seen_at, s.idle_expires_at, s.absolute_expires_at, s.user_agent,
                  s.ip AS "ip: IpNet", u.id AS user_id, u.email, u.name, u.created_at AS user_created_at
           FROM browser_sessions s JOIN users u ON u.id = s.user_id
           WHERE s.user_id = $1 AND s.ended_at IS NULL AND $2 < s.idle_expires_at AND $2 < s.absolute_expires_at
             AND u.disabled_at IS NULL
           ORDER BY s.last_seen_at DESC, s.id LIMIT 100"#,
        user.0,
        now
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(TryInto::try_into)
    .collect()
}

/// Notes a request; the idle limit moves on, never past the absolute one.
pub async fn touch(
    connection: &mut Connection,
    id: BrowserSessionId,
    at: OffsetDateTime,
    idle_expires_at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE browser_sessions SET last_seen_at = $2, idle_expires_at = LEAST($3, absolute_expires_at)
         WHERE id = $1 AND ended_at IS NULL AND last_seen_at < $2",
        id.0,
        at,
        idle_expires_at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a session of this person; false when it is not theirs or has ended.
pub async fn end(connection: &mut Connection, id: BrowserSessionId, user: UserId, at: OffsetDateTime) -> Result<bool, Error> {
    let done =
        sqlx::query!("UPDATE browser_sessions SET ended_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL", id.0, user.0, at)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the session of this cookie, whoever's it is; false when there was none.
pub async fn end_by_token(connection: &mut Connection, token: &Digest, at: OffsetDateTime) -> Result<bool, Error> {
    let done =
        sqlx::query!("UPDATE browser_sessions SET ended_at = $2 WHERE token_digest = $1 AND ended_at IS NULL", &token.as_bytes()[..], at)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of a person but `keep`; says how many.
pub async fn end_all_of_user(
    connection: &mut Connection,
    user: UserId,
    keep: Option<BrowserSessionId>,
    at: OffsetDateTime,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE browser_sessions SET ended_at = $3 WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL",
        user.0,
        keep.map(|id| id.0),
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Notes that the person of this session has just proved who they are, and gives it another cookie (O2); false when it has ended.
pub async fn reauthenticate(connection: &mut Connection, id: BrowserSessionId, token: &Digest, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE browser_sessions SET token_digest = $2, authenticated_at = $3 WHERE id = $1 AND ended_at IS NULL",
        id.0,
        &token.as_bytes()[..],
        at
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
