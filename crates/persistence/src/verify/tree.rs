//! The tree, as far as rules ask about it: where a node lies, and which zone cuts its days.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use huike_kernel::{NodeId, Zone};

use crate::{Db, StoreError, schema::node, sql_types::DbId};

/// A walk up never takes more steps; the kinds of nodes allow far fewer.
const STEPS_MAX: usize = 64;

/// Every node of the brand.
pub(super) struct Tree {
    nodes: HashMap<NodeId, (Option<NodeId>, Zone)>,
    stores: HashSet<NodeId>,
}

impl Tree {
    /// Loads all nodes; there are few compared with coupons.
    pub(super) fn load(db: &mut Db) -> Result<Self, StoreError> {
        let rows: Vec<(NodeId, Option<DbId>, String, String)> =
            node::table.select((node::id, node::parent_id, node::zone, node::kind)).load(db)?;
        let mut nodes = HashMap::with_capacity(rows.len());
        let mut stores = HashSet::new();
        for (id, parent, zone, kind) in rows {
            if kind == "store" {
                stores.insert(id);
            }
            let zone = zone.parse().map_err(|error| StoreError::corrupt("node", error))?;
            nodes.insert(id, (parent.map(Into::into), zone));
        }
        Ok(Self { nodes, stores })
    }

    /// The zone of the node.
    pub(super) fn zone(&self, node: NodeId) -> Zone {
        self.nodes.get(&node).map(|(_, zone)| *zone).unwrap_or_default()
    }

    /// Whether it is a store.
    pub(super) fn is_store(&self, node: NodeId) -> bool {
        self.stores.contains(&node)
    }

    /// The node directly above; of a store that is its site.
    pub(super) fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.nodes.get(&node).and_then(|(parent, _)| *parent)
    }

    /// The node and all above it.
    pub(super) fn path(&self, node: NodeId) -> Vec<NodeId> {
        std::iter::successors(Some(node), |node| self.parent(*node)).take(STEPS_MAX).collect()
    }
}
