//! JSON read for what it says. serde reads a struct, and an enum with a tag inside, from an array as well, member by
//! member in the order of the source, a plain word from an object that holds nothing, and the tag of an enum from the
//! number of its variant. None of that is in our documents, and two readers would disagree on what it means.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Value};

/// How serde's own readers of internally tagged enums introduce themselves.
const TAGGED: &str = "internally tagged enum";

/// A value whose objects are read from objects alone, and whose words and tags from strings alone. What stands inside an
/// enum with a tag is read by serde itself, which takes more: see [`crate::as_written()`].
#[derive(Debug)]
pub struct ExactJson(pub Value);

/// Reads a type from such a value.
pub fn read_exact_json<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(ExactJson(value))
}

impl ExactJson {
    /// The value, each part of it read in the same way.
    fn read<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                let mut rest = SeqDeserializer::new(items.into_iter().map(ExactJson));
                let read = visitor.visit_seq(&mut rest)?;
                rest.end().map(|()| read)
            }
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (Self(Value::String(name)), Self(value)));
                let mut rest = MapDeserializer::new(members);
                let read = visitor.visit_map(&mut rest)?;
                rest.end().map(|()| read)
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn is_not(&self, expected: &str) -> Error {
        Error::invalid_type(unexpected(&self.0), &expected)
    }
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(_) => Unexpected::Other("number"),
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    }
}

/// What a visitor says it expects.
struct Expectation<'a, V>(&'a V);

impl<'de, V: Visitor<'de>> std::fmt::Display for Expectation<'_, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.expecting(f)
    }
}

impl<'de> Deserializer<'de> for ExactJson {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_array() && Expectation(&visitor).to_string().starts_with(TAGGED) {
            return Err(self.is_not("an object"));
        }
        self.read(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_object() { self.read(visitor) } else { Err(self.is_not("an object")) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            word @ Value::String(_) => word.deserialize_enum(name, variants, visitor),
            other => Err(Self(other).is_not("a word")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_string() { self.read(visitor) } else { Err(self.is_not("a word")) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map ignored_any
    }
}

impl IntoDeserializer<'_, Error> for ExactJson {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        One,
        Two,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    enum Shape {
        Point,
        Circle { radius: u32 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Name(String);

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(default)]
        count: Option<i64>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        name: Name,
        word: Word,
        shapes: Vec<Shape>,
        inner: Inner,
        named: BTreeMap<Word, (bool, f64)>,
    }

    fn good() -> Value {
        json!({
            "name": "n",
            "word": "one",
            "shapes": [{"kind": "point"}, {"kind": "circle", "radius": 3}],
            "inner": {"count": null},
            "named": {"two": [true, 1.5]},
        })
    }

    #[test]
    fn what_is_meant_is_read_as_serde_reads_it() {
        let read: Ask = read_exact_json(good()).unwrap();
        assert_eq!(read, serde_json::from_value(good()).unwrap());
        assert_eq!(read.shapes, [Shape::Point, Shape::Circle { radius: 3 }]);
        assert_eq!(read_exact_json::<Value>(good()).unwrap(), good());
    }

    #[test]
    fn nothing_is_read_that_only_looks_like_it() {
        for (pointer, value) in [
            ("", json!(["n", "one", [], {}, {}])),
            ("/inner", json!([null])),
            ("/inner", json!([])),
            ("/inner", json!("x")),
            ("/word", json!({"one": null})),
            ("/word", json!(["one"])),
            ("/shapes/0", json!(["point"])),
            ("/shapes/0", json!({"kind": 0})),
            ("/shapes/1", json!(["circle", 3])),
            ("/shapes/1", json!({"kind": "circle", "radius": [3]})),
            ("/named/two", json!([true, 1.5, 2])),
            ("/name", json!(["n"])),
            ("/inner/count", json!(1.0)),
        ] {
            let mut body = good();
            *body.pointer_mut(pointer).unwrap() = value;
            assert!(read_exact_json::<Ask>(body.clone()).is_err(), "{body}");
        }
    }
}
