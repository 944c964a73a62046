//! Disabling a person and enabling them again. An account may belong to several orgs, so an org does this only to accounts that
//! are its alone; for others it removes the membership, or asks the operator.

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{Transaction, authorizations, browser_sessions, invitations, password_links, users};
use crate::flows::orgs::OrgAccess;
use crate::flows::people::{Error, lock, record};
use crate::flows::{Deps, revocation};
use crate::model::authorization::EndCause;
use crate::model::ids::UserId;
use crate::model::person::Person;
use crate::protocol::people::{check_above, check_removal};

/// Disables a person: every session and every permission of theirs ends, here and at every other server.
pub async fn disable(deps: &Deps, access: &OrgAccess, user: UserId, now: OffsetDateTime) -> Result<Person, Error> {
    let rank = access.check_manages_people()?;
    let mut transaction = deps.db.begin().await?;
    let (mut person, subject) = lock(&mut transaction, access, user).await?;
    check_removal(rank, subject)?;
    if access.user() == Some(user) {
        return Err(Error::Yourself);
    }
    if person.user.disabled_at.is_some() {
        return Ok(person);
    }
    if person.orgs > 1 {
        return Err(Error::NotYours);
    }
    users::set_disabled(&mut transaction, user, Some(now), Some(access.org.id)).await?;
    let ended = end_everything(&mut transaction, user, now).await?;
    invitations::revoke_of_inviter(&mut transaction, access.org.id, user, &[], now).await?;
    record(deps, &mut transaction, access, ("user.disable", &person), json!({ "ended_authorizations": ended }), now).await?;
    revocation::commit_everything(deps, transaction).await?;
    person.user.disabled_at = Some(now);
    person.disabled_by_org = Some(access.org.id);
    Ok(person)
}

/// Enables a person again, if this org disabled them. What ended stays ended.
pub async fn enable(deps: &Deps, access: &OrgAccess, user: UserId, now: OffsetDateTime) -> Result<Person, Error> {
    let rank = access.check_manages_people()?;
    let mut transaction = deps.db.begin().await?;
    let (mut person, subject) = lock(&mut transaction, access, user).await?;
    check_above(rank, subject.role)?;
    if person.user.disabled_at.is_none() {
        return Ok(person);
    }
    if person.disabled_by_org != Some(access.org.id) {
        return Err(Error::NotYours);
    }
    users::set_disabled(&mut transaction, user, None, None).await?;
    record(deps, &mut transaction, access, ("user.enable", &person), json!({}), now).await?;
    revocation::commit_everything(deps, transaction).await?;
    person.user.disabled_at = None;
    person.disabled_by_org = None;
    Ok(person)
}

/// Ends every browser session of a person whose account is this org's alone; their connected apps go on.
pub async fn sign_out(deps: &Deps, access: &OrgAccess, user: UserId, now: OffsetDateTime) -> Result<Person, Error> {
    let rank = access.check_manages_people()?;
    let mut transaction = deps.db.begin().await?;
    let (person, subject) = lock(&mut transaction, access, user).await?;
    check_above(rank, subject.role)?;
    if person.orgs > 1 {
        return Err(Error::NotYours);
    }
    let ended = browser_sessions::end_all_of_user(&mut transaction, user, None, now).await?;
    if ended > 0 {
        record(deps, &mut transaction, access, ("user.sign_out", &person), json!({ "ended_sessions": ended }), now).await?;
        transaction.commit().await?;
    }
    Ok(person)
}

/// Ends what a person has open (O5); says how many authorizations that were.
pub(in crate::flows) async fn end_everything(
    transaction: &mut Transaction,
    user: UserId,
    now: OffsetDateTime,
) -> Result<u64, crate::db::Error> {
    browser_sessions::end_all_of_user(transaction, user, None, now).await?;
    password_links::void_all_of_user(transaction, user, now).await?;
    authorizations::end_all_of_user(transaction, user, EndCause::UserRemoved, now).await
}
