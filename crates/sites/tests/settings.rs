//! Which value is in force at a node, and who may change it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{chain, link, node};
use huike_kernel::{DomainError, ErrorKind};
use huike_sites::{
    Chain, ChainNode,
    LockDecision::{Locked, Unlocked},
    LockWrite, NodeKind, SettingKey, SitesError, decide_lock, decide_override, decide_unlock, resolve,
};
use serde_json::json;

const SLOGAN: SettingKey = SettingKey::Slogan;
const COLOUR: SettingKey = SettingKey::MainColour;

fn head() -> ChainNode {
    link(1, NodeKind::Head, &[], &[])
}

fn region() -> ChainNode {
    link(2, NodeKind::Region, &[], &[])
}

fn site() -> ChainNode {
    link(3, NodeKind::Site, &[], &[])
}

fn store() -> ChainNode {
    link(4, NodeKind::Store, &[], &[])
}

#[test]
fn without_any_override_the_default_is_in_force() {
    let resolved = resolve(&chain(vec![head(), region(), site()]), SLOGAN);
    assert_eq!((resolved.value, resolved.from), (SLOGAN.default_value(), None));
}

#[test]
fn the_nearest_override_wins_and_says_where_it_is_from() {
    let head = link(1, NodeKind::Head, &[(SLOGAN, json!("head"))], &[]);
    let region = link(2, NodeKind::Region, &[(SLOGAN, json!("region"))], &[]);
    let at_site = resolve(&chain(vec![head.clone(), region.clone(), site()]), SLOGAN);
    assert_eq!((at_site.value.as_json(), at_site.from), (&json!("region"), Some(node(2))));
    let at_head = resolve(&chain(vec![head]), SLOGAN);
    assert_eq!(at_head.from, Some(node(1)));
}

#[test]
fn a_null_is_a_value_of_its_own_and_hides_what_is_above() {
    let head = link(1, NodeKind::Head, &[(SLOGAN, json!("head"))], &[]);
    let site = link(3, NodeKind::Site, &[(SLOGAN, json!(null))], &[]);
    let resolved = resolve(&chain(vec![head, site]), SLOGAN);
    assert_eq!((resolved.value.as_json(), resolved.from), (&json!(null), Some(node(3))));
}

#[test]
fn a_default_lock_is_held_by_the_head_and_refused_with_the_reason() {
    let at_site = chain(vec![head(), region(), site()]);
    let refused = decide_override(&at_site, COLOUR, &json!("#00FF00")).unwrap_err();
    assert_eq!(refused, SitesError::SettingLocked { key: COLOUR, by: node(1) });
    assert_eq!((refused.code(), refused.kind()), ("setting_locked", ErrorKind::Conflict));
    assert_eq!(refused.details().unwrap(), json!({ "key": "main_colour", "locked_by": node(1) }));
    assert!(decide_override(&chain(vec![head()]), COLOUR, &json!("#00ff00")).is_ok(), "the head itself decides");
}

#[test]
fn once_the_head_unlocks_a_site_overrides_and_a_region_may_lock_again() {
    let head = link(1, NodeKind::Head, &[], &[(COLOUR, Unlocked)]);
    let at_site = chain(vec![head.clone(), region(), site()]);
    assert!(decide_override(&at_site, COLOUR, &json!("#00FF00")).is_ok());
    let region = link(2, NodeKind::Region, &[], &[(COLOUR, Locked)]);
    let at_site = chain(vec![head, region, site()]);
    assert_eq!(
        decide_override(&at_site, COLOUR, &json!("#00FF00")),
        Err(SitesError::SettingLocked { key: COLOUR, by: node(2) })
    );
}

#[test]
fn a_lock_works_at_once_and_unlocking_brings_the_old_value_back() {
    let site = link(3, NodeKind::Site, &[(SLOGAN, json!("ours"))], &[]);
    let locked = link(1, NodeKind::Head, &[(SLOGAN, json!("head"))], &[(SLOGAN, Locked)]);
    let resolved = resolve(&chain(vec![locked, site.clone()]), SLOGAN);
    assert_eq!((resolved.value.as_json(), resolved.locked_by), (&json!("head"), Some(node(1))));
    let free = link(1, NodeKind::Head, &[(SLOGAN, json!("head"))], &[]);
    assert_eq!(resolve(&chain(vec![free, site]), SLOGAN).value.as_json(), &json!("ours"));
}

#[test]
fn the_locking_node_itself_still_decides() {
    let region = link(2, NodeKind::Region, &[(SLOGAN, json!("region"))], &[(SLOGAN, Locked)]);
    let at_region = chain(vec![head(), region]);
    let resolved = resolve(&at_region, SLOGAN);
    assert_eq!((resolved.locked_by, resolved.locks_below), (None, true));
    assert!(decide_override(&at_region, SLOGAN, &json!("new")).is_ok());
}

#[test]
fn an_unlock_below_the_head_never_undoes_a_lock_above() {
    let head = link(1, NodeKind::Head, &[], &[(SLOGAN, Locked)]);
    let region = link(2, NodeKind::Region, &[], &[(SLOGAN, Unlocked), (COLOUR, Unlocked)]);
    let at_site = chain(vec![head, region, site()]);
    for (key, json) in [(SLOGAN, json!("ours")), (COLOUR, json!("#000000"))] {
        assert_eq!(decide_override(&at_site, key, &json), Err(SitesError::SettingLocked { key, by: node(1) }));
    }
}

#[test]
fn locking_and_unlocking_are_for_whoever_holds_the_lock() {
    let locked_above = chain(vec![link(1, NodeKind::Head, &[], &[(SLOGAN, Locked)]), region()]);
    let refused = SitesError::SettingLocked { key: SLOGAN, by: node(1) };
    assert_eq!(decide_unlock(&locked_above, SLOGAN), Err(refused.clone()));
    assert_eq!(decide_lock(&locked_above, SLOGAN), Err(refused));

    let free = chain(vec![head(), region()]);
    assert_eq!(decide_lock(&free, SLOGAN), Ok(LockWrite::Set(Locked)));
    assert_eq!(decide_unlock(&free, SLOGAN), Err(SitesError::SettingNotLocked { key: SLOGAN }));
    let own = chain(vec![head(), link(2, NodeKind::Region, &[], &[(SLOGAN, Locked)])]);
    assert_eq!(decide_unlock(&own, SLOGAN), Ok(LockWrite::Clear));
}

#[test]
fn only_the_head_takes_a_default_lock_off_and_puts_it_back() {
    assert_eq!(decide_unlock(&chain(vec![head()]), COLOUR), Ok(LockWrite::Set(Unlocked)));
    let unlocked = link(1, NodeKind::Head, &[], &[(COLOUR, Unlocked)]);
    assert_eq!(decide_lock(&chain(vec![unlocked]), COLOUR), Ok(LockWrite::Clear));
    assert!(decide_unlock(&chain(vec![head(), region()]), COLOUR).is_err());
}

#[test]
fn a_store_has_its_own_banner_but_no_rules_and_no_locks() {
    let at_store = chain(vec![head(), site(), store()]);
    assert!(decide_override(&at_store, SLOGAN, &json!("街角那家")).is_ok());
    for key in [SettingKey::ReviewPolicy, SettingKey::UnredeemWindow, SettingKey::Modules, SettingKey::BrandName] {
        let json = key.default_value().into_json();
        assert_eq!(decide_override(&at_store, key, &json), Err(SitesError::SettingNotForStores { key }));
    }
    assert_eq!(decide_lock(&at_store, SLOGAN), Err(SitesError::SettingNotForStores { key: SLOGAN }));
}

#[test]
fn a_store_never_weakens_the_review_policy_even_if_a_row_says_so() {
    let policy = SettingKey::ReviewPolicy;
    let sneaky = link(4, NodeKind::Store, &[(policy, json!({ "kind": "self_publish", "budget_cap": "999999" }))], &[]);
    let resolved = resolve(&chain(vec![head(), site(), sneaky]), policy);
    assert_eq!(resolved.value, policy.default_value());
}

#[test]
fn the_review_policy_takes_a_permission_of_its_own() {
    for key in SettingKey::ALL {
        let apart = *key == SettingKey::ReviewPolicy;
        assert_eq!(key.write_permission(), if apart { "review_policy.set" } else { "setting.write" });
        assert_eq!(key.lock_permission(), if apart { "review_policy.set" } else { "setting.lock" });
    }
}

#[test]
fn a_chain_that_is_no_way_down_a_tree_is_refused() {
    for nodes in [vec![], vec![site()], vec![head(), store()], vec![head(), head()]] {
        assert_eq!(Chain::new(nodes), Err(SitesError::NodeChainBroken));
    }
}

#[test]
fn exactly_what_the_brand_promises_is_locked_by_default() {
    let locked: Vec<_> =
        SettingKey::ALL.iter().filter(|key| key.is_locked_by_default()).map(|key| key.as_str()).collect();
    assert_eq!(
        locked,
        ["brand_name", "logo", "main_colour", "font", "after_sales_policy", "privacy_terms", "legal_terms"]
    );
}

#[test]
fn the_readme_shows_the_catalogue_of_the_code() {
    let readme = include_str!("../README.md");
    for key in SettingKey::ALL {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).unwrap();
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let yes = |is: bool| if is { "yes" } else { "no" };
        assert_eq!(cells[2], yes(key.is_locked_by_default()), "{key}");
        assert_eq!(cells[3], yes(key.is_for_stores()), "{key}");
        assert_eq!(cells[4], format!("`{}`", key.default_value().as_json()), "{key}");
    }
}
