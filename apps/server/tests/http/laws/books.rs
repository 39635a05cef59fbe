//! The books, behind the scenes: what `huike verify` checks.

use huike_persistence::verify;

use crate::support::TestApp;

/// Every invariant holds, as far as the database can tell.
pub async fn assert_balanced(app: &TestApp) {
    let report = app.store.read(verify::run).await.unwrap();
    let broken: Vec<String> = report
        .findings
        .iter()
        .map(|finding| format!("{} {}: {:?}", finding.invariant.id, finding.invariant.name, finding.offences))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
