//! A credential: one secret or one public key of a client, with its own dates and last use.

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use crate::model::ids::{CredentialId, TechnicalAccountId, UserId};
use crate::model::public_key::PublicKey;
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
    /// The technical account that it acts as; `None` = it acts as the client.
    pub technical_account: Option<TechnicalAccountId>,
    /// The key that it was made with for one service-credentials file, and that it ends with; secrets only.
    pub paired_key: Option<CredentialId>,
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
    /// A public key whose private half only the client has.
    Key(Box<PublicKey>),
}

/// A use worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LastUse {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// For what; `None` when it only authenticated (revocation, introspection).
    pub grant_type: Option<GrantType>,
    /// The last token issued with it, at or before `at` (R40).
    #[serde(with = "time::serde::rfc3339::option")]
    pub token_at: Option<OffsetDateTime>,
}

/// How near the end of a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryWarning {
    /// Three days or less.
    Days3,
    /// Thirty days or less.
    Days30,
}

impl ExpiryWarning {
    /// The time left from which on it is given.
    pub const fn within(self) -> Duration {
        match self {
            Self::Days3 => Duration::days(3),
            Self::Days30 => Duration::days(30),
        }
    }
}

impl Credential {
    /// Whether it may be used at `now`: not expired, and a key neither revoked nor outside the dates of its certificate.
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_none_or(|end| now < end) && self.key().is_none_or(|key| key.is_live(now))
    }

    /// When it stops working by itself: its own expiry or its certificate's, whichever comes first.
    pub fn ends_at(&self) -> Option<OffsetDateTime> {
        let certificate = self.key().and_then(|key| key.certificate.as_ref()).map(|own| own.not_after);
        [self.expires_at, certificate].into_iter().flatten().min()
    }

    /// Whether it works and will soon stop (R54).
    pub fn expiry_warning(&self, now: OffsetDateTime) -> Option<ExpiryWarning> {
        let left = self.ends_at().filter(|_| self.is_live(now))? - now;
        [ExpiryWarning::Days3, ExpiryWarning::Days30].into_iter().find(|warning| left <= warning.within())
    }

    /// The key, if it is one.
    pub fn key(&self) -> Option<&PublicKey> {
        match &self.kind {
            CredentialKind::Secret { .. } => None,
            CredentialKind::Key(key) => Some(key),
        }
    }

    /// Whether it is a secret.
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, CredentialKind::Secret { .. })
    }
}
