//! Each reason, at its edge.

use time::Duration;

use crate::model::attention::Attention;
use crate::model::migration::{Direction, MigrationState};
use crate::protocol::attention::reasons;
use crate::protocol::migration::tests::{NOW, app, key, migration, secret};

#[test]
fn r46_an_app_with_a_working_secret_in_use_needs_none() {
    let mut record = app(vec![secret(1, None)], None);
    record.client.created_at = NOW - Duration::days(400);
    record.client.last_used_at = Some(NOW - Duration::days(89));
    assert_eq!(reasons(&record, NOW), []);
    record.client.last_used_at = Some(NOW - Duration::days(90));
    assert_eq!(reasons(&record, NOW), [Attention::Unused]);
    record.client.last_used_at = None;
    assert_eq!(reasons(&record, NOW), [Attention::Unused], "never used counts from when it was registered");
}

#[test]
fn r46_a_key_is_a_reason_unless_the_app_migrated_to_it() {
    let mut record = app(vec![key(1, None)], None);
    assert_eq!(reasons(&record, NOW), [Attention::JwtCredential]);
    record.migration = Some(migration(Direction::SecretToKey, MigrationState::Running));
    assert_eq!(reasons(&record, NOW), [Attention::JwtCredential]);
    record.migration = Some(migration(Direction::SecretToKey, MigrationState::Completed));
    assert_eq!(reasons(&record, NOW), []);
}

#[test]
fn r54_credentials_that_end_soon_are_told_and_keys_more_pressingly() {
    let ending = |days| {
        let mut record = app(vec![key(1, None), secret(2, None)], None);
        for credential in &mut record.credentials {
            credential.expires_at = Some(NOW + Duration::days(days));
        }
        reasons(&record, NOW)
    };
    assert_eq!(ending(31), [Attention::JwtCredential]);
    assert_eq!(ending(30), [Attention::KeyExpiresSoon, Attention::SecretExpiresSoon, Attention::JwtCredential]);
    assert_eq!(ending(3), [Attention::KeyExpiresVerySoon, Attention::SecretExpiresSoon, Attention::JwtCredential]);
    assert_eq!(ending(-1), [Attention::KeyExpiresVerySoon, Attention::SecretExpiresSoon, Attention::JwtCredential], "expired");
}
