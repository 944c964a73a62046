//! Trying an app out from its own pages: a token for a machine, and a round of the code flow whose tokens end at once.

pub mod test_token;
