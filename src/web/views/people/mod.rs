//! `/orgs/{slug}/people`: who belongs to an org, who is invited.

pub mod invited;
pub mod list;
