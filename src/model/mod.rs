//! Entities and their state machines, one noun a file. Nothing here knows SQL or HTTP.

pub mod api;
pub mod audit;
pub mod authorization;
pub mod authorization_request;
pub mod brand;
pub mod browser_session;
pub mod check;
pub mod client;
pub mod client_draft;
pub mod consent;
pub mod credential;
pub mod field_error;
pub mod ids;
pub mod management;
pub mod membership;
pub mod org;
pub mod policy;
pub mod public_key;
pub mod redirect_uri;
pub mod refusal;
pub mod request_trace;
pub mod scope;
pub mod signing_key;
pub mod technical_account;
pub mod user;
