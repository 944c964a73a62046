//! A credential: one secret of a client, with its own dates and last use.

use serde::Serialize;
use time::OffsetDateTime;

use crate::model::ids::{CredentialId, UserId};
use crate::secret::Digest;
use crate::wire::GrantType;

/// How many characters a note may have (R28).
pub const NOTE_MAX_CHARS: usize = 64;

/// One way for a client to prove that it is itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Row id, the `cred` claim of tokens it was used for.
    pub id: CredentialId,
    /// What it is.
    pub kind: CredentialKind,
    /// The admin's words.
    pub note: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// By whom, if by a person.
    pub created_by: Option<UserId>,
    /// From when on it is refused; `None` = never.
    pub expires_at: Option<OffsetDateTime>,
    /// Its last successful use; coalesced, at most seconds old.
    pub last_use: Option<LastUse>,
}

/// The kinds of credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// A client secret that we minted.
    Secret {
        /// SHA-256 of it.
        digest: Digest,
        /// Its last four characters.
        hint: String,
    },
}

/// A use worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LastUse {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// For what; `None` when it only authenticated (revocation, introspection).
    pub grant_type: Option<GrantType>,
}

impl Credential {
    /// Whether it may be used at `now`.
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
