//! Two sites: whatever is tried from A, with ids of B in any place, B stays as it was.

use huike_access::{IntegrationScope, Permission, ScopeKind};

use super::{
    ask::Ask,
    keys::key,
    operation::{Operation, operations},
    rows::Place,
    stage::Stage,
};
use crate::{
    both,
    support::{Client, TestApp, brand::Brand},
};

/// A list is answered row by row; what is refused is a row of it.
const ANSWERS_ROW_BY_ROW: [&str; 1] = ["issue_coupons"];

/// A till that was told a number speaks for the customer who stands in front of it, the first time too.
const SPEAKS_FOR: &str = "claim_for_customer.phone";

both! {
    async fn whatever_is_tried_from_a_leaves_b_as_it_was(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        let owner = brand.person(&[("owner", &brand.b.site)]).await.client;
        let till = key(&brand, &brand.b.site, IntegrationScope::ALL).await;
        let before = everything_of_b(app, &stage, &owner, &till).await;

        for (operation, permission) in stage.operations.clone() {
            if operation.scope == ScopeKind::Head || operation.is_read() {
                continue;
            }
            for role in permission.holders() {
                let who = stage.people.at_a(*role).await;
                intrude(&mut stage, &who, &operation, &format!("{role} at A")).await;
            }
        }
        let intruder = key(&brand, &brand.a.site, IntegrationScope::ALL).await;
        for operation in operations(app, "open").await {
            intrude(&mut stage, &intruder, &operation, "a key at A").await;
        }
        stage.findings.assert_none();

        let after = everything_of_b(app, &stage, &owner, &till).await;
        for ((what, before), (_, after)) in before.iter().zip(&after) {
            assert_eq!(before, after, "{what}");
        }
    }
}

/// Everything with a row of B, and everything with rows of A but for one.
async fn intrude(stage: &mut Stage<'_>, who: &Client, operation: &Operation, name: &str) {
    let answer = stage.call(who, operation, Place::Sibling).await;
    let placed = stage.placed_names(operation);
    if placed.is_empty() {
        return;
    }
    stage.findings.refused(&answer, &format!("{name} with rows of B: {}", operation.name()));
    for one in placed.into_iter().filter(|name| *name != SPEAKS_FOR) {
        let rows = stage.rows(operation, Place::Own).await.mixed(one, &stage.table.sibling);
        let answer = Ask::about(operation, &rows).send(who).await;
        let what = format!("{name} with {one} of B: {}", operation.name());
        if ANSWERS_ROW_BY_ROW.contains(&operation.id.as_str()) && answer.status == 200 {
            stage.findings.tells_nothing(&answer, &what);
        } else {
            stage.findings.refused(&answer, &what);
        }
    }
}

/// Every read of staff and of integrations, as those of B see it.
async fn everything_of_b(app: &TestApp, stage: &Stage<'_>, owner: &Client, till: &Client) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    // The audit log is changed by being looked at: exports are noted in it, and rows are sealed after they were written.
    let reads = stage.operations.iter().filter(|(_, permission)| *permission != Permission::AuditView);
    let reads = reads.map(|(operation, _)| operation.clone());
    let reads = reads.filter(|operation| operation.is_read() && operation.scope != ScopeKind::Head);
    let open = operations(app, "open").await.into_iter().filter(Operation::is_read);
    for (who, operation) in reads.map(|it| (owner, it)).chain(open.map(|it| (till, it))) {
        let answer = Ask::about(&operation, &stage.table.sibling).send(who).await;
        assert_eq!(answer.status, 200, "{}: {}", operation.name(), answer.text());
        seen.push((operation.name(), answer.text()));
    }
    seen
}
