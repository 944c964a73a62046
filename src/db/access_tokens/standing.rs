//! Whether an access token was revoked, by itself or with all that its credential was used for.

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::gather::{Answers, Together, by_place, column};
use crate::db::{Connection, Database, Error, authorizations};
use crate::model::authorization::AuthorizationFacts;
use crate::model::ids::{AuthorizationId, CredentialId, OrgId, UserId};

/// What a token stands on besides its signature or row.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// Its `jti`.
    pub jti: Uuid,
    /// Its `exp`.
    pub expires_at: OffsetDateTime,
    /// The authorization it was issued under.
    pub authorization: Option<AuthorizationId>,
    /// The credential it was got with, if it stands on no authorization.
    pub credential: Option<CredentialId>,
    /// Whether a revoked key takes its tokens along (R71).
    pub revoked_keys_count: bool,
    /// The user it is for and the org of its client, if it stands on no authorization that would tell.
    pub user: Option<(UserId, OrgId)>,
}

/// How a token stands.
#[derive(Debug)]
pub struct Standing {
    /// The authorization that it was issued under, with everything that decides about it.
    pub facts: Option<AuthorizationFacts>,
    /// Whether this token was revoked, or every token issued for its credential, or its user may not act any more.
    pub revoked: bool,
}

/// How the token on this ground stands.
pub async fn find_standing(db: &Database, ground: Ground) -> Result<Standing, Error> {
    match Arc::clone(&db.gathers.grounds).ask(db, ground).await? {
        Together::Answered(standing) => Ok(standing),
        Together::Alone { .. } => {
            let alone = db.statement(|mut connection| async move { list_standings(&mut connection, &[ground]).await }).await?;
            alone.into_iter().next().flatten().ok_or_else(|| Error::corrupt("access_tokens", "no answer about a token"))
        }
    }
}

/// Answers `grounds`, each by its place.
pub(in crate::db) fn answer_all<'a>(connection: &'a mut Connection, grounds: &'a [Ground]) -> Answers<'a, Standing> {
    Box::pin(list_standings(connection, grounds))
}

async fn list_standings(connection: &mut Connection, grounds: &[Ground]) -> Result<Vec<Option<Standing>>, Error> {
    let mut facts = if grounds.iter().any(|ground| ground.authorization.is_some()) {
        authorizations::list_facts(connection, &column(grounds, |ground| ground.authorization)).await?
    } else {
        Vec::new()
    };
    facts.resize_with(grounds.len(), || None);
    // Sub-selects that give a row, where EXISTS might be answered by reading the whole table into memory.
    let rows = sqlx::query!(
        r#"SELECT q.number AS "number!",
               coalesce((SELECT true FROM revoked_access_tokens r WHERE r.jti = q.jti AND r.expires_at = q.expires_at), false)
               OR coalesce((SELECT c.tokens_revoked_at IS NOT NULL OR (q.revoked_keys_count AND c.revoked_at IS NOT NULL)
                   FROM credentials c WHERE c.id = q.credential_id), false)
               OR (q.user_id IS NOT NULL AND NOT coalesce((SELECT u.disabled_at IS NULL
                   FROM memberships m JOIN users u ON u.id = m.user_id
                   WHERE m.user_id = q.user_id AND m.org_id = q.org_id), false)) AS "revoked!"
           FROM unnest((SELECT $1::uuid[]), (SELECT $2::timestamptz[]), (SELECT $3::uuid[]), (SELECT $4::bool[]), (SELECT $5::uuid[]),
                   (SELECT $6::uuid[]))
               WITH ORDINALITY AS q(jti, expires_at, credential_id, revoked_keys_count, user_id, org_id, number)"#,
        &column(grounds, |ground| ground.jti),
        &column(grounds, |ground| ground.expires_at),
        &column(grounds, |ground| ground.credential.map(|id| id.0)) as &[Option<Uuid>],
        &column(grounds, |ground| ground.revoked_keys_count),
        &column(grounds, |ground| ground.user.map(|(user, _)| user.0)) as &[Option<Uuid>],
        &column(grounds, |ground| ground.user.map(|(_, org)| org.0)) as &[Option<Uuid>],
    );
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| (row.number, row.revoked)).collect();
    let revoked = by_place(rows, grounds.len());
    Ok(facts.into_iter().zip(revoked).map(|(facts, revoked)| revoked.map(|revoked| Standing { facts, revoked })).collect())
}
