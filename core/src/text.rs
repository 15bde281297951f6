//! Rules for the short texts that people type.

use crate::error::Violations;

/// Whether a text may be stored: no NUL, which SQLite's JSON functions would stop at.
fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// A text on one line: trimmed, not empty, at most `most` characters.
pub fn line(value: &str, pointer: &str, most: usize, violations: &mut Violations) -> String {
    let value = value.trim();
    if value.is_empty() {
        violations.add(pointer, "empty", "must not be empty");
    } else if value.chars().any(char::is_control) {
        violations.add(
            pointer,
            "control_character",
            "must be one line without control characters",
        );
    } else if value.chars().count() > most {
        violations.add(
            pointer,
            "too_long",
            format!("must have at most {most} characters"),
        );
    }
    value.to_owned()
}

/// A text of any number of lines, at most `most` characters; may be empty.
pub fn block(value: String, pointer: &str, most: usize, violations: &mut Violations) -> String {
    if !is_storable(&value) {
        violations.add(pointer, "control_character", "must not contain U+0000");
    } else if value.chars().count() > most {
        violations.add(
            pointer,
            "too_long",
            format!("must have at most {most} characters"),
        );
    }
    value
}
