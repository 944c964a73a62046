//! Grantor: the OAuth applications feature of a product, run beside it.
//!
//! The rooms in floor order; a lower floor never names an upper one (`tests/floors.rs` checks it):
//!
//! | floor | rooms |
//! |---|---|
//! | 0 ground | [`clock`], [`entropy`], [`fetch`], [`secret`], [`wire`] |
//! | 1 model | [`model`] |
//! | 2 rules | `protocol` |
//! | 3 cellar | `db`, `crypto` |
//! | 4 use cases | `flows` |
//! | 5 HTTP | `web` |
//! | 6 roof | `settings`, `app`, `jobs`, `managed_pg`, `cli` |

pub mod app;
pub mod cli;
pub mod clock;
pub mod crypto;
pub mod db;
pub mod entropy;
pub mod fetch;
pub mod flows;
pub mod jobs;
pub mod mail;
pub mod managed_pg;
pub mod model;
pub mod protocol;
pub mod secret;
pub mod settings;
pub mod web;
pub mod wire;
