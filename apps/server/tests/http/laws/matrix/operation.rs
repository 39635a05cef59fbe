//! The operations a running server says it serves.

use huike_access::ScopeKind;
use serde_json::Value;

use crate::support::TestApp;

/// One operation, as its document describes it.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    pub id: String,
    /// `x-huike-permission`
    pub permission: String,
    /// `x-huike-scope`
    pub scope: ScopeKind,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
}

/// A parameter of the query or a header; those of the path are read off the path.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub place: String,
    pub required: bool,
}

/// The body an operation takes.
#[derive(Debug, Clone)]
pub struct Body {
    pub media_type: String,
    pub example: Value,
}

impl Operation {
    /// How a failing test calls it.
    pub fn name(&self) -> String {
        format!("{} {} ({})", self.method, self.path, self.id)
    }

    pub fn is_read(&self) -> bool {
        self.method == "GET"
    }

    pub fn takes_key(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.name.eq_ignore_ascii_case("idempotency-key"))
    }

    /// The names in the braces of the path.
    pub fn path_parameters(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    /// The parameters of the query.
    pub fn query(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(|it| it.place == "query").map(|parameter| parameter.name.as_str())
    }

    /// The parameters of the query that have to be given.
    pub fn required_query(&self) -> impl Iterator<Item = &str> {
        let required = self.parameters.iter().filter(|parameter| parameter.place == "query" && parameter.required);
        required.map(|parameter| parameter.name.as_str())
    }

    fn read(path: &str, method: &str, document: &Value) -> Self {
        let word = |name: &str| document[name].as_str().map(str::to_owned);
        let named = |name: &str| word(name).unwrap_or_else(|| panic!("{method} {path} has no {name}"));
        let scope = named("x-huike-scope");
        let content = document.pointer("/requestBody/content").and_then(Value::as_object);
        let body = content
            // Of several types of file the one that can be written by hand.
            .and_then(|content| content.get_key_value("text/csv").or_else(|| content.iter().next()))
            .map(|(media_type, content)| Body { media_type: media_type.clone(), example: content["example"].clone() });
        let parameters = document["parameters"].as_array().into_iter().flatten().map(|parameter| Parameter {
            name: parameter["name"].as_str().unwrap().to_owned(),
            place: parameter["in"].as_str().unwrap().to_owned(),
            required: parameter["required"] == true,
        });
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            id: named("operationId"),
            permission: named("x-huike-permission"),
            scope: scope.parse().unwrap_or_else(|_| panic!("{method} {path} has the scope {scope:?}")),
            parameters: parameters.filter(|parameter| parameter.place != "path").collect(),
            body,
        }
    }
}

/// Every operation of the audience, as the running server tells it. One without a permission or a scope fails the test.
pub async fn operations(app: &TestApp, audience: &'static str) -> Vec<Operation> {
    const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];
    let document = app.stranger().get(&format!("/openapi/{audience}.json")).await.ok();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let item = item.as_object().unwrap();
        let methods = item.iter().filter(|(method, _)| METHODS.contains(&method.as_str()));
        found.extend(methods.map(|(method, operation)| Operation::read(path, method, operation)));
    }
    assert!(!found.is_empty(), "{audience} serves nothing");
    found
}
