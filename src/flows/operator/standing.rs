//! The operator's power over whole accounts and orgs: off, on, and a new link for who cannot get in.

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{Transaction, memberships, orgs, users};
use crate::flows::operator::{Error, make_link, record};
use crate::flows::people::standing::end_everything;
use crate::flows::{Deps, audit, revocation};
use crate::model::audit::{AuditEvent, Origin};
use crate::model::org::Org;
use crate::model::user::{Email, User};
use crate::secret::Secret;

/// Disables a person on the whole server (`true`) or enables them; what ended stays ended. Says whether that changed anything.
pub async fn set_person_disabled(deps: &Deps, email: &str, disabled: bool, now: OffsetDateTime) -> Result<bool, Error> {
    let mut transaction = deps.db.begin().await?;
    let user = find(&mut transaction, email).await?;
    if !users::set_disabled(&mut transaction, user.id, disabled.then_some(now), None).await? {
        return Ok(false);
    }
    let ended = if disabled { end_everything(&mut transaction, user.id, now).await? } else { 0 };
    let action = if disabled { "user.disable" } else { "user.enable" };
    tell_every_org(deps, &mut transaction, action, &user, json!({ "email": user.email.as_str(), "ended_authorizations": ended }), now)
        .await?;
    revocation::commit_everything(deps, transaction).await?;
    Ok(true)
}

/// A one-time link by which a person chooses a password; older ones are void.
pub async fn link(deps: &Deps, email: &str, now: OffsetDateTime) -> Result<Secret<String>, Error> {
    let mut transaction = deps.db.begin().await?;
    let user = find(&mut transaction, email).await?;
    let link = make_link(deps, &mut transaction, user.id, now).await?;
    tell_every_org(deps, &mut transaction, "user.make_password_link", &user, json!({ "email": user.email.as_str() }), now).await?;
    transaction.commit().await?;
    Ok(link)
}

/// Disables an org (`true`): its apps get no tokens, its people see no pages of it, and the tokens it has are dead where anybody
/// asks, at every server at once (M11). Nothing is lost: enabling brings all of it back. Says whether that changed anything.
pub async fn set_org_disabled(deps: &Deps, slug: &str, disabled: bool, now: OffsetDateTime) -> Result<(Org, bool), Error> {
    let mut transaction = deps.db.begin().await?;
    let org = orgs::find_by_slug(&mut transaction, slug).await?.ok_or_else(|| Error::NoSuchOrg(slug.to_owned()))?;
    if !orgs::set_disabled(&mut transaction, org.id, disabled.then_some(now)).await? {
        return Ok((org, false));
    }
    let action = if disabled { "org.disable" } else { "org.enable" };
    record(deps, &mut transaction, action, (&org, "org", org.slug.clone()), json!({}), now).await?;
    revocation::commit_everything(deps, transaction).await?;
    Ok((org, true))
}

async fn find(transaction: &mut Transaction, email: &str) -> Result<User, Error> {
    let email = Email::parse(email).ok_or_else(|| Error::Email(email.to_owned()))?;
    users::find_by_email(transaction, &email).await?.ok_or(Error::NoSuchPerson(email))
}

/// One entry in the trail of each org that the person belongs to, or in the operator's.
async fn tell_every_org(
    deps: &Deps,
    transaction: &mut Transaction,
    action: &'static str,
    user: &User,
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let orgs: Vec<_> = memberships::list_by_user(transaction, user.id).await?.into_iter().map(|place| Some(place.org.id)).collect();
    let orgs = if orgs.is_empty() { vec![None] } else { orgs };
    for org in orgs {
        let (target_kind, target_id, detail) = ("user", Some(user.id.to_string()), detail.clone());
        let event = AuditEvent { org, origin: Origin::operator(), action, target_kind, target_id, detail };
        audit::record(deps, transaction, event, now).await?;
    }
    Ok(())
}
