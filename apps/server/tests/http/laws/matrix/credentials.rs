//! Credentials: one audience's open no other's, and without one there is only what is public.

use huike_access::{IntegrationScope, Role, ScopeKind};

use super::{ask::Ask, keys::key, operation::operations, stage::Stage};
use crate::{
    both,
    support::{Client, brand::Brand},
};

both! {
    async fn a_credential_opens_its_own_audience_and_no_other(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        let every_scope = key(&brand, &brand.head, IntegrationScope::ALL).await;
        let credentials: [(&str, &str, Client); 4] = [
            ("admin", "staff", brand.owner.clone()),
            ("app", "a customer", brand.shopper().await.client),
            ("open", "a key", every_scope),
            ("none", "a stranger", app.stranger()),
        ];
        for audience in ["admin", "app", "open"] {
            for operation in operations(app, audience).await {
                if operation.scope == ScopeKind::Public {
                    continue;
                }
                let ask = Ask::of_anything(&operation);
                for (_, who, client) in credentials.iter().filter(|(of, ..)| *of != audience) {
                    let answer = ask.send(client).await;
                    stage.findings.note(answer.status == 401, &answer, &format!("{who}: {}", operation.name()));
                }
            }
        }
        stage.findings.assert_none();
    }

    async fn whoever_is_signed_in_looks_after_their_own_account(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for operation in operations(app, "admin").await {
            if operation.scope != ScopeKind::Own {
                continue;
            }
            for role in Role::ALL {
                let node = if *role == Role::Clerk { &brand.a.store } else { &brand.a.site };
                let who = brand.person(&[(role.as_str(), node)]).await.client;
                let answer = Ask::about(&operation, &stage.table.own).send(&who).await;
                stage.findings.let_in(&answer, &format!("{role}: {}", operation.name()));
            }
        }
        stage.findings.assert_none();
    }
}
