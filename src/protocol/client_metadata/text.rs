//! Texts that people will read: trimmed, bounded, and without characters that make one text look like another (E9).

use crate::model::field_error::FieldError;
use crate::protocol::client_metadata::{DESCRIPTION_MAX_CHARS, NAME_MAX_CHARS};

/// Whether `c` is invisible or turns the reading direction: controls, zero-width, bidirectional overrides, tags.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name: 1 to 100 characters after trimming.
pub(super) fn check_name(field: &str, name: &str, errors: &mut Vec<FieldError>) -> String {
    let name = name.trim();
    if name.is_empty() {
        errors.push(FieldError::new(field, "required", "Give it a name."));
    } else if name.chars().count() > NAME_MAX_CHARS {
        errors.push(FieldError::new(field, "too_long", format!("A name has at most {NAME_MAX_CHARS} characters.")));
    } else if name.chars().any(is_hidden) {
        errors.push(FieldError::new(field, "hidden_characters", "Remove control characters and invisible characters from the name."));
    }
    name.to_owned()
}

/// A description: at most 1000 characters after trimming; lines may break.
pub(super) fn check_description(description: &str, errors: &mut Vec<FieldError>) -> String {
    const FIELD: &str = "description";
    let description = description.trim().replace("\r\n", "\n");
    if description.chars().count() > DESCRIPTION_MAX_CHARS {
        errors.push(FieldError::new(FIELD, "too_long", format!("A description has at most {DESCRIPTION_MAX_CHARS} characters.")));
    } else if description.chars().any(|c| c != '\n' && is_hidden(c)) {
        let message = "Remove control characters and invisible characters from the description.";
        errors.push(FieldError::new(FIELD, "hidden_characters", message));
    }
    description
}
