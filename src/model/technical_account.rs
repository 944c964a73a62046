//! A technical account: a name that an app acts under, with credentials of its own (R57, R70).

use time::OffsetDateTime;

use crate::model::ids::{TechnicalAccountId, UserId};

/// A living technical account of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechnicalAccount {
    /// Row id.
    pub id: TechnicalAccountId,
    /// The `sub` of tokens got with its credentials, `<hex>@techacct.<issuer host>`; never changes.
    pub subject: String,
    /// An address for lists of the product; nobody reads mail there.
    pub email: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// By whom, if by a person.
    pub created_by: Option<UserId>,
}
