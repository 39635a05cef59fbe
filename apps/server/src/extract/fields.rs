//! Faults of fields, from serde and from `validator`, as JSON pointers. None of them repeats a value.

use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::problem::FieldError;

/// What serde refused, from a value that was read with its path tracked, and the JSON text of that value.
pub(super) fn from_serde(path: &Path, message: &str, sent: &[u8]) -> FieldError {
    let pointer = pointer_of(path);
    if let Some(field) = quoted_after(message, "missing field `") {
        return FieldError::new(format!("{pointer}/{}", escaped(field)), "missing", "this field is required");
    }
    if let Some(field) = quoted_after(message, "unknown field `") {
        // The path already ends in the field where serde knows it.
        let pointer = if pointer.ends_with(&format!("/{field}")) {
            pointer
        } else {
            let holder = holder_within(&pointer, field, sent).unwrap_or_default();
            format!("{pointer}{holder}/{}", escaped(field))
        };
        return FieldError::new(pointer, "unknown_field", "this field is not known here");
    }
    let echoes = ["invalid type", "invalid value", "invalid length", "unknown variant", "data did not match"];
    if !echoes.iter().any(|start| message.starts_with(start)) {
        // A message of one of our own types, which know not to repeat what they refuse.
        return FieldError::new(pointer, "invalid", message);
    }
    let detail = match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "this is not what is expected here".to_owned(),
    };
    FieldError::new(pointer, "invalid", detail)
}

/// The path that serde tracks ends where an enum with a tag inside begins. Where, below it, the member was that it did
/// not know; nothing if several places have one of that name.
fn holder_within(pointer: &str, field: &str, sent: &[u8]) -> Option<String> {
    let sent: Value = serde_json::from_slice(sent).ok()?;
    let mut holders = Vec::new();
    let mut places = vec![(String::new(), sent.pointer(pointer)?)];
    while let Some((here, value)) = places.pop() {
        match value {
            Value::Object(members) => {
                if members.contains_key(field) {
                    holders.push(here.clone());
                }
                places.extend(members.iter().map(|(name, value)| (format!("{here}/{}", escaped(name)), value)));
            }
            Value::Array(items) => {
                places.extend(items.iter().enumerate().map(|(index, item)| (format!("{here}/{index}"), item)));
            }
            _ => {}
        }
    }
    let only = holders.pop()?;
    holders.is_empty().then_some(only)
}

/// What the rules of shape refused.
pub(super) fn from_validator(errors: &ValidationErrors) -> Vec<FieldError> {
    let mut found = Vec::new();
    collect(errors, "", &mut found);
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    found
}

fn collect(errors: &ValidationErrors, prefix: &str, found: &mut Vec<FieldError>) {
    for (field, kind) in errors.errors() {
        let pointer = if field == "__all__" { prefix.to_owned() } else { format!("{prefix}/{}", escaped(field)) };
        match kind {
            ValidationErrorsKind::Field(faults) => found.extend(faults.iter().map(|fault| fault_at(&pointer, fault))),
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), found);
                }
            }
        }
    }
}

fn fault_at(pointer: &str, fault: &ValidationError) -> FieldError {
    // `value` is what the caller sent.
    let params: Map<String, Value> = fault
        .params
        .iter()
        .filter(|(name, _)| *name != "value")
        .map(|(name, value)| (name.to_string(), value.clone()))
        .collect();
    let bounds: Vec<String> = params.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let detail = match &fault.message {
        Some(message) => message.to_string(),
        None if bounds.is_empty() => "this is not valid here".to_owned(),
        None => format!("this breaks a bound: {}", bounds.join(", ")),
    };
    // One sentence per set of bounds: "min 1" alone reads differently from "min 1, max 9".
    let bounds_named = ["equal", "min", "max"].iter().filter(|name| params.contains_key(**name));
    let code = bounds_named.fold(fault.code.to_string(), |code, name| format!("{code}_{name}"));
    FieldError { params, ..FieldError::new(pointer, code, detail) }
}

fn pointer_of(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", escaped(key)),
        // Which variant of an enum, or unknown: no step in the document.
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn quoted_after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start).and_then(|rest| rest.split('`').next())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;
    use validator::Validate;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[validate(nested)]
        lines: Vec<Line>,
        #[validate(length(min = 3, max = 8))]
        secret: String,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[validate(range(min = 1))]
        quantity: u32,
        #[serde(default)]
        #[expect(dead_code, reason = "only what is wrong with it matters here")]
        shape: Option<Shape>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it matters here")]
    enum Shape {
        Point { at: Place },
        Many { of: Vec<Shape> },
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is wrong with it matters here")]
    struct Place {
        x: u32,
    }

    fn fault(body: Value) -> FieldError {
        let sent = body.to_string();
        let error = serde_path_to_error::deserialize::<_, Order>(body).unwrap_err();
        from_serde(error.path(), &error.inner().to_string(), sent.as_bytes())
    }

    #[test]
    fn a_fault_is_named_by_its_pointer_and_never_repeats_the_value() {
        let cases = [
            (json!({"secret": "abc"}), "/lines", "missing"),
            (json!({"lines": [{"quantity": 1}], "secret": "abc", "x": 1}), "/x", "unknown_field"),
            (
                json!({"lines": [{"quantity": 1}, {"quantity": "hunter2"}], "secret": "abc"}),
                "/lines/1/quantity",
                "invalid",
            ),
            (json!({"lines": [{"price": "hunter2"}], "secret": "abc"}), "/lines/0/price", "unknown_field"),
            (
                json!({"lines": [{"quantity": 1, "shape": {"kind": "point", "at": {"x": 1, "z": "hunter2"}}}]}),
                "/lines/0/shape/at/z",
                "unknown_field",
            ),
            (
                json!({"lines": [{"quantity": 1, "shape": {"kind": "many", "of": [
                    {"kind": "point", "at": {"x": 1}}, {"kind": "point", "at": {"x": 1}, "name": "hunter2"}]}}]}),
                "/lines/0/shape/of/1/name",
                "unknown_field",
            ),
        ];
        for (body, pointer, code) in cases {
            let fault = fault(body);
            assert_eq!((fault.pointer.as_str(), fault.code.as_ref()), (pointer, code), "{fault:?}");
            assert!(!fault.detail.contains("hunter2"), "{fault:?}");
        }
    }

    #[test]
    fn every_broken_bound_is_told_at_once() {
        let order = Order {
            lines: [1, 0].map(|quantity| Line { quantity, shape: None }).into(),
            secret: "hunter2hunter2".to_owned(),
        };
        let faults = from_validator(&order.validate().unwrap_err());
        let told: Vec<(&str, &str)> =
            faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_ref())).collect();
        assert_eq!(told, [("/lines/1/quantity", "range_min"), ("/secret", "length_min_max")]);
        assert!(!format!("{faults:?}").contains("hunter2"));
    }
}
