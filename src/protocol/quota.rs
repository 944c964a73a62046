//! How many: apps of an org, credentials of an app. The database enforces the apps; these are the words around it.

use time::OffsetDateTime;

use crate::model::credential::Credential;
use crate::model::field_error::FieldError;
use crate::model::ids::CredentialId;

/// The largest app limit that the operator may set.
pub const APP_LIMIT_MAX: i64 = 10_000;

/// The limit, if it may be set.
pub fn check_app_limit(limit: i64) -> Result<i32, FieldError> {
    i32::try_from(limit)
        .ok()
        .filter(|_| (0..=APP_LIMIT_MAX).contains(&limit))
        .ok_or_else(|| FieldError::new("app_limit", "out_of_range", format!("Choose an app limit from 0 to {APP_LIMIT_MAX}.")))
}

/// Whether one more secret may be added (R50); expired ones do not count.
pub fn has_room_for_secret(credentials: &[Credential], limit: usize, now: OffsetDateTime) -> bool {
    credentials.iter().filter(|credential| credential.is_live(now)).count() < limit
}

/// Whether `id` is the only credential that still works: without it the app could not authenticate (R50).
pub fn is_last_credential(credentials: &[Credential], id: CredentialId, now: OffsetDateTime) -> bool {
    let mut live = credentials.iter().filter(|credential| credential.is_live(now));
    live.next().is_some_and(|first| first.id == id) && live.next().is_none()
}
