//! What a person may do in an org.

use crate::model::ids::UserId;
use crate::model::org::Org;

/// A person's role in one org; the order is the order of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Own account and connected apps.
    Member,
    /// Reads apps as well.
    Developer,
    /// Manages apps, people and reads the audit trail.
    Admin,
    /// Like an admin, and the only one who changes owners.
    Owner,
}

impl Role {
    /// All roles, strongest first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Developer, Self::Member];

    /// The stored and printed word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Member => "member",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// May see the org's apps.
    pub fn reads_apps(self) -> bool {
        self >= Self::Developer
    }

    /// May register, change and delete apps and their credentials.
    pub fn manages_apps(self) -> bool {
        self >= Self::Admin
    }
}

/// A person's place in an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub user: UserId,
    /// Where.
    pub org: Org,
    /// As what.
    pub role: Role,
}
