//! Accepting an invitation. The link proves the address, so it makes an account for that address, or lets the one that has it in
//! after a sign-in; it never opens, changes or takes over an account that exists (M12).

use serde_json::json;
use time::OffsetDateTime;

use crate::crypto::token;
use crate::db::{Transaction, invitations, memberships, users};
use crate::flows::account::login::{self, NewSession};
use crate::flows::people::invitations::open;
use crate::flows::{Deps, Error, Unavailable, audit};
use crate::model::audit::{Actor, AuditEvent, Origin};
use crate::model::browser_session::BrowserSession;
use crate::model::ids::UserId;
use crate::model::invitation::Invitation;
use crate::model::org::Org;
use crate::model::user::User;
use crate::protocol::password::{self, PasswordProblem};
use crate::secret::Secret;

/// What the holder of a link is shown.
#[derive(Debug)]
pub struct Offer {
    /// The invitation.
    pub invitation: Invitation,
    /// Where to.
    pub org: Org,
    /// Whether somebody has an account with the invited address, and so must sign in.
    pub has_account: bool,
}

/// What became of an acceptance.
#[derive(Debug)]
pub enum Accepted {
    /// The signed-in person belongs to the org now.
    Joined(Org),
    /// A new account belongs to the org, and is signed in.
    Made(Org, Box<NewSession>),
    /// The link is good for nothing.
    Spent,
    /// The invitation is for another address than that of the signed-in person.
    OtherAddress,
    /// The invited address has an account: sign in first.
    SignInFirst,
    /// The new password or name is not accepted; the link stays good.
    Refused(Vec<Problem>),
}

/// What is wrong with a new account.
#[derive(Debug, Clone, Copy)]
pub enum Problem {
    /// 1 to 200 characters, no line breaks.
    Name,
    /// The password.
    Password(PasswordProblem),
}

/// The invitation of a link; `None` when it is unknown, used, revoked or too old.
pub async fn find(deps: &Deps, link: &str, now: OffsetDateTime) -> Result<Option<Offer>, Error> {
    let Some((invitation, org)) = open(deps, link, now).await? else { return Ok(None) };
    let email = &invitation.email;
    let known = deps.db.statement(|mut c| async move { users::find_by_email(&mut c, email).await }).await?;
    Ok(Some(Offer { has_account: known.is_some(), invitation, org }))
}

/// Lets a signed-in person in, if the invitation is theirs.
pub async fn join(deps: &Deps, link: &str, own: &BrowserSession, origin: &Origin, now: OffsetDateTime) -> Result<Accepted, Error> {
    let Some((invitation, org)) = open(deps, link, now).await? else { return Ok(Accepted::Spent) };
    if invitation.email != own.user.email {
        return Ok(Accepted::OtherAddress);
    }
    let mut transaction = deps.db.begin().await?;
    if !admit(deps, &mut transaction, link, (&invitation, &own.user), origin, now).await? {
        return Ok(Accepted::Spent);
    }
    transaction.commit().await?;
    Ok(Accepted::Joined(org))
}

/// What a new account is made of.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// Name for people.
    pub name: &'a str,
    /// As typed.
    pub password: &'a Secret<String>,
    /// As the browser names itself.
    pub user_agent: &'a str,
}

/// Makes an account for the invited address and lets it in.
pub async fn sign_up(deps: &Deps, link: &str, new: &NewAccount<'_>, origin: &Origin, now: OffsetDateTime) -> Result<Accepted, Error> {
    let Some(Offer { invitation, org, has_account }) = find(deps, link, now).await? else { return Ok(Accepted::Spent) };
    if has_account {
        return Ok(Accepted::SignInFirst);
    }
    let mut problems = Vec::new();
    let name = new.name.trim();
    if !(1..=200).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        problems.push(Problem::Name);
    }
    problems.extend(password::check(new.password.expose(), &invitation.email, &deps.policy.brand_name).err().map(Problem::Password));
    if !problems.is_empty() {
        return Ok(Accepted::Refused(problems));
    }
    let hash = Secret::new(deps.passwords.hash(new.password).await.map_err(Unavailable::from)?);
    let id = UserId(deps.entropy.uuid(now));
    let user = User { id, email: invitation.email.clone(), name: name.to_owned(), created_at: now, disabled_at: None };
    let mut transaction = deps.db.begin().await?;
    match users::insert(&mut transaction, &user, Some(&hash)).await {
        Ok(()) => {}
        // Somebody made it a moment ago, perhaps with this very link.
        Err(refused) if refused.constraint() == Some("users_email_key") => return Ok(Accepted::Spent),
        Err(error) => return Err(error.into()),
    }
    if !admit(deps, &mut transaction, link, (&invitation, &user), origin, now).await? {
        return Ok(Accepted::Spent);
    }
    let session = login::begin(deps, &mut transaction, user, new.user_agent, origin.ip, now).await?;
    transaction.commit().await?;
    Ok(Accepted::Made(org, Box::new(session)))
}

/// Uses the link up and makes the person a member; false when another use was faster.
async fn admit(
    deps: &Deps,
    transaction: &mut Transaction,
    link: &str,
    (invitation, user): (&Invitation, &User),
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    if !invitations::accept(transaction, &token::digest(link), user.id, now).await? {
        return Ok(false);
    }
    // Whoever came in another way meanwhile keeps the role they were given there.
    if memberships::find(transaction, invitation.org, user.id).await?.is_none() {
        memberships::insert(transaction, invitation.org, user.id, invitation.role, now).await?;
    }
    let actor = Actor::User { id: user.id, email: user.email.to_string() };
    let event = AuditEvent {
        org: Some(invitation.org),
        origin: origin.acting_as(actor),
        action: "invitation.accept",
        target_kind: "user",
        target_id: Some(user.id.to_string()),
        detail: json!({ "email": user.email.as_str(), "role": invitation.role, "invitation": invitation.id }),
    };
    audit::record(deps, transaction, event, now).await?;
    Ok(true)
}
