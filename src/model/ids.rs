//! Row ids, one type a noun, so that one cannot stand in for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

row_id! {
    /// A customer of the operator.
    OrgId,
    /// A person; the `sub` of tokens that act for them.
    UserId,
    /// The row of a client; the outside knows its `client_id` instead.
    ClientKey,
    /// One secret or one public key of a client.
    CredentialId,
    /// A technical account of a client.
    TechnicalAccountId,
    /// An authorization, which is also its token family.
    AuthorizationId,
    /// A pending request at the authorization endpoint.
    AuthorizationRequestId,
    /// A signed-in browser.
    BrowserSessionId,
    /// An invitation to an org.
    InvitationId,
    /// A mail that waits to be sent.
    MailId,
    /// One entry of the audit trail.
    AuditEventId,
    /// A move from one kind of credential to the other.
    MigrationId,
}
