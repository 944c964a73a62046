//! What an app proves itself with, by the management API: secrets, keys, service credentials.

pub(super) mod keys;
pub(super) mod secrets;
