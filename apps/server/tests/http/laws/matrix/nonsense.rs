//! Nonsense: whatever is sent, the answer is never a fault of ours, and never tells what the house is built of.

use serde_json::{Value, json};

use super::{
    ask::Ask,
    keys::key,
    operation::{Operation, operations},
    stage::Stage,
};
use crate::{
    both,
    support::{Answer, Client, brand::Brand},
};

/// Text that only the inside of the house would write.
const OURS: [&str; 8] = ["SELECT", "INSERT", "constraint", "diesel", "panicked", "sqlite", "postgres", "src/"];
/// In place of a parameter of the path or the query.
const TEXTS: [&str; 4] = ["%00", "-1", "%27%22%25%F0%9F%90%BC", "99999999999999999999"];

both! {
    async fn no_nonsense_is_answered_with_a_fault(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        let every_scope = key(&brand, &brand.head, huike_access::IntegrationScope::ALL).await;
        let callers = [
            ("admin", brand.owner.clone()),
            ("app", brand.shopper().await.client),
            ("open", every_scope),
        ];
        for (audience, who) in &callers {
            for operation in operations(app, audience).await {
                if operation.id == "sign_out" {
                    continue;
                }
                in_the_path(&mut stage, who, &operation).await;
                in_the_query(&mut stage, who, &operation).await;
                in_the_body(&mut stage, who, &operation).await;
            }
        }
        stage.findings.assert_none();
    }
}

fn check(stage: &mut Stage<'_>, answer: &Answer, what: &str) {
    let text = answer.text();
    let told = OURS.iter().any(|ours| text.contains(ours));
    stage.findings.note(answer.status < 500 && !told, answer, what);
}

async fn in_the_path(stage: &mut Stage<'_>, who: &Client, operation: &Operation) {
    for name in operation.path_parameters() {
        for text in TEXTS {
            let Some(name) = stage.table.own.key(name, operation) else { continue };
            let rows = stage.table.own.but(&[(name, json!(text))]);
            let answer = Ask::about(operation, &rows).send(who).await;
            check(stage, &answer, &format!("{} with {name} {text}", operation.name()));
        }
    }
}

async fn in_the_query(stage: &mut Stage<'_>, who: &Client, operation: &Operation) {
    let names: Vec<String> = operation.query().map(str::to_owned).collect();
    for name in names.into_iter().chain(["nobody_knows".to_owned()]) {
        for text in TEXTS {
            let answer = Ask::about(operation, &stage.table.own).and(&format!("{name}={text}")).send(who).await;
            check(stage, &answer, &format!("{} with {name}={text}", operation.name()));
        }
    }
}

async fn in_the_body(stage: &mut Stage<'_>, who: &Client, operation: &Operation) {
    let good = Ask::about(operation, &stage.table.own);
    let Some(body) = good.json() else { return };
    for (pointer, nonsense) in faults(&body) {
        let answer = good.with_body(&nonsense).send(who).await;
        check(stage, &answer, &format!("{} with nonsense at {pointer:?}", operation.name()));
    }
}

/// The body with nonsense in place of each of its parts, one at a time.
fn faults(good: &Value) -> Vec<(String, Value)> {
    let mut pointers = vec![String::new()];
    pointers_in(good, "", &mut pointers);
    let mut found = Vec::new();
    for pointer in pointers {
        for nonsense in [json!(null), json!("\u{0}"), json!(-1), json!(i64::MAX)] {
            let mut body = good.clone();
            if let Some(part) = body.pointer_mut(&pointer) {
                *part = nonsense;
                found.push((pointer.clone(), body));
            }
        }
    }
    found
}

fn pointers_in(value: &Value, here: &str, pointers: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => return,
    };
    for (name, value) in members {
        let pointer = format!("{here}/{name}");
        pointers_in(value, &pointer, pointers);
        pointers.push(pointer);
    }
}
