//! The site tree: nodes, and the closure over them that every scope test reads.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::NodeId;
use huike_sites::{Node, NodeKind, NodeState};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{code_batch, coupon, coupon_template, node, node_closure, site_customer, stock_movement, store_day},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = node)]
struct Row {
    id: NodeId,
    kind: String,
    parent_id: Option<DbId>,
    code: String,
    name: String,
    zone: String,
    area: Option<String>,
    state: String,
    version: i64,
}

impl TryFrom<Row> for Node {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("node", what);
        Ok(Self {
            id: row.id,
            kind: row.kind.parse().map_err(|_word| corrupt("kind"))?,
            parent: row.parent_id.map(Into::into),
            name: row.name.as_str().try_into().map_err(|_text| corrupt("name"))?,
            code: row.code.parse().map_err(|_text| corrupt("code"))?,
            zone: row.zone.parse().map_err(|_text| corrupt("zone"))?,
            area: row.area.map(|area| area.parse()).transpose().map_err(|_text| corrupt("area"))?,
            state: row.state.parse().map_err(|_word| corrupt("state"))?,
            version: row.version,
        })
    }
}

/// What narrows a list of nodes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NodeFilter {
    /// Only those directly below this one.
    pub parent: Option<NodeId>,
    /// Only those at or below this one.
    pub under: Option<NodeId>,
    /// Only this kind.
    pub kind: Option<NodeKind>,
    /// Only those in this state.
    pub state: Option<NodeState>,
}

/// Adds a node and its way up. Refused when the code is taken, or when a second head is wanted.
pub fn insert(db: &mut Db, new: &Node, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let row = (
        node::id.eq(DbId::from(new.id)),
        node::kind.eq(new.kind.as_str()),
        node::parent_id.eq(new.parent.map(DbId::from)),
        node::code.eq(new.code.as_str()),
        node::name.eq(new.name.as_str()),
        node::zone.eq(new.zone.to_string()),
        node::area.eq(new.area.as_ref().map(|area| area.as_str())),
        node::state.eq(new.state.as_str()),
        node::version.eq(new.version),
        node::created_at.eq(DbTime::from(now)),
        node::updated_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| diesel::insert_into(node::table).values(row).on_conflict_do_nothing().execute(c))?;
    if Outcome::of(rows) == Outcome::Refused {
        return Ok(Outcome::Refused);
    }
    insert_closure(db, new)?;
    Ok(Outcome::Applied)
}

/// The node is its own ancestor at depth 0, and has its parent's ancestors one step further away.
fn insert_closure(db: &mut Db, new: &Node) -> Result<(), StoreError> {
    let mut above: Vec<(NodeId, i64)> = Vec::new();
    if let Some(parent) = new.parent {
        above = node_closure::table
            .filter(node_closure::node_id.eq(DbId::from(parent)))
            .select((node_closure::ancestor_id, node_closure::depth))
            .load(db)?;
    }
    let steps = above.into_iter().map(|(ancestor, depth)| (ancestor, depth + 1)).chain([(new.id, 0)]);
    let rows: Vec<_> = steps
        .map(|(ancestor, depth)| {
            (
                node_closure::ancestor_id.eq(DbId::from(ancestor)),
                node_closure::node_id.eq(DbId::from(new.id)),
                node_closure::depth.eq(depth),
            )
        })
        .collect();
    each!(db, |c| diesel::insert_into(node_closure::table).values(&rows).execute(c))?;
    Ok(())
}

/// The node with that id.
pub fn find(db: &mut Db, id: NodeId) -> Result<Option<Node>, StoreError> {
    let row = node::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Node::try_from).transpose()
}

/// Those of the nodes that there are, by id.
pub fn find_many(db: &mut Db, ids: &BTreeSet<NodeId>) -> Result<BTreeMap<NodeId, Node>, StoreError> {
    let rows: Vec<Row> = node::table.filter(node::id.eq_any(DbId::list(ids))).select(Row::as_select()).load(db)?;
    rows.into_iter().map(|row| Ok((row.id, Node::try_from(row)?))).collect()
}

/// The node with that id, kept for this transaction: nobody else changes it or what hangs on it meanwhile.
pub fn lock(db: &mut Db, id: NodeId) -> Result<Option<Node>, StoreError> {
    let row = lock_row!(db, node::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Node::try_from).transpose()
}

/// The node known by that code.
pub fn find_by_code(db: &mut Db, code: &str) -> Result<Option<Node>, StoreError> {
    let row = node::table.filter(node::code.eq(code)).select(Row::as_select()).first(db).optional()?;
    row.map(Node::try_from).transpose()
}

/// The head; there is none before the first start.
pub fn find_head(db: &mut Db) -> Result<Option<Node>, StoreError> {
    let head = node::table.filter(node::kind.eq(NodeKind::Head.as_str()));
    let row = head.select(Row::as_select()).first(db).optional()?;
    row.map(Node::try_from).transpose()
}

/// Nodes at or below the roots, by id, `limit` of them after `after`. Older nodes come first, so a parent before its children.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: NodeFilter,
    after: Option<NodeId>,
    limit: i64,
) -> Result<Vec<Node>, StoreError> {
    let mut query = node::table
        .filter(node::id.eq_any(subtree(roots)))
        .select(Row::as_select())
        .order(node::id)
        .limit(limit)
        .into_boxed();
    if let Some(parent) = filter.parent {
        query = query.filter(node::parent_id.eq(DbId::from(parent)));
    }
    if let Some(under) = filter.under {
        query = query.filter(node::id.eq_any(subtree(&[under])));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(node::kind.eq(kind.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(node::state.eq(state.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(node::id.gt(DbId::from(after)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Node::try_from).collect()
}

/// The node and all above it, head first. Empty if there is no such node.
pub fn list_path(db: &mut Db, id: NodeId) -> Result<Vec<Node>, StoreError> {
    let rows: Vec<Row> = node::table
        .inner_join(node_closure::table.on(node_closure::ancestor_id.eq(node::id)))
        .filter(node_closure::node_id.eq(DbId::from(id)))
        .order(node_closure::depth.desc())
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Node::try_from).collect()
}

/// The names of the nodes, by id.
pub fn list_names(db: &mut Db, ids: &[NodeId]) -> Result<BTreeMap<NodeId, String>, StoreError> {
    let names = node::table.filter(node::id.eq_any(DbId::list(ids))).select((node::id, node::name));
    Ok(names.load::<(NodeId, String)>(db)?.into_iter().collect())
}

/// How many active nodes stand directly below.
pub fn count_active_children(db: &mut Db, id: NodeId) -> Result<usize, StoreError> {
    let active: i64 = node::table
        .filter(node::parent_id.eq(DbId::from(id)).and(node::state.eq(NodeState::Active.as_str())))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(active).unwrap_or(usize::MAX))
}

/// Writes a changed node. Refused unless it still has the version before.
pub fn update(db: &mut Db, next: &Node, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(node::table.find(DbId::from(next.id)))
        .filter(node::version.eq(next.version - 1))
        .set((
            node::name.eq(next.name.as_str()),
            node::zone.eq(next.zone.to_string()),
            node::area.eq(next.area.as_ref().map(|area| area.as_str())),
            node::state.eq(next.state.as_str()),
            node::version.eq(next.version),
            node::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Whether days were cut in the node's zone: a customer came by, a template was made, codes were wanted, a coupon was
/// issued or redeemed, goods were moved.
pub fn has_history(db: &mut Db, id: NodeId) -> Result<bool, StoreError> {
    let id = DbId::from(id);
    let seen = site_customer::table.filter(site_customer::site_id.eq(id)).select(site_customer::version);
    let made = coupon_template::table.filter(coupon_template::site_id.eq(id)).select(coupon_template::version);
    let wanted = code_batch::table.filter(code_batch::site_id.eq(id)).select(code_batch::made);
    let issued = coupon::table.filter(coupon::site_id.eq(id)).select(coupon::version);
    let days = store_day::table.filter(store_day::site_id.eq(id)).select(store_day::redemptions);
    let moved = stock_movement::table.filter(stock_movement::site_id.eq(id)).select(stock_movement::seq);
    Ok(seen.first::<i64>(db).optional()?.is_some()
        || moved.first::<i64>(db).optional()?.is_some()
        || made.first::<i64>(db).optional()?.is_some()
        || wanted.first::<i64>(db).optional()?.is_some()
        || days.first::<i64>(db).optional()?.is_some()
        || issued.first::<i64>(db).optional()?.is_some())
}
