//! An authorization: the living permission of one client for one user, from code to end, in one row.

use time::OffsetDateTime;

use crate::model::client::RefreshPolicy;
use crate::model::ids::{AuthorizationId, ClientKey, OrgId, UserId};
use crate::model::scope::ScopeSet;

/// The row with the facts around it that decide whether a code or refresh token works. Its id is the token family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Row id.
    pub id: AuthorizationId,
    /// The client's org.
    pub org: OrgId,
    /// To whom.
    pub client: ClientKey,
    /// For whom.
    pub user: UserId,
    /// 0 while only a code exists, then the number of the living refresh token.
    pub generation: i32,
    /// Whether a refresh token goes with it.
    pub offline: bool,
    /// What was approved.
    pub scopes: ScopeSet,
    /// The API's identifier.
    pub api: String,
    /// When the person had proved who they are.
    pub auth_time: OffsetDateTime,
    /// When it was approved.
    pub created_at: OffsetDateTime,
    /// When the code was redeemed.
    pub redeemed_at: Option<OffsetDateTime>,
    /// When the refresh token was last rotated.
    pub rotated_at: Option<OffsetDateTime>,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
    /// Ends without use; `None` = no expiration or still a code.
    pub idle_expires_at: Option<OffsetDateTime>,
    /// Ends in any case; `None` = no expiration or still a code.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// The redirect URI that the code is bound to.
    pub redirect_uri: Option<String>,
    /// The challenge that the code is bound to.
    pub code_challenge: Option<String>,
    /// From when on the code is refused.
    pub code_expires_at: OffsetDateTime,
}

/// The end of an authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: OffsetDateTime,
    /// Why.
    pub cause: EndCause,
}

/// Why an authorization ended by will (an end by time is read from its limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// The client revoked its token (RFC 7009).
    RevokedByClient,
    /// The person ended it on their account page.
    RevokedByUser,
    /// An admin ended it.
    RevokedByAdmin,
    /// A used refresh token came again (RFC 9700 §4.14.2).
    Reuse,
    /// A used code came again (RFC 6749 §4.1.2).
    CodeReplay,
    /// The code came with a wrong verifier or redirect URI from the authenticated client.
    CodeMismatch,
    /// The app was deleted.
    ClientDeleted,
    /// The person changed their password.
    PasswordChanged,
    /// The person left the org or was disabled.
    UserRemoved,
}

impl EndCause {
    /// All causes.
    pub const ALL: [Self; 9] = [
        Self::RevokedByClient,
        Self::RevokedByUser,
        Self::RevokedByAdmin,
        Self::Reuse,
        Self::CodeReplay,
        Self::CodeMismatch,
        Self::ClientDeleted,
        Self::PasswordChanged,
        Self::UserRemoved,
    ];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RevokedByClient => "revoked_by_client",
            Self::RevokedByUser => "revoked_by_user",
            Self::RevokedByAdmin => "revoked_by_admin",
            Self::Reuse => "reuse",
            Self::CodeReplay => "code_replay",
            Self::CodeMismatch => "code_mismatch",
            Self::ClientDeleted => "client_deleted",
            Self::PasswordChanged => "password_changed",
            Self::UserRemoved => "user_removed",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}

/// An authorization that is over, with what tells why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAuthorization {
    /// To whom it was.
    pub client: ClientKey,
    /// When it was approved.
    pub created_at: OffsetDateTime,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
    /// The end without use.
    pub idle_expires_at: Option<OffsetDateTime>,
    /// The end in any case.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// The end by will.
    pub ended: Option<(OffsetDateTime, EndCause)>,
}

/// Why an authorization is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By will.
    By(EndCause),
    /// Its absolute limit was reached.
    AbsoluteLimit,
    /// Nobody used it for as long as the idle limit allows.
    IdleLimit,
}

impl EndedAuthorization {
    /// When it ended and why: whatever came first, for what is over cannot end again.
    pub fn ending(&self) -> Option<(OffsetDateTime, Ending)> {
        let by_time = [(self.absolute_expires_at, Ending::AbsoluteLimit), (self.idle_expires_at, Ending::IdleLimit)];
        let by_time = by_time.into_iter().filter_map(|(at, why)| at.map(|at| (at, why)));
        let by_will = self.ended.map(|(at, cause)| (at, Ending::By(cause)));
        by_will.into_iter().chain(by_time).min_by_key(|(at, _)| *at)
    }
}

/// Whether the parties of an authorization may act at all, read in the same statement as its row.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of one row, no state machine")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Client neither disabled nor deleted.
    pub client_enabled: bool,
    /// User not disabled.
    pub user_enabled: bool,
    /// Org not disabled.
    pub org_enabled: bool,
    /// User still a member of the client's org.
    pub is_member: bool,
}

impl Standing {
    /// Whether all of it holds.
    pub const fn is_good(self) -> bool {
        self.client_enabled && self.user_enabled && self.org_enabled && self.is_member
    }
}

/// Everything that decides a redemption or a refresh, as loaded on the slow path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationFacts {
    /// The row.
    pub authorization: Authorization,
    /// The parties.
    pub standing: Standing,
    /// The client's refresh policy as it is now.
    pub policy: RefreshPolicy,
}

/// An authorization at the moment it is used: all that issuing needs to know. Its limits are those in force, the earlier of
/// what it was given and what its client gives now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAuthorization {
    /// Row id.
    pub id: AuthorizationId,
    /// The client's org.
    pub org: OrgId,
    /// For whom.
    pub user: UserId,
    /// The number of the living refresh token.
    pub generation: i32,
    /// Whether a refresh token goes with it.
    pub offline: bool,
    /// What was approved.
    pub scopes: ScopeSet,
    /// The API's identifier.
    pub api: String,
    /// When the person had proved who they are.
    pub auth_time: OffsetDateTime,
    /// When it ends in any case; `None` = no expiration.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// When it ends if it is not used again, never later than the absolute end; `None` = no expiration.
    pub idle_expires_at: Option<OffsetDateTime>,
}
