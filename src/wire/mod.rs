//! The words of the RFCs as types with serde, and nothing else: parameters, grant types, errors, documents.

pub mod auth_method;
pub mod authorize;
pub mod error;
pub mod grant_type;
pub mod introspection;
pub mod json;
pub mod metadata;
pub mod parameters;
pub mod token;

pub use auth_method::AuthMethod;
pub use error::ErrorCode;
pub use grant_type::GrantType;
pub use parameters::{DuplicateParameter, Parameters};
