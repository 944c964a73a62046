//! `/orgs/{slug}/apps`: the applications of an org.

pub mod choose;
pub mod create;
pub mod fields;
pub mod kind;
pub mod list;
pub mod quota;
pub mod show;
pub mod uris;
