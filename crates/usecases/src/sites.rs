//! The tree: making, changing, closing and opening nodes.

use huike_access::Permission;
use huike_kernel::NodeId;
use huike_persistence::{Db, Outcome, nodes, scope};
use huike_sites::{Node, NodeChange, NodeForm, NodeKind, NodeState, PlannedNode, SitesError};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change, Place},
};

/// A node to make.
#[derive(Debug, Clone)]
pub struct NodeAsk {
    /// What it will stand below.
    pub parent: NodeId,
    /// What it will be.
    pub kind: NodeKind,
    /// What the form says.
    pub form: NodeForm,
}

/// A node to change.
#[derive(Debug, Clone)]
pub struct NodeEdit {
    /// Which.
    pub node: NodeId,
    /// The version the caller saw.
    pub version: i64,
    /// What changes.
    pub change: NodeChange,
}

/// Makes a region, site or store.
pub fn create_node(db: &mut Db, act: &Act<'_>, ask: &NodeAsk) -> Result<Node, UseCaseError> {
    let parent = lock_node(db, act, ask.parent, Permission::NodeCreate)?;
    let depth = scope::path_of(db, parent.id)?.len();
    parent.decide_create_child(ask.kind, depth)?;
    let form = ask.form.clone();
    let plan = PlannedNode {
        kind: ask.kind,
        name: form.name,
        code: form.code,
        zone: form.zone.unwrap_or(parent.zone),
        area: form.area,
    };
    let node = insert_node(db, act, parent.id, plan)?;
    record::audit(db, act, node.id, change_of("node.create", None, &node))?;
    Ok(node)
}

/// Changes a node's name, area or zone.
pub fn update_node(db: &mut Db, act: &Act<'_>, edit: &NodeEdit) -> Result<Node, UseCaseError> {
    let node = lock_node(db, act, edit.node, Permission::NodeUpdate)?;
    check_version(node.version, edit.version)?;
    let moves_zone = edit.change.zone.is_some_and(|zone| zone != node.zone);
    let has_history = moves_zone && nodes::has_history(db, node.id)?;
    let next = node.decide_update(edit.change.clone(), has_history)?;
    write_node(db, act, ("node.update", "node_updated"), (&node, next))
}

/// Closes a node below which nothing is active any more.
pub fn close_node(db: &mut Db, act: &Act<'_>, id: NodeId, version: i64) -> Result<Node, UseCaseError> {
    let node = lock_node(db, act, id, Permission::NodeClose)?;
    check_version(node.version, version)?;
    let next = node.decide_close(nodes::count_active_children(db, id)?)?;
    write_node(db, act, ("node.close", "node_closed"), (&node, next))
}

/// Opens a closed node again.
pub fn reopen_node(db: &mut Db, act: &Act<'_>, id: NodeId, version: i64) -> Result<Node, UseCaseError> {
    let known = nodes::find(db, id)?.ok_or(UseCaseError::NotFound("node"))?;
    // Above before below, as everywhere: the parent must not close while its child opens.
    let parent = known.parent.map(|parent| nodes::lock(db, parent)).transpose()?.flatten();
    let node = lock_node(db, act, id, Permission::NodeClose)?;
    check_version(node.version, version)?;
    let next = node.decide_reopen(parent.as_ref().unwrap_or(&node))?;
    write_node(db, act, ("node.reopen", "node_reopened"), (&node, next))
}

/// The node, kept for this transaction, if the permission reaches it.
pub(crate) fn lock_node(db: &mut Db, act: &Act<'_>, id: NodeId, permission: Permission) -> Result<Node, UseCaseError> {
    let node = nodes::lock(db, id)?.ok_or(UseCaseError::NotFound("node"))?;
    act.reach(db, id, permission, "node")?;
    Ok(node)
}

/// Refused when somebody else changed it since the caller looked.
pub(crate) fn check_version(stored: i64, seen: i64) -> Result<(), UseCaseError> {
    if stored != seen {
        return Err(UseCaseError::VersionConflict);
    }
    Ok(())
}

/// The place of an act on a node.
pub(crate) fn place_of(node: &Node) -> Place {
    Place { site: node.id, zone: node.zone }
}

/// Adds a node that was decided on, with its event.
pub(crate) fn insert_node(db: &mut Db, act: &Act<'_>, parent: NodeId, plan: PlannedNode) -> Result<Node, UseCaseError> {
    let node = Node {
        id: act.new_id(),
        kind: plan.kind,
        parent: Some(parent),
        name: plan.name,
        code: plan.code,
        zone: plan.zone,
        area: plan.area,
        state: NodeState::Active,
        version: 1,
    };
    if nodes::insert(db, &node, act.now)? == Outcome::Refused {
        return Err(SitesError::NodeCodeTaken { code: node.code }.into());
    }
    emit(db, act, "node_created", &node)?;
    Ok(node)
}

fn write_node(
    db: &mut Db,
    act: &Act<'_>,
    (action, event): (&'static str, &'static str),
    (before, next): (&Node, Node),
) -> Result<Node, UseCaseError> {
    if nodes::update(db, &next, act.now)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    emit(db, act, event, &next)?;
    record::audit(db, act, next.id, change_of(action, Some(before), &next))?;
    Ok(next)
}

/// Appends the event of a change to a node.
pub(crate) fn emit(db: &mut Db, act: &Act<'_>, kind: &'static str, node: &Node) -> Result<(), UseCaseError> {
    let aggregate = Aggregate { kind: "node", id: node.id.as_uuid(), seq: node.version };
    record::emit(db, act, place_of(node), aggregate, (kind, facts(node)))?;
    Ok(())
}

fn change_of(action: &'static str, before: Option<&Node>, after: &Node) -> Change {
    Change {
        action,
        subject_kind: "node",
        subject: after.id.to_string(),
        before: before.map_or(Value::Null, facts),
        after: facts(after),
    }
}

/// What events and audit rows say of a node.
pub(crate) fn facts(node: &Node) -> Value {
    json!({
        "kind": node.kind,
        "parent_id": node.parent,
        "code": node.code,
        "name": node.name,
        "zone": node.zone,
        "area": node.area,
        "state": node.state,
    })
}
