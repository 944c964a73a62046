//! Strings a client sees: minted here, sealed with a MAC where they name a row, and opened without any database work.
//!
//! | thing | prefix | content, base64url without padding |
//! |---|---|---|
//! | authorization code | `grc_` | key id (1), authorization id (16), MAC (32) |
//! | refresh token | `grr_` | key id (1), authorization id (16), generation (4, big-endian), MAC (32) |
//! | client secret | `grs_` | random (32), checksum (4) |
//! | opaque access token | `gra_` | random (32) |
//!
//! MAC = HMAC-SHA-256 (RFC 2104) under a key derived by HKDF (RFC 5869) with one label per kind, so a token of one kind never
//! opens as another. The newest root key mints; all of them open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::model::ids::AuthorizationId;
use crate::secret::{Digest, Secret};

type HmacSha256 = Hmac<Sha256>;

const CODE_PREFIX: &str = "grc_";
const REFRESH_PREFIX: &str = "grr_";
const SECRET_PREFIX: &str = "grs_";
const OPAQUE_PREFIX: &str = "gra_";

const ID_LEN: usize = 16;
const GENERATION_LEN: usize = 4;
const MAC_LEN: usize = 32;
const NONCE_LEN: usize = 24;
/// Bytes of a code after its prefix is taken off and the rest is decoded.
const CODE_LEN: usize = 1 + ID_LEN + MAC_LEN;
/// The same of a refresh token.
const REFRESH_LEN: usize = 1 + ID_LEN + GENERATION_LEN + MAC_LEN;
const SECRET_RANDOM_LEN: usize = 32;
const CHECKSUM_LEN: usize = 4;
/// Separates this derivation from any other use of the same root key; a new format of tokens gets a new number.
const DERIVATION: &str = "grantor/1/";

/// No root key was given: without one nothing can be minted or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no root key: give GRANTOR_ROOT_KEY or a file with one")]
pub struct NoRootKey;

/// Mints, seals and opens with keys derived once from the root keys.
pub struct Sealer {
    /// Newest first; never empty.
    roots: Vec<DerivedKeys>,
}

/// What one root key gives, a key for each kind.
struct DerivedKeys {
    /// First byte of every string made with this root key; two root keys may share it, so it only narrows the search.
    id: u8,
    code: HmacSha256,
    refresh: HmacSha256,
    form: HmacSha256,
    sealing: XChaCha20Poly1305,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({} root keys)", self.roots.len())
    }
}

impl DerivedKeys {
    fn new(root: &Secret<[u8; 32]>) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, root.expose());
        let derive = |label: &str| {
            let mut key = Zeroizing::new([0; 32]);
            let info = [DERIVATION.as_bytes(), label.as_bytes()];
            hkdf.expand_multi_info(&info, key.as_mut_slice()).expect("32 bytes are far below HKDF's limit of 255 blocks");
            key
        };
        let mac = |label| HmacSha256::new_from_slice(derive(label).as_slice()).expect("HMAC takes keys of any length");
        Self {
            id: derive("key id")[0],
            code: mac("authorization code"),
            refresh: mac("refresh token"),
            form: mac("form token"),
            sealing: XChaCha20Poly1305::new(&(*derive("seal")).into()),
        }
    }
}

impl Sealer {
    /// Derives every key from `root_keys`: the first, the newest, mints; all of them open.
    pub fn new(root_keys: &[Secret<[u8; 32]>]) -> Result<Self, NoRootKey> {
        if root_keys.is_empty() {
            return Err(NoRootKey);
        }
        Ok(Self { roots: root_keys.iter().map(DerivedKeys::new).collect() })
    }

    /// The authorization code of `id` (RFC 6749 §4.1.2); the same every time.
    pub fn code(&self, id: AuthorizationId) -> Secret<String> {
        let newest = &self.roots[0];
        let mut bytes = [0; CODE_LEN];
        bytes[0] = newest.id;
        bytes[1..=ID_LEN].copy_from_slice(id.0.as_bytes());
        finish(CODE_PREFIX, &newest.code, &mut bytes)
    }

    /// The authorization a code names; `None` when we did not mint it.
    pub fn open_code(&self, text: &str) -> Option<AuthorizationId> {
        let bytes = decode_exactly::<CODE_LEN>(CODE_PREFIX, text)?;
        self.check(&bytes, |root| &root.code)?;
        authorization_id(&bytes)
    }

    /// The refresh token of `id` in `generation`; the same every time, which is what makes a retry converge.
    pub fn refresh_token(&self, id: AuthorizationId, generation: i32) -> Secret<String> {
        let newest = &self.roots[0];
        let mut bytes = [0; REFRESH_LEN];
        bytes[0] = newest.id;
        bytes[1..=ID_LEN].copy_from_slice(id.0.as_bytes());
        bytes[1 + ID_LEN..][..GENERATION_LEN].copy_from_slice(&generation.to_be_bytes());
        finish(REFRESH_PREFIX, &newest.refresh, &mut bytes)
    }

    /// The authorization and generation a refresh token names; `None` when we did not mint it.
    pub fn open_refresh_token(&self, text: &str) -> Option<(AuthorizationId, i32)> {
        let bytes = decode_exactly::<REFRESH_LEN>(REFRESH_PREFIX, text)?;
        self.check(&bytes, |root| &root.refresh)?;
        let generation = u32::from_be_bytes(bytes[1 + ID_LEN..][..GENERATION_LEN].try_into().ok()?);
        Some((authorization_id(&bytes)?, i32::try_from(generation).ok()?))
    }

    /// The token a form carries against forged posts: bound to what the form does and to the browser's cookie.
    pub fn form_token(&self, purpose: &str, cookie: &str) -> String {
        URL_SAFE_NO_PAD.encode(form_mac(&self.roots[0].form, purpose, cookie).finalize().into_bytes())
    }

    /// Whether `token` was made for this purpose and cookie; takes the same time for every wrong token.
    pub fn check_form_token(&self, purpose: &str, cookie: &str, token: &str) -> bool {
        let Some(sent) = decode_exactly::<MAC_LEN>("", token) else { return false };
        self.roots.iter().any(|root| form_mac(&root.form, purpose, cookie).verify_slice(&sent).is_ok())
    }

    /// Encrypts `plaintext` for rest (XChaCha20-Poly1305): key id, nonce, ciphertext. `label` says what it is and must be
    /// given again to open it.
    ///
    /// # Panics
    /// On more than 256 GiB, the cipher's limit.
    pub fn seal(&self, label: &'static str, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let newest = &self.roots[0];
        let nonce = entropy.bytes::<NONCE_LEN>();
        let payload = Payload { msg: plaintext, aad: label.as_bytes() };
        let ciphertext = newest.sealing.encrypt(&XNonce::from(nonce), payload).expect("what we seal is far below the cipher's limit");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + ciphertext.len());
        sealed.push(newest.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Decrypts what [`Sealer::seal`] made under the same label; `None` when it was changed, or sealed under another label or
    /// by a root key we no longer have.
    pub fn open(&self, label: &'static str, sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
        let (&id, rest) = sealed.split_first()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        let nonce = XNonce::from(*nonce);
        self.roots.iter().filter(|root| root.id == id).find_map(|root| {
            let payload = Payload { msg: ciphertext, aad: label.as_bytes() };
            root.sealing.decrypt(&nonce, payload).ok().map(Secret::new)
        })
    }

    /// Checks the MAC at the end of `bytes` with every root key whose id they name.
    fn check(&self, bytes: &[u8], key: impl Fn(&DerivedKeys) -> &HmacSha256) -> Option<()> {
        let (content, mac) = bytes.split_last_chunk::<MAC_LEN>()?;
        let id = *content.first()?;
        let verifies = |root: &DerivedKeys| key(root).clone().chain_update(content).verify_slice(mac).is_ok();
        self.roots.iter().filter(|root| root.id == id).any(verifies).then_some(())
    }
}

/// A fresh random value with what is kept of it.
#[derive(Debug, Clone)]
pub struct Minted {
    /// Shown once, to its owner.
    pub value: Secret<String>,
    /// Kept.
    pub digest: Digest,
    /// The last four characters, kept so that people can tell values apart.
    pub hint: String,
}

/// A client secret: `grs_`, 256 random bits and a checksum by which a scanner recognizes it.
pub fn mint_client_secret(entropy: &dyn Entropy) -> Minted {
    let mut bytes = Zeroizing::new([0; SECRET_RANDOM_LEN + CHECKSUM_LEN]);
    entropy.fill(&mut bytes[..SECRET_RANDOM_LEN]);
    let checksum = checksum(&bytes[..SECRET_RANDOM_LEN]);
    bytes[SECRET_RANDOM_LEN..].copy_from_slice(&checksum);
    minted(SECRET_PREFIX, bytes.as_slice())
}

/// Whether `text` has the prefix and checksum of a client secret: what does not was never minted by us.
pub fn is_client_secret_shaped(text: &str) -> bool {
    let Some(bytes) = decode_exactly::<{ SECRET_RANDOM_LEN + CHECKSUM_LEN }>(SECRET_PREFIX, text) else { return false };
    let (random, sent) = bytes.split_at(SECRET_RANDOM_LEN);
    checksum(random).ct_eq(sent).into()
}

/// An access token for an API that asks for opaque ones: `gra_` and 256 random bits.
pub fn mint_opaque_access_token(entropy: &dyn Entropy) -> Minted {
    minted(OPAQUE_PREFIX, Zeroizing::new(entropy.bytes::<32>()).as_slice())
}

/// A cookie's value or a link's token: 256 random bits.
pub fn mint_cookie(entropy: &dyn Entropy) -> Minted {
    minted("", Zeroizing::new(entropy.bytes::<32>()).as_slice())
}

/// A client id: 26 random characters `a-z0-9`, about 134 bits; public.
pub fn mint_client_id(entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    /// The largest multiple of 36 in a byte: bytes from here on would favour the first letters.
    const FAIR: u8 = 252;
    let mut id = String::with_capacity(26);
    while id.len() < 26 {
        let fair = entropy.bytes::<32>().into_iter().filter(|byte| *byte < FAIR);
        let characters = fair.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        id.extend(characters.take(26 - id.len()));
    }
    id
}

/// SHA-256 of a value as it was shown, prefix and all.
pub fn digest(text: &str) -> Digest {
    Digest::new(Sha256::digest(text.as_bytes()).into())
}

/// SHA-256 of a file, in hex.
pub fn hex_digest(file: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(file).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn minted(prefix: &str, bytes: &[u8]) -> Minted {
    let text = encode(prefix, bytes);
    let hint = text[text.len() - 4..].to_owned();
    Minted { digest: digest(&text), hint, value: Secret::new(text) }
}

fn checksum(random: &[u8]) -> [u8; CHECKSUM_LEN] {
    let full: [u8; 32] = Sha256::new().chain_update("grantor client secret").chain_update(random).finalize().into();
    let [a, b, c, d, ..] = full;
    [a, b, c, d]
}

fn form_mac(key: &HmacSha256, purpose: &str, cookie: &str) -> HmacSha256 {
    // The length in front keeps ("ab", "c") apart from ("a", "bc").
    let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes();
    key.clone().chain_update(length).chain_update(purpose).chain_update(cookie)
}

/// Writes the MAC over all that stands before it into the last bytes, and the whole as text.
fn finish<const N: usize>(prefix: &str, key: &HmacSha256, bytes: &mut [u8; N]) -> Secret<String> {
    let (content, mac) = bytes.split_at_mut(N - MAC_LEN);
    mac.copy_from_slice(&key.clone().chain_update(content).finalize().into_bytes());
    Secret::new(encode(prefix, bytes))
}

fn encode(prefix: &str, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(prefix.len() + bytes.len().div_ceil(3) * 4);
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
    text
}

/// Decodes what follows `prefix` into exactly `N` bytes: the length is checked before anything is decoded, and trailing bits
/// that are not zero are refused, so every value has one spelling.
fn decode_exactly<const N: usize>(prefix: &str, text: &str) -> Option<[u8; N]> {
    let encoded = text.strip_prefix(prefix)?;
    if encoded.len() != (N * 4).div_ceil(3) {
        return None;
    }
    let mut bytes = [0; N];
    let written = URL_SAFE_NO_PAD.decode_slice(encoded, &mut bytes).ok()?;
    (written == N).then_some(bytes)
}

fn authorization_id(bytes: &[u8]) -> Option<AuthorizationId> {
    bytes.get(1..=ID_LEN).and_then(|id| Uuid::from_slice(id).ok()).map(AuthorizationId)
}

#[cfg(test)]
mod tests;
