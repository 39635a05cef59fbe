//! What nodes have set and locked. What is in force at a node is decided in `huike_sites`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{NodeId, StaffId};
use huike_sites::{Chain, ChainNode, LockDecision, SettingKey, SettingValue};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    nodes,
    schema::{node_lock, node_setting},
    scope::ancestors,
    sql_types::{DbId, DbJson, DbTime},
};

/// Who wrote, and when.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// The member of staff, if it was one.
    pub by: Option<StaffId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The chain from the head to the node with everything set and locked on it. `None` if there is no such node.
pub fn find_chain(db: &mut Db, node: NodeId) -> Result<Option<Chain>, StoreError> {
    let path = nodes::list_path(db, node)?;
    if path.is_empty() {
        return Ok(None);
    }
    let mut overrides = load_overrides(db, node)?;
    let mut locks = load_locks(db, node)?;
    let nodes = path.into_iter().map(|node| ChainNode {
        node: node.id,
        kind: node.kind,
        overrides: overrides.remove(&node.id).unwrap_or_default(),
        locks: locks.remove(&node.id).unwrap_or_default(),
    });
    Chain::new(nodes.collect()).map(Some).map_err(|error| StoreError::corrupt("node_closure", error))
}

type ByNode<T> = BTreeMap<NodeId, BTreeMap<SettingKey, T>>;

/// What the node and all above it have set, in one query.
fn load_overrides(db: &mut Db, node: NodeId) -> Result<ByNode<SettingValue>, StoreError> {
    let rows: Vec<(NodeId, String, DbJson)> = node_setting::table
        .filter(node_setting::site_id.eq_any(ancestors(&[node])))
        .select((node_setting::site_id, node_setting::setting_key, node_setting::value))
        .load(db)?;
    let mut found = ByNode::new();
    for (site, key, value) in rows {
        let key: SettingKey = key.parse().map_err(|error| StoreError::corrupt("node_setting", error))?;
        let value = key.read(&value.0).map_err(|error| StoreError::corrupt("node_setting", error))?;
        found.entry(site).or_default().insert(key, value);
    }
    Ok(found)
}

/// What the node and all above it have decided about locks, in one query.
fn load_locks(db: &mut Db, node: NodeId) -> Result<ByNode<LockDecision>, StoreError> {
    let rows: Vec<(NodeId, String, bool)> = node_lock::table
        .filter(node_lock::site_id.eq_any(ancestors(&[node])))
        .select((node_lock::site_id, node_lock::setting_key, node_lock::locked))
        .load(db)?;
    let mut found = ByNode::new();
    for (site, key, locked) in rows {
        let key: SettingKey = key.parse().map_err(|error| StoreError::corrupt("node_lock", error))?;
        let decision = if locked { LockDecision::Locked } else { LockDecision::Unlocked };
        found.entry(site).or_default().insert(key, decision);
    }
    Ok(found)
}

/// Sets a value of the node's own.
pub fn put(
    db: &mut Db,
    node: NodeId,
    (key, value): (SettingKey, &SettingValue),
    written: Written,
) -> Result<(), StoreError> {
    let change = (
        node_setting::value.eq(DbJson(value.as_json().clone())),
        node_setting::updated_by.eq(written.by.map(DbId::from)),
        node_setting::updated_at.eq(DbTime::from(written.at)),
    );
    let row = (node_setting::site_id.eq(DbId::from(node)), node_setting::setting_key.eq(key.as_str()), change.clone());
    each!(db, |c| {
        diesel::insert_into(node_setting::table)
            .values(row)
            .on_conflict((node_setting::site_id, node_setting::setting_key))
            .do_update()
            .set(change)
            .execute(c)
    })?;
    Ok(())
}

/// Gives the node's own value up. Refused when it had none.
pub fn delete(db: &mut Db, node: NodeId, key: SettingKey) -> Result<Outcome, StoreError> {
    let rows = diesel::delete(node_setting::table.find((DbId::from(node), key.as_str()))).execute(db)?;
    Ok(Outcome::of(rows))
}

/// Writes the node's decision about a lock down.
pub fn put_lock(
    db: &mut Db,
    node: NodeId,
    (key, decision): (SettingKey, LockDecision),
    written: Written,
) -> Result<(), StoreError> {
    let change = (
        node_lock::locked.eq(decision == LockDecision::Locked),
        node_lock::updated_by.eq(written.by.map(DbId::from)),
        node_lock::updated_at.eq(DbTime::from(written.at)),
    );
    let row = (node_lock::site_id.eq(DbId::from(node)), node_lock::setting_key.eq(key.as_str()), change);
    each!(db, |c| {
        diesel::insert_into(node_lock::table)
            .values(row)
            .on_conflict((node_lock::site_id, node_lock::setting_key))
            .do_update()
            .set(change)
            .execute(c)
    })?;
    Ok(())
}

/// Takes the node's decision about a lock away, so that the default is back.
pub fn delete_lock(db: &mut Db, node: NodeId, key: SettingKey) -> Result<Outcome, StoreError> {
    let rows = diesel::delete(node_lock::table.find((DbId::from(node), key.as_str()))).execute(db)?;
    Ok(Outcome::of(rows))
}
