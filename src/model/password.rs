//! What a new password must be like (OWASP ASVS 6.2): long enough, not one that everybody tries, and nothing else. No rules about
//! kinds of characters; spaces and every script count; nothing is trimmed, cut or normalized, so the bytes sent are the bytes hashed.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Characters at least.
pub const MIN_CHARACTERS: usize = 8;
/// Bytes at most; checked before anything is hashed.
pub const MAX_BYTES: usize = 1024;
/// Shorter words of the context, such as an initial, are no hint to a password.
const CONTEXT_WORD: usize = 4;
/// What a password must hold besides a word of its context.
const BESIDES_CONTEXT: usize = 6;

/// Why a password is not taken; `Display` is a sentence for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("Use at least {MIN_CHARACTERS} characters.")]
    TooShort,
    /// More than [`MAX_BYTES`].
    #[error("Use at most {MAX_BYTES} bytes.")]
    TooLong,
    /// Among the commonest ones, or one character over and over.
    #[error("This is one of the passwords that are tried first. Choose one that only you would think of.")]
    Common,
    /// Hardly more than the person's address or the product's name.
    #[error("This is too close to your e-mail address or to the name of this site.")]
    Context,
}

/// The checks, in order: length (`TooShort`, `TooLong`), the list (`Common`), and the `context`: words such as the e-mail address
/// and the product's name (`Context`).
pub fn check_password(password: &str, context: &[&str]) -> Result<(), WeakPassword> {
    if password.len() > MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    if password.chars().count() < MIN_CHARACTERS {
        return Err(WeakPassword::TooShort);
    }
    let lower = password.to_lowercase();
    if is_common(&lower) {
        return Err(WeakPassword::Common);
    }
    if context.iter().flat_map(|text| words(text)).any(|word| is_hardly_more_than(&lower, &word)) {
        return Err(WeakPassword::Context);
    }
    Ok(())
}

/// In the list as it is, or with the digits and signs at its end taken off, or made of one character.
fn is_common(lower: &str) -> bool {
    let bare = lower.trim_end_matches(|character: char| !character.is_alphabetic());
    let mut characters = lower.chars();
    let first = characters.next();
    COMMON.contains(lower) || COMMON.contains(bare) || characters.all(|character| Some(character) == first)
}

/// The whole text and its parts between signs, in lower case.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|character: char| !character.is_alphanumeric()).map(str::to_owned);
    let mut words: Vec<String> = parts.chain([lower.clone()]).filter(|word| word.chars().count() >= CONTEXT_WORD).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

fn is_hardly_more_than(lower: &str, word: &str) -> bool {
    lower.contains(word) && lower.replace(word, "").chars().count() < BESIDES_CONTEXT
}

/// The list; lines that start with `#` say where it comes from.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

#[cfg(test)]
mod tests;
