//! B12, B15.

use proptest::prelude::*;

use crate::model::authorization_request::Prompt;
use crate::protocol::authorize::prompt::{check_max_age, check_prompt};

#[test]
fn b12_prompt_values_are_read_and_unknown_ones_passed_over() {
    assert_eq!(check_prompt(None), Ok(vec![]));
    assert_eq!(check_prompt(Some("login consent login")), Ok(vec![Prompt::Login, Prompt::Consent]));
    assert_eq!(check_prompt(Some("create admin_consent")), Ok(vec![]));
    assert_eq!(check_prompt(Some("none")), Ok(vec![Prompt::None]));
    assert!(check_prompt(Some("none login")).is_err());
    assert!(check_prompt(Some("none create")).is_err());
}

#[test]
fn b15_max_age_is_a_whole_number_of_seconds_however_large() {
    assert_eq!(check_max_age(None), Ok(None));
    assert_eq!(check_max_age(Some("0")), Ok(Some(0)));
    assert_eq!(check_max_age(Some("9223372036854775808")), Ok(Some(i32::MAX)));
    for wrong in ["-1", "+1", "1.5", "1e3", "abc", " 1", "٣", "0x10"] {
        assert!(check_max_age(Some(wrong)).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn b15_any_text_is_decided(text in "\\PC{0,40}") {
        let _ = (check_max_age(Some(&text)), check_prompt(Some(&text)));
    }
}
