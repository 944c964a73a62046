//! Trying an app out from its own pages: a token for a machine, and a round of the code flow in which these pages are the app.

pub mod code;
pub mod test_token;
