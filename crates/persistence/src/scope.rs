//! The scope rule in SQL: stated once, over `node_closure`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    dsl::{EqAny, Filter, Select},
    prelude::*,
};
use huike_access::{Scope, Sight};
use huike_kernel::NodeId;

use crate::{Db, StoreError, schema::node_closure, sql_types::DbId};

/// The ids of all nodes at or below the roots, as a subselect: `site_id.eq_any(subtree(&scope.permitted))`.
pub fn subtree(
    roots: &[NodeId],
) -> Select<Filter<node_closure::table, EqAny<node_closure::ancestor_id, Vec<DbId>>>, node_closure::node_id> {
    node_closure::table.filter(node_closure::ancestor_id.eq_any(DbId::list(roots))).select(node_closure::node_id)
}

/// The ids of all nodes at or above the roots, as a subselect.
pub fn ancestors(
    roots: &[NodeId],
) -> Select<Filter<node_closure::table, EqAny<node_closure::node_id, Vec<DbId>>>, node_closure::ancestor_id> {
    node_closure::table.filter(node_closure::node_id.eq_any(DbId::list(roots))).select(node_closure::ancestor_id)
}

/// What the caller may know of a row that this node owns.
pub fn sight(db: &mut Db, scope: &Scope, owner: NodeId) -> Result<Sight, StoreError> {
    Ok(scope.sight(&path_of(db, owner)?))
}

/// The node and all above it, head first. Empty if there is no such node.
pub fn path_of(db: &mut Db, node: NodeId) -> Result<Vec<NodeId>, StoreError> {
    Ok(node_closure::table
        .filter(node_closure::node_id.eq(DbId::from(node)))
        .order(node_closure::depth.desc())
        .select(node_closure::ancestor_id)
        .load(db)?)
}

/// The nodes, each with itself and all above it, head first.
pub fn paths_of(db: &mut Db, nodes: &BTreeSet<NodeId>) -> Result<BTreeMap<NodeId, Vec<NodeId>>, StoreError> {
    let steps: Vec<(NodeId, NodeId)> = node_closure::table
        .filter(node_closure::node_id.eq_any(DbId::list(nodes)))
        .order((node_closure::node_id, node_closure::depth.desc()))
        .select((node_closure::node_id, node_closure::ancestor_id))
        .load(db)?;
    let mut paths: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    for (node, ancestor) in steps {
        paths.entry(node).or_default().push(ancestor);
    }
    Ok(paths)
}

/// Those of the nodes that lie at or below the root.
pub fn below(db: &mut Db, root: NodeId, nodes: &[NodeId]) -> Result<Vec<NodeId>, StoreError> {
    Ok(node_closure::table
        .filter(node_closure::ancestor_id.eq(DbId::from(root)))
        .filter(node_closure::node_id.eq_any(DbId::list(nodes)))
        .select(node_closure::node_id)
        .load(db)?)
}

/// Whether the node lies at or above any of the roots.
pub fn is_above_any(db: &mut Db, node: NodeId, roots: &[NodeId]) -> Result<bool, StoreError> {
    let found: Option<NodeId> = node_closure::table
        .filter(node_closure::ancestor_id.eq(DbId::from(node)))
        .filter(node_closure::node_id.eq_any(DbId::list(roots)))
        .select(node_closure::node_id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}
