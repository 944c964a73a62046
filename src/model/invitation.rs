//! An invitation: a single-use link by which somebody joins an org.

use time::OffsetDateTime;

use crate::model::ids::{InvitationId, OrgId, UserId};
use crate::model::membership::Role;
use crate::model::user::Email;

/// An invitation that is neither accepted nor revoked; it may have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Row id.
    pub id: InvitationId,
    /// Where to.
    pub org: OrgId,
    /// Whom; nobody else can accept it (M12).
    pub email: Email,
    /// As what.
    pub role: Role,
    /// Who invited, if a person did.
    pub invited_by: Option<UserId>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When its link was last sent.
    pub sent_at: OffsetDateTime,
    /// From when on the link is refused.
    pub expires_at: OffsetDateTime,
}
