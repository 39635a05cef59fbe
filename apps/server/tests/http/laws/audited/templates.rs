//! Templates in the state that an act on them asks for.

use serde_json::json;

use crate::support::{
    Client,
    brand::{Brand, node, ten_off, with},
};

/// How far a template is to be brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Draft {
    Made,
    Submitted,
    Approved,
    Live,
    Paused,
    Killed,
}

impl Draft {
    /// What the operation can go well with.
    pub fn wanted_by(operation: &str) -> Option<Self> {
        match operation {
            "edit_template" | "submit_template" => Some(Self::Made),
            "withdraw_template" | "approve_template" | "reject_template" => Some(Self::Submitted),
            "publish_template" => Some(Self::Approved),
            "open_template_version"
            | "pause_template"
            | "kill_template"
            | "end_template"
            | "set_quotas"
            | "open_channel" => Some(Self::Live),
            "resume_template" => Some(Self::Paused),
            "lift_template_kill" => Some(Self::Killed),
            _ => None,
        }
    }
}

/// A template of that node.
pub async fn template_for(brand: &Brand, site: &str, wanted: Draft) -> String {
    let template = brand.draft(site, &ten_off(1_000)).await;
    let act = async |who: &Client, act: &str, body| brand.act(who, &template, act, body).await;
    if wanted >= Draft::Submitted {
        let submitted = act(&brand.owner, "submit", json!({})).await;
        if wanted >= Draft::Approved {
            act(&brand.approver, "approve", json!({ "version": submitted["version"] })).await;
        }
    }
    if wanted >= Draft::Live {
        act(&brand.owner, "publish", json!({})).await;
    }
    match wanted {
        Draft::Paused => drop(act(&brand.owner, "pause", json!({})).await),
        Draft::Killed => drop(act(&brand.owner, "kill", json!({ "reason": "券码泄露" })).await),
        _ => {}
    }
    template
}

/// Somebody who may publish alone, and the draft they may publish: a site under another head office would be needed for
/// a shop of one, so the policy lets small amounts pass without a second person.
pub async fn self_publishing(brand: &Brand) -> (Client, String) {
    let site = node(&brand.owner, &brand.head, "site", &format!("alone-{}", brand.next())).await;
    let policy = json!({ "value": { "kind": "above_amount", "amount": "100.00" } });
    brand.owner.put(&format!("/admin/v1/nodes/{site}/settings/review_policy"), &policy).await.ok();
    let rules = with(ten_off(4), "budget", json!({ "total": "50.00" }));
    (brand.owner.clone(), brand.draft(&site, &rules).await)
}
