//! Pages for what went wrong, and the reference of error codes.

pub mod authorize;
pub mod page;
pub mod reference;
