//! N1, N2.

use proptest::prelude::*;

use crate::model::user::Email;
use crate::protocol::password::{PasswordProblem, check};

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
    ] {
        assert_eq!(checked(guess), Err(PasswordProblem::Guessable), "{guess}");
    }
}

proptest! {
    #[test]
    fn n1_any_text_is_decided(text in "\\PC{0,80}") {
        let _ = checked(&text);
    }
}
