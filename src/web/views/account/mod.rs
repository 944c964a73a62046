//! `/account`: the person's own profile, password, browser sessions and connected apps.

pub mod apps;
pub mod show;
