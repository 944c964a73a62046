//! What opens, what does not, and that nothing opens as something else.

use std::collections::HashSet;

use proptest::prelude::*;
use uuid::Uuid;

use crate::crypto::token::{
    Minted, NoRootKey, Sealer, digest, is_client_secret_shaped, mint_client_id, mint_client_secret, mint_cookie, mint_opaque_access_token,
};
use crate::entropy::{Entropy, SeededEntropy};
use crate::model::ids::AuthorizationId;
use crate::secret::Secret;

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn sealer(roots: &[u8]) -> Sealer {
    let roots: Vec<_> = roots.iter().map(|byte| Secret::new([*byte; 32])).collect();
    Sealer::new(&roots).expect("there are root keys")
}

fn id(number: u128) -> AuthorizationId {
    AuthorizationId(Uuid::from_u128(number))
}

/// Every text that differs from `text` in one character: exchanged, removed, doubled, added at the end.
fn one_character_off(text: &str) -> impl Iterator<Item = String> + '_ {
    let exchanged = (0..text.len()).flat_map(move |at| {
        let others = BASE64URL.iter().copied().chain(*b"=+/ .%\n\0").filter(move |other| *other != text.as_bytes()[at]);
        others.map(move |other| format!("{}{}{}", &text[..at], char::from(other), &text[at + 1..]))
    });
    let removed = (0..text.len()).map(move |at| format!("{}{}", &text[..at], &text[at + 1..]));
    let added = ["A", "=", " ", "\n", "ä"].into_iter().map(move |more| format!("{text}{more}"));
    exchanged.chain(removed).chain(added)
}

#[test]
fn without_a_root_key_there_is_no_sealer() {
    assert_eq!(Sealer::new(&[]).err(), Some(NoRootKey));
}

#[test]
fn f2_a_code_opens_and_no_change_of_one_character_does() {
    let sealer = sealer(&[1]);
    let code = sealer.code(id(7));
    assert!(code.expose().starts_with("grc_"));
    assert_eq!(sealer.open_code(code.expose()), Some(id(7)));
    for changed in one_character_off(code.expose()) {
        assert_eq!(sealer.open_code(&changed), None, "{changed}");
    }
}

#[test]
fn i13_a_refresh_token_opens_and_no_change_of_one_character_does() {
    let sealer = sealer(&[1]);
    let token = sealer.refresh_token(id(7), 3);
    assert!(token.expose().starts_with("grr_"));
    assert_eq!(sealer.open_refresh_token(token.expose()), Some((id(7), 3)));
    for changed in one_character_off(token.expose()) {
        assert_eq!(sealer.open_refresh_token(&changed), None, "{changed}");
    }
}

#[test]
fn i13_tokens_survive_form_and_basic_encoding_unescaped() {
    let sealer = sealer(&[1]);
    let entropy: &dyn Entropy = &SeededEntropy::new(1);
    let values = [sealer.code(id(1)), sealer.refresh_token(id(1), 1), mint_client_secret(entropy).value];
    for value in values {
        assert!(value.expose().bytes().all(|byte| BASE64URL.contains(&byte)), "{}", value.expose());
    }
}

#[test]
fn the_same_generation_has_the_same_token_and_the_next_another() {
    let sealer = sealer(&[1]);
    assert_eq!(sealer.refresh_token(id(7), 3), sealer.refresh_token(id(7), 3));
    assert_ne!(sealer.refresh_token(id(7), 3), sealer.refresh_token(id(7), 4));
}

#[test]
fn i16_a_token_of_one_kind_never_opens_as_another() {
    let sealer = sealer(&[1]);
    let code = sealer.code(id(7));
    let refresh = sealer.refresh_token(id(7), 3);
    let entropy: &dyn Entropy = &SeededEntropy::new(1);
    let others = [mint_client_secret(entropy).value, mint_opaque_access_token(entropy).value, mint_cookie(entropy).value];
    for text in others.iter().chain([&refresh]).map(Secret::expose) {
        for prefix in ["", "grc_"] {
            assert_eq!(sealer.open_code(&format!("{prefix}{}", text.trim_start_matches("grr_"))), None);
        }
    }
    for text in others.iter().chain([&code]).map(Secret::expose) {
        for prefix in ["", "grr_"] {
            assert_eq!(sealer.open_refresh_token(&format!("{prefix}{}", text.trim_start_matches("grc_"))), None);
        }
    }
    assert!(!is_client_secret_shaped(code.expose()) && !is_client_secret_shaped(refresh.expose()));
}

#[test]
fn i16_the_kind_is_in_the_key_and_not_only_in_prefix_and_length() {
    // The same bytes under the key of another kind have another MAC: 49 bytes of a code as a form token's message, say.
    let sealer = sealer(&[1]);
    let form = sealer.form_token("login", "cookie");
    let code = sealer.code(id(7));
    assert!(!code.expose().ends_with(&form[1..]));
    assert!(!sealer.check_form_token("login", "cookie", &code.expose()[code.expose().len() - 43..]));
}

#[test]
fn every_root_key_opens_and_the_newest_mints() {
    let old = sealer(&[1]);
    let both = sealer(&[2, 1]);
    let new = sealer(&[2]);
    for number in 0..32 {
        let (code, refresh) = (old.code(id(number)), old.refresh_token(id(number), 1));
        assert_eq!(both.open_code(code.expose()), Some(id(number)));
        assert_eq!(both.open_refresh_token(refresh.expose()), Some((id(number), 1)));
        assert_eq!(both.code(id(number)), new.code(id(number)));
        assert_eq!(both.refresh_token(id(number), 1), new.refresh_token(id(number), 1));
    }
    let form = old.form_token("consent", "cookie");
    assert!(both.check_form_token("consent", "cookie", &form));
    assert!(!new.check_form_token("consent", "cookie", &form));
    assert_eq!(both.form_token("consent", "cookie"), new.form_token("consent", "cookie"));
}

#[test]
fn tokens_of_another_root_key_are_refused_even_when_key_ids_collide() {
    // Among 300 root keys some share the one byte of the key id.
    let roots: Vec<_> = (0..300_u32)
        .map(|number| {
            let mut root = [0; 32];
            root[..4].copy_from_slice(&number.to_be_bytes());
            Sealer::new(&[Secret::new(root)]).expect("one root key")
        })
        .collect();
    let ids: HashSet<u8> = roots.iter().map(|sealer| sealer.roots[0].id).collect();
    assert!(ids.len() < roots.len(), "300 root keys cannot have 300 different bytes");
    let ours = &roots[0];
    for other in &roots[1..] {
        assert_eq!(ours.open_code(other.code(id(7)).expose()), None);
        assert_eq!(ours.open_refresh_token(other.refresh_token(id(7), 1).expose()), None);
    }
}

#[test]
fn a_negative_generation_does_not_open() {
    let sealer = sealer(&[1]);
    assert_eq!(sealer.open_refresh_token(sealer.refresh_token(id(7), -1).expose()), None);
    assert_eq!(sealer.open_refresh_token(sealer.refresh_token(id(7), i32::MAX).expose()), Some((id(7), i32::MAX)));
}

#[test]
fn e2_a_form_token_is_bound_to_purpose_and_cookie() {
    let sealer = sealer(&[1]);
    let token = sealer.form_token("login", "cookie");
    assert!(sealer.check_form_token("login", "cookie", &token));
    assert!(!sealer.check_form_token("logout", "cookie", &token));
    assert!(!sealer.check_form_token("login", "other", &token));
    assert!(!sealer.check_form_token("loginc", "ookie", &token), "the border between purpose and cookie counts");
    for changed in one_character_off(&token) {
        assert!(!sealer.check_form_token("login", "cookie", &changed), "{changed}");
    }
    assert!(!sealer.check_form_token("login", "cookie", ""));
}

#[test]
fn g6_a_client_secret_has_256_random_bits_and_a_checksum() {
    let entropy: &dyn Entropy = &SeededEntropy::new(7);
    let Minted { value, digest: kept, hint } = mint_client_secret(entropy);
    let text = value.expose();
    assert_eq!((text.len(), &text[..4]), (4 + 48, "grs_"));
    assert!(is_client_secret_shaped(text));
    assert_eq!(kept, digest(text));
    assert!(text.ends_with(&hint) && hint.len() == 4);
    for changed in one_character_off(text) {
        assert!(!is_client_secret_shaped(&changed), "{changed}");
    }
    assert_ne!(mint_client_secret(entropy).value, value);
}

#[test]
fn g6_the_digest_is_sha_256_of_the_whole_value() {
    let expected = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];
    assert_eq!(digest("abc").as_bytes(), &expected, "FIPS 180-4's example");
}

#[test]
fn client_ids_use_their_whole_alphabet_evenly() {
    let entropy: &dyn Entropy = &SeededEntropy::new(3);
    let mut counts = std::collections::BTreeMap::<u8, u32>::new();
    for _ in 0..2_000 {
        let id = mint_client_id(entropy);
        assert_eq!(id.len(), 26);
        id.bytes().for_each(|byte| *counts.entry(byte).or_default() += 1);
    }
    assert_eq!(counts.len(), 36);
    // 52000 / 36 = 1444; six standard deviations are 225.
    assert!(counts.values().all(|count| (1_219..1_669).contains(count)), "{counts:?}");
}

#[test]
fn p1_nothing_secret_shows_in_debug() {
    let sealer = sealer(&[1]);
    let minted = mint_client_secret(&SeededEntropy::new(1));
    let shown = format!("{sealer:?} {minted:?} {:?}", sealer.code(id(1)));
    assert!(!shown.contains(minted.value.expose()) && !shown.contains("grc_"), "{shown}");
}

#[test]
fn k7_what_is_sealed_opens_only_whole_under_its_label_and_root_key() {
    let entropy: &dyn Entropy = &SeededEntropy::new(5);
    let (ours, both, other) = (sealer(&[1]), sealer(&[2, 1]), sealer(&[2]));
    let sealed = ours.seal("signing key", b"private", entropy);
    assert!(!sealed.windows(7).any(|window| window == b"private"));
    for opener in [&ours, &both] {
        assert_eq!(opener.open("signing key", &sealed).expect("opens").expose(), b"private");
    }
    assert!(ours.open("something else", &sealed).is_none());
    assert!(other.open("signing key", &sealed).is_none());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(ours.open("signing key", &changed).is_none(), "byte {at}");
        assert!(ours.open("signing key", &sealed[..at]).is_none(), "first {at} bytes");
    }
    assert_ne!(ours.seal("signing key", b"private", entropy), sealed, "each has its own nonce");
}

proptest! {
    #[test]
    fn every_authorization_and_generation_opens_as_itself(number in any::<u128>(), generation in 0..=i32::MAX, root in any::<u8>()) {
        let sealer = sealer(&[root]);
        prop_assert_eq!(sealer.open_code(sealer.code(id(number)).expose()), Some(id(number)));
        prop_assert_eq!(sealer.open_refresh_token(sealer.refresh_token(id(number), generation).expose()), Some((id(number), generation)));
    }

    #[test]
    fn no_text_that_we_did_not_mint_opens(text in any::<String>(), tail in "[A-Za-z0-9_-]{60,75}") {
        let sealer = sealer(&[1]);
        for end in [text.as_str(), tail.as_str()] {
            for prefix in ["", "grc_", "grr_", "grs_"] {
                let made_up = [prefix, end].concat();
                prop_assert_eq!(sealer.open_code(&made_up), None);
                prop_assert_eq!(sealer.open_refresh_token(&made_up), None);
                prop_assert!(!is_client_secret_shaped(&made_up));
                prop_assert!(!sealer.check_form_token("login", "cookie", &made_up));
                prop_assert!(sealer.open("signing key", made_up.as_bytes()).is_none());
            }
        }
    }
}
