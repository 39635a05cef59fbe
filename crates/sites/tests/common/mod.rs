//! Short words for trees and settings in tests.

use huike_kernel::NodeId;
use huike_sites::{Chain, ChainNode, LockDecision, NodeKind, SettingKey, SettingValue};
use serde_json::Value;

pub(crate) fn node(n: usize) -> NodeId {
    format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
}

pub(crate) fn value(key: SettingKey, json: Value) -> SettingValue {
    key.read(&json).unwrap()
}

/// One node of a chain, numbered, with its values and lock decisions.
pub(crate) fn link(
    n: usize,
    kind: NodeKind,
    overrides: &[(SettingKey, Value)],
    locks: &[(SettingKey, LockDecision)],
) -> ChainNode {
    ChainNode {
        node: node(n),
        kind,
        overrides: overrides.iter().map(|(key, json)| (*key, value(*key, json.clone()))).collect(),
        locks: locks.iter().copied().collect(),
    }
}

pub(crate) fn chain(nodes: Vec<ChainNode>) -> Chain {
    Chain::new(nodes).unwrap()
}
