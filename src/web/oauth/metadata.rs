//! What this server can do (RFC 8414 §2, OpenID Connect Discovery §3), from the policy alone: a forged `Host` changes nothing (A7).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::model::policy::Policy;
use crate::model::public_key::KeyAlgorithm;
use crate::model::scope::OFFLINE_ACCESS;
use crate::web::oauth::public_document;
use crate::web::{AppState, paths};
use crate::wire::AuthMethod;
use crate::wire::metadata::ServerMetadata;

/// `GET` under both well-known names; the same document.
pub async fn show(State(app): State<AppState>) -> Response {
    public_document(&document(&app.deps.policy))
}

/// The name for an issuer with a path: the path stands behind the well-known part (RFC 8414 §3.1).
pub async fn show_of_path(State(app): State<AppState>, Path(path): Path<String>) -> Response {
    let own = url::Url::parse(&app.deps.policy.issuer).is_ok_and(|issuer| issuer.path().trim_matches('/') == path);
    if own { public_document(&document(&app.deps.policy)) } else { StatusCode::NOT_FOUND.into_response() }
}

/// Only what works is listed (A3).
pub fn document(policy: &Policy) -> ServerMetadata {
    let at = |path: &str| format!("{}{path}", policy.issuer);
    let methods = |methods: &[AuthMethod]| methods.iter().map(|method| method.as_str().to_owned()).collect::<Vec<_>>();
    let algorithms = || KeyAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str().to_owned()).collect::<Vec<_>>();
    let mut scopes: Vec<String> = policy.all_scopes().iter().map(str::to_owned).collect();
    if !scopes.iter().any(|scope| scope == OFFLINE_ACCESS) {
        scopes.push(OFFLINE_ACCESS.to_owned());
    }
    ServerMetadata {
        issuer: policy.issuer.clone(),
        authorization_endpoint: at(paths::AUTHORIZE),
        token_endpoint: at(paths::TOKEN),
        jwks_uri: at(paths::JWKS),
        revocation_endpoint: at(paths::REVOKE),
        introspection_endpoint: at(paths::INTROSPECT),
        scopes_supported: scopes,
        response_types_supported: vec!["code".to_owned()],
        response_modes_supported: vec!["query".to_owned()],
        grant_types_supported: policy.grant_types().map(|grant| grant.as_str().to_owned()).collect(),
        token_endpoint_auth_methods_supported: methods(&AuthMethod::ALL),
        revocation_endpoint_auth_methods_supported: methods(&AuthMethod::ALL),
        introspection_endpoint_auth_methods_supported: methods(&[
            AuthMethod::ClientSecretBasic,
            AuthMethod::ClientSecretPost,
            AuthMethod::PrivateKeyJwt,
        ]),
        token_endpoint_auth_signing_alg_values_supported: algorithms(),
        revocation_endpoint_auth_signing_alg_values_supported: algorithms(),
        introspection_endpoint_auth_signing_alg_values_supported: algorithms(),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
    }
}
