//! What a person may choose as a password (NIST SP 800-63B §3.1.1, ASVS 6.2): length counts, composition does not.
//!
//! | check | problem |
//! |---|---|
//! | fewer than 12 characters | [`PasswordProblem::TooShort`] |
//! | more than 1024 bytes | [`PasswordProblem::TooLong`] |
//! | one character over and over, one of the 3000 commonest passwords, or hardly more than the person's own address or the product's name | [`PasswordProblem::Guessable`] |
//!
//! The list counts with and without digits and signs at the end. Nothing is trimmed, cut or normalized: what was typed is what is hashed.

use std::collections::HashSet;
use std::sync::LazyLock;

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

/// Shorter words of an address, such as an initial, are no hint to a password.
const CONTEXT_WORD: usize = 4;
/// What a password must hold besides a word of its context.
const BESIDES_CONTEXT: usize = 6;

/// The list; lines that start with `#` say where it comes from.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("password/common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Runs the table above.
pub fn check(password: &str, email: &Email, brand: &str) -> Result<(), PasswordProblem> {
    if password.len() > MAXIMUM_BYTES {
        return Err(PasswordProblem::TooLong);
    }
    if password.chars().count() < MINIMUM_CHARACTERS {
        return Err(PasswordProblem::TooShort);
    }
    let lower = password.to_lowercase();
    let context = [email.as_str(), brand].into_iter().flat_map(words);
    if is_common(&lower) || context.into_iter().any(|word| is_hardly_more_than(&lower, &word)) {
        return Err(PasswordProblem::Guessable);
    }
    Ok(())
}

/// In the list with or without its end, a listed one twice, one character over and over, or counting.
fn is_common(lower: &str) -> bool {
    let bare = bare(lower);
    let half = lower.split_at_checked(lower.len() / 2).filter(|(first, second)| first == second).map(|(first, _)| first);
    let repeats_itself = lower.chars().all(|character| lower.starts_with(character));
    let counts = "01234567890123456789".contains(lower) || "98765432109876543210".contains(lower);
    let listed = [Some(lower), Some(bare), half].into_iter().flatten().any(|text| COMMON.contains(text));
    bare.is_empty() || repeats_itself || counts || listed
}

/// Without the digits and signs at its end.
fn bare(lower: &str) -> &str {
    lower.trim_end_matches(|character: char| !character.is_alphabetic())
}

/// The whole text, what stands before its `@`, and its parts between signs, in lower case.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|character: char| !character.is_alphanumeric());
    let larger = [lower.as_str(), lower.split('@').next().unwrap_or_default()];
    parts.chain(larger).map(str::to_owned).filter(|word| word.chars().count() >= CONTEXT_WORD).collect()
}

fn is_hardly_more_than(lower: &str, word: &str) -> bool {
    [lower, bare(lower)].into_iter().any(|text| text.contains(word) && text.replace(word, "").chars().count() < BESIDES_CONTEXT)
}

#[cfg(test)]
mod tests;
