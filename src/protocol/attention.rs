//! Which apps need attention, and why. The list's SQL filter (`db::clients`) asks the same questions; a test holds them equal.

use time::OffsetDateTime;

use crate::model::attention::{Attention, SOON, UNUSED, VERY_SOON};
use crate::model::client::ClientRecord;
use crate::model::credential::Credential;
use crate::model::migration::{Direction, MigrationState, Proof};
use crate::protocol::migration::has_proof;

/// Every reason to look at the app, the most pressing first.
pub fn reasons(record: &ClientRecord, now: OffsetDateTime) -> Vec<Attention> {
    let ends_within = |proof, span| {
        let mut own = record.credentials.iter().filter(|credential| Proof::of(credential) == proof);
        own.any(|credential| ends_at(credential).is_some_and(|end| end - now <= span))
    };
    let chose_keys =
        record.migration.as_ref().is_some_and(|own| own.direction == Direction::SecretToKey && own.state == MigrationState::Completed);
    let last_used = record.client.last_used_at.unwrap_or(record.client.created_at);
    let very_soon = ends_within(Proof::Key, VERY_SOON);
    let all = [
        (Attention::KeyExpiresVerySoon, very_soon),
        (Attention::KeyExpiresSoon, !very_soon && ends_within(Proof::Key, SOON)),
        (Attention::SecretExpiresSoon, ends_within(Proof::Secret, SOON)),
        (Attention::JwtCredential, has_proof(record, Proof::Key) && !chose_keys),
        (Attention::Unused, now - last_used >= UNUSED),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason).collect()
}

/// When the credential ends by its own date or that of its certificate; revoked keys have ended already and worry nobody.
fn ends_at(credential: &Credential) -> Option<OffsetDateTime> {
    let key = credential.key();
    if key.is_some_and(|key| key.revoked_at.is_some()) {
        return None;
    }
    let certificate = key.and_then(|key| key.certificate.as_ref()).map(|own| own.not_after);
    [credential.expires_at, certificate].into_iter().flatten().min()
}

#[cfg(test)]
mod tests;
