//! N1, N2.

use proptest::prelude::*;

use crate::model::user::Email;
use crate::protocol::password::{COMMON, PasswordProblem, check};

fn checked(password: &str) -> Result<(), PasswordProblem> {
    check(password, &Email::parse("ada.moreau@acme.example").expect("well formed"), "Grantor")
}

#[test]
fn n1_length_is_counted_in_characters_and_capped_in_bytes() {
    assert_eq!(checked("elf violets"), Err(PasswordProblem::TooShort));
    assert_eq!(checked("elf violets!"), Ok(()));
    assert_eq!(checked("Ωέλφ βιολέτ!"), Ok(()));
    assert_eq!(checked(&"ab".repeat(512)), Ok(()));
    assert_eq!(checked(&"é".repeat(513)), Err(PasswordProblem::TooLong));
    assert_eq!(checked("   leading and trailing   "), Ok(()));
}

#[test]
fn n2_the_first_guesses_are_refused() {
    for guess in [
        "aaaaaaaaaaaa",
        "Password12345",
        "passwordpassword",
        "123456789012",
        "ada.moreau@acme.example",
        "ada.moreau2026",
        "Grantor20262026!",
        "qwertyuiop12",
        "Sunshine2024!",
        "baseball-99-99",
        "sunshinesunshine",
        "moreau@acme!",
        "1234-5678-90",
        "MyGrantor!!1",
    ] {
        assert_eq!(checked(guess), Err(PasswordProblem::Guessable), "{guess}");
    }
}

#[test]
fn n2_words_that_are_neither_common_nor_about_the_person_are_taken() {
    for choice in [
        "correct horse battery",
        "sunshine over brno",
        "moreau likes 7 violets",
        "grantor of violets",
        "鍵は箱の中の箱の中にある",
        "adam smith's wealth",
    ] {
        assert_eq!(checked(choice), Ok(()), "{choice}");
    }
}

#[test]
fn n2_the_list_has_three_thousand_passwords_in_lower_case() {
    assert_eq!(COMMON.len(), 3_000);
    assert!(COMMON.iter().all(|password| password.chars().count() >= 8 && password.to_lowercase() == *password));
}

proptest! {
    #[test]
    fn n1_any_text_is_decided(text in "\\PC{0,80}") {
        let _ = checked(&text);
    }
}
