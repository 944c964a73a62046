//! The authorization server's metadata document (RFC 8414 §2) and its key set (RFC 7517 §5).

use serde::{Deserialize, Serialize};

/// Metadata under both well-known names. Only what works is listed.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[expect(missing_docs, reason = "each member is the one of the same name in RFC 8414 §2, RFC 9207 §3 or RFC 7662")]
pub struct ServerMetadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub revocation_endpoint: String,
    pub introspection_endpoint: String,
    pub scopes_supported: Vec<String>,
    pub response_types_supported: Vec<String>,
    pub response_modes_supported: Vec<String>,
    pub grant_types_supported: Vec<String>,
    pub token_endpoint_auth_methods_supported: Vec<String>,
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub code_challenge_methods_supported: Vec<String>,
    pub authorization_response_iss_parameter_supported: bool,
}

/// A JWK set with public members only.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct JwkSet {
    /// The keys, newest first.
    pub keys: Vec<serde_json::Value>,
}
