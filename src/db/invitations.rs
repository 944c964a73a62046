//! `invitations`: links by which people join an org. Only the digest of the link's secret is here.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::model::ids::{InvitationId, OrgId, UserId};
use crate::model::invitation::Invitation;
use crate::model::membership::Role;
use crate::model::user::Email;
use crate::secret::Digest;

struct Row {
    id: Uuid,
    org_id: Uuid,
    email: String,
    role: String,
    invited_by: Option<Uuid>,
    created_at: OffsetDateTime,
    sent_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let corrupt = |what: String| Error::corrupt("invitations", what);
        Ok(Self {
            id: InvitationId(row.id),
            org: OrgId(row.org_id),
            email: Email::parse(&row.email).ok_or_else(|| corrupt("an email that is none".to_owned()))?,
            role: Role::parse(&row.role).ok_or_else(|| corrupt(format!("role {}", row.role)))?,
            invited_by: row.invited_by.map(UserId),
            created_at: row.created_at,
            sent_at: row.sent_at,
            expires_at: row.expires_at,
        })
    }
}

/// Stores an invitation; `invitations_open_key` refuses a second open one for the address.
pub async fn insert(connection: &mut Connection, invitation: &Invitation, token: &Digest) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO invitations (id, org_id, email, role, token_digest, invited_by, created_at, sent_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        invitation.id.0,
        invitation.org.0,
        invitation.email.as_str(),
        invitation.role.as_str(),
        &token.as_bytes()[..],
        invitation.invited_by.map(|user| user.0),
        invitation.created_at,
        invitation.sent_at,
        invitation.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The org's open invitations, newest first; expired ones too, which can be sent again. At most 500.
pub async fn list_open(connection: &mut Connection, org: OrgId) -> Result<Vec<Invitation>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT id, org_id, email, role, invited_by, created_at, sent_at, expires_at FROM invitations
         WHERE org_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL ORDER BY id DESC LIMIT 500",
        org.0,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Invitation::try_from)
    .collect()
}

/// An open invitation of this org, locked until the transaction ends.
pub async fn lock_open(connection: &mut Connection, org: OrgId, id: InvitationId) -> Result<Option<Invitation>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT id, org_id, email, role, invited_by, created_at, sent_at, expires_at FROM invitations
         WHERE org_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL FOR UPDATE",
        org.0,
        id.0,
    )
    .fetch_optional(connection)
    .await?
    .map(Invitation::try_from)
    .transpose()
}

/// The open invitation of this link, if it is in time and its org is enabled.
pub async fn find_live(connection: &mut Connection, token: &Digest, now: OffsetDateTime) -> Result<Option<Invitation>, Error> {
    sqlx::query_as!(
        Row,
        "SELECT i.id, i.org_id, i.email, i.role, i.invited_by, i.created_at, i.sent_at, i.expires_at
         FROM invitations i JOIN orgs o ON o.id = i.org_id
         WHERE i.token_digest = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND $2 < i.expires_at AND o.disabled_at IS NULL",
        &token.as_bytes()[..],
        now,
    )
    .fetch_optional(connection)
    .await?
    .map(Invitation::try_from)
    .transpose()
}

/// Uses the link up for this person; false when it is used, revoked or too old. Of two at one time one succeeds.
pub async fn accept(connection: &mut Connection, token: &Digest, user: UserId, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET accepted_at = $3, accepted_by = $2
         WHERE token_digest = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND $3 < expires_at",
        &token.as_bytes()[..],
        user.0,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives an open invitation a new link; the old one is worth nothing from then on.
pub async fn renew(
    connection: &mut Connection,
    id: InvitationId,
    token: &Digest,
    sent_at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET token_digest = $2, sent_at = $3, expires_at = $4 WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
        id.0,
        &token.as_bytes()[..],
        sent_at,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes an open invitation.
pub async fn revoke(connection: &mut Connection, id: InvitationId, at: OffsetDateTime) -> Result<bool, Error> {
    let done =
        sqlx::query!("UPDATE invitations SET revoked_at = $2 WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL", id.0, at)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes what is open for an address but expired, so that it can be invited anew.
pub async fn revoke_expired(connection: &mut Connection, org: OrgId, email: &Email, at: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!(
        "UPDATE invitations SET revoked_at = $3
         WHERE org_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $3",
        org.0,
        email.as_str(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Revokes the open invitations that a person sent for roles other than `kept`: what they may not give away any more.
pub async fn revoke_of_inviter(
    connection: &mut Connection,
    org: OrgId,
    inviter: UserId,
    kept: &[Role],
    at: OffsetDateTime,
) -> Result<u64, Error> {
    let kept: Vec<String> = kept.iter().map(|role| role.as_str().to_owned()).collect();
    let done = sqlx::query!(
        "UPDATE invitations SET revoked_at = $4
         WHERE org_id = $1 AND invited_by = $2 AND role <> ALL ($3) AND accepted_at IS NULL AND revoked_at IS NULL",
        org.0,
        inviter.0,
        &kept,
        at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
