//! Changing what somebody is in an org, and ending that they belong to it (M11).

use serde_json::json;
use time::OffsetDateTime;

use crate::db::{authorizations, consents, invitations, memberships};
use crate::flows::orgs::OrgAccess;
use crate::flows::people::{Error, lock, record};
use crate::flows::{Deps, revocation};
use crate::model::authorization::EndCause;
use crate::model::ids::UserId;
use crate::model::membership::Role;
use crate::model::person::Person;
use crate::protocol::people::{check_removal, check_role};

/// Gives a person another role. Who is no developer any more has no development tokens any more. What they invited others to be, and may not give away any more, is revoked with it.
pub async fn change(deps: &Deps, access: &OrgAccess, user: UserId, role: Role, now: OffsetDateTime) -> Result<Person, Error> {
    let rank = access.check_manages_people()?;
    let mut transaction = deps.db.begin().await?;
    let (person, subject) = lock(&mut transaction, access, user).await?;
    check_role(rank, subject, role)?;
    if !memberships::change_role(&mut transaction, access.org.id, user, role).await? {
        return Ok(person);
    }
    let kept: Vec<Role> = Role::ALL.into_iter().filter(|given| role.manages_apps() && *given <= role).collect();
    invitations::revoke_of_inviter(&mut transaction, access.org.id, user, &kept, now).await?;
    if !role.reads_apps() {
        authorizations::end_all_of_developer(&mut transaction, (user, access.org.id), EndCause::UserRemoved, now).await?;
    }
    let detail = json!({ "changes": { "role": { "from": person.role, "to": role } } });
    record(deps, &mut transaction, access, ("membership.change_role", &person), detail, now).await?;
    revocation::commit(deps, transaction).await?;
    Ok(Person { role, ..person })
}

/// Removes a person from the org. Every permission they gave to its apps ends, and every server knows at once.
pub async fn remove(deps: &Deps, access: &OrgAccess, user: UserId, now: OffsetDateTime) -> Result<(), Error> {
    let rank = access.check_manages_people()?;
    let mut transaction = deps.db.begin().await?;
    let (person, subject) = lock(&mut transaction, access, user).await?;
    check_removal(rank, subject)?;
    let org = access.org.id;
    memberships::delete(&mut transaction, org, user).await?;
    let ended = authorizations::end_all_of_user_in_org(&mut transaction, user, org, EndCause::UserRemoved, now).await?;
    consents::delete_all_of_user_in_org(&mut transaction, user, org).await?;
    invitations::revoke_of_inviter(&mut transaction, org, user, &[], now).await?;
    let detail = json!({ "role": person.role, "ended_authorizations": ended });
    record(deps, &mut transaction, access, ("membership.delete", &person), detail, now).await?;
    revocation::commit_everything(deps, transaction).await?;
    Ok(())
}
