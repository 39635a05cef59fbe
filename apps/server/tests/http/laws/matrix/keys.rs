//! Integrations: each scope of a key, at the key's own node, at a sibling's, and above.

use huike_access::IntegrationScope;
use serde_json::json;

use super::{
    ask::Ask,
    operation::{Operation, operations},
    rows::Place,
    stage::Stage,
};
use crate::{
    both,
    support::{Client, brand::Brand},
};

/// A key at that node with these scopes.
pub async fn key(brand: &Brand, node: &str, scopes: &[IntegrationScope]) -> Client {
    let ask = json!({ "site_id": node, "name": "收银系统", "scopes": scopes });
    let made = brand.owner.post("/admin/v1/api-keys", &ask).await.created();
    brand.stranger.with_token(made["token"].as_str().unwrap())
}

/// What is live above is on offer below: it may be looked at, and claimed.
fn takes_live_ancestors(operation: &Operation) -> bool {
    matches!(operation.permission.as_str(), "templates:read" | "claims:write")
}

both! {
    async fn a_key_does_what_its_scopes_say_and_only_below_its_node(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for operation in operations(app, "open").await {
            let Ok(scope) = operation.permission.parse::<IntegrationScope>() else {
                assert_eq!(operation.permission, "any_key", "{}", operation.name());
                continue;
            };
            let what = format!("a key at A with {scope}: {}", operation.name());
            let who = key(&brand, &brand.a.site, &[scope]).await;
            let answer = stage.call(&who, &operation, Place::Own).await;
            stage.findings.let_in(&answer, &what);
            stage.findings.tells_nothing(&answer, &what);
            if stage.is_placed(&operation) {
                elsewhere(&mut stage, &who, &operation, &what).await;
            }
        }
        stage.findings.assert_none();
    }

    async fn a_key_without_the_scope_is_refused_before_anything_is_looked_up(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for operation in operations(app, "open").await {
            let Ok(scope) = operation.permission.parse::<IntegrationScope>() else { continue };
            let others: Vec<IntegrationScope> =
                IntegrationScope::ALL.iter().copied().filter(|other| *other != scope).collect();
            let what = format!("a key at A without {scope}: {}", operation.name());
            let who = key(&brand, &brand.a.site, &others).await;
            for place in [Place::Own, Place::Sibling, Place::Ancestor] {
                let answer = stage.call(&who, &operation, place).await;
                stage.findings.refused_as(&answer, "scope_missing", &format!("{what}, {place:?}"));
            }
            let nowhere = stage.table.own.nowhere(&stage.table.sibling);
            let answer = Ask::about(&operation, &nowhere).send(&who).await;
            stage.findings.refused_as(&answer, "scope_missing", &format!("{what}, nowhere"));
        }
        stage.findings.assert_none();
    }
}

async fn elsewhere(stage: &mut Stage<'_>, who: &Client, operation: &Operation, what: &str) {
    for place in [Place::Sibling, Place::Ancestor, Place::AncestorDraft] {
        let what = format!("{what}, {place:?}");
        let mut rows = stage.rows(operation, place).await;
        if place != Place::Sibling && takes_live_ancestors(operation) {
            // A customer of the key's own node, and what the head has on offer.
            rows = stage.table.own.mixed("template_id", &rows);
        }
        let answer = Ask::about(operation, &rows).send(who).await;
        if place == Place::Ancestor && takes_live_ancestors(operation) {
            stage.findings.let_in(&answer, &what);
        } else {
            stage.findings.not_found(&answer, &what);
        }
    }
}
