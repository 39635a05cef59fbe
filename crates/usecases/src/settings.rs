//! Settings of nodes: overriding, giving up, locking, unlocking, and where each value comes from.

use huike_access::{AccessError, Permission};
use huike_kernel::{Actor, NodeId};
use huike_persistence::{
    Db, Outcome,
    settings::{self, Written},
};
use huike_sites::{
    Chain, LockWrite, Node, ResolvedSetting, SettingKey, decide_lock, decide_override, decide_unlock, resolve,
    resolve_all,
};
use serde_json::{Value, json};

use crate::{
    Act, Caller, UseCaseError,
    record::{self, Change},
    sites::lock_node,
};

/// Everything in force at a node, and why.
pub fn explain(db: &mut Db, caller: &Caller, node: NodeId) -> Result<Vec<ResolvedSetting>, UseCaseError> {
    caller.reach(db, node, Permission::SettingRead, "node")?;
    Ok(resolve_all(&find_chain(db, node)?))
}

/// Sets a value of the node's own.
pub fn put_setting(
    db: &mut Db,
    act: &Act<'_>,
    (node, key): (NodeId, SettingKey),
    value: &Value,
) -> Result<ResolvedSetting, UseCaseError> {
    let chain = open(db, act, node, (key, Permission::SettingWrite))?;
    let value = decide_override(&chain, key, value)?;
    settings::put(db, node, (key, &value), written(act))?;
    close(db, act, ("setting.write", key), &chain)
}

/// Gives the node's own value up, so that it inherits again.
pub fn remove_setting(
    db: &mut Db,
    act: &Act<'_>,
    (node, key): (NodeId, SettingKey),
) -> Result<ResolvedSetting, UseCaseError> {
    let chain = open(db, act, node, (key, Permission::SettingWrite))?;
    if settings::delete(db, node, key)? == Outcome::Refused {
        return Err(UseCaseError::NotFound("value of the node's own"));
    }
    close(db, act, ("setting.remove", key), &chain)
}

/// Keeps the nodes below from setting the key.
pub fn lock_setting(
    db: &mut Db,
    act: &Act<'_>,
    (node, key): (NodeId, SettingKey),
) -> Result<ResolvedSetting, UseCaseError> {
    let chain = open(db, act, node, (key, Permission::SettingLock))?;
    let write = decide_lock(&chain, key)?;
    write_lock(db, act, (node, key), write)?;
    close(db, act, ("setting.lock", key), &chain)
}

/// Lets the nodes below set the key.
pub fn unlock_setting(
    db: &mut Db,
    act: &Act<'_>,
    (node, key): (NodeId, SettingKey),
) -> Result<ResolvedSetting, UseCaseError> {
    let chain = open(db, act, node, (key, Permission::SettingLock))?;
    let write = decide_unlock(&chain, key)?;
    write_lock(db, act, (node, key), write)?;
    close(db, act, ("setting.unlock", key), &chain)
}

/// Locks the node, checks that the caller may decide on the key there, and loads the chain.
fn open(
    db: &mut Db,
    act: &Act<'_>,
    id: NodeId,
    (key, permission): (SettingKey, Permission),
) -> Result<Chain, UseCaseError> {
    let node: Node = lock_node(db, act, id, permission)?;
    let needed = match permission {
        Permission::SettingLock => key.lock_permission(),
        _ => key.write_permission(),
    };
    let needed: Permission = needed.parse().map_err(AccessError::from)?;
    if needed != permission {
        // The caller's scope was made for the operation's own permission.
        act.reach_afresh(db, id, needed, "node")?;
    }
    node.decide_active()?;
    find_chain(db, id)
}

fn find_chain(db: &mut Db, node: NodeId) -> Result<Chain, UseCaseError> {
    settings::find_chain(db, node)?.ok_or(UseCaseError::NotFound("node"))
}

fn write_lock(
    db: &mut Db,
    act: &Act<'_>,
    (node, key): (NodeId, SettingKey),
    write: LockWrite,
) -> Result<(), UseCaseError> {
    match write {
        LockWrite::Set(decision) => settings::put_lock(db, node, (key, decision), written(act))?,
        // Refused means that nothing was written down, which is what is wanted.
        LockWrite::Clear => drop(settings::delete_lock(db, node, key)?),
    }
    Ok(())
}

/// Writes the audit row, and answers with what is now in force.
fn close(
    db: &mut Db,
    act: &Act<'_>,
    (action, key): (&'static str, SettingKey),
    before: &Chain,
) -> Result<ResolvedSetting, UseCaseError> {
    let node = before.here();
    let after = resolve(&find_chain(db, node)?, key);
    let change = Change {
        action,
        subject_kind: "node",
        subject: node.to_string(),
        before: json!(resolve(before, key)),
        after: json!(after),
    };
    record::audit(db, act, node, change)?;
    Ok(after)
}

fn written(act: &Act<'_>) -> Written {
    let by = match act.actor() {
        Actor::Staff(id) => Some(id),
        Actor::Customer(_) | Actor::Integration(_) | Actor::System => None,
    };
    Written { by, at: act.now }
}
