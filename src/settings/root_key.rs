//! The root key: 32 random bytes from which every other symmetric key is derived.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

use crate::secret::Secret;

/// Why a text is no root key; never with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakRootKey {
    /// None at all.
    #[error("no root key is set; make one with `openssl rand -hex 32` and set GRANTOR_ROOT_KEY or GRANTOR_ROOT_KEY_FILE")]
    Missing,
    /// Neither hex nor base64url.
    #[error("root key {0} is neither hex nor base64url; make one with `openssl rand -hex 32`")]
    NotEncoded(usize),
    /// Not 32 bytes.
    #[error("root key {0} has {1} bytes and must have 32; make one with `openssl rand -hex 32`")]
    WrongLength(usize, usize),
    /// 32 bytes that nobody drew at random.
    #[error("root key {0} repeats the same few bytes, so it can be guessed; make one with `openssl rand -hex 32`")]
    NotRandom(usize),
    /// The same key twice.
    #[error("root key {0} stands there twice; keep one of the two")]
    Twice(usize),
}

/// Reads root keys, separated by commas, newest first: each 32 bytes as hex or base64url.
pub fn parse_root_keys(text: &str) -> Result<Vec<Secret<[u8; 32]>>, WeakRootKey> {
    let mut keys: Vec<Secret<[u8; 32]>> = Vec::new();
    if text.trim().is_empty() {
        return Err(WeakRootKey::Missing);
    }
    for (index, part) in text.split(',').map(str::trim).enumerate() {
        let place = index + 1;
        let key = parse_one(part, place)?;
        if keys.contains(&key) {
            return Err(WeakRootKey::Twice(place));
        }
        keys.push(key);
    }
    Ok(keys)
}

fn parse_one(text: &str, place: usize) -> Result<Secret<[u8; 32]>, WeakRootKey> {
    let bytes = Secret::new(decode(text).ok_or(WeakRootKey::NotEncoded(place))?);
    let length = bytes.expose().len();
    let key: [u8; 32] = bytes.expose().as_slice().try_into().map_err(|_| WeakRootKey::WrongLength(place, length))?;
    let mut distinct = key;
    distinct.sort_unstable();
    // 32 random bytes have fewer than 16 distinct values about once in 10^13 draws; typed patterns always do.
    if distinct.chunk_by(|a, b| a == b).count() < 16 {
        return Err(WeakRootKey::NotRandom(place));
    }
    Ok(Secret::new(key))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
        return text.as_bytes().chunks(2).map(byte).collect();
    }
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}
