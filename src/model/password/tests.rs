//! Passwords that are taken and refused.

use proptest::prelude::*;
use rstest::rstest;

use crate::model::password::{COMMON, MAX_BYTES, WeakPassword, check_password};

#[rstest]
#[case::seven("aB3$xyz", WeakPassword::TooShort)]
#[case::empty("", WeakPassword::TooShort)]
#[case::four_letters_of_many_bytes("äöüß", WeakPassword::TooShort)]
fn n1_too_short_a_password_is_refused(#[case] password: &str, #[case] why: WeakPassword) {
    assert_eq!(check_password(password, &[]), Err(why));
}

#[test]
fn n1_length_is_limited_in_bytes_before_hashing() {
    let longest: String = "correct horse ".chars().cycle().take(MAX_BYTES).collect();
    assert_eq!(check_password(&longest, &[]), Ok(()));
    assert_eq!(check_password(&format!("{longest}x"), &[]), Err(WeakPassword::TooLong));
    let umlauts: String = "ä".repeat(MAX_BYTES / 2) + "x";
    assert_eq!(check_password(&umlauts, &[]), Err(WeakPassword::TooLong));
}

#[rstest]
#[case("correcthorse")]
#[case("zwölfter juli")]
#[case("        x ")]
#[case("鍵は箱の中にある")]
#[case("bluetintedwindow")]
fn n1_no_kinds_of_characters_are_asked_for(#[case] password: &str) {
    assert_eq!(check_password(password, &["ada@example.com", "Grantor"]), Ok(()));
}

#[rstest]
#[case("password")]
#[case("Password")]
#[case("iloveyou")]
#[case("Sunshine2024!")]
#[case("12345678")]
#[case("zzzzzzzzzzzz")]
fn n2_a_common_password_is_refused(#[case] password: &str) {
    assert_eq!(check_password(password, &[]), Err(WeakPassword::Common));
}

#[rstest]
#[case("ada.lovelace@example.com")]
#[case("adalovelace1815")]
#[case("Lovelace!1")]
#[case("grantor2026")]
#[case("example.com")]
fn n2_a_password_hardly_more_than_its_context_is_refused(#[case] password: &str) {
    assert_eq!(check_password(password, &["ada.lovelace@example.com", "adalovelace", "Grantor"]), Err(WeakPassword::Context));
}

#[test]
fn n2_the_list_has_three_thousand_passwords() {
    assert_eq!(COMMON.len(), 3_000);
    assert!(COMMON.iter().all(|password| password.chars().count() >= 8 && password.to_lowercase() == *password));
}

proptest! {
    #[test]
    fn n1_no_password_and_no_context_is_too_odd_to_check(password in any::<String>(), context in any::<String>()) {
        let _ = check_password(&password, &[&context]);
    }
}
