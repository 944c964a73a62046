//! The cellar of secrets: minting, sealing and opening tokens, passwords, and the keys that sign access tokens.
//!
//! Nothing here knows SQL, HTTP or a rule; chance and time are arguments.

pub mod jwks;
pub mod jwt;
pub mod keyring;
pub mod password;
pub mod proven;
pub mod public_key;
pub mod service_key;
mod signature;
pub mod token;

pub use jwks::{Jwk, JwkSet};
pub use jwt::{AccessTokenClaims, TokenType, VerifiedJwt};
pub use keyring::{Keyring, KeyringError, NoSigningKey, generate};
pub use password::{Busy, Passwords, Verified};
pub use token::{Minted, NoRootKey, Sealer};
