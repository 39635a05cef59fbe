//! An operation with everything filled in.

use serde_json::Value;

use super::{operation::Operation, rows::Rows};
use crate::support::{Answer, Client};

/// What is imported.
fn a_file(operation: &Operation) -> &'static str {
    match operation.id.as_str() {
        "import_products" => {
            "product_code,product_name,category_code,sku_code,sku_name,list_price\nmatrix,奶粉,milk-powder,matrix-1,900克,298\n"
        }
        _ => "code\nMATRIX-0001\n",
    }
}

/// A call that is well formed, whoever makes it.
#[derive(Debug, Clone)]
pub struct Ask {
    method: String,
    path: String,
    body: Option<(String, String)>,
    takes_key: bool,
}

impl Ask {
    /// The call about these rows.
    pub fn about(operation: &Operation, rows: &Rows) -> Self {
        let body = operation.body.as_ref().map(|body| {
            let filled = match body.media_type.as_str() {
                "text/csv" => a_file(operation).to_owned(),
                _ => fill(&body.example, operation, rows).to_string(),
            };
            (body.media_type.clone(), filled)
        });
        let query = operation.required_query().map(|name| format!("{name}={}", text_of(name, operation, rows)));
        let query = query.collect::<Vec<String>>().join("&");
        let path = format!("{}?{query}", fill_path(&operation.path, operation, rows));
        Self { method: operation.method.clone(), path, body, takes_key: operation.takes_key() }
    }

    /// The same call with one more parameter in the query.
    pub fn and(mut self, parameter: &str) -> Self {
        self.path = format!("{}&{parameter}", self.path);
        self
    }

    /// Where it goes, with the query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The body, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        self.body.as_ref().and_then(|(_, body)| serde_json::from_str(body).ok())
    }

    /// The same call with another body.
    pub fn with_body(&self, body: &Value) -> Self {
        Self { body: Some(("application/json".to_owned(), body.to_string())), ..self.clone() }
    }

    /// A call that does not get far enough to be about anything.
    pub fn of_anything(operation: &Operation) -> Self {
        let part = |part: &str| if part.starts_with('{') { "anything".to_owned() } else { part.to_owned() };
        let path = operation.path.split('/').map(part).collect::<Vec<String>>().join("/");
        Self { method: operation.method.clone(), path, body: None, takes_key: false }
    }

    pub async fn send(&self, who: &Client) -> Answer {
        let who = if self.takes_key { who.once(&key()) } else { who.clone() };
        match &self.body {
            Some((media_type, body)) => who.raw(&self.method, &self.path, media_type, body.clone()).await,
            None => who.call(&self.method, &self.path).await,
        }
    }
}

/// A key that no other call has.
fn key() -> String {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    format!("matrix-{}", NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

/// The rows that an operation speaks of in its path and its body, as the table spells them.
pub fn names(operation: &Operation, rows: &Rows) -> Vec<&'static str> {
    let mut found: Vec<&str> = operation.path_parameters().into_iter().chain(operation.required_query()).collect();
    if let Some(body) = &operation.body {
        names_in(&body.example, operation, rows, &mut found);
    }
    let mut keys: Vec<&'static str> = found.into_iter().filter_map(|name| rows.key(name, operation)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn names_in<'a>(value: &'a Value, operation: &Operation, rows: &Rows, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if is_row(name, value, operation, rows) {
                    found.push(name);
                }
                if value.is_array() {
                    found.extend(row_of_list(name, operation, rows));
                }
                names_in(value, operation, rows, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_in(item, operation, rows, found)),
        _ => {}
    }
}

/// Whether a member of a body names a row: by the table, or because it is an id.
fn is_row(name: &str, value: &Value, operation: &Operation, rows: &Rows) -> bool {
    value.is_string() && (name.ends_with("_id") || rows.key(name, operation).is_some())
}

/// The row that each entry of a list of ids names: `coupon_ids` are so many times `coupon_id`.
fn row_of_list(name: &str, operation: &Operation, rows: &Rows) -> Option<&'static str> {
    rows.key(&format!("{}_id", name.strip_suffix("_ids")?), operation)
}

fn text_of(name: &str, operation: &Operation, rows: &Rows) -> String {
    rows.get(name, operation).as_str().unwrap().to_owned()
}

fn fill_path(path: &str, operation: &Operation, rows: &Rows) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        Some(name) => text_of(name, operation, rows),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<String>>().join("/")
}

fn fill(value: &Value, operation: &Operation, rows: &Rows) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    if let (Some(one), Some(ids)) = (row_of_list(name, operation, rows), value.as_array()) {
                        let filled = ids.iter().map(|_| rows.get(one, operation).clone()).collect();
                        return (name.clone(), Value::Array(filled));
                    }
                    let row = is_row(name, value, operation, rows);
                    let filled = if row { rows.get(name, operation).clone() } else { fill(value, operation, rows) };
                    (name.clone(), filled)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, operation, rows)).collect()),
        other => other.clone(),
    }
}
