//! Paging by key: a cursor is the sort key and the identifier of the last row that was shown.
//!
//! A cursor is bound to the person, the list, its filters and its order: one from elsewhere is
//! refused rather than followed to a wrong place.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// How many items a page has unless told otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// How many items a page can have.
pub const MAX_LIMIT: u32 = 100;

/// Where a page begins: behind this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The value of the sort key, as text.
    pub key: String,
    /// The identifier.
    pub id: String,
}

#[derive(Serialize, Deserialize)]
struct Form<'a> {
    #[serde(borrow)]
    k: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    i: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    s: std::borrow::Cow<'a, str>,
}

/// What a cursor is bound to: a digest of the person, the list, its filters and its order.
pub fn scope(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
}

/// The cursor for the page after this row.
pub fn encode(position: &Position, scope: &str) -> String {
    let form = Form {
        k: position.key.as_str().into(),
        i: position.id.as_str().into(),
        s: scope.into(),
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&form).unwrap_or_default())
}

/// The row behind which a page begins.
pub fn decode(cursor: &str, scope: &str) -> Result<Position, Error> {
    let refused = |message| Error::invalid_parameter("cursor", "invalid_cursor", message);
    let bytes = URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_| refused("is not a cursor that this list gave out"))?;
    let form: Form<'_> = serde_json::from_slice(&bytes)
        .map_err(|_| refused("is not a cursor that this list gave out"))?;
    if form.s != scope {
        return Err(refused(
            "belongs to another list, or to other filters or another order",
        ));
    }
    Ok(Position {
        key: form.k.into_owned(),
        id: form.i.into_owned(),
    })
}

/// The number of items asked for.
pub fn limit(asked: Option<&str>) -> Result<u32, Error> {
    let Some(asked) = asked else {
        return Ok(DEFAULT_LIMIT);
    };
    match asked.parse::<u32>() {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(Error::invalid_parameter(
            "limit",
            "out_of_range",
            format!("must be a whole number from 1 to {MAX_LIMIT}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_from_another_list_is_refused() {
        let position = Position {
            key: "k".into(),
            id: "i".into(),
        };
        let cursor = encode(&position, &scope(&["usr_a", "tasks"]));
        assert!(decode(&cursor, &scope(&["usr_b", "tasks"])).is_err());
        assert_eq!(
            decode(&cursor, &scope(&["usr_a", "tasks"])).expect("ours"),
            position
        );
    }

    #[test]
    fn parts_of_a_scope_do_not_run_into_each_other() {
        assert_ne!(scope(&["ab", "c"]), scope(&["a", "bc"]));
    }

    #[test]
    fn a_limit_outside_is_refused() {
        assert_eq!(limit(None).expect("default"), 50);
        for bad in ["0", "101", "-1", "x", "", "1e1"] {
            assert!(limit(Some(bad)).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = decode(&text, "s");
        }
    }
}
