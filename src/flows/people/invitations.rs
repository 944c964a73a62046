//! Inviting people: a single-use link, sent by mail, or, where no mail is sent, shown once to the inviter to hand over (M12).

use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::crypto::token::{self, mint_cookie};
use crate::db::{Connection, Transaction, invitations, memberships, orgs, throttles, users};
use crate::flows::mails::{self, letters};
use crate::flows::orgs::OrgAccess;
use crate::flows::people::Error;
use crate::flows::{Deps, audit};
use crate::model::audit::{Actor, AuditEvent};
use crate::model::field_error::FieldError;
use crate::model::ids::{InvitationId, OrgId};
use crate::model::invitation::Invitation;
use crate::model::membership::Role;
use crate::model::user::Email;
use crate::protocol::people::check_grants;
use crate::secret::Secret;

/// Invitations of one org in [`WINDOW`], new links included: our mail server is not for sending to strangers.
const MOST: i32 = 100;
const WINDOW: Duration = Duration::DAY;

/// An invitation that is on its way.
#[derive(Debug)]
pub struct Sent {
    /// The invitation.
    pub invitation: Invitation,
    /// The secret of the link where no mail is sent: to be handed over, shown this once.
    pub link: Option<Secret<String>>,
}

/// The org's open invitations, newest first.
pub async fn list(deps: &Deps, access: &OrgAccess) -> Result<Vec<Invitation>, Error> {
    access.check_reads_people()?;
    let org = access.org.id;
    Ok(deps.db.statement(|mut c| async move { invitations::list_open(&mut c, org).await }).await?)
}

/// Invites whoever reads mail at `email`, as at most what the inviter is.
pub async fn invite(deps: &Deps, access: &OrgAccess, email: &str, role: Role, now: OffsetDateTime) -> Result<Sent, Error> {
    let rank = access.check_manages_people()?;
    check_grants(rank, role)?;
    let email = Email::parse(email).filter(Email::is_deliverable);
    let email = email.ok_or_else(|| invalid("email", "invalid", "Write one address, as ada@example.com."))?;
    count(deps, access.org.id, now).await?;
    let minted = mint_cookie(&*deps.entropy);
    let invitation = Invitation {
        id: InvitationId(deps.entropy.uuid(now)),
        org: access.org.id,
        email,
        role,
        invited_by: access.user(),
        created_at: now,
        sent_at: now,
        expires_at: now + deps.policy.lifetimes.invitation,
    };
    let mut transaction = deps.db.begin().await?;
    if !orgs::lock(&mut transaction, access.org.id).await? {
        return Err(Error::NotFound);
    }
    if let Some(user) = users::find_by_email(&mut transaction, &invitation.email).await?
        && memberships::find(&mut transaction, access.org.id, user.id).await?.is_some()
    {
        return Err(invalid("email", "taken", "This person belongs to the organization already."));
    }
    invitations::revoke_expired(&mut transaction, access.org.id, &invitation.email, now).await?;
    invitations::insert(&mut transaction, &invitation, &minted.digest).await.map_err(|refused| match refused.constraint() {
        Some("invitations_open_key") => invalid("email", "taken", "This address is invited already. Send that invitation again."),
        _ => refused.into(),
    })?;
    send(deps, transaction, access, ("invitation.create", invitation), minted.value, now).await
}

/// Sends a new link for an open invitation; the old one is worth nothing from then on.
pub async fn resend(deps: &Deps, access: &OrgAccess, id: InvitationId, now: OffsetDateTime) -> Result<Sent, Error> {
    let rank = access.check_manages_people()?;
    count(deps, access.org.id, now).await?;
    let mut transaction = deps.db.begin().await?;
    let open = invitations::lock_open(&mut transaction, access.org.id, id).await?.ok_or(Error::NotFound)?;
    // Where no mail is sent the link is shown: to nobody who could not have invited so.
    check_grants(rank, open.role)?;
    let minted = mint_cookie(&*deps.entropy);
    let invitation = Invitation { sent_at: now, expires_at: now + deps.policy.lifetimes.invitation, ..open };
    invitations::renew(&mut transaction, id, &minted.digest, invitation.sent_at, invitation.expires_at).await?;
    send(deps, transaction, access, ("invitation.resend", invitation), minted.value, now).await
}

/// Takes an invitation back.
pub async fn revoke(deps: &Deps, access: &OrgAccess, id: InvitationId, now: OffsetDateTime) -> Result<(), Error> {
    let rank = access.check_manages_people()?;
    let mut transaction = deps.db.begin().await?;
    let open = invitations::lock_open(&mut transaction, access.org.id, id).await?.ok_or(Error::NotFound)?;
    check_grants(rank, open.role)?;
    invitations::revoke(&mut transaction, id, now).await?;
    record(deps, &mut transaction, access, ("invitation.revoke", &open), now).await?;
    transaction.commit().await?;
    Ok(())
}

/// Writes the mail and the entry in the trail, and makes it all true.
async fn send(
    deps: &Deps,
    mut transaction: Transaction,
    access: &OrgAccess,
    (action, invitation): (&'static str, Invitation),
    link: Secret<String>,
    now: OffsetDateTime,
) -> Result<Sent, Error> {
    let inviter = match &access.origin.actor {
        Actor::User { email, .. } => email.as_str(),
        other => other.label(),
    };
    let letter = letters::invitation(&deps.policy, &access.org.name, inviter, &invitation, &link);
    mails::queue(deps, &mut transaction, &invitation.email, letter, invitation.expires_at, now).await?;
    record(deps, &mut transaction, access, (action, &invitation), now).await?;
    transaction.commit().await?;
    Ok(Sent { invitation, link: (!deps.policy.mail).then_some(link) })
}

async fn count(deps: &Deps, org: OrgId, now: OffsetDateTime) -> Result<(), Error> {
    let key = format!("invite:org:{org}");
    let mut connection = deps.db.acquire().await?;
    let counted = throttles::count(&mut connection, &key, now, WINDOW).await?;
    if counted.attempts <= MOST {
        return Ok(());
    }
    let wait = (counted.window_ends_at - now).whole_seconds().max(1);
    Err(Error::TooMany { retry_after: u32::try_from(wait).unwrap_or(u32::MAX) })
}

async fn record(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (action, invitation): (&'static str, &Invitation),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let event = AuditEvent {
        org: Some(access.org.id),
        origin: access.origin.clone(),
        action,
        target_kind: "invitation",
        target_id: Some(invitation.id.to_string()),
        detail: json!({ "email": invitation.email.as_str(), "role": invitation.role }),
    };
    Ok(audit::record(deps, connection, event, now).await?)
}

fn invalid(field: &str, code: &'static str, message: &str) -> Error {
    Error::Invalid(vec![FieldError::new(field, code, message)])
}

/// The invitation of a link with the org's name, for whoever holds it.
pub(super) async fn open(
    deps: &Deps,
    link: &str,
    now: OffsetDateTime,
) -> Result<Option<(Invitation, crate::model::org::Org)>, crate::db::Error> {
    let digest = token::digest(link);
    let digest = &digest;
    deps.db
        .statement(|mut c| async move {
            let Some(invitation) = invitations::find_live(&mut c, digest, now).await? else { return Ok(None) };
            Ok(orgs::find_by_id(&mut c, invitation.org).await?.map(|org| (invitation, org)))
        })
        .await
}
