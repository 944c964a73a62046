//! `authorizations`: one row is the whole life of an authorization.
//!
//! [`redeem`], [`rotate`] and [`touch`] are guarded: every precondition stands in their statement, so each either happens whole or
//! not at all, whoever else writes. `protocol::token` says the same rules in Rust, for naming the reason when one says no; a
//! property test holds both equal. A rotation changes no indexed column, so it is a heap-only update.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::gather::by_place;
use crate::db::{Connection, Error};
use crate::model::authorization::{Authorization, AuthorizationFacts, End, EndCause, Standing};
use crate::model::client::RefreshPolicy;
use crate::model::ids::{AuthorizationId, ClientKey, OrgId, UserId};
use crate::model::scope::ScopeSet;

mod by_password;
mod ended;
mod ends;
mod for_developer;
mod limits;
mod lists;
mod steps;

pub use by_password::{PasswordGrant, begin_by_password};
pub use ended::list_ended_by_user;
pub use ends::{end, end_all_of_client, end_all_of_user, end_all_of_user_and_client, end_all_of_user_in_org};
pub use for_developer::{DeveloperGrant, begin_for_developer, end_all_of_developer};
pub use limits::{Limits, Touched, count_shortened, shorten};
pub use lists::{count_live_by_client, list_live_by_client, list_live_by_user};
pub(super) use steps::{Code, Token, redeem_all, rotate_all};
pub use steps::{Redemption, Rotation, redeem, redeem_together, rotate, rotate_together, touch};

const TABLE: &str = "authorizations";

/// A new authorization: an approved request with its code.
#[derive(Debug, Clone)]
pub struct NewAuthorization {
    /// Row id.
    pub id: AuthorizationId,
    /// The client's org.
    pub org: OrgId,
    /// To whom.
    pub client: ClientKey,
    /// For whom.
    pub user: UserId,
    /// Whether a refresh token goes with it.
    pub offline: bool,
    /// What was approved.
    pub scopes: ScopeSet,
    /// The API's identifier.
    pub api: String,
    /// When the person had proved who they are.
    pub auth_time: OffsetDateTime,
    /// Now.
    pub created_at: OffsetDateTime,
    /// What the code is bound to.
    pub redirect_uri: String,
    /// What the code is bound to, if it is.
    pub code_challenge: Option<String>,
    /// From when on the code is refused.
    pub code_expires_at: OffsetDateTime,
    /// OpenID Connect's nonce.
    pub nonce: Option<String>,
}

/// Stores an approved authorization in generation 0.
pub async fn insert(connection: &mut Connection, new: &NewAuthorization) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO authorizations (id, org_id, client_id, user_id, offline, scopes, api, auth_time, created_at, redirect_uri,
             code_challenge, code_expires_at, nonce)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        new.id.0,
        new.org.0,
        new.client.0,
        new.user.0,
        new.offline,
        new.scopes.as_slice(),
        new.api,
        new.auth_time,
        new.created_at,
        new.redirect_uri,
        new.code_challenge,
        new.code_expires_at,
        new.nonce,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves a row that an older backup brought back on to generation `to`, which its genuine refresh token proves. What the backup
/// does not know counts from the approval, so no limit grows. False when the row is no longer at generation `from`.
pub async fn fast_forward(connection: &mut Connection, id: AuthorizationId, from: i32, to: i32) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE authorizations a
         SET generation = $3,
             redeemed_at = coalesce(a.redeemed_at, a.created_at),
             rotated_at = coalesce(a.rotated_at, a.created_at),
             last_used_at = coalesce(a.last_used_at, a.created_at),
             absolute_expires_at = CASE WHEN a.redeemed_at IS NOT NULL THEN a.absolute_expires_at
                 ELSE seconds_after(a.created_at, c.refresh_absolute_lifetime) END,
             idle_expires_at = CASE WHEN a.redeemed_at IS NOT NULL THEN a.idle_expires_at
                 ELSE least(seconds_after(a.created_at, c.refresh_idle_lifetime),
                     seconds_after(a.created_at, c.refresh_absolute_lifetime)) END
         FROM clients c
         WHERE a.id = $1 AND a.generation = $2 AND $3 > $2 AND a.ended_at IS NULL AND c.id = a.client_id",
        id.0,
        from,
        to,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The row with everything that decides about it.
pub async fn find_facts_by_id(connection: &mut Connection, id: AuthorizationId) -> Result<Option<AuthorizationFacts>, Error> {
    Ok(list_facts(connection, &[Some(id)]).await?.into_iter().next().flatten())
}

/// The same for many, each by its place. LIMIT makes each row a look-up by key, whatever the planner believes about the tables' sizes.
pub(in crate::db) async fn list_facts(
    connection: &mut Connection,
    ids: &[Option<AuthorizationId>],
) -> Result<Vec<Option<AuthorizationFacts>>, Error> {
    let rows = sqlx::query_as!(
        FactsRow,
        r#"SELECT q.number AS "number!", a.id, a.org_id, a.client_id, a.user_id, a.generation, a.offline, a.scopes, a.api, a.auth_time,
               a.created_at, a.redeemed_at, a.rotated_at, a.last_used_at, a.idle_expires_at, a.absolute_expires_at, a.ended_at, a.end_cause,
               a.redirect_uri, a.code_challenge, a.code_expires_at,
               (c.disabled_at IS NULL AND c.deleted_at IS NULL) AS "client_enabled!",
               (SELECT u.disabled_at IS NULL FROM users u WHERE u.id = a.user_id) AS "user_enabled!",
               (SELECT o.disabled_at IS NULL FROM orgs o WHERE o.id = a.org_id) AS "org_enabled!",
               coalesce((SELECT true FROM memberships m WHERE m.org_id = a.org_id AND m.user_id = a.user_id), false) AS "is_member!",
               c.refresh_enabled, c.refresh_requires_offline_access, c.refresh_rotation, c.refresh_retry_window,
               c.refresh_absolute_lifetime, c.refresh_idle_lifetime
           FROM unnest((SELECT $1::uuid[])) WITH ORDINALITY AS q(id, number)
           CROSS JOIN LATERAL (SELECT * FROM authorizations a WHERE a.id = q.id LIMIT 1) a
           CROSS JOIN LATERAL (SELECT * FROM clients c WHERE c.id = a.client_id LIMIT 1) c"#,
        &ids.iter().map(|id| id.map(|id| id.0)).collect::<Vec<_>>() as &[Option<Uuid>],
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| Ok((row.number, row.try_into()?)));
    Ok(by_place(rows.collect::<Result<_, Error>>()?, ids.len()))
}

#[expect(clippy::struct_excessive_bools, reason = "the columns are as they are")]
struct FactsRow {
    number: i64,
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
    ended_at: Option<OffsetDateTime>,
    end_cause: Option<String>,
    redirect_uri: Option<String>,
    code_challenge: Option<String>,
    code_expires_at: OffsetDateTime,
    client_enabled: bool,
    user_enabled: bool,
    org_enabled: bool,
    is_member: bool,
    refresh_enabled: bool,
    refresh_requires_offline_access: bool,
    refresh_rotation: bool,
    refresh_retry_window: i32,
    refresh_absolute_lifetime: Option<i64>,
    refresh_idle_lifetime: Option<i64>,
}

impl TryFrom<FactsRow> for AuthorizationFacts {
    type Error = Error;

    fn try_from(row: FactsRow) -> Result<Self, Error> {
        Ok(Self {
            standing: Standing {
                client_enabled: row.client_enabled,
                user_enabled: row.user_enabled,
                org_enabled: row.org_enabled,
                is_member: row.is_member,
            },
            policy: RefreshPolicy {
                enabled: row.refresh_enabled,
                requires_offline_access: row.refresh_requires_offline_access,
                rotation: row.refresh_rotation,
                retry_window: row.refresh_retry_window,
                absolute_lifetime: row.refresh_absolute_lifetime,
                idle_lifetime: row.refresh_idle_lifetime,
            },
            authorization: Authorization {
                end: read_end(row.ended_at, row.end_cause.as_deref())?,
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
                redirect_uri: row.redirect_uri,
                code_challenge: row.code_challenge,
                code_expires_at: row.code_expires_at,
            },
        })
    }
}

/// An end is both columns or neither, and its cause a known word.
fn read_end(at: Option<OffsetDateTime>, cause: Option<&str>) -> Result<Option<End>, Error> {
    match (at, cause) {
        (None, None) => Ok(None),
        (Some(at), Some(word)) => {
            let cause = EndCause::parse(word).ok_or_else(|| Error::corrupt(TABLE, format!("end_cause {word:?}")))?;
            Ok(Some(End { at, cause }))
        }
        _ => Err(Error::corrupt(TABLE, "half an end")),
    }
}
