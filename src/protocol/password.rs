//! What a person may choose as a password (NIST SP 800-63B §3.1.1, ASVS 6.2): length counts, composition does not.
//!
//! | check | problem |
//! |---|---|
//! | fewer than 12 characters | [`PasswordProblem::TooShort`] |
//! | more than 1024 bytes | [`PasswordProblem::TooLong`] |
//! | one character over and over, a known password, or the person's own address or the product's name | [`PasswordProblem::Guessable`] |
//!
//! Nothing is trimmed, cut or normalized: what was typed is what is hashed.

use crate::model::user::Email;

/// Fewest characters.
pub const MINIMUM_CHARACTERS: usize = 12;
/// Most bytes; hashing more would be work for nothing.
pub const MAXIMUM_BYTES: usize = 1_024;

/// Why a password was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer than [`MINIMUM_CHARACTERS`].
    TooShort,
    /// More than [`MAXIMUM_BYTES`].
    TooLong,
    /// Among the first that anybody would try.
    Guessable,
}

impl PasswordProblem {
    /// One sentence that says how to put it right.
    pub fn text(self) -> &'static str {
        match self {
            Self::TooShort => "Use at least 12 characters.",
            Self::TooLong => "Use at most 1024 bytes.",
            Self::Guessable => "This is one of the first passwords anybody would try. Choose a few unrelated words.",
        }
    }
}

/// Long passwords that stand in every list of stolen ones, without digits at their end.
const KNOWN: [&str; 14] = [
    "password",
    "passwordpassword",
    "qwertyuiop",
    "qwertyuiopasdfgh",
    "qwertyuiopasdfghjkl",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "iloveyouiloveyou",
    "letmeinletmein",
    "administrator",
    "welcomewelcome",
    "changemechangeme",
    "adminadminadmin",
    "abcdefghijkl",
];

/// Runs the table above.
pub fn check(password: &str, email: &Email, brand: &str) -> Result<(), PasswordProblem> {
    if password.len() > MAXIMUM_BYTES {
        return Err(PasswordProblem::TooLong);
    }
    if password.chars().count() < MINIMUM_CHARACTERS {
        return Err(PasswordProblem::TooShort);
    }
    let lower = password.to_lowercase();
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let local = email.as_str().split('@').next().unwrap_or_default();
    let repeats_itself = lower.chars().all(|c| lower.starts_with(c));
    let counts = "01234567890123456789".contains(&lower) || "98765432109876543210".contains(&lower);
    let context = [email.as_str(), local, &brand.to_lowercase()].contains(&bare) || lower == email.as_str();
    if repeats_itself || counts || context || bare.is_empty() || KNOWN.contains(&bare) || KNOWN.contains(&lower.as_str()) {
        return Err(PasswordProblem::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
