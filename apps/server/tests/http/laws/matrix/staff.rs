//! Staff: nine roles, at a place of one's own, at a sibling's, and above.

use huike_access::{Role, ScopeKind};
use serde_json::json;

use super::{ask::Ask, operation::Operation, rows::Place, stage::Stage};
use crate::{
    both,
    support::{Client, brand::Brand},
};

/// Looking somebody up by a number is a search: whom one may not find is simply not found.
const SEARCHES: [&str; 1] = ["find_customer"];
/// What is live above is read as it is; how it came about is its owner's.
const HISTORIES: [&str; 2] = ["list_template_versions", "list_offer_versions"];

both! {
    async fn a_role_does_what_its_permissions_say_and_only_in_its_own_place(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for (operation, permission) in stage.operations.clone() {
            for role in Role::ALL {
                let what = format!("{role} at site A: {}", operation.name());
                let who = stage.people.at_a(*role).await;
                if permission.is_held_by(*role) && operation.scope != ScopeKind::Head {
                    holder(&mut stage, &who, &operation, &what).await;
                } else {
                    stranger_to_it(&mut stage, &who, &operation, &what).await;
                }
            }
        }
        stage.findings.assert_none();
    }
}

/// Somebody with the permission at A.
async fn holder(stage: &mut Stage<'_>, who: &Client, operation: &Operation, what: &str) {
    let answer = stage.call(who, operation, Place::Own).await;
    stage.findings.let_in(&answer, what);
    stage.findings.tells_nothing(&answer, what);
    if !stage.is_placed(operation) {
        // A list of whatever one may see, which was just looked through; nothing else goes without a place.
        stage.findings.note(operation.is_read(), &answer, &format!("{what}: the table places nothing it names"));
        return;
    }
    for place in [Place::Sibling, Place::Ancestor, Place::AncestorDraft] {
        let what = format!("{what}, {place:?}");
        let answer = stage.call(who, operation, place).await;
        if place == Place::Ancestor && reads_live_ancestors(operation) {
            stage.findings.let_in(&answer, &what);
            stage.findings.tells_nothing(&answer, &what);
        } else {
            stage.findings.not_found(&answer, &what);
        }
    }
}

fn reads_live_ancestors(operation: &Operation) -> bool {
    operation.is_read()
        && operation.scope == ScopeKind::SubtreeAndLiveAncestors
        && ["template_id", "offer_id"].iter().any(|name| operation.path_parameters().contains(name))
        && !HISTORIES.contains(&operation.id.as_str())
}

/// Somebody without the permission anywhere: refused before anything is looked up, so it is all the same what there is.
async fn stranger_to_it(stage: &mut Stage<'_>, who: &Client, operation: &Operation, what: &str) {
    for place in [Place::Own, Place::Sibling, Place::Ancestor] {
        // Nothing is used up by a call that is refused, so nothing is made anew for it.
        let answer = Ask::about(operation, stage.table.at(place)).send(who).await;
        stage.findings.denied(&answer, &format!("{what}, {place:?}"));
    }
    let nowhere = stage.table.own.nowhere(&stage.table.sibling);
    let answer = Ask::about(operation, &nowhere).send(who).await;
    stage.findings.denied(&answer, &format!("{what}, nowhere"));
}

both! {
    async fn at_the_head_a_role_does_what_its_permissions_say_everywhere(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for (operation, permission) in stage.operations.clone() {
            for role in Role::ALL.iter().filter(|role| **role != Role::Clerk) {
                let what = format!("{role} at the head: {}", operation.name());
                let who = stage.people.at_head(*role).await;
                if permission.is_held_by(*role) {
                    let answer = stage.call(&who, &operation, Place::Own).await;
                    stage.findings.let_in(&answer, &what);
                } else {
                    let answer = Ask::about(&operation, &stage.table.own).send(&who).await;
                    stage.findings.denied(&answer, &what);
                }
            }
        }
        stage.findings.assert_none();
    }

    async fn what_one_may_see_but_not_do_is_403(app) {
        let brand = Brand::of(app).await;
        let mut stage = Stage::set(app, &brand).await;
        for (operation, permission) in stage.operations.clone() {
            let a_search = SEARCHES.contains(&operation.id.as_str());
            if operation.scope == ScopeKind::Head || a_search || !stage.is_placed(&operation) {
                continue;
            }
            let (who, in_store) = stage.people.elsewhere(permission).await;
            let mut rows = stage.rows(&operation, Place::Own).await;
            if in_store {
                let store = json!(brand.a.store);
                rows = rows.but(&["node_id", "store_id", "site_id"].map(|name| (name, store.clone())));
            }
            let answer = Ask::about(&operation, &rows).send(&who).await;
            let what = format!("{permission} at B, and another role at A: {}", operation.name());
            stage.findings.denied(&answer, &what);
        }
        stage.findings.assert_none();
    }
}
