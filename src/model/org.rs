//! An org: a customer of the operator, owner of apps.

use time::OffsetDateTime;

use crate::model::ids::OrgId;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Row id, the `org` claim of tokens.
    pub id: OrgId,
    /// Name in URLs: lower-case letters, digits and inner hyphens, at most 63.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// How many apps may live at one time.
    pub app_limit: i32,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When the operator disabled it, if so: nothing of it works then.
    pub disabled_at: Option<OffsetDateTime>,
}

/// "7 of 10".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppUsage {
    /// Living apps that take a slot.
    pub used: i64,
    /// The org's limit.
    pub limit: i64,
}

/// Whether `slug` has the shape that the database accepts.
pub fn is_slug(slug: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=63).contains(&slug.len()) && slug.bytes().all(inner) && !slug.starts_with('-') && !slug.ends_with('-')
}
