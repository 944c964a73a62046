//! What the operator does at the command line: orgs with their limits, and the first people in them.
//!
//! No door of the web leads here. Nothing has a default password: a person gets one chosen at the command line or a one-time
//! link to choose it (M13).

pub mod standing;
pub mod verification;

use serde_json::json;
use time::OffsetDateTime;

use crate::crypto::token::mint_cookie;
use crate::db::{self, Connection, audit_events, authorizations, browser_sessions, memberships, orgs, password_links, users};
use crate::flows::{Deps, Unavailable, revocation};
use crate::model::audit::{AuditEvent, Origin};
use crate::model::authorization::EndCause;
use crate::model::ids::{OrgId, UserId};
use crate::model::membership::Role;
use crate::model::org::{AppUsage, Org, is_slug};
use crate::model::user::{Email, User};
use crate::protocol::password::{self, PasswordProblem};
use crate::secret::Secret;

/// Why it was not done; each says what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a slug.
    #[error("`{0}` is no slug; use 1 to 63 lower-case letters, digits and inner hyphens, as in acme-2")]
    Slug(String),
    /// Not a name.
    #[error("a name has 1 to 200 characters and no line breaks")]
    Name,
    /// Not a limit.
    #[error("an app limit is a number from 0 to 10000")]
    AppLimit,
    /// Not an address.
    #[error("`{0}` is no e-mail address; write it as ada@example.com")]
    Email(String),
    /// The slug is taken.
    #[error("there is an org `{0}` already; choose another slug")]
    SlugTaken(String),
    /// No such org.
    #[error("there is no org `{0}`; `grantor org list` shows them")]
    NoSuchOrg(String),
    /// Nobody has this address.
    #[error("nobody has the address {0}; check it, or add them with `grantor user create`")]
    NoSuchPerson(Email),
    /// No org has such an app.
    #[error("there is no app `{0}`; an app's page and the API show its client id")]
    NoSuchApp(String),
    /// They are in already.
    #[error("{0} is in this org already; roles are changed on its people page")]
    AlreadyIn(Email),
    /// They have an account, so a password chosen by somebody else would lock them out.
    #[error("{0} has an account already; leave the password away to add them to this org with the one they have")]
    HasAccount(Email),
    /// Not a password for them.
    #[error("this password is not accepted: {}", .0.text())]
    Password(PasswordProblem),
    /// Our own trouble.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Makes an org; without a limit it gets the one of the settings.
pub async fn create_org(deps: &Deps, slug: &str, name: &str, app_limit: Option<i32>, now: OffsetDateTime) -> Result<Org, Error> {
    if !is_slug(slug) {
        return Err(Error::Slug(slug.to_owned()));
    }
    let app_limit = check_limit(app_limit.unwrap_or(deps.policy.limits.apps_per_org))?;
    let id = OrgId(deps.entropy.uuid(now));
    let org = Org { id, slug: slug.to_owned(), name: check_name(name)?, app_limit, created_at: now, disabled_at: None };
    let mut transaction = deps.db.begin().await?;
    orgs::insert(&mut transaction, &org).await.map_err(|refused| match refused.constraint() {
        Some("orgs_slug_key") => Error::SlugTaken(slug.to_owned()),
        _ => refused.into(),
    })?;
    let detail = json!({ "name": org.name, "app_limit": org.app_limit });
    record(deps, &mut transaction, "org.create", (&org, "org", org.slug.clone()), detail, now).await?;
    transaction.commit().await?;
    Ok(org)
}

/// Every org with its apps counted.
pub async fn list_orgs(deps: &Deps) -> Result<Vec<(Org, AppUsage)>, Error> {
    Ok(deps.db.retrying(async |connection| orgs::list(connection).await).await?)
}

/// The org with this slug.
pub async fn find_org(deps: &Deps, slug: &str) -> Result<Option<Org>, Error> {
    Ok(deps.db.retrying(async |connection| orgs::find_by_slug(connection, slug).await).await?)
}

/// Changes how many apps may live in an org; apps beyond a lowered limit stay.
pub async fn set_app_limit(deps: &Deps, slug: &str, app_limit: i32, now: OffsetDateTime) -> Result<Org, Error> {
    let app_limit = check_limit(app_limit)?;
    let mut transaction = deps.db.begin().await?;
    let org = orgs::find_by_slug(&mut transaction, slug).await?.ok_or_else(|| Error::NoSuchOrg(slug.to_owned()))?;
    orgs::set_app_limit(&mut transaction, org.id, app_limit).await?;
    let detail = json!({ "app_limit": { "from": org.app_limit, "to": app_limit } });
    record(deps, &mut transaction, "org.set_app_limit", (&org, "org", org.slug.clone()), detail, now).await?;
    transaction.commit().await?;
    Ok(Org { app_limit, ..org })
}

/// Somebody to add to an org.
#[derive(Debug)]
pub struct NewPerson<'a> {
    /// The org's slug.
    pub org: &'a str,
    /// How they sign in.
    pub email: &'a str,
    /// Name for people; their address if none.
    pub name: Option<&'a str>,
    /// What they may do.
    pub role: Role,
    /// Chosen by the operator; otherwise they get a link.
    pub password: Option<&'a Secret<String>>,
}

/// Somebody who is in an org now.
#[derive(Debug)]
pub struct Added {
    /// Who.
    pub user: User,
    /// The secret of a one-time link to choose a password, for who has none.
    pub link: Option<Secret<String>>,
}

/// Adds a person to an org. Who has an account keeps it and its password.
pub async fn add_person(deps: &Deps, person: &NewPerson<'_>, now: OffsetDateTime) -> Result<Added, Error> {
    let email = Email::parse(person.email).ok_or_else(|| Error::Email(person.email.to_owned()))?;
    let name = check_name(person.name.unwrap_or(email.as_str()))?;
    let hash = match person.password {
        Some(password) => Some(hash(deps, password, &email).await?),
        None => None,
    };
    let mut transaction = deps.db.begin().await?;
    let org = orgs::find_by_slug(&mut transaction, person.org).await?.ok_or_else(|| Error::NoSuchOrg(person.org.to_owned()))?;
    let known = users::find_login(&mut transaction, &email).await?;
    if known.is_some() && hash.is_some() {
        return Err(Error::HasAccount(email));
    }
    let has_password = hash.is_some() || known.as_ref().is_some_and(|known| known.password_hash.is_some());
    let user = if let Some(known) = known {
        known.user
    } else {
        let user = User { id: UserId(deps.entropy.uuid(now)), email: email.clone(), name, created_at: now, disabled_at: None };
        users::insert(&mut transaction, &user, hash.as_ref()).await?;
        user
    };
    memberships::insert(&mut transaction, org.id, user.id, person.role, now).await.map_err(|refused| match refused.constraint() {
        Some("memberships_pkey") => Error::AlreadyIn(email),
        _ => refused.into(),
    })?;
    let link = if has_password { None } else { Some(make_link(deps, &mut transaction, user.id, now).await?) };
    let detail = json!({ "email": user.email.as_str(), "role": person.role });
    record(deps, &mut transaction, "membership.create", (&org, "user", user.id.to_string()), detail, now).await?;
    transaction.commit().await?;
    Ok(Added { user, link })
}

/// Gives somebody another password and ends everything the old one had opened; `false` when nobody has this address.
pub async fn set_password(deps: &Deps, email: &str, password: &Secret<String>, now: OffsetDateTime) -> Result<bool, Error> {
    let email = Email::parse(email).ok_or_else(|| Error::Email(email.to_owned()))?;
    let hash = hash(deps, password, &email).await?;
    let mut transaction = deps.db.begin().await?;
    let Some(user) = users::find_by_email(&mut transaction, &email).await? else { return Ok(false) };
    users::set_password(&mut transaction, user.id, &hash, now).await?;
    browser_sessions::end_all_of_user(&mut transaction, user.id, None, now).await?;
    authorizations::end_all_of_user(&mut transaction, user.id, EndCause::PasswordChanged, now).await?;
    password_links::void_all_of_user(&mut transaction, user.id, now).await?;
    let event = AuditEvent {
        org: None,
        origin: Origin::operator(),
        action: "user.set_password",
        target_kind: "user",
        target_id: Some(user.id.to_string()),
        detail: json!({}),
    };
    audit_events::insert(&mut transaction, deps.entropy.uuid(now).into(), now, &event).await?;
    revocation::commit(deps, transaction).await?;
    Ok(true)
}

async fn hash(deps: &Deps, password: &Secret<String>, email: &Email) -> Result<Secret<String>, Error> {
    password::check(password.expose(), email, &deps.policy.brand_name).map_err(Error::Password)?;
    Ok(Secret::new(deps.passwords.hash(password).await.map_err(Unavailable::from)?))
}

async fn make_link(deps: &Deps, connection: &mut Connection, user: UserId, now: OffsetDateTime) -> Result<Secret<String>, Error> {
    let minted = mint_cookie(&*deps.entropy);
    password_links::void_all_of_user(connection, user, now).await?;
    let expires_at = now + deps.policy.lifetimes.password_link;
    password_links::insert(connection, deps.entropy.uuid(now), user, &minted.digest, now, expires_at).await?;
    Ok(minted.value)
}

fn check_limit(limit: i32) -> Result<i32, Error> {
    if (0..=10_000).contains(&limit) { Ok(limit) } else { Err(Error::AppLimit) }
}

fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let fits = (1..=200).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(Error::Name) }
}

async fn record(
    deps: &Deps,
    connection: &mut Connection,
    action: &'static str,
    (org, target_kind, target_id): (&Org, &'static str, String),
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let event = AuditEvent { org: Some(org.id), origin: Origin::operator(), action, target_kind, target_id: Some(target_id), detail };
    Ok(audit_events::insert(connection, deps.entropy.uuid(now).into(), now, &event).await?)
}
