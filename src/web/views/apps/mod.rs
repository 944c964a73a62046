//! `/orgs/{slug}/apps`: the applications of an org.

pub mod choose;
pub mod create;
pub mod deleted;
pub mod fields;
pub mod kind;
pub mod list;
pub mod quota;
pub mod review;
pub mod row;
pub mod show;
pub mod step;
pub mod uris;
