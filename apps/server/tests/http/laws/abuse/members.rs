//! Members that nobody asked for: a state, a balance, somebody else's site.

use std::collections::BTreeSet;

use huike_server::{api::Audience, routes};
use serde_json::{Value, json};

use super::{
    super::matrix::{Ask, Stage},
    everything,
};
use crate::{both, support::brand::Brand};

/// Members that no request of ours has, and that somebody would love to set.
const WISHES: [&str; 9] = [
    "status",
    "balance",
    "commission_rate",
    "level",
    "is_owner",
    "created_by",
    "issued_count",
    "owner_id",
    "__proto__",
];

both! {
    async fn no_operation_takes_a_member_that_its_document_does_not_name(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for (who, operation) in everything(app, &stage).await {
            let good = Ask::about(&operation, &stage.table.own);
            let Some(body) = good.json() else { continue };
            for (place, wish) in objects(&body, "").iter().zip(WISHES.iter().cycle()) {
                let mut wished = body.clone();
                wished.pointer_mut(place).unwrap()[*wish] = json!("granted");
                let answer = good.with_body(&wished).send(&who).await;
                let named = answer.json()["errors"].as_array().is_some_and(|errors| {
                    errors.iter().any(|error| error["pointer"].as_str().is_some_and(|it| it.starts_with(place.as_str())))
                });
                let what = format!("{} with {place}/{wish}", operation.name());
                stage.findings.note(answer.status == 422 && named, &answer, &what);
            }
        }
        stage.findings.assert_none();
    }
}

/// The pointers of all objects in a body.
fn objects(value: &Value, here: &str) -> Vec<String> {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => return Vec::new(),
    };
    let inner = parts.into_iter().flat_map(|(name, value)| objects(value, &format!("{here}/{name}")));
    let own = value.is_object().then(|| here.to_owned());
    own.into_iter().chain(inner).collect()
}

/// Whatever a generator of clients makes of the document, it sends nothing that we refuse for its name.
#[test]
fn every_object_of_a_request_is_closed_in_the_documents() {
    for audience in Audience::ALL {
        let document = routes::document(audience);
        let mut wanted: Vec<String> = Vec::new();
        for path in document["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                wanted.extend(references(&operation["requestBody"]));
            }
        }
        let (mut seen, mut open) = (BTreeSet::new(), Vec::new());
        while let Some(name) = wanted.pop() {
            if seen.insert(name.clone()) {
                let schema = &document["components"]["schemas"][&name];
                open.extend(open_objects(schema).into_iter().map(|at| format!("{audience:?} {name}{at}")));
                wanted.extend(references(schema));
            }
        }
        assert!(open.is_empty(), "these take members that they do not name: {open:?}");
    }
}

/// The names of the schemas it refers to.
fn references(value: &Value) -> Vec<String> {
    let text = value.to_string();
    let targets = text.split("\"#/components/schemas/").skip(1);
    targets.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Where it describes an object with members of its own that takes others as well.
fn open_objects(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut places = vec![(String::new(), schema)];
    while let Some((here, value)) = places.pop() {
        if value["properties"].is_object() && value["additionalProperties"] != json!(false) {
            found.push(here.clone());
        }
        match value {
            Value::Object(members) => {
                places.extend(members.iter().map(|(name, value)| (format!("{here}/{name}"), value)));
            }
            Value::Array(items) => {
                places.extend(items.iter().enumerate().map(|(index, item)| (format!("{here}/{index}"), item)));
            }
            _ => {}
        }
    }
    found
}
