//! Moving an app from one kind of credential to the other while both work (R36-R45).
//!
//! `none -> running -> cancelled (the same as none) | completed`. Client id, subject and scopes stay; only the way to get a
//! token changes. What is completed has no way back.

use serde::Serialize;
use time::OffsetDateTime;

use crate::model::credential::{Credential, CredentialKind};
use crate::model::ids::{CredentialId, MigrationId, TechnicalAccountId};

/// From what to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From keys and assertions to a client secret.
    KeyToSecret,
    /// From client secrets to a key.
    SecretToKey,
}

/// What a client proves itself with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A signature.
    Key,
    /// A shared secret.
    Secret,
}

/// What a client showed to prove itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'r> {
    /// One of its credentials.
    Credential(&'r Credential),
    /// A key that it publishes at its `jwks_uri`, which is no row.
    PublishedKey,
}

/// Whom tokens are for that an app gets for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActsAs {
    /// The app, by its client id.
    App,
    /// One of its technical accounts.
    Account(TechnicalAccountId),
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MigrationState {
    /// Both kinds work.
    Running,
    /// The old kind is gone for good.
    Completed,
}

/// A migration that runs or is completed; a cancelled one is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Row id.
    pub id: MigrationId,
    /// From what to what.
    pub direction: Direction,
    /// How far it is.
    pub state: MigrationState,
    /// What was made for it.
    pub new_credential: CredentialId,
    /// Since when.
    pub started_at: OffsetDateTime,
    /// When it was completed.
    pub finished_at: Option<OffsetDateTime>,
    /// Until when the old credentials are refused on trial; may be past.
    pub brown_out_until: Option<OffsetDateTime>,
}

/// The two questions before completing, with the instants that answer them (R41).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// The last token issued with the new credential.
    pub new_last_token_at: Option<OffsetDateTime>,
    /// The last token issued with any of the old ones.
    pub old_last_token_at: Option<OffsetDateTime>,
    /// The new one was used, and later than the old ones.
    pub new_is_ahead: bool,
    /// The old ones issued nothing for [`QUIET`] or longer, as far as every server has told, or never.
    pub old_is_quiet: bool,
    /// From when on that is so, if nobody uses them meanwhile; `None` = they were never used.
    pub quiet_from: Option<OffsetDateTime>,
}

/// How long the old credentials must have been unused.
pub const QUIET: time::Duration = time::Duration::DAY;

/// Something about an app that may have to wait for its migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// What it may ask for.
    Scopes,
    /// Adding or deleting secrets.
    Secrets,
    /// Adding or deleting keys, service credentials or the address of a key set.
    Keys,
}

/// Why a step of a migration, or a change beside it, is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A migration runs; `Some` is what has to wait for it.
    Running(Option<Change>),
    /// A migration is completed, and that was final.
    Completed(Direction),
    /// None runs.
    NotRunning,
    /// The app has nothing to move away from.
    NothingToMigrate(Direction),
    /// The old credentials act as different subjects, and nobody said which one goes on.
    SubjectsDiffer,
    /// The checks do not pass and were not overridden.
    ChecksNotPassed(Checks),
    /// The operator's deadline for keys has passed.
    DeadlinePassed,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::KeyToSecret, Self::SecretToKey];

    /// The stored and API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyToSecret => "key_to_secret",
            Self::SecretToKey => "secret_to_key",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.as_str() == word)
    }

    /// What is left behind.
    pub const fn old(self) -> Proof {
        match self {
            Self::KeyToSecret => Proof::Key,
            Self::SecretToKey => Proof::Secret,
        }
    }

    /// What takes its place.
    pub const fn successor(self) -> Proof {
        match self {
            Self::KeyToSecret => Proof::Secret,
            Self::SecretToKey => Proof::Key,
        }
    }
}

impl Direction {
    /// Whether this is what it leaves behind: what is of the old kind and, with keys, the secrets that came with them in
    /// service-credentials files and end with them.
    pub fn leaves(self, shown: Shown<'_>) -> bool {
        let came_with_a_key = matches!(shown, Shown::Credential(own) if own.paired_key.is_some());
        shown.proof() == self.old() || (self.old() == Proof::Key && came_with_a_key)
    }
}

impl Shown<'_> {
    /// The id of the credential, if it is one.
    pub const fn credential(self) -> Option<CredentialId> {
        match self {
            Self::Credential(own) => Some(own.id),
            Self::PublishedKey => None,
        }
    }

    /// What it is.
    pub const fn proof(self) -> Proof {
        match self {
            Self::Credential(own) => Proof::of(own),
            Self::PublishedKey => Proof::Key,
        }
    }
}

impl ActsAs {
    /// The technical account, if it is one.
    pub const fn account(self) -> Option<TechnicalAccountId> {
        match self {
            Self::App => None,
            Self::Account(id) => Some(id),
        }
    }

    /// What this credential acts as.
    pub const fn of(credential: &Credential) -> Self {
        match credential.technical_account {
            None => Self::App,
            Some(id) => Self::Account(id),
        }
    }
}

impl Proof {
    /// The stored and API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Secret => "secret",
        }
    }

    /// What this credential is.
    pub const fn of(credential: &Credential) -> Self {
        match credential.kind {
            CredentialKind::Secret { .. } => Self::Secret,
            CredentialKind::Key(_) => Self::Key,
        }
    }
}

impl MigrationState {
    /// Reads the stored word; `cancelled` is none.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "running" => Some(Self::Running),
            "completed" => Some(Self::Completed),
            _ => None,
        }
    }

    /// The stored and API word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
        }
    }
}

impl Migration {
    /// Whether both kinds work.
    pub fn is_running(&self) -> bool {
        self.state == MigrationState::Running
    }

    /// Whether this is what it leaves behind.
    pub fn leaves(&self, shown: Shown<'_>) -> bool {
        let is_new = matches!(shown, Shown::Credential(own) if own.id == self.new_credential);
        !is_new && self.direction.leaves(shown)
    }

    /// Until when the old credentials are refused on trial, if they are at `now`.
    pub fn brown_out(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.brown_out_until.filter(|until| self.is_running() && now < *until)
    }
}

impl Checks {
    /// Whether completing needs no override.
    pub const fn pass(&self) -> bool {
        self.new_is_ahead && self.old_is_quiet
    }
}

impl Obstacle {
    /// The last part of the problem's `type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running(_) => "migration-in-progress",
            Self::Completed(_) => "migration-completed",
            Self::NotRunning => "migration-not-running",
            Self::NothingToMigrate(_) => "nothing-to-migrate",
            Self::SubjectsDiffer => "subjects-differ",
            Self::ChecksNotPassed(_) => "checks-not-passed",
            Self::DeadlinePassed => "deadline-passed",
        }
    }

    /// What it means and what to do, for people.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Running(None) => "A migration of this app is running already; cancel or complete it first.",
            Self::Running(Some(Change::Scopes)) => {
                "The scopes stay as they are while a migration of this app runs, so that old and new credentials give the same tokens; cancel or complete it first."
            }
            Self::Running(Some(Change::Secrets)) => {
                "Secrets are neither added nor deleted while a migration of this app runs; cancel or complete it first. If the new secret has leaked, cancel."
            }
            Self::Running(Some(Change::Keys)) => {
                "Keys are neither added nor deleted while this app migrates to a key; cancel or complete the migration first. If the new key has leaked, cancel."
            }
            Self::Completed(Direction::KeyToSecret) => {
                "This app has migrated from keys to client secrets, and that was final: it gets no keys."
            }
            Self::Completed(Direction::SecretToKey) => {
                "This app has migrated from client secrets to keys, and that was final: it gets no secrets."
            }
            Self::NotRunning => "No migration of this app is running.",
            Self::NothingToMigrate(Direction::KeyToSecret) => "This app has no key to migrate from.",
            Self::NothingToMigrate(Direction::SecretToKey) => "This app has no secret to migrate from.",
            Self::SubjectsDiffer => {
                "The old credentials of this app act as different subjects, and the new one acts as one of them: name it in technical_account, null for the app itself."
            }
            Self::ChecksNotPassed(_) => {
                "The old credential may still be in use: completing now would cut off whoever uses it. Wait, or send override as true."
            }
            Self::DeadlinePassed => "The operator of this server lets apps have no new keys any more; use a client secret.",
        }
    }
}
