//! The site tree: nodes, and the closure that says who stands above whom.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{NodeId, Text};
use huike_sites::{Node, NodeKind};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::{node, node_closure},
    scope::path_of,
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
        fn read<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
            text.parse().map_err(|error: T::Err| StoreError::corrupt("node", error))
        }
        Ok(Self {
            id: row.id,
            kind: read(&row.kind)?,
            parent: row.parent_id.map(Into::into),
            code: read(&row.code)?,
            name: Text::new(&row.name).map_err(|error| StoreError::corrupt("node", error))?,
            zone: read(&row.zone)?,
            area: row.area.as_deref().map(read).transpose()?,
            state: read(&row.state)?,
            version: row.version,
        })
    }
}

/// Adds a node below its parent. Refused when its code is taken.
pub fn insert(db: &mut Db, new: &Node, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let row = (
        node::id.eq(DbId::from(new.id)),
        node::kind.eq(new.kind.as_str()),
        node::parent_id.eq(new.parent.map(DbId::from)),
        node::code.eq(new.code.as_str()),
        node::name.eq(new.name.as_str()),
        node::zone.eq(new.zone.to_string()),
        node::area.eq(new.area.as_ref().map(ToString::to_string)),
        node::state.eq(new.state.as_str()),
        node::version.eq(new.version),
        node::created_at.eq(DbTime::from(now)),
        node::updated_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| {
        diesel::insert_into(node::table).values(row).on_conflict(node::code).do_nothing().execute(c)
    })?;
    if Outcome::of(rows) == Outcome::Refused {
        return Ok(Outcome::Refused);
    }
    let above = new.parent.map(|parent| path_of(db, parent)).transpose()?.unwrap_or_default();
    let path = above.iter().chain([&new.id]);
    for (ancestor, depth) in path.rev().zip(0_i64..) {
        diesel::insert_into(node_closure::table)
            .values((
                node_closure::ancestor_id.eq(DbId::from(ancestor)),
                node_closure::node_id.eq(DbId::from(new.id)),
                node_closure::depth.eq(depth),
            ))
            .execute(db)?;
    }
    Ok(Outcome::Applied)
}

/// The node with that id.
pub fn find(db: &mut Db, id: NodeId) -> Result<Option<Node>, StoreError> {
    let row = node::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Node::try_from).transpose()
}

/// The head of the brand, once there is one.
pub fn find_head(db: &mut Db) -> Result<Option<Node>, StoreError> {
    let row =
        node::table.filter(node::kind.eq(NodeKind::Head.as_str())).select(Row::as_select()).first(db).optional()?;
    row.map(Node::try_from).transpose()
}
