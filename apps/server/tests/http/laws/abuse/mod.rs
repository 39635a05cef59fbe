//! What people try who mean no good. `docs/security.md` says which case is met where.

mod clerks;
mod leaks;
mod members;
mod numbers;
mod spending;
mod texts;

use huike_access::IntegrationScope;

use super::matrix::{Operation, Stage, key, operations};
use crate::support::{Client, TestApp};

/// Every operation but for the end of the session, each with somebody who may call it.
async fn everything(app: &TestApp, stage: &Stage<'_>) -> Vec<(Client, Operation)> {
    let brand = stage.brand;
    let callers = [
        ("admin", brand.owner.clone()),
        ("app", brand.shopper().await.client),
        ("open", key(brand, &brand.head, IntegrationScope::ALL).await),
    ];
    let mut found = Vec::new();
    for (audience, who) in callers {
        let served = operations(app, audience).await.into_iter().filter(|operation| operation.id != "sign_out");
        found.extend(served.map(|operation| (who.clone(), operation)));
    }
    found
}
