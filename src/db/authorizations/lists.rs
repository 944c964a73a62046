//! Living authorizations, listed and counted: redeemed, not ended, no limit of their own reached.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::authorization::Authorization;
use crate::model::ids::{AuthorizationId, ClientKey, UserId};

/// The living authorizations of a person, newest first; at most 1000, beyond which no page helps.
pub async fn list_live_by_user(connection: &mut Connection, user: UserId, now: OffsetDateTime) -> Result<Vec<Authorization>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at, redeemed_at, rotated_at,
             last_used_at, idle_expires_at, absolute_expires_at, redirect_uri, code_challenge, code_expires_at
         FROM authorizations
         WHERE user_id = $1 AND redeemed_at IS NOT NULL AND ended_at IS NULL
           AND $2 < coalesce(least(absolute_expires_at, idle_expires_at), 'infinity')
         ORDER BY id DESC LIMIT 1000",
        user.0,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Authorization::from).collect())
}

/// A page of the living authorizations of an app, newest first, older than `before` if given.
pub async fn list_live_by_client(
    connection: &mut Connection,
    client: ClientKey,
    now: OffsetDateTime,
    before: Option<AuthorizationId>,
    limit: i64,
) -> Result<Vec<Authorization>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, org_id, client_id, user_id, generation, offline, scopes, api, auth_time, created_at, redeemed_at, rotated_at,
             last_used_at, idle_expires_at, absolute_expires_at, redirect_uri, code_challenge, code_expires_at
         FROM authorizations
         WHERE client_id = $1 AND redeemed_at IS NOT NULL AND ended_at IS NULL
           AND $2 < coalesce(least(absolute_expires_at, idle_expires_at), 'infinity')
           AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
        client.0,
        now,
        before.map(|id| id.0),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Authorization::from).collect())
}

/// How many living authorizations an app has, and of how many people.
pub async fn count_live_by_client(connection: &mut Connection, client: ClientKey, now: OffsetDateTime) -> Result<(i64, i64), Error> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "authorizations!", count(DISTINCT user_id) AS "users!"
           FROM authorizations
           WHERE client_id = $1 AND redeemed_at IS NOT NULL AND ended_at IS NULL
             AND $2 < coalesce(least(absolute_expires_at, idle_expires_at), 'infinity')"#,
        client.0,
        now,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.authorizations, row.users))
}

struct Row {
    id: Uuid,
    org_id: Uuid,
    client_id: Uuid,
    user_id: Uuid,
    generation: i32,
    offline: bool,
    scopes: Vec<String>,
    api: String,
    auth_time: OffsetDateTime,
    created_at: OffsetDateTime,
    redeemed_at: Option<OffsetDateTime>,
    rotated_at: Option<OffsetDateTime>,
    last_used_at: Option<OffsetDateTime>,
    idle_expires_at: Option<OffsetDateTime>,
    absolute_expires_at: Option<OffsetDateTime>,
    redirect_uri: Option<String>,
    code_challenge: Option<String>,
    code_expires_at: OffsetDateTime,
}

impl From<Row> for Authorization {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            org: row.org_id.into(),
            client: row.client_id.into(),
            user: row.user_id.into(),
            generation: row.generation,
            offline: row.offline,
            scopes: row.scopes.into(),
            api: row.api,
            auth_time: row.auth_time,
            created_at: row.created_at,
            redeemed_at: row.redeemed_at,
            rotated_at: row.rotated_at,
            last_used_at: row.last_used_at,
            idle_expires_at: row.idle_expires_at,
            absolute_expires_at: row.absolute_expires_at,
            end: None,
            redirect_uri: row.redirect_uri,
            code_challenge: row.code_challenge,
            code_expires_at: row.code_expires_at,
        }
    }
}
