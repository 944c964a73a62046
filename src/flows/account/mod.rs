//! People and their own accounts: signing in and out, password, browser sessions, connected apps.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::crypto::token;
use crate::db::{Transaction, authorizations, browser_sessions, memberships, orgs, password_links, users};
use crate::flows::account::login::NewSession;
use crate::flows::mails::{self, letters};
use crate::flows::{Deps, Error, revocation};
use crate::model::audit::{Actor, Origin};
use crate::model::authorization::EndCause;
use crate::model::browser_session::BrowserSession;
use crate::model::client::ClientRecord;
use crate::model::ids::{BrowserSessionId, UserId};
use crate::model::membership::Membership;
use crate::model::org::AppUsage;
use crate::model::user::Email;
use crate::protocol::password;
use crate::secret::Secret;

mod connected_apps;
mod ended_apps;
pub mod forgot;
pub mod kept_form;
pub mod login;
pub mod logout;
pub mod reauthenticate;

pub use crate::protocol::password::{MINIMUM_CHARACTERS, PasswordProblem};
pub use connected_apps::{ConnectedApp, connected_apps, disconnect};
pub use ended_apps::{EndedApp, ended_apps};

/// The orgs of a person, by name.
pub async fn list_memberships(deps: &Deps, user: UserId) -> Result<Vec<Membership>, Error> {
    Ok(deps.db.statement(|mut c| async move { memberships::list_by_user(&mut c, user).await }).await?)
}

/// How many apps an org has and may have; `None` when it is gone.
pub async fn app_usage(deps: &Deps, membership: &Membership) -> Result<Option<AppUsage>, Error> {
    let org = membership.org.id;
    Ok(deps.db.statement(|mut c| async move { orgs::app_usage(&mut c, org).await }).await?)
}

/// Living sessions of a person, the last seen first.
pub async fn list_sessions(deps: &Deps, user: UserId, now: OffsetDateTime) -> Result<Vec<BrowserSession>, Error> {
    Ok(deps.db.statement(|mut c| async move { browser_sessions::list_live_by_user(&mut c, user, now).await }).await?)
}

/// Ends one of the person's own sessions; false when it is not theirs or has ended.
pub async fn end_session(
    deps: &Deps,
    own: &BrowserSession,
    id: BrowserSessionId,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let mut transaction = deps.db.begin().await?;
    let ended = browser_sessions::end(&mut transaction, id, own.user.id, now).await?;
    if ended {
        login::record(deps, &mut transaction, "user.end_session", &own.user, &by(own, origin), now).await?;
    }
    transaction.commit().await?;
    Ok(ended)
}

/// Ends every session of the person but this one; says how many.
pub async fn end_other_sessions(deps: &Deps, own: &BrowserSession, origin: &Origin, now: OffsetDateTime) -> Result<u64, Error> {
    let mut transaction = deps.db.begin().await?;
    let ended = browser_sessions::end_all_of_user(&mut transaction, own.user.id, Some(own.id), now).await?;
    if ended > 0 {
        login::record(deps, &mut transaction, "user.end_other_sessions", &own.user, &by(own, origin), now).await?;
        transaction.commit().await?;
    }
    Ok(ended)
}

/// What became of a wish for another password.
#[derive(Debug)]
pub enum PasswordChange {
    /// Done. Every session and every authorization of the person has ended; this is the session to go on with.
    Done(Box<NewSession>),
    /// The current password is wrong.
    WrongCurrent,
    /// The new one is not accepted.
    Refused(PasswordProblem),
    /// Too many tries at the current one.
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
}

/// Changes a password; the current one is needed (N9).
pub async fn change_password(
    deps: &Deps,
    own: &BrowserSession,
    current: &Secret<String>,
    new: &Secret<String>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<PasswordChange, Error> {
    let user = &own.user;
    if let Err(problem) = password::check(new.expose(), &user.email, &deps.policy.brand_name) {
        return Ok(PasswordChange::Refused(problem));
    }
    if let Some(retry_after) = login::count_guess(deps, user.email.as_str(), now).await? {
        return Ok(PasswordChange::Throttled { retry_after });
    }
    let id = user.id;
    let hash = deps.db.statement(|mut c| async move { users::find_password_hash(&mut c, id).await }).await?;
    let fits = current.expose().len() <= password::MAXIMUM_BYTES;
    let hash = hash.filter(|_| fits);
    if !deps.passwords.verify(current, hash.as_ref().map(|hash| hash.expose().as_str())).await?.matches {
        return Ok(PasswordChange::WrongCurrent);
    }
    let Some(hash) = hash else { return Ok(PasswordChange::WrongCurrent) };
    let new = Secret::new(deps.passwords.hash(new).await?);

    let mut transaction = deps.db.begin().await?;
    if !users::change_password(&mut transaction, user.id, &hash, &new, now).await? {
        return Ok(PasswordChange::WrongCurrent);
    }
    let origin = by(own, origin);
    end_everything(&mut transaction, user.id, now).await?;
    login::clear_guesses(&mut transaction, user.email.as_str()).await?;
    let session = login::begin(deps, &mut transaction, user.clone(), &own.user_agent, origin.ip, now).await?;
    login::record(deps, &mut transaction, "user.change_password", user, &origin, now).await?;
    tell_of_new_password(deps, &mut transaction, &user.email, now).await?;
    revocation::commit(deps, transaction).await?;
    Ok(PasswordChange::Done(Box::new(session)))
}

/// Whose set-password link this is; `None` when it is unknown, used, too old, or replaced.
pub async fn find_password_link(deps: &Deps, link: &str, now: OffsetDateTime) -> Result<Option<Email>, Error> {
    let digest = token::digest(link);
    let found = deps.db.statement(|mut c| async move { password_links::find_live(&mut c, &digest, now).await }).await?;
    Ok(found.map(|(_, email)| email))
}

/// What became of a set-password link.
#[derive(Debug)]
pub enum LinkUse {
    /// The password is set; the person signs in with it.
    Done,
    /// The link is good for nothing.
    Spent,
    /// The password is not accepted; the link stays good.
    Refused(Email, PasswordProblem),
}

/// Sets a password by a one-time link (N8). It ends what the old password had opened.
pub async fn use_password_link(
    deps: &Deps,
    link: &str,
    new: &Secret<String>,
    origin: &Origin,
    now: OffsetDateTime,
) -> Result<LinkUse, Error> {
    let Some(email) = find_password_link(deps, link, now).await? else { return Ok(LinkUse::Spent) };
    if let Err(problem) = password::check(new.expose(), &email, &deps.policy.brand_name) {
        return Ok(LinkUse::Refused(email, problem));
    }
    let hash = Secret::new(deps.passwords.hash(new).await?);

    let mut transaction = deps.db.begin().await?;
    let Some(id) = password_links::consume(&mut transaction, &token::digest(link), now).await? else { return Ok(LinkUse::Spent) };
    let Some(user) = users::find_by_id(&mut transaction, id).await? else { return Ok(LinkUse::Spent) };
    if !users::set_password(&mut transaction, id, &hash, now).await? {
        return Ok(LinkUse::Spent);
    }
    end_everything(&mut transaction, id, now).await?;
    login::clear_guesses(&mut transaction, user.email.as_str()).await?;
    let actor = Actor::User { id, email: user.email.to_string() };
    login::record(deps, &mut transaction, "user.set_password", &user, &origin.acting_as(actor), now).await?;
    tell_of_new_password(deps, &mut transaction, &user.email, now).await?;
    revocation::commit(deps, transaction).await?;
    Ok(LinkUse::Done)
}

/// Ends what a password opened: sessions, authorizations (I10), and links to set it.
async fn end_everything(transaction: &mut Transaction, user: UserId, now: OffsetDateTime) -> Result<(), Error> {
    browser_sessions::end_all_of_user(transaction, user, None, now).await?;
    authorizations::end_all_of_user(transaction, user, EndCause::PasswordChanged, now).await?;
    password_links::void_all_of_user(transaction, user, now).await?;
    Ok(())
}

/// Tells the person by mail, in case it was somebody else.
async fn tell_of_new_password(deps: &Deps, transaction: &mut Transaction, email: &Email, now: OffsetDateTime) -> Result<(), Error> {
    let letter = letters::password_changed(&deps.policy, now);
    mails::queue(deps, transaction, email, letter, now + time::Duration::WEEK, now).await?;
    Ok(())
}

fn by(own: &BrowserSession, origin: &Origin) -> Origin {
    origin.acting_as(Actor::User { id: own.user.id, email: own.user.email.to_string() })
}

/// The client's record, for a page about it.
async fn record_of(deps: &Deps, client_id: &str) -> Result<Option<Arc<ClientRecord>>, Error> {
    deps.clients.get(deps, client_id).await
}
