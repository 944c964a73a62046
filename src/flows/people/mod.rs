//! The people of an org: who belongs to it and as what, who is invited, who is out.
//!
//! Every change keeps the org's row locked, so that of two owners who remove each other at one time, over whatever servers, one
//! stays.

pub mod accept;
pub mod invitations;
pub mod roles;
pub mod standing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{self, Connection, memberships, orgs, people};
use crate::flows::clients::list::{Page, bad_cursor, check_limit};
use crate::flows::orgs::OrgAccess;
use crate::flows::{Deps, Unavailable, audit, clients};
use crate::model::audit::AuditEvent;
use crate::model::field_error::FieldError;
use crate::model::ids::{OrgId, UserId};
use crate::model::membership::Role;
use crate::model::person::Person;
use crate::protocol::people::Subject;

pub use crate::protocol::people::Denial;

const LABEL: &str = "cursor of people";

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing in this org (M4).
    #[error("not found")]
    NotFound,
    /// The asker's role or scopes do not reach so far.
    #[error("forbidden")]
    Forbidden {
        /// The scope that a token would have needed.
        scope: Option<&'static str>,
    },
    /// The rules about ranks and owners say no.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// People do not disable themselves.
    #[error("you cannot disable yourself")]
    Yourself,
    /// The account belongs to other orgs too, or the operator disabled it.
    #[error("the account is not this org's alone")]
    NotYours,
    /// Everything that is wrong with what was sent.
    #[error("{} fields are refused", .0.len())]
    Invalid(Vec<FieldError>),
    /// Too many invitations in a day.
    #[error("too many invitations")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Our own trouble.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<clients::Error> for Error {
    fn from(error: clients::Error) -> Self {
        match error {
            clients::Error::Forbidden { scope } => Self::Forbidden { scope },
            clients::Error::Invalid(errors) => Self::Invalid(errors),
            clients::Error::Unavailable(trouble) => Self::Unavailable(trouble),
            _ => Self::NotFound,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Part of the name or the address.
    pub q: Option<String>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// 1 to 100; `None` = 50.
    pub limit: Option<i64>,
}

/// The org's people by address, a page at a time.
pub async fn list(deps: &Deps, access: &OrgAccess, query: &Query) -> Result<Page<Person>, Error> {
    access.check_reads_people()?;
    let (org, limit) = (access.org.id, check_limit(query.limit)?);
    let after = query.cursor.as_deref().map(|cursor| open_cursor(deps, org, cursor)).transpose()?;
    let q = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty() && !q.contains('\0'));
    let after = after.as_deref();
    let mut items = deps.db.statement(|mut c| async move { people::list(&mut c, org, q, after, limit + 1).await }).await?;
    let fits = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > fits;
    items.truncate(fits);
    let next = items.last().filter(|_| more).map(|last| seal_cursor(deps, org, last.user.email.as_str()));
    Ok(Page { items, next })
}

/// One of the org's people.
pub async fn find(deps: &Deps, access: &OrgAccess, user: UserId) -> Result<Person, Error> {
    access.check_reads_people()?;
    let org = access.org.id;
    deps.db.statement(|mut c| async move { people::find(&mut c, org, user).await }).await?.ok_or(Error::NotFound)
}

/// How far up the asker may act on people; `None` when not at all.
pub fn rank(access: &OrgAccess) -> Option<Role> {
    access.check_manages_people().ok()
}

fn seal_cursor(deps: &Deps, org: OrgId, email: &str) -> String {
    let place = [org.0.as_bytes().as_slice(), email.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(deps.sealer.seal(LABEL, &place, &*deps.entropy))
}

fn open_cursor(deps: &Deps, org: OrgId, cursor: &str) -> Result<String, Error> {
    let open = || {
        let place = deps.sealer.open(LABEL, &URL_SAFE_NO_PAD.decode(cursor).ok()?)?;
        let (of, email) = place.expose().split_first_chunk::<16>()?;
        (Uuid::from_bytes(*of) == org.0).then(|| String::from_utf8(email.to_vec()).ok()).flatten()
    };
    open().ok_or_else(|| bad_cursor().into())
}

/// A person of the org with what the rules ask about them; the org's owners cannot change until the transaction ends.
async fn lock(connection: &mut Connection, access: &OrgAccess, user: UserId) -> Result<(Person, Subject), Error> {
    if !orgs::lock(connection, access.org.id).await? {
        return Err(Error::NotFound);
    }
    let person = people::find(connection, access.org.id, user).await?.ok_or(Error::NotFound)?;
    let owners = memberships::count_owners(connection, access.org.id).await?;
    let subject = Subject { role: person.role, enabled: person.user.disabled_at.is_none(), owners };
    Ok((person, subject))
}

/// Writes the audit entry of a change of a person.
async fn record(
    deps: &Deps,
    connection: &mut Connection,
    access: &OrgAccess,
    (action, person): (&'static str, &Person),
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut detail = detail;
    if let Some(members) = detail.as_object_mut() {
        members.insert("email".to_owned(), person.user.email.as_str().into());
    }
    let event = AuditEvent {
        org: Some(access.org.id),
        origin: access.origin.clone(),
        action,
        target_kind: "user",
        target_id: Some(person.user.id.to_string()),
        detail,
    };
    Ok(audit::record(deps, connection, event, now).await?)
}
