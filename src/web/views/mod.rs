//! Everything people see, as askama templates with plain display data.
//!
//! A view's path is its address: `views/apps/show/settings.rs` fills `templates/apps/show/settings.html`. Views know nothing of
//! the database or of flows; a handler fills the public fields and returns the struct as a response. Each has a `sample()`,
//! whose rendering is kept as a snapshot.

pub mod account;
pub mod api_reference;
pub mod apps;
pub mod audit;
pub mod consent;
pub mod development;
pub mod errors;
pub mod form;
pub mod home;
pub mod invitations;
pub mod layout;
pub mod logged_out;
pub mod login;
pub mod mark;
pub mod passwords;
pub mod people;
pub mod reauthenticate;

pub mod text;
