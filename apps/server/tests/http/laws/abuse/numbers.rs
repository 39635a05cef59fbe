//! Numbers that are no amounts and no counts.

use serde_json::{Value, json};

use super::{
    super::{
        books::assert_balanced,
        matrix::{Ask, Operation, Stage},
    },
    everything,
};
use crate::{both, support::brand::Brand};

/// Where a number below nothing means something.
const BELOW_NOTHING: [&str; 3] =
    ["/rules/combination/priority", "/page/position/latitude_udeg", "/page/position/longitude_udeg"];

both! {
    async fn no_number_out_of_bounds_is_taken_anywhere(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        let mut tried = 0;
        for (who, operation) in everything(app, &stage).await {
            let good = Ask::about(&operation, &stage.table.own);
            let Some(body) = good.json() else { continue };
            for (place, wrong) in wrong_numbers(&body, &operation) {
                let mut bad = body.clone();
                *bad.pointer_mut(&place).unwrap() = wrong.clone();
                let answer = good.with_body(&bad).send(&who).await;
                let refused = (400..500).contains(&answer.status);
                stage.findings.note(refused, &answer, &format!("{} with {wrong} at {place}", operation.name()));
                tried += 1;
            }
        }
        stage.findings.assert_none();
        assert!(tried > 200, "{tried}");
        assert_balanced(app).await;
    }
}

/// Each number and each amount of a body, with what must not stand in its place.
fn wrong_numbers(body: &Value, operation: &Operation) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (place, value) in leaves(body, "") {
        let wrong = match &value {
            Value::Number(_) => wrong_counts(),
            Value::String(text) if is_amount(text) => wrong_amounts(),
            _ => continue,
        };
        let bears = |wrong: &Value| *wrong == json!(-1) && BELOW_NOTHING.contains(&place.as_str());
        // A setting takes whatever JSON its key takes, and the key of the example takes text.
        if operation.id != "put_setting" {
            found.extend(wrong.into_iter().filter(|wrong| !bears(wrong)).map(|wrong| (place.clone(), wrong)));
        }
    }
    found
}

fn is_amount(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, cents)| {
        !whole.is_empty()
            && !cents.is_empty()
            && [whole, cents].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn wrong_counts() -> Vec<Value> {
    vec![json!(-1), json!(i64::MIN), json!(u64::MAX), json!(1e300), json!(-1e300), json!("1"), json!([1]), json!({})]
}

fn wrong_amounts() -> Vec<Value> {
    let texts = [
        "-0.01",
        "-1.00",
        "1e3",
        "NaN",
        "inf",
        "0x10",
        "12.3456789",
        "99999999999999999999.00",
        "92233720368547758.08",
        " 1.00",
        "1.00 ",
        "1,000.00",
        "１.00",
        "1.0.0",
        ".",
        "",
        "1/2",
        "⁵",
    ];
    texts.iter().map(|text| json!(text)).chain([json!(12.5), json!(1), json!(["1.00"]), json!(true)]).collect()
}

fn leaves(value: &Value, here: &str) -> Vec<(String, Value)> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| leaves(value, &format!("{here}/{name}"))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| leaves(item, &format!("{here}/{index}"))).collect()
        }
        leaf => vec![(here.to_owned(), leaf.clone())],
    }
}
