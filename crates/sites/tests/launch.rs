//! Launching a site in one form.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{chain, link, node};
use huike_kernel::Text;
use huike_sites::{
    Blueprint, Chain, LaunchForm, LaunchPlan, LockDecision::Locked, Node, NodeKind, NodeState, SettingKey, SitesError,
    decide_launch,
};
use serde_json::{Value, json};

fn region() -> Node {
    Node {
        id: node(2),
        kind: NodeKind::Region,
        parent: Some(node(1)),
        name: Text::new("华南").unwrap(),
        code: "south".parse().unwrap(),
        zone: "Asia/Urumqi".parse().unwrap(),
        area: None,
        state: NodeState::Active,
        version: 1,
    }
}

fn free_chain() -> Chain {
    chain(vec![link(1, NodeKind::Head, &[], &[]), link(2, NodeKind::Region, &[], &[])])
}

fn blueprint() -> Blueprint {
    serde_json::from_value(json!({
        "name": "社区店",
        "look": {
            "accent_colour": "#00aa00",
            "slogan": "就在楼下",
            "blocks": ["banner", "coupons"],
            "modules": { "coupons": true, "points": true },
        },
    }))
    .unwrap()
}

fn form(look: Value) -> LaunchForm {
    let store = |code: &str| {
        json!({
            "store": { "name": "体育西店", "code": code },
            "page": { "address": "体育西路 1 号", "phone": "020-88886666" },
        })
    };
    serde_json::from_value(json!({
        "site": { "name": "广州", "code": "gz", "area": "440100" },
        "look": look,
        "stores": [store("gz-01"), store("gz-02")],
    }))
    .unwrap()
}

fn written(plan: &LaunchPlan) -> Value {
    plan.settings
        .iter()
        .map(|(key, value)| (key.to_string(), value.as_json().clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn the_form_wins_over_the_blueprint_switch_by_switch() {
    let look = json!({ "slogan": "老广州的味道", "modules": { "points": false, "group_buy": true } });
    let plan = decide_launch(&region(), &free_chain(), Some(&blueprint()), form(look)).unwrap();
    assert_eq!(
        written(&plan),
        json!({
            "accent_colour": "#00AA00",
            "slogan": "老广州的味道",
            "blocks": ["banner", "coupons"],
            "modules": { "coupons": true, "points": false, "group_buy": true },
        })
    );
    assert!(plan.left_out.is_empty());
}

#[test]
fn without_blueprint_and_look_everything_is_inherited() {
    let plan = decide_launch(&region(), &free_chain(), None, form(json!({}))).unwrap();
    assert_eq!(written(&plan), json!({}));
}

#[test]
fn stores_take_area_and_zone_from_their_site_and_the_site_its_zone_from_above() {
    let plan = decide_launch(&region(), &free_chain(), None, form(json!({}))).unwrap();
    assert_eq!((plan.site.kind, plan.site.zone), (NodeKind::Site, region().zone));
    assert_eq!(plan.stores.len(), 2);
    for store in &plan.stores {
        assert_eq!((store.node.kind, store.node.zone), (NodeKind::Store, region().zone));
        assert_eq!(store.node.area, Some("440100".parse().unwrap()));
    }
}

#[test]
fn a_locked_key_is_refused_when_asked_for_and_left_out_when_only_proposed() {
    let head = link(1, NodeKind::Head, &[], &[(SettingKey::Slogan, Locked)]);
    let locked = chain(vec![head, link(2, NodeKind::Region, &[], &[(SettingKey::Blocks, Locked)])]);
    let asked = decide_launch(&region(), &locked, None, form(json!({ "slogan": "ours" })));
    assert_eq!(asked, Err(SitesError::SettingLocked { key: SettingKey::Slogan, by: node(1) }));

    let plan = decide_launch(&region(), &locked, Some(&blueprint()), form(json!({}))).unwrap();
    assert_eq!(plan.left_out, [(SettingKey::Slogan, node(1)), (SettingKey::Blocks, node(2))]);
    assert!(plan.settings.iter().all(|(key, _)| !matches!(key, SettingKey::Slogan | SettingKey::Blocks)));
}

#[test]
fn codes_are_apart_within_the_form() {
    let mut twice = form(json!({}));
    twice.stores[1].store.code = twice.site.code.clone();
    let refused = decide_launch(&region(), &free_chain(), None, twice);
    assert_eq!(refused, Err(SitesError::NodeCodeTaken { code: "gz".parse().unwrap() }));
}

#[test]
fn one_form_opens_only_so_many_stores() {
    let mut many = form(json!({}));
    many.stores = vec![many.stores[0].clone(); 51];
    let refused = decide_launch(&region(), &free_chain(), None, many);
    assert_eq!(refused, Err(SitesError::LaunchTooManyStores { max: 50 }));
}

#[test]
fn no_site_is_launched_below_a_site_or_a_closed_region() {
    let closed = Node { state: NodeState::Closed, ..region() };
    assert!(matches!(decide_launch(&closed, &free_chain(), None, form(json!({}))), Err(SitesError::NodeClosed { .. })));
    let site = Node { kind: NodeKind::Site, ..region() };
    assert!(matches!(
        decide_launch(&site, &free_chain(), None, form(json!({}))),
        Err(SitesError::NodeKindMismatch { .. })
    ));
}

#[test]
fn a_chain_of_another_node_is_a_defect() {
    let other = chain(vec![link(1, NodeKind::Head, &[], &[])]);
    assert_eq!(decide_launch(&region(), &other, None, form(json!({}))), Err(SitesError::NodeChainBroken));
}

#[test]
fn a_launched_tree_leaves_room_for_its_stores() {
    let mut nodes = vec![link(1, NodeKind::Head, &[], &[])];
    nodes.extend((3..8).map(|n| link(n, NodeKind::Region, &[], &[])));
    nodes.push(link(2, NodeKind::Region, &[], &[]));
    let refused = decide_launch(&region(), &chain(nodes), None, form(json!({})));
    assert_eq!(refused, Err(SitesError::NodeTooDeep { max: 8 }));
}

#[test]
fn a_form_takes_no_unknown_members_and_no_key_a_launch_does_not_decide() {
    for look in [json!({ "main_colour": "#000000" }), json!({ "review_policy": { "kind": "required" } })] {
        let form = json!({ "site": { "name": "广州", "code": "gz" }, "look": look });
        assert!(serde_json::from_value::<LaunchForm>(form).is_err());
    }
}
