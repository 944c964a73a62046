//! What the operator says about an app.

use time::OffsetDateTime;

/// Whether the operator vouches for what people see of an app: its name, logo, links, and the sites it sends them to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verification {
    /// They have said nothing; who registered it vouches for it.
    #[default]
    Nothing,
    /// They looked at it.
    Verified {
        /// When.
        at: OffsetDateTime,
    },
    /// They did, and then its org changed what they had looked at.
    Lapsed {
        /// When it was changed.
        at: OffsetDateTime,
    },
}

impl Verification {
    /// Reads the stored pair; `None` when both are there, which means nothing.
    pub fn from_stored(verified_at: Option<OffsetDateTime>, lapsed_at: Option<OffsetDateTime>) -> Option<Self> {
        match (verified_at, lapsed_at) {
            (None, None) => Some(Self::Nothing),
            (Some(at), None) => Some(Self::Verified { at }),
            (None, Some(at)) => Some(Self::Lapsed { at }),
            (Some(_), Some(_)) => None,
        }
    }

    /// Since when it is verified.
    pub fn verified_at(self) -> Option<OffsetDateTime> {
        if let Self::Verified { at } = self { Some(at) } else { None }
    }

    /// Since when it is verified no more.
    pub fn lapsed_at(self) -> Option<OffsetDateTime> {
        if let Self::Lapsed { at } = self { Some(at) } else { None }
    }
}
