//! Merge patches (RFC 7396): telling "absent" from "null", and merging a whole document.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::object::WithoutRepeats;

/// For fields of the form `Option<Option<T>>` with `#[serde(default, deserialize_with)]`: absent
/// is `None`, null is `Some(None)`.
pub fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// For fields that may be absent but never null.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Merges a patch into a document, as section 2 has it: objects member by member, everything else
/// whole, and what is null goes.
pub fn merge(document: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *document = patch;
        return;
    };
    if !document.is_object() {
        *document = Value::Object(Map::new());
    }
    let Value::Object(members) = document else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// A document, or some of it, as somebody sends it: what is null has its default.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Draft(WithoutRepeats);

impl Draft {
    /// The document that says what this says, and of what this does not say, what the other one says
    /// (RFC 7396). It is still to be read. `shown` are the members that answers add: who sends an
    /// answer back is not refused for them, and they are not believed.
    pub fn over(
        self,
        other: Option<&impl Serialize>,
        shown: &[&str],
    ) -> serde_json::Result<String> {
        let mut merged = other
            .map(serde_json::to_value)
            .transpose()?
            .unwrap_or_else(|| Value::Object(Map::new()));
        merge(&mut merged, self.0.0);
        if let Some(members) = merged.as_object_mut() {
            members.retain(|name, _| !shown.contains(&name.as_str()));
        }
        serde_json::to_string(&merged)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_merged_as_the_examples_of_the_standard_have_it() {
        for (mut document, patch, merged) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            merge(&mut document, patch);
            assert_eq!(document, merged);
        }
    }
}
