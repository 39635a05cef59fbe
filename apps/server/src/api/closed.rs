//! Requests take no member that they do not name. Schemas of structs say so by themselves; those of enums with a tag and
//! those written by hand do not, so it is said here, of every schema that a request leads to.

use std::collections::BTreeSet;

use serde_json::Value;

const SCHEMAS: &str = "#/components/schemas/";

/// Closes every object that a body of a request may hold.
pub(super) fn close_requests(document: &mut Value) {
    let operations = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let operations = operations.filter_map(|(_, item)| item.as_object()).flatten();
    let mut wanted = Vec::new();
    operations.filter_map(|(_, operation)| operation.get("requestBody")).for_each(|body| refer(body, &mut wanted));
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    let mut closed = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if let Some(schema) = schemas.get_mut(&name).filter(|_| closed.insert(name)) {
            close(schema);
            refer(schema, &mut wanted);
        }
    }
}

/// The names of the schemas that it refers to.
fn refer(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix(SCHEMAS));
            names.extend(name.map(str::to_owned));
            members.values().for_each(|member| refer(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| refer(item, names)),
        _ => {}
    }
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is_map = !members.get("properties").is_some_and(Value::is_object);
            if !is_map && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            // Parts that make one object together do not each know all of its members.
            members.iter_mut().filter(|(name, _)| *name != "allOf").for_each(|(_, member)| close(member));
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
