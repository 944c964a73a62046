//! Orgs: who stands at the door of one, with which rights; how many apps it has.

use time::OffsetDateTime;

use crate::db::{memberships, orgs};
use crate::flows::Deps;
use crate::flows::access::Bearer;
use crate::flows::clients::Error;
use crate::model::audit::{Actor, Origin};
use crate::model::ids::{OrgId, UserId};
use crate::model::management::{APPS_READ, APPS_WRITE, AUDIT_READ, CREDENTIALS_WRITE, PEOPLE_READ, PEOPLE_WRITE, TOKENS_REVOKE};
use crate::model::membership::{Membership, Role};
use crate::model::org::{AppUsage, Org};
use crate::model::scope::ScopeSet;
use crate::model::user::User;

/// Somebody inside an org; the proof that flows about its apps ask for.
#[derive(Debug, Clone)]
pub struct OrgAccess {
    /// The org, enabled.
    pub org: Org,
    /// What they may do in it.
    pub rights: Rights,
    /// Who they are, for the audit trail.
    pub origin: Origin,
}

/// Where the rights come from.
#[derive(Debug, Clone)]
pub enum Rights {
    /// A person's role.
    Role(UserId, Role),
    /// An access token of the management API.
    Token {
        /// The app it was issued to.
        client_id: String,
        /// What it may do.
        scopes: ScopeSet,
    },
    /// The operator at the command line.
    Operator,
}

impl OrgAccess {
    /// The operator may do everything.
    pub const fn operator(org: Org) -> Self {
        Self { org, rights: Rights::Operator, origin: Origin::operator() }
    }

    /// The person who acts, if one does.
    pub const fn user(&self) -> Option<UserId> {
        match self.rights {
            Rights::Role(user, _) => Some(user),
            Rights::Token { .. } | Rights::Operator => None,
        }
    }

    /// Whether the asker may see the org's apps.
    pub fn check_reads_apps(&self) -> Result<(), Error> {
        match &self.rights {
            Rights::Role(_, role) => role.reads_apps().then_some(()).ok_or(Error::Forbidden { scope: None }),
            Rights::Token { scopes, .. } if scopes.contains(APPS_READ) || scopes.contains(APPS_WRITE) => Ok(()),
            Rights::Token { .. } => Err(Error::Forbidden { scope: Some(APPS_READ) }),
            Rights::Operator => Ok(()),
        }
    }

    /// Whether the asker may see this app with its secrets' dates: an app that manages its own secrets sees itself (R52).
    pub fn check_reads_app(&self, client_id: &str) -> Result<(), Error> {
        match &self.rights {
            Rights::Token { client_id: own, scopes } if own == client_id && scopes.contains(CREDENTIALS_WRITE) => Ok(()),
            _ => self.check_reads_apps(),
        }
    }

    /// Whether the asker may register, change and delete apps.
    pub fn check_manages_apps(&self) -> Result<(), Error> {
        self.check_manages(APPS_WRITE)
    }

    /// Whether the asker may make and delete secrets of this app (R52).
    pub fn check_manages_secrets(&self, client_id: &str) -> Result<(), Error> {
        self.check_manages(CREDENTIALS_WRITE)?;
        if self.is_itself(client_id) { Ok(()) } else { self.check_manages_apps() }
    }

    /// Whether the asker may end authorizations.
    pub fn check_revokes(&self) -> Result<(), Error> {
        self.check_manages(TOKENS_REVOKE)
    }

    /// Whether the asker may see the org's people.
    pub fn check_reads_people(&self) -> Result<(), Error> {
        match &self.rights {
            Rights::Token { scopes, .. } if scopes.contains(PEOPLE_WRITE) => Ok(()),
            _ => self.check_manages(PEOPLE_READ),
        }
    }

    /// Whether the asker may add, change and remove people, and how far up: an app as far as an admin.
    pub fn check_manages_people(&self) -> Result<Role, Error> {
        self.check_manages(PEOPLE_WRITE)?;
        Ok(match &self.rights {
            Rights::Role(_, role) => *role,
            Rights::Token { .. } => Role::Admin,
            Rights::Operator => Role::Owner,
        })
    }

    /// Whether the asker may read the org's audit trail.
    pub fn check_reads_audit(&self) -> Result<(), Error> {
        self.check_manages(AUDIT_READ)
    }

    /// Whether the asker is this very app.
    pub fn is_itself(&self, client_id: &str) -> bool {
        matches!(&self.rights, Rights::Token { client_id: own, .. } if own == client_id)
    }

    /// Which scopes of the management API the asker may hand on: an app no more than it was given.
    pub fn grantable(&self, management: &ScopeSet) -> ScopeSet {
        match &self.rights {
            Rights::Role(_, role) if role.manages_apps() => management.clone(),
            Rights::Role(..) => ScopeSet::default(),
            Rights::Token { scopes, .. } => scopes.clone(),
            Rights::Operator => management.clone(),
        }
    }

    fn check_manages(&self, scope: &'static str) -> Result<(), Error> {
        match &self.rights {
            Rights::Role(_, role) => role.manages_apps().then_some(()).ok_or(Error::Forbidden { scope: None }),
            Rights::Token { scopes, .. } => scopes.contains(scope).then_some(()).ok_or(Error::Forbidden { scope: Some(scope) }),
            Rights::Operator => Ok(()),
        }
    }
}

/// Lets a person into an org of theirs; an org that is not theirs, unknown or disabled is not found.
pub async fn enter_as_user(deps: &Deps, user: &User, slug: &str, origin: &Origin) -> Result<OrgAccess, Error> {
    let id = user.id;
    let place = deps.db.statement(|mut connection| async move { memberships::find_by_slug(&mut connection, slug, id).await }).await?;
    let place = place.filter(|place| place.org.disabled_at.is_none()).ok_or(Error::NotFound)?;
    let actor = Actor::User { id, email: user.email.as_str().to_owned() };
    Ok(OrgAccess { org: place.org, rights: Rights::Role(id, place.role), origin: origin.acting_as(actor) })
}

/// Lets an app into its own org, which `org` names by slug or id; any other org is not found.
pub async fn enter_as_client(deps: &Deps, bearer: &Bearer, org: &str, origin: &Origin) -> Result<OrgAccess, Error> {
    let own = bearer.record.client.org;
    let named = bearer.record.org_slug == org || org.parse::<OrgId>().is_ok_and(|id| id == own);
    if !named {
        return Err(Error::NotFound);
    }
    let found = deps.db.statement(|mut connection| async move { orgs::find_by_id(&mut connection, own).await }).await?;
    let org = found.filter(|org| org.disabled_at.is_none()).ok_or(Error::NotFound)?;
    let client = &bearer.record.client;
    let actor = Actor::Client { client_id: client.client_id.clone(), name: client.profile.name.clone() };
    let rights = Rights::Token { client_id: client.client_id.clone(), scopes: bearer.scopes.clone() };
    Ok(OrgAccess { org, rights, origin: origin.acting_as(actor) })
}

/// "7 of 10".
pub async fn app_usage(deps: &Deps, access: &OrgAccess) -> Result<AppUsage, Error> {
    let org = access.org.id;
    deps.db.statement(|mut connection| async move { orgs::app_usage(&mut connection, org).await }).await?.ok_or(Error::NotFound)
}

/// Every org of a person that is enabled, by name.
pub async fn list_of_user(deps: &Deps, user: UserId) -> Result<Vec<Membership>, Error> {
    let mut places = deps.db.statement(|mut connection| async move { memberships::list_by_user(&mut connection, user).await }).await?;
    places.retain(|place| place.org.disabled_at.is_none());
    Ok(places)
}

/// The org with this slug, for the operator; disabled ones too.
pub async fn find_by_slug(deps: &Deps, slug: &str) -> Result<Option<Org>, Error> {
    Ok(deps.db.statement(|mut connection| async move { orgs::find_by_slug(&mut connection, slug).await }).await?)
}

/// Until when an app deleted at `deleted_at` can be restored.
pub fn restorable_until(deps: &Deps, deleted_at: OffsetDateTime) -> OffsetDateTime {
    deleted_at + deps.policy.lifetimes.restore_app
}
