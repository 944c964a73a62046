//! Tokens that developers get for themselves.

pub mod issued;
pub mod tokens;
