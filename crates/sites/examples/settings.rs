//! A head, a region and a site: what the site inherits, what it may change, and what it is refused.
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::collections::BTreeMap;

use huike_kernel::DomainError;
use huike_sites::{Chain, ChainNode, LockDecision, NodeKind, SettingKey, decide_override, resolve_all};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let head = ChainNode {
        node: "00000000-0000-7000-8000-000000000001".parse()?,
        kind: NodeKind::Head,
        overrides: BTreeMap::from([
            (SettingKey::BrandName, SettingKey::BrandName.read(&json!("小熊母婴"))?),
            (SettingKey::Slogan, SettingKey::Slogan.read(&json!("陪你长大"))?),
        ]),
        locks: BTreeMap::new(),
    };
    let region = ChainNode {
        node: "00000000-0000-7000-8000-000000000002".parse()?,
        kind: NodeKind::Region,
        overrides: BTreeMap::from([(SettingKey::Modules, SettingKey::Modules.read(&json!({ "coupons": true }))?)]),
        locks: BTreeMap::from([(SettingKey::Modules, LockDecision::Locked)]),
    };
    let site = ChainNode {
        node: "00000000-0000-7000-8000-000000000003".parse()?,
        kind: NodeKind::Site,
        overrides: BTreeMap::new(),
        locks: BTreeMap::new(),
    };
    let chain = Chain::new(vec![head, region, site])?;

    for setting in resolve_all(&chain) {
        let from = setting.from.map_or("default".to_owned(), |node| node.to_string());
        let locked = if setting.locked_by.is_some() { ", locked" } else { "" };
        println!("{:<20} {}  ({from}{locked})", setting.key, setting.value.as_json());
    }
    for (key, value) in [
        (SettingKey::Slogan, json!("广州的小熊")),
        (SettingKey::MainColour, json!("#00AA00")),
        (SettingKey::Modules, json!({ "points": true })),
        (SettingKey::AccentColour, json!("green")),
    ] {
        match decide_override(&chain, key, &value) {
            Ok(value) => println!("the site may set {key} to {}", value.as_json()),
            Err(refused) => println!("refused: {refused} ({})", refused.code()),
        }
    }
    Ok(())
}
