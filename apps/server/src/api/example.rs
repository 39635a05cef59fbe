//! Examples of bodies: written ones where a type has one (`#[schema(example = …)]`), else put together from the
//! examples, formats and words of its parts.

use serde_json::{Map, Value, json};

/// Schemas refer to each other; deeper than this nobody reads an example.
const DEPTH_MAX: u8 = 16;

/// An example for a schema, which may refer into `components.schemas` of the document.
pub(super) fn of(schema: &Value, components: &Value) -> Value {
    example(schema, components, DEPTH_MAX)
}

fn example(schema: &Value, components: &Value, depth: u8) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return components.get(name).map_or(Value::Null, |schema| example(schema, components, depth));
    }
    if let Some(written) = schema.get("example").or_else(|| schema.pointer("/examples/0")) {
        return written.clone();
    }
    if let Some(word) = schema.get("const").or_else(|| schema.pointer("/enum/0")).or_else(|| schema.get("default")) {
        return word.clone();
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().filter_map(|part| example(part, components, depth).as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    let choices = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    if let Some(choice) = choices.and_then(|choices| choices.iter().find(|choice| !is_null(choice))) {
        return example(choice, components, depth);
    }
    match type_of(schema) {
        Some("object") => object(schema, components, depth),
        Some("array") => match schema.get("items") {
            Some(items) => json!([example(items, components, depth)]),
            None => json!([]),
        },
        Some("string") => string(schema),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}

fn object(schema: &Value, components: &Value, depth: u8) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let members = properties.into_iter().flatten();
    Value::Object(members.map(|(name, part)| (name.clone(), example(part, components, depth))).collect::<Map<_, _>>())
}

fn string(schema: &Value) -> Value {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => json!("01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00"),
        Some("date-time") => json!("2026-11-22T08:00:00Z"),
        Some("date") => json!("2026-11-22"),
        Some("decimal") => json!("12.50"),
        _ => json!("text"),
    }
}

/// The type, or of several the first that is not null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_put_together_and_what_is_written_wins() {
        let components = json!({
            "Money": { "type": "string", "format": "decimal" },
            "Named": { "type": "object", "properties": { "a": { "type": "string" } }, "example": { "a": "满200减30" } },
        });
        let schema = json!({ "type": "object", "properties": {
            "amount": { "$ref": "#/components/schemas/Money" },
            "named": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Named" }] },
            "state": { "type": "string", "enum": ["live", "ended"] },
            "days": { "type": "array", "items": { "type": "integer", "minimum": 3 } },
        }});
        let expected = json!({ "amount": "12.50", "named": { "a": "满200减30" }, "state": "live", "days": [3] });
        assert_eq!(of(&schema, &components), expected);
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let components =
            json!({ "Tree": { "type": "object", "properties": { "child": { "$ref": "#/components/schemas/Tree" } } } });
        assert!(of(&json!({ "$ref": "#/components/schemas/Tree" }), &components).is_object());
    }
}
