//! The scopes of the management API.

/// Read apps, their secrets' dates and who connected.
pub const APPS_READ: &str = "apps:read";
/// Register, change, delete and restore apps.
pub const APPS_WRITE: &str = "apps:write";
/// Make and delete credentials: of all apps with [`APPS_WRITE`], else of the own app only (R52).
pub const CREDENTIALS_WRITE: &str = "credentials:write";
/// End authorizations.
pub const TOKENS_REVOKE: &str = "tokens:revoke";
/// See the org's people.
pub const PEOPLE_READ: &str = "people:read";
/// Add, change and remove the org's people.
pub const PEOPLE_WRITE: &str = "people:write";
/// Read the org's audit trail.
pub const AUDIT_READ: &str = "audit:read";
