//! Launching a site in one form: the site, its look, its first stores and their pages, all or nothing.

use huike_access::Permission;
use huike_kernel::{BlueprintId, NodeId, StaffId};
use huike_persistence::{
    Db, Outcome, blueprints, nodes,
    settings::{self, Written},
    store_pages,
};
use huike_sites::{Blueprint, LaunchForm, LaunchPlan, Node, PlannedStore, SettingKey, decide_launch};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Change},
    sites::{facts, insert_node},
};

/// A site to launch.
#[derive(Debug, Clone)]
pub struct LaunchAsk {
    /// What the site will stand below: the head or a region.
    pub parent: NodeId,
    /// What to launch it from, if anything.
    pub blueprint: Option<BlueprintId>,
    /// The form.
    pub form: LaunchForm,
}

/// What was launched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launched {
    /// The site.
    pub site: NodeId,
    /// Its stores, in the order of the form.
    pub stores: Vec<NodeId>,
    /// What the blueprint proposed and was not set.
    pub left_out: Vec<LeftOut>,
}

/// Something a blueprint proposes that a node above has locked since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which setting.
    pub key: SettingKey,
    /// The node that locks it.
    pub locked_by: NodeId,
}

/// Launches a site.
pub fn launch_site(db: &mut Db, act: &Act<'_>, ask: &LaunchAsk) -> Result<Launched, UseCaseError> {
    let author = act.staff(Permission::SiteLaunch)?;
    let parent = nodes::lock(db, ask.parent)?;
    act.reach_head(db, Permission::SiteLaunch)?;
    let parent = parent.ok_or(UseCaseError::NotFound("node"))?;
    let blueprint = ask.blueprint.map(|id| find_blueprint(db, id)).transpose()?;
    let chain = settings::find_chain(db, parent.id)?.ok_or(UseCaseError::NotFound("node"))?;
    let plan = decide_launch(&parent, &chain, blueprint.as_ref(), ask.form.clone())?;
    build(db, act, author, (parent.id, plan))
}

fn find_blueprint(db: &mut Db, id: BlueprintId) -> Result<Blueprint, UseCaseError> {
    let stored = blueprints::find(db, id)?.filter(|stored| !stored.is_closed);
    Ok(stored.ok_or(UseCaseError::NotFound("blueprint"))?.blueprint)
}

fn build(
    db: &mut Db,
    act: &Act<'_>,
    author: StaffId,
    (parent, plan): (NodeId, LaunchPlan),
) -> Result<Launched, UseCaseError> {
    let site = insert_node(db, act, parent, plan.site)?;
    for (key, value) in &plan.settings {
        settings::put(db, site.id, (*key, value), Written { by: Some(author), at: act.now })?;
    }
    let mut stores = Vec::with_capacity(plan.stores.len());
    for planned in plan.stores {
        stores.push(build_store(db, act, site.id, planned)?.id);
    }
    let left_out = plan.left_out.into_iter().map(|(key, locked_by)| LeftOut { key, locked_by });
    let launched = Launched { site: site.id, stores, left_out: left_out.collect() };
    let change = Change {
        action: "site.launch",
        subject_kind: "node",
        subject: site.id.to_string(),
        before: Value::Null,
        after: json!({ "site": facts(&site), "stores": launched.stores, "left_out": launched.left_out }),
    };
    record::audit(db, act, site.id, change)?;
    Ok(launched)
}

fn build_store(db: &mut Db, act: &Act<'_>, site: NodeId, planned: PlannedStore) -> Result<Node, UseCaseError> {
    let store = insert_node(db, act, site, planned.node)?;
    if store_pages::insert(db, store.id, &planned.page, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    Ok(store)
}
