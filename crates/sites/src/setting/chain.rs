//! The way from the head to a node, with what each node set and locked: which value is in force there, and who may change it.

use std::collections::BTreeMap;

use huike_kernel::NodeId;
use serde::Serialize;
use serde_json::Value;

use super::{SettingKey, SettingValue};
use crate::{NODE_DEPTH_MAX, NodeKind, SitesError};

huike_kernel::words! {
    /// What a node has decided about a lock. Most nodes have decided nothing.
    LockDecision, "lock decision" {
        /// The nodes below take this node's value.
        Locked = "locked",
        /// The head takes a default lock off.
        Unlocked = "unlocked",
    }
}

/// What one node of the way has set and locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainNode {
    /// Which node.
    pub node: NodeId,
    /// What it is.
    pub kind: NodeKind,
    /// Its own values.
    pub overrides: BTreeMap<SettingKey, SettingValue>,
    /// Its decisions about locks.
    pub locks: BTreeMap<SettingKey, LockDecision>,
}

/// The nodes from the head to the node in question, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    above: Vec<ChainNode>,
    here: ChainNode,
}

impl Chain {
    /// Takes a chain, head first; refused unless it is a way down a lawful tree.
    pub fn new(mut nodes: Vec<ChainNode>) -> Result<Self, SitesError> {
        let is_way = nodes.iter().zip(nodes.iter().skip(1)).all(|(parent, child)| parent.kind.may_hold(child.kind));
        let starts_at_head = nodes.first().is_some_and(|node| node.kind == NodeKind::Head);
        if !is_way || !starts_at_head || nodes.len() > NODE_DEPTH_MAX {
            return Err(SitesError::NodeChainBroken);
        }
        let here = nodes.pop().ok_or(SitesError::NodeChainBroken)?;
        Ok(Self { above: nodes, here })
    }

    /// The node in question.
    pub const fn here(&self) -> NodeId {
        self.here.node
    }

    /// How many nodes the chain has.
    pub fn depth(&self) -> usize {
        self.above.len().saturating_add(1)
    }

    /// The highest node above this one that locks the key: it decides, this node does not.
    pub fn locked_above(&self, key: SettingKey) -> Option<NodeId> {
        self.above.iter().find(|node| locks(node, key)).map(|node| node.node)
    }

    /// The highest node, this one included, that locks the key for what stands below.
    pub fn locked_for_children(&self, key: SettingKey) -> Option<NodeId> {
        self.locked_above(key).or_else(|| locks(&self.here, key).then_some(self.here.node))
    }

    fn nodes(&self) -> impl DoubleEndedIterator<Item = &ChainNode> {
        self.above.iter().chain(std::iter::once(&self.here))
    }
}

/// Whether the node locks the key for the nodes below it. The head locks what is locked by default, unless it decided otherwise.
fn locks(node: &ChainNode, key: SettingKey) -> bool {
    match node.locks.get(&key) {
        Some(LockDecision::Locked) => true,
        Some(LockDecision::Unlocked) => false,
        None => node.kind == NodeKind::Head && key.is_locked_by_default(),
    }
}

/// The value in force at a node, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResolvedSetting {
    /// Which setting.
    pub key: SettingKey,
    /// The value in force.
    pub value: SettingValue,
    /// The node that set it; `None` for the default.
    pub from: Option<NodeId>,
    /// The node above that keeps this one from changing it.
    pub locked_by: Option<NodeId>,
    /// Whether this node keeps those below from changing it.
    pub locks_below: bool,
}

/// Resolves one setting: the nearest value set at or above the node, but nothing set below a lock counts.
///
/// A lock works at once and hides what nodes below had set before; unlocking brings it back.
pub fn resolve(chain: &Chain, key: SettingKey) -> ResolvedSetting {
    let decider = chain.locked_above(key).unwrap_or(chain.here.node);
    let counts = |node: &&ChainNode| node.kind != NodeKind::Store || key.is_for_stores();
    let found = chain
        .nodes()
        .rev()
        .skip_while(|node| node.node != decider)
        .filter(counts)
        .find_map(|node| node.overrides.get(&key).map(|value| (node.node, value.clone())));
    ResolvedSetting {
        key,
        from: found.as_ref().map(|(node, _)| *node),
        value: found.map_or_else(|| key.default_value(), |(_, value)| value),
        locked_by: chain.locked_above(key),
        locks_below: locks(&chain.here, key),
    }
}

/// Resolves every setting, in the order of the catalogue.
pub fn resolve_all(chain: &Chain) -> Vec<ResolvedSetting> {
    SettingKey::ALL.iter().map(|key| resolve(chain, *key)).collect()
}

/// Decides whether the last node of the chain may set the key to a value, and gives the value as it is stored.
pub fn decide_override(chain: &Chain, key: SettingKey, value: &Value) -> Result<SettingValue, SitesError> {
    decide_may_decide(chain, key)?;
    key.read(value)
}

/// What to do with the node's own decision about a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum LockWrite {
    /// Write it down.
    Set(LockDecision),
    /// Delete it; the default is what is wanted.
    Clear,
}

/// Decides whether the last node may lock the key for those below.
pub fn decide_lock(chain: &Chain, key: SettingKey) -> Result<LockWrite, SitesError> {
    if chain.here.kind == NodeKind::Store {
        return Err(SitesError::SettingNotForStores { key });
    }
    decide_may_decide(chain, key)?;
    if is_default_lock(chain, key) {
        return Ok(LockWrite::Clear);
    }
    Ok(LockWrite::Set(LockDecision::Locked))
}

/// Decides whether the last node may take its lock off. What a node above locked stays locked; only the head takes a default
/// lock off.
pub fn decide_unlock(chain: &Chain, key: SettingKey) -> Result<LockWrite, SitesError> {
    if let Some(by) = chain.locked_above(key) {
        return Err(SitesError::SettingLocked { key, by });
    }
    if !locks(&chain.here, key) {
        return Err(SitesError::SettingNotLocked { key });
    }
    if is_default_lock(chain, key) {
        return Ok(LockWrite::Set(LockDecision::Unlocked));
    }
    Ok(LockWrite::Clear)
}

fn decide_may_decide(chain: &Chain, key: SettingKey) -> Result<(), SitesError> {
    if chain.here.kind == NodeKind::Store && !key.is_for_stores() {
        return Err(SitesError::SettingNotForStores { key });
    }
    if let Some(by) = chain.locked_above(key) {
        return Err(SitesError::SettingLocked { key, by });
    }
    Ok(())
}

fn is_default_lock(chain: &Chain, key: SettingKey) -> bool {
    chain.here.kind == NodeKind::Head && key.is_locked_by_default()
}
