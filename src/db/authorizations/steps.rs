//! The guarded steps of an authorization. Each takes many codes or tokens at once, those of requests that came together.
//!
//! A row is found, judged and locked by its key, one after the other, and written where it was found: no plan reads a table,
//! whatever the planner believes about its size. `(SELECT $1)` keeps from it how many rows are asked for: it would else make a plan
//! of its own for each statement of few, which costs more than running it. A row that changed since the statement began is left as
//! it is, so whoever asked loads the facts. The client is compared by IS NOT DISTINCT FROM, which no index serves: with `=` a planner
//! without statistics finds the index on `client_id` as good as the primary key, and each step reads all rows of the client.

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::gather::{Answers, Together, by_place, column};
use crate::db::{Connection, Database, Error};
use crate::model::authorization::LiveAuthorization;
use crate::model::ids::{AuthorizationId, ClientKey};

/// A code as it was presented.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The authorization that the code names.
    pub id: AuthorizationId,
    /// The authenticated client.
    pub client: ClientKey,
    /// `redirect_uri`, if sent; may be left out only where a challenge binds the code.
    pub redirect_uri: Option<&'a str>,
    /// The S256 challenge of the verifier, if one was sent.
    pub challenge: Option<&'a str>,
    /// The APIs of this server: a code for another one is not consumed.
    pub apis: &'a [&'a str],
    /// When.
    pub now: OffsetDateTime,
}

/// A refresh token as it was presented.
#[derive(Debug, Clone, Copy)]
pub struct Rotation<'a> {
    /// The authorization that the token names.
    pub id: AuthorizationId,
    /// The authenticated client.
    pub client: ClientKey,
    /// The token's number in the family.
    pub generation: i32,
    /// The scope asked for, which must be within what was approved; `None` = all of it.
    pub scopes: Option<&'a [String]>,
    /// The APIs of this server: a token for another one is not consumed.
    pub apis: &'a [&'a str],
    /// When.
    pub now: OffsetDateTime,
}

/// A [`Redemption`] that outlives its request.
#[derive(Debug)]
pub(in crate::db) struct Code {
    id: Uuid,
    client: Uuid,
    redirect_uri: Option<String>,
    challenge: Option<String>,
    apis: String,
    now: OffsetDateTime,
}

/// A [`Rotation`] that outlives its request.
#[derive(Debug)]
pub(in crate::db) struct Token {
    id: Uuid,
    client: Uuid,
    generation: i32,
    scopes: Option<String>,
    apis: String,
    now: OffsetDateTime,
}

impl From<&Redemption<'_>> for Code {
    fn from(code: &Redemption<'_>) -> Self {
        Self {
            id: code.id.0,
            client: code.client.0,
            redirect_uri: code.redirect_uri.map(str::to_owned),
            challenge: code.challenge.map(str::to_owned),
            // Neither the identifier of an API nor a scope has a space in it.
            apis: code.apis.join(" "),
            now: code.now,
        }
    }
}

impl From<&Rotation<'_>> for Token {
    fn from(token: &Rotation<'_>) -> Self {
        Self {
            id: token.id.0,
            client: token.client.0,
            generation: token.generation,
            scopes: token.scopes.map(|scopes| scopes.join(" ")),
            apis: token.apis.join(" "),
            now: token.now,
        }
    }
}

/// The statement of [`redeem`]; `$held` says what becomes of a row that another transaction holds.
macro_rules! redeem_codes {
    ($connection:expr, $asked:expr, $held:literal) => {{
        let asked: &[Code] = $asked;
        sqlx::query_as!(
            LiveRow,
            r#"WITH allowed AS MATERIALIZED (
                   SELECT q.number, q.now, a.place, a.offline AND c.refresh_enabled AS offline, c.access_token_lifetime AS access,
                       c.refresh_absolute_lifetime AS absolute, c.refresh_idle_lifetime AS idle
                   FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::text[]), (SELECT $4::text[]),
                           (SELECT $5::text[]), (SELECT $6::timestamptz[]))
                       WITH ORDINALITY AS q(id, client_id, redirect_uri, challenge, apis, now, number)
                   CROSS JOIN LATERAL (SELECT * FROM clients c WHERE c.id = q.client_id
                       AND c.disabled_at IS NULL AND c.deleted_at IS NULL LIMIT 1) c
                   CROSS JOIN LATERAL (SELECT a.ctid AS place, a.offline FROM authorizations a
                       WHERE a.id = q.id AND a.client_id IS NOT DISTINCT FROM q.client_id
                         AND a.generation = 0 AND a.ended_at IS NULL AND q.now < a.code_expires_at
                         AND CASE WHEN q.redirect_uri IS NULL THEN a.code_challenge IS NOT NULL
                             ELSE a.redirect_uri IS NOT DISTINCT FROM q.redirect_uri END
                         AND a.code_challenge IS NOT DISTINCT FROM q.challenge AND a.api = ANY(string_to_array(q.apis, ' '))
                         AND (SELECT o.disabled_at IS NULL FROM orgs o WHERE o.id = a.org_id)
                         AND (SELECT u.disabled_at IS NULL FROM users u WHERE u.id = a.user_id)
                         AND (SELECT true FROM memberships m WHERE m.org_id = a.org_id AND m.user_id = a.user_id)
                       FOR NO KEY UPDATE"#
                + $held
                + r#") a)
               UPDATE authorizations a
               SET generation = 1, redeemed_at = q.now, rotated_at = q.now, last_used_at = q.now, offline = q.offline,
                   absolute_expires_at = CASE WHEN q.offline THEN seconds_after(q.now, q.absolute) ELSE seconds_after(q.now, q.access) END,
                   idle_expires_at = CASE WHEN q.offline
                       THEN least(seconds_after(q.now, q.idle), seconds_after(q.now, q.absolute)) END
               FROM allowed q WHERE a.ctid = q.place
               RETURNING q.number AS "number!", a.id, a.org_id, a.user_id, a.generation, a.offline, a.scopes, a.api, a.auth_time,
                   a.absolute_expires_at, a.idle_expires_at"#,
            &column(asked, |code| code.id),
            &column(asked, |code| code.client),
            &column(asked, |code| code.redirect_uri.as_deref()) as &[Option<&str>],
            &column(asked, |code| code.challenge.as_deref()) as &[Option<&str>],
            &column(asked, |code| code.apis.as_str()) as &[&str],
            &column(asked, |code| code.now),
        )
        .fetch_all($connection)
        .await
        .map_err(Error::from)
    }};
}

/// The statement of [`rotate`] and [`touch`]: `$moved` is what moves besides the last use, `$rotation` whether the client
/// rotates, `$held` what becomes of a row that another transaction holds.
macro_rules! use_refresh_tokens {
    ($connection:expr, $asked:expr, $moved:literal, $rotation:literal, $held:literal) => {{
        let asked: &[Token] = $asked;
        sqlx::query_as!(
            LiveRow,
            r#"WITH allowed AS MATERIALIZED (
                   SELECT q.number, q.now, a.place, c.refresh_absolute_lifetime AS absolute, c.refresh_idle_lifetime AS idle
                   FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::int4[]), (SELECT $4::text[]),
                           (SELECT $5::text[]), (SELECT $6::timestamptz[]))
                       WITH ORDINALITY AS q(id, client_id, generation, scopes, apis, now, number)
                   CROSS JOIN LATERAL (SELECT * FROM clients c WHERE c.id = q.client_id
                       AND c.disabled_at IS NULL AND c.deleted_at IS NULL AND c.refresh_enabled AND "#
                + $rotation
                + r#" LIMIT 1) c
                   CROSS JOIN LATERAL (SELECT a.ctid AS place FROM authorizations a
                       WHERE a.id = q.id AND a.client_id IS NOT DISTINCT FROM q.client_id
                         AND a.generation = q.generation AND a.generation > 0 AND a.ended_at IS NULL AND a.offline
                         AND q.now < coalesce(least(a.absolute_expires_at, seconds_after(a.redeemed_at, c.refresh_absolute_lifetime),
                             a.idle_expires_at, seconds_after(a.last_used_at, c.refresh_idle_lifetime)), 'infinity')
                         AND (q.scopes IS NULL OR a.scopes @> string_to_array(q.scopes, ' '))
                         AND a.api = ANY(string_to_array(q.apis, ' '))
                         AND (SELECT o.disabled_at IS NULL FROM orgs o WHERE o.id = a.org_id)
                         AND (SELECT u.disabled_at IS NULL FROM users u WHERE u.id = a.user_id)
                         AND (SELECT true FROM memberships m WHERE m.org_id = a.org_id AND m.user_id = a.user_id)
                       FOR NO KEY UPDATE"#
                + $held
                + r#") a)
               UPDATE authorizations a
               SET "#
                + $moved
                + r#" last_used_at = q.now,
                   idle_expires_at = least(q.now + (a.idle_expires_at - a.last_used_at), seconds_after(q.now, q.idle),
                       a.absolute_expires_at, seconds_after(a.redeemed_at, q.absolute))
               FROM allowed q WHERE a.ctid = q.place
               RETURNING q.number AS "number!", a.id, a.org_id, a.user_id, a.generation, a.offline, a.scopes, a.api, a.auth_time,
                   least(a.absolute_expires_at, seconds_after(a.redeemed_at, q.absolute)) AS absolute_expires_at, a.idle_expires_at"#,
            &column(asked, |token| token.id),
            &column(asked, |token| token.client),
            &column(asked, |token| token.generation),
            &column(asked, |token| token.scopes.as_deref()) as &[Option<&str>],
            &column(asked, |token| token.apis.as_str()) as &[&str],
            &column(asked, |token| token.now),
        )
        .fetch_all($connection)
        .await
        .map_err(Error::from)
    }};
}

/// Generation 0 to 1. `None` when any precondition fails; nothing has changed then.
pub async fn redeem(connection: &mut Connection, code: &Redemption<'_>) -> Result<Option<LiveAuthorization>, Error> {
    redeem_codes!(connection, &[code.into()], "").map(only)
}

/// Generation n to n + 1. `None` when any precondition fails; nothing has changed then.
pub async fn rotate(connection: &mut Connection, token: &Rotation<'_>) -> Result<Option<LiveAuthorization>, Error> {
    use_refresh_tokens!(connection, &[token.into()], "generation = a.generation + 1, rotated_at = q.now,", "c.refresh_rotation", "")
        .map(only)
}

/// A use that leaves the generation as it is, where rotation is off. `None` when any precondition fails.
pub async fn touch(connection: &mut Connection, token: &Rotation<'_>) -> Result<Option<LiveAuthorization>, Error> {
    use_refresh_tokens!(connection, &[token.into()], "", "NOT c.refresh_rotation", "").map(only)
}

/// [`redeem`] together with the codes of other requests. One whose row another transaction holds is left to [`redeem`].
pub async fn redeem_together(db: &Database, code: &Redemption<'_>) -> Result<Together<LiveAuthorization>, Error> {
    Arc::clone(&db.gathers.codes).ask(db, code.into()).await
}

/// [`rotate`] together with the tokens of other requests. One whose row another transaction holds is left to [`rotate`].
pub async fn rotate_together(db: &Database, token: &Rotation<'_>) -> Result<Together<LiveAuthorization>, Error> {
    Arc::clone(&db.gathers.tokens).ask(db, token.into()).await
}

/// Answers `codes`, each by its place.
pub(in crate::db) fn redeem_all<'a>(connection: &'a mut Connection, codes: &'a [Code]) -> Answers<'a, LiveAuthorization> {
    Box::pin(async move { redeem_codes!(connection, codes, " SKIP LOCKED").map(|rows| answers(rows, codes.len())) })
}

/// Answers `tokens`, each by its place.
pub(in crate::db) fn rotate_all<'a>(connection: &'a mut Connection, tokens: &'a [Token]) -> Answers<'a, LiveAuthorization> {
    Box::pin(async move {
        let rows = use_refresh_tokens!(
            connection,
            tokens,
            "generation = a.generation + 1, rotated_at = q.now,",
            "c.refresh_rotation",
            " SKIP LOCKED"
        );
        rows.map(|rows| answers(rows, tokens.len()))
    })
}

fn answers(rows: Vec<LiveRow>, asked: usize) -> Vec<Option<LiveAuthorization>> {
    by_place(rows.into_iter().map(|row| (row.number, row.into())).collect(), asked)
}

fn only(rows: Vec<LiveRow>) -> Option<LiveAuthorization> {
    rows.into_iter().next().map(LiveAuthorization::from)
}

/// What a guarded statement returns.
pub(super) struct LiveRow {
    /// Which of those asked for, from 1.
    pub(super) number: i64,
    pub(super) id: Uuid,
    pub(super) org_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) generation: i32,
    pub(super) offline: bool,
    pub(super) scopes: Vec<String>,
    pub(super) api: String,
    pub(super) auth_time: OffsetDateTime,
    pub(super) absolute_expires_at: Option<OffsetDateTime>,
    pub(super) idle_expires_at: Option<OffsetDateTime>,
}

impl From<LiveRow> for LiveAuthorization {
    fn from(row: LiveRow) -> Self {
        Self {
            id: row.id.into(),
            org: row.org_id.into(),
            user: row.user_id.into(),
            generation: row.generation,
            offline: row.offline,
            scopes: row.scopes.into(),
            api: row.api,
            auth_time: row.auth_time,
            absolute_expires_at: row.absolute_expires_at,
            idle_expires_at: row.idle_expires_at,
        }
    }
}
