//! An API: a resource server that accepts our tokens, with its scopes.

use crate::model::scope::ScopeSet;
use crate::model::signing_key::Algorithm;
use crate::secret::Digest;

/// A resource server, declared by the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its identifier URI, the `aud` of its tokens (RFC 8707).
    pub identifier: String,
    /// Name for people.
    pub name: String,
    /// Its scopes, in the order shown; no name belongs to two APIs.
    pub scopes: Vec<Scope>,
    /// What its access tokens are signed with.
    pub algorithm: Algorithm,
    /// What its access tokens look like.
    pub token_form: TokenForm,
    /// SHA-256 of the secret with which the API itself may introspect (RFC 7662 §2.1); without one it may not.
    pub introspection_digest: Option<Digest>,
}

/// A scope with its words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The token on the wire.
    pub name: String,
    /// What the consent screen says, as a short sentence.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
    /// Shown first and marked on the consent screen.
    pub sensitive: bool,
}

/// The form of an API's access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub enum TokenForm {
    /// A JWT with `typ: at+jwt` (RFC 9068).
    #[serde(rename = "at+jwt")]
    AtJwt,
    /// The same JWT with `typ: JWT`, for verifiers that insist.
    #[serde(rename = "jwt")]
    PlainJwt,
    /// A random string that only introspection explains.
    #[serde(rename = "opaque")]
    Opaque,
}

impl Api {
    /// The scope called `name`.
    pub fn scope(&self, name: &str) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.name == name)
    }

    /// What of `scopes` belongs to this API.
    pub fn own(&self, scopes: &ScopeSet) -> ScopeSet {
        scopes.iter().filter(|name| self.scope(name).is_some()).map(str::to_owned).collect()
    }
}
