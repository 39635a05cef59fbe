//! Documents with tags inside, read as exactly as the rest.
//!
//! serde reads an enum with a tag inside by itself, whatever deserializer it is given, and takes there what our
//! documents do not know: an array for an object, a number for a tag (see [`crate::exact_json`]). Such a part is read,
//! written again, and refused unless what was written has the shapes of what was read.

use serde::{Deserialize as _, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use serde_json::Value;

use crate::read_exact_json;

/// Reads a part of a document, for `#[serde(deserialize_with = "huike_kernel::as_written")]` on a member that is, or
/// holds, an enum with a tag inside.
///
/// # Errors
/// Whatever the type refuses; and any array, object, text, number or flag that stands where the type writes another kind
/// of value. The message says where, as a JSON pointer within the part.
pub fn as_written<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned + Serialize,
    D: Deserializer<'de>,
{
    let given = Value::deserialize(deserializer)?;
    let read: T = read_exact_json(given.clone()).map_err(D::Error::custom)?;
    let written = serde_json::to_value(&read).map_err(D::Error::custom)?;
    match departure(&given, &written) {
        None => Ok(read),
        Some(Departure { pointer, expected }) => Err(D::Error::custom(format!("expected {expected} at {pointer}"))),
    }
}

/// Where what was given is of another kind than what was written.
struct Departure {
    pointer: String,
    expected: &'static str,
}

fn departure(given: &Value, written: &Value) -> Option<Departure> {
    match (given, written) {
        // What was not said is often not written; nothing but an option takes a null.
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Array(given), Value::Array(written)) => {
            let mut places = given.iter().zip(written).enumerate();
            places.find_map(|(place, (given, written))| departure(given, written).map(|found| found.below(place)))
        }
        (Value::Object(given), Value::Object(written)) => given
            .iter()
            .filter_map(|(name, given)| Some((name, given, written.get(name)?)))
            .find_map(|(name, given, written)| departure(given, written).map(|found| found.below(name))),
        _ if kind(given) == kind(written) => None,
        _ => Some(Departure { pointer: String::new(), expected: kind(written) }),
    }
}

impl Departure {
    fn below(mut self, place: impl std::fmt::Display) -> Self {
        self.pointer = format!("/{place}{}", self.pointer);
        self
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a flag",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Bounds {
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u32>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    enum Tree {
        All {
            of: Vec<Tree>,
        },
        Leaf {
            #[serde(default)]
            bounds: Bounds,
        },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Document {
        #[serde(default, deserialize_with = "as_written")]
        tree: Option<Tree>,
    }

    fn good() -> Value {
        json!({"tree": {"kind": "all", "of": [{"kind": "leaf"}, {"kind": "leaf", "bounds": {"at_least": 3}}]}})
    }

    #[test]
    fn what_is_meant_is_read() {
        let leaf = |at_least| Tree::Leaf { bounds: Bounds { at_least } };
        let tree = Tree::All { of: vec![leaf(None), leaf(Some(3))] };
        assert_eq!(read_exact_json::<Document>(good()).unwrap().tree, Some(tree));
        for none in [json!({}), json!({"tree": null})] {
            assert_eq!(read_exact_json::<Document>(none).unwrap().tree, None);
        }
    }

    #[test]
    fn a_tag_inside_a_tag_hides_nothing() {
        for (pointer, value, told) in [
            ("/tree/of/1/bounds", json!([null]), "an object at /of/1/bounds"),
            ("/tree/of/0", json!(["leaf", {}]), "an object at /of/0"),
            ("/tree/of/0/kind", json!(1), "a text at /of/0/kind"),
            ("/tree/of/1/bounds/at_least", json!("3"), "invalid type"),
            ("/tree/kind", json!(0), ""),
            ("/tree", json!(["all", []]), ""),
        ] {
            let mut body = good();
            *body.pointer_mut(pointer).unwrap() = value;
            let refusal = read_exact_json::<Document>(body.clone()).unwrap_err().to_string();
            assert!(refusal.contains(told), "{body}: {refusal}");
        }
    }
}
