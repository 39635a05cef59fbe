//! Offers brought to where a test wants them.

use serde_json::{Value, json};

use crate::support::{
    Answer, Client,
    brand::{Brand, node},
};

pub const OFFERS: &str = "/admin/v1/offers";

/// 满200减30.
pub fn thirty_off() -> Value {
    json!({
        "class": "order",
        "condition": { "kind": "amount", "bounds": { "at_least": "200.00" } },
        "effect": { "kind": "amount_off", "amount": "30.00" },
        "budget": "30000.00",
    })
}

/// Where an offer's path leads.
pub fn at(offer: &str, rest: &str) -> String {
    format!("{OFFERS}/{offer}{rest}")
}

/// A draft of the owner's.
pub async fn draft(brand: &Brand, site: &str, rules: &Value) -> String {
    let ask = json!({ "site_id": site, "name": format!("优惠{}", brand.next()), "rules": rules });
    brand.owner.post(OFFERS, &ask).await.created()["id"].as_str().unwrap().to_owned()
}

/// An act of that person, who has seen the offer as it is.
pub async fn act(who: &Client, offer: &str, act: &str) -> Answer {
    let version = who.get(&at(offer, "")).await.ok()["version"].clone();
    let body = match act {
        "reject" => json!({ "version": version, "reason": "预算太高" }),
        _ => json!({ "version": version }),
    };
    who.post(&at(offer, &format!("/{act}")), &body).await
}

/// How far an offer is to be brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    Drafted,
    Submitted,
    Approved,
    Live,
    Paused,
}

impl Stand {
    /// What the operation can go well with.
    pub fn wanted_by(operation: &str) -> Option<Self> {
        match operation {
            "edit_offer" | "submit_offer" => Some(Self::Drafted),
            "withdraw_offer" | "approve_offer" | "reject_offer" => Some(Self::Submitted),
            "publish_offer" => Some(Self::Approved),
            "open_offer_version" | "pause_offer" | "end_offer" | "set_offer_budget" => Some(Self::Live),
            "resume_offer" => Some(Self::Paused),
            _ => None,
        }
    }
}

/// An offer of that node, drafted by the owner and let pass by the approver.
pub async fn offer_for(brand: &Brand, site: &str, rules: &Value, wanted: Stand) -> String {
    let offer = draft(brand, site, rules).await;
    if wanted >= Stand::Submitted {
        act(&brand.owner, &offer, "submit").await.ok();
    }
    if wanted >= Stand::Approved {
        act(&brand.approver, &offer, "approve").await.ok();
    }
    if wanted >= Stand::Live {
        act(&brand.owner, &offer, "publish").await.ok();
    }
    if wanted == Stand::Paused {
        act(&brand.owner, &offer, "pause").await.ok();
    }
    offer
}

/// An offer in force.
pub async fn live(brand: &Brand, site: &str, rules: &Value) -> String {
    offer_for(brand, site, rules, Stand::Live).await
}

/// A site whose review policy lets small amounts pass without a second person, and a draft that is small.
pub async fn self_publishing(brand: &Brand) -> String {
    let site = node(&brand.owner, &brand.head, "site", &format!("alone-{}", brand.next())).await;
    let policy = json!({ "value": { "kind": "above_amount", "amount": "100.00" } });
    brand.owner.put(&format!("/admin/v1/nodes/{site}/settings/review_policy"), &policy).await.ok();
    let mut small = thirty_off();
    small["budget"] = json!("60.00");
    draft(brand, &site, &small).await
}
