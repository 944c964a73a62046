//! A remembered approval.

use time::OffsetDateTime;

use crate::model::scope::ScopeSet;

/// What a person approved for a client before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// All scopes approved so far, `offline_access` among them when it was.
    pub scopes: ScopeSet,
    /// The client's identity version that the person saw.
    pub identity_version: i32,
    /// The first approval.
    pub granted_at: OffsetDateTime,
    /// The latest approval.
    pub updated_at: OffsetDateTime,
}
