//! A person as their org sees them.

use time::OffsetDateTime;

use crate::model::ids::OrgId;
use crate::model::membership::Role;
use crate::model::user::User;

/// A member of an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: User,
    /// What they are in the org.
    pub role: Role,
    /// Since when they belong to it.
    pub since: OffsetDateTime,
    /// When a browser of theirs was last seen.
    pub last_seen_at: Option<OffsetDateTime>,
    /// How many orgs they belong to, this one included.
    pub orgs: i64,
    /// The org that disabled them, if it was not the operator.
    pub disabled_by_org: Option<OrgId>,
}
