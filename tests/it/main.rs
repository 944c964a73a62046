//! The integration tests: one binary, so that one Postgres serves them all.

mod keys;
mod kit;
mod managed_pg;
mod oauth;
mod token;
mod views;
