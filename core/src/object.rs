//! JSON objects, and nothing else.
//!
//! What serde derives for a struct reads an array of its fields' values, too, and of keys that are
//! repeated it knows only those of its fields. Neither is what a contract in JSON means.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value that is written as a JSON object.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfMap<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(OfMap(PhantomData)).map(Self)
    }
}

/// Any JSON in which no object repeats a key.
#[derive(Debug, Clone)]
pub struct WithoutRepeats(pub Value);

impl<'de> Deserialize<'de> for WithoutRepeats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        macro_rules! plain {
            ($($name:ident: $kind:ty,)*) => {$(
                fn $name<E: Error>(self, value: $kind) -> Result<Self::Value, E> {
                    Ok(WithoutRepeats(Value::from(value)))
                }
            )*};
        }

        impl<'de> Visitor<'de> for Any {
            type Value = WithoutRepeats;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            plain! {
                visit_bool: bool,
                visit_i64: i64,
                visit_u64: u64,
                visit_f64: f64,
                visit_str: &str,
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(WithoutRepeats(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(WithoutRepeats(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(WithoutRepeats(Value::Array(items)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Map::new();
                while let Some(key) = map.next_key::<String>()? {
                    let WithoutRepeats(value) = map.next_value()?;
                    if members.contains_key(&key) {
                        return Err(A::Error::custom(format!("duplicate field `{key}`")));
                    }
                    members.insert(key, value);
                }
                Ok(WithoutRepeats(Value::Object(members)))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Pair {
        #[serde(rename = "a")]
        _a: u8,
    }

    #[test]
    fn an_array_is_not_an_object() {
        assert!(serde_json::from_str::<Object<Pair>>(r#"{"a":1}"#).is_ok());
        assert!(
            serde_json::from_str::<Pair>("[1]").is_ok(),
            "what serde does"
        );
        assert!(serde_json::from_str::<Object<Pair>>("[1]").is_err());
    }

    #[test]
    fn a_repeated_key_is_found_wherever_it_stands() {
        let repeats = |json| serde_json::from_str::<WithoutRepeats>(json).is_err();
        assert!(repeats(r#"{"a":1,"b":[{"c":1,"c":2}]}"#));
        assert!(repeats(r#"{"a":1,"\u0061":2}"#));
        assert!(!repeats(r#"[{"a":null},{"a":1.5},"x",true]"#));
    }

    #[test]
    fn what_repeats_nothing_is_read_as_it_stands() {
        let json = r#"[{"a":null,"b":{"c":[-1,18446744073709551615,1.5]}},"x",true]"#;
        let WithoutRepeats(read) = serde_json::from_str(json).expect("JSON");
        assert_eq!(read, serde_json::from_str::<Value>(json).expect("JSON"));
    }
}
