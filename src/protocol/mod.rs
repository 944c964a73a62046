//! The rules, one check a file. Pure: facts in, a decision out; no async, no SQL, no HTTP, no clock, no randomness.

pub mod assertion;
pub mod attention;
pub mod authorize;
pub mod client_auth;
pub mod client_metadata;
pub mod explain;
pub mod logo;
pub mod migration;
pub mod password;
pub mod people;
pub mod quota;
pub mod token;
