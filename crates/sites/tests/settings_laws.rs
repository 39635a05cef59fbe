//! Laws of inheritance that hold for every tree.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{chain, link};
use huike_sites::{
    Chain, ChainNode, LockDecision, NodeKind, SettingKey, decide_lock, decide_override, decide_unlock, resolve,
    resolve_all,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A fitting value for the key that tells its writer apart.
fn sample(key: SettingKey, n: usize) -> Value {
    match key {
        SettingKey::BrandName | SettingKey::Slogan | SettingKey::AfterSalesPolicy => json!(format!("text {n}")),
        SettingKey::PrivacyTerms | SettingKey::LegalTerms => json!(format!("terms {n}")),
        SettingKey::Font => json!(format!("Font {n}")),
        SettingKey::Logo => json!(format!("/logo-{n}.svg")),
        SettingKey::MainColour | SettingKey::AccentColour => json!(format!("#{n:06X}")),
        SettingKey::Banner => json!({ "image": format!("/banner-{n}.jpg"), "link": null, "alt": null }),
        SettingKey::Blocks => json!(["stores"]),
        SettingKey::Modules => json!({ "points": n.is_multiple_of(2) }),
        SettingKey::ReviewPolicy => json!({ "kind": "above_amount", "amount": format!("{n}.00") }),
        SettingKey::UnredeemWindow => json!({ "kind": "minutes", "minutes": n }),
        SettingKey::Pricing => json!({
            "selection": "priority", "refund": "apportion", "points_per_yuan": n, "points_share_max": "0.5",
        }),
        SettingKey::Orders => json!({ "unpaid_minutes": n % 1_440 + 1 }),
    }
}

fn keys() -> impl Strategy<Value = SettingKey> {
    prop::sample::select(SettingKey::ALL)
}

fn locks() -> impl Strategy<Value = LockDecision> {
    prop::sample::select(LockDecision::ALL)
}

/// Any way down a tree, each node with any values and any lock decisions, lawful or not.
fn chains() -> impl Strategy<Value = Vec<ChainNode>> {
    let kinds = (0usize..4, any::<bool>(), any::<bool>()).prop_map(|(regions, site, store)| {
        let mut kinds = vec![NodeKind::Head];
        kinds.extend(vec![NodeKind::Region; regions]);
        kinds.extend(site.then_some(NodeKind::Site));
        kinds.extend((site && store).then_some(NodeKind::Store));
        kinds
    });
    kinds.prop_flat_map(|kinds| {
        let facts = (prop::collection::btree_set(keys(), 0..8), prop::collection::btree_map(keys(), locks(), 0..6));
        prop::collection::vec(facts, kinds.len()).prop_map(move |facts| {
            let nodes = kinds.iter().zip(facts).enumerate();
            nodes
                .map(|(n, (kind, (set, locks)))| {
                    let overrides: Vec<_> = set.into_iter().map(|key| (key, sample(key, n + 1))).collect();
                    link(n + 1, *kind, &overrides, &locks.into_iter().collect::<Vec<_>>())
                })
                .collect()
        })
    })
}

/// The rule once more, in the plainest words: walk down, take every value, stop at the first lock.
fn walk_down(nodes: &[ChainNode], key: SettingKey) -> Option<usize> {
    let mut from = None;
    for (index, node) in nodes.iter().enumerate() {
        let is_able = node.kind != NodeKind::Store || key.is_for_stores();
        if is_able && node.overrides.contains_key(&key) {
            from = Some(index);
        }
        let locks = match node.locks.get(&key) {
            Some(decision) => *decision == LockDecision::Locked,
            None => index == 0 && key.is_locked_by_default(),
        };
        if locks {
            break;
        }
    }
    from
}

proptest! {
    #[test]
    fn looking_up_and_walking_down_agree(nodes in chains(), key in keys()) {
        let resolved = resolve(&chain(nodes.clone()), key);
        prop_assert_eq!(resolved.from, walk_down(&nodes, key).map(|index| nodes[index].node));
    }

    #[test]
    fn a_locked_key_has_the_value_in_force_at_the_node_that_locks(nodes in chains(), key in keys()) {
        let resolved = resolve(&chain(nodes.clone()), key);
        if let Some(by) = resolved.locked_by {
            let upto = nodes.iter().position(|node| node.node == by).unwrap();
            let there = resolve(&chain(nodes[..=upto].to_vec()), key);
            prop_assert_eq!((resolved.value, resolved.from), (there.value, there.from));
        }
    }

    #[test]
    fn what_a_node_below_a_lock_sets_changes_nothing(nodes in chains(), key in keys()) {
        let before = resolve(&chain(nodes.clone()), key);
        if before.locked_by.is_some() {
            let mut after = nodes;
            let last = after.last_mut().unwrap();
            last.overrides.insert(key, common::value(key, sample(key, 99)));
            prop_assert_eq!(resolve(&chain(after), key).value, before.value);
        }
    }

    #[test]
    fn what_is_allowed_takes_effect_and_what_is_refused_would_not(nodes in chains(), key in keys()) {
        let before = chain(nodes.clone());
        let allowed = decide_override(&before, key, &sample(key, 99));
        let mut after = nodes;
        after.last_mut().unwrap().overrides.insert(key, common::value(key, sample(key, 99)));
        let resolved = resolve(&chain(after), key);
        match allowed {
            Ok(value) => prop_assert_eq!((&resolved.value, resolved.from), (&value, Some(before.here()))),
            Err(_) => prop_assert_eq!(resolved, resolve(&before, key)),
        }
    }

    #[test]
    fn settings_do_not_touch_each_other(nodes in chains(), key in keys(), other in keys()) {
        prop_assume!(key != other);
        let before = resolve(&chain(nodes.clone()), key);
        let mut after = nodes;
        for (n, node) in after.iter_mut().enumerate() {
            node.overrides.insert(other, common::value(other, sample(other, n + 50)));
            node.locks.insert(other, LockDecision::Locked);
        }
        prop_assert_eq!(resolve(&chain(after), key), before);
    }

    #[test]
    fn all_at_once_is_each_alone(nodes in chains()) {
        let chain = chain(nodes);
        let each: Vec<_> = SettingKey::ALL.iter().map(|key| resolve(&chain, *key)).collect();
        prop_assert_eq!(resolve_all(&chain), each);
    }

    #[test]
    fn the_order_in_which_values_were_written_does_not_matter(
        writes in prop::collection::btree_map(keys(), 1usize..90, 0..10), seed in any::<u64>(),
    ) {
        let forward: Vec<_> = writes.iter().map(|(key, n)| (*key, sample(*key, *n))).collect();
        let mut turned = forward.clone();
        if !turned.is_empty() {
            let by = usize::try_from(seed % 97).unwrap() % turned.len();
            turned.rotate_left(by);
        }
        turned.reverse();
        let of = |writes: &[(SettingKey, Value)]| resolve_all(&chain(vec![link(1, NodeKind::Head, writes, &[])]));
        prop_assert_eq!(of(&forward), of(&turned));
    }

    #[test]
    fn a_node_locks_or_unlocks_but_never_both_and_never_under_a_lock(nodes in chains(), key in keys()) {
        let chain: Chain = chain(nodes);
        let (lock, unlock) = (decide_lock(&chain, key), decide_unlock(&chain, key));
        if chain.locked_above(key).is_some() {
            prop_assert!(lock.is_err() && unlock.is_err());
        }
        if unlock.is_ok() {
            prop_assert_eq!(chain.locked_for_children(key), Some(chain.here()));
        }
    }
}
