//! `/consent/{id}`: asking a person, and what a second answer meets.

pub mod answered;
pub mod confirm;
pub mod outsider;
pub mod show;
