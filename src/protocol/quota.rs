//! How many: apps of an org, credentials of an app. The database enforces the apps; these are the words around it.

use time::OffsetDateTime;

use crate::model::client::ClientRecord;
use crate::model::credential::Credential;
use crate::model::ids::CredentialId;

/// Whether one more secret may be added (R50); expired ones do not count, nor those that came with a key and end with it.
pub fn has_room_for_secret(credentials: &[Credential], limit: usize, now: OffsetDateTime) -> bool {
    credentials.iter().filter(|own| own.is_secret() && own.paired_key.is_none() && own.is_live(now)).count() < limit
}

/// Whether `id` is the only credential that still works: without it the app could not authenticate (R50). Keys that an app publishes
/// itself are another way, once they could be read.
pub fn is_last_credential(record: &ClientRecord, id: CredentialId, now: OffsetDateTime) -> bool {
    if record.publishes_keys() {
        return false;
    }
    let mut live = record.credentials.iter().filter(|credential| credential.is_live(now));
    live.next().is_some_and(|first| first.id == id) && live.next().is_none()
}
