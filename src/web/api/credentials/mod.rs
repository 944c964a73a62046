//! What an app proves itself with, by the management API: secrets, keys, service credentials, and the move between them.

pub(super) mod check;
pub(super) mod keys;
pub(super) mod migration;
pub(super) mod secrets;
