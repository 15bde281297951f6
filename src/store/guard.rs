//! Conditions that a batch goes on under: a statement that fails where one does not hold, and takes its
//! batch with it.

use delegate_core::error::{Error, Kind};

use crate::platform::database::violates;

/// A statement that fails ([`has_failed`]) where a condition does not hold. What the condition asks
/// about is bound to it.
macro_rules! must_hold {
    ($condition:expr) => {
        $crate::platform::database::sql(concat!("SELECT iif(", $condition, ", 1, json('refused'))"))
    };
}

/// A statement that fails ([`has_failed`]) where there are `most` rows or more of those that stand
/// behind `FROM`. What those ask about is bound to it.
macro_rules! must_have_room {
    ($most:expr, $rows:expr) => {
        $crate::store::guard::must_hold!(concat!("? > (SELECT COUNT(*) FROM ", $rows, ")"))
            .bind($most)
    };
}

/// A statement that fails ([`has_failed`]) where a row of a table is not as it was seen. The person is
/// bound to it, and then what was seen: JSON, an array of identifiers with their versions.
macro_rules! must_be_as_seen {
    ($table:literal) => {
        $crate::store::guard::must_hold!(concat!(
            "NOT EXISTS (SELECT 1 FROM json_each(?2) AS seen WHERE NOT EXISTS (
               SELECT 1 FROM ",
            $table,
            " WHERE user_id = ?1 AND id = seen.value ->> '$[0]'
               AND version = seen.value ->> '$[1]'))"
        ))
    };
}

pub(super) use {must_be_as_seen, must_have_room, must_hold};

/// Whether a batch failed at such a statement. `json()` refusing a text that is none is the one way in
/// which a query fails on purpose.
pub(crate) fn has_failed(error: &Error) -> bool {
    violates(error, "malformed JSON")
}

/// What is said to somebody who has all of something that one can have, where that is what failed.
pub(crate) fn too_many(error: Error, most: u32, what: &str, code: &'static str) -> Error {
    if has_failed(&error) {
        let detail = format!("A person has at most {most} {what}.");
        return Error::new(Kind::Conflict, code, detail);
    }
    error
}
