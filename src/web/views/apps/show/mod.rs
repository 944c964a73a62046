//! `/orgs/{slug}/apps/{client_id}`: one application and its tabs.

pub mod activity;
pub mod credentials;
pub mod header;
pub mod migration;
pub mod quickstart;
pub mod secret_once;
pub mod settings;
pub mod tried;
