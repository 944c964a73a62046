//! Who may change what about whom in an org.
//!
//! Order of the checks: the actor manages people; the other one does not stand above the actor; nobody is raised above the actor;
//! the org keeps an owner who can sign in.

use crate::model::membership::Role;

/// Why a change of people is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The other one stands above the actor.
    #[error("they stand above you")]
    StandsAbove,
    /// The wanted role stands above the actor.
    #[error("that role stands above you")]
    RoleAbove,
    /// The org would be left without an owner who can sign in.
    #[error("the last owner stays")]
    LastOwner,
}

/// The facts about somebody whose place is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// What they are.
    pub role: Role,
    /// Whether they can sign in.
    pub enabled: bool,
    /// Owners of the org who can sign in, this one included if so.
    pub owners: i64,
}

/// Whether an actor of this rank may make `subject` a `wanted`.
pub fn check_role(rank: Role, subject: Subject, wanted: Role) -> Result<(), Denial> {
    check_above(rank, subject.role)?;
    check_grants(rank, wanted)?;
    if wanted == Role::Owner { Ok(()) } else { check_owner_stays(subject) }
}

/// Whether an actor of this rank may remove or disable `subject`.
pub fn check_removal(rank: Role, subject: Subject) -> Result<(), Denial> {
    check_above(rank, subject.role)?;
    check_owner_stays(subject)
}

/// Whether an actor of this rank may act on somebody of `role` at all.
pub fn check_above(rank: Role, role: Role) -> Result<(), Denial> {
    if role > rank { Err(Denial::StandsAbove) } else { Ok(()) }
}

/// Whether an actor of this rank may give `role` away.
pub fn check_grants(rank: Role, role: Role) -> Result<(), Denial> {
    if role > rank { Err(Denial::RoleAbove) } else { Ok(()) }
}

/// Somebody who cannot sign in is not the one who keeps the org.
fn check_owner_stays(subject: Subject) -> Result<(), Denial> {
    let last = subject.role == Role::Owner && subject.enabled && subject.owners <= 1;
    if last { Err(Denial::LastOwner) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
