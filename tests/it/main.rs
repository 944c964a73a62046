//! The integration tests: one binary, so that one Postgres serves them all.

mod apps;
mod assertions;
mod authorize;
mod cli;
mod credentials;
mod dev;
mod development;
mod faults;
mod fetch;
mod fuzzed;
mod hostile;
mod inspector;
mod keys;
mod kit;
mod log_secrecy;
mod managed_pg;
mod matrix;
mod migration;
mod oauth;
mod people;
mod prune;
mod router;
mod serve;
mod token;
mod two_servers;
mod views;
