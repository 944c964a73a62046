//! The pages by which someone who lost a password, or never had one, sets one.

pub mod forgot;
pub mod set;
