//! Customers who claim, tills that claim for them, and clerks who redeem and undo.

use serde_json::{Value, json};

use super::actor::Actor;
use crate::journal::{Ask, Effect, Leaves};

/// A customer claims something, and often opens it to show its code.
pub(super) async fn claim(actor: &mut Actor, number: usize) {
    let world = actor.world.clone();
    let (Some(shopper), Some(template)) = (world.shoppers.get(number), actor.pick(&world.offers)) else { return };
    let body = json!({ "template_id": template });
    let claimed = actor.ask(Ask::once(&shopper.client, "/app/v1/claims", body, Leaves::Answered(one_coupon))).await;
    let Some(coupon) = claimed.map(|answer| answer.json()["coupon_id"].clone()) else { return };
    if actor.chance(2)
        && let Some(id) = coupon.as_str()
        && let Ok(seen) = shopper.client.try_get(&format!("/app/v1/coupons/{id}")).await
        && let Some(code) = seen.json()["code"].as_str()
    {
        world.note_code(code);
    }
}

/// A till claims for somebody by their phone number.
pub(super) async fn claim_at_till(actor: &mut Actor) {
    let world = actor.world.clone();
    let (Some(shopper), Some(template)) = (actor.pick(&world.shoppers), actor.pick(&world.offers)) else { return };
    let body = json!({ "template_id": template, "phone": shopper.phone });
    actor.ask(Ask::once(&world.till, "/open/v1/claims", body, Leaves::Answered(one_coupon))).await;
}

/// A clerk redeems a code, which another clerk may be redeeming too, or undoes a redemption.
pub(super) async fn serve(actor: &mut Actor, number: usize) {
    let world = actor.world.clone();
    let Some(clerk) = world.clerks.get(number) else { return };
    let store = &world.brand.a.store;
    if actor.chance(3) {
        let redemptions = world.redemptions.lock().unwrap().clone();
        let Some(redemption) = actor.pick(&redemptions) else { return idle().await };
        let place = format!("/admin/v1/redemptions/{redemption}/undo");
        let body = json!({ "store_id": store, "reason": "扫错券" });
        let leaves = Leaves::Named(Effect::new("undo", redemption));
        let undone = actor.ask(Ask::once(&clerk.client, place, body, leaves)).await;
        if undone.is_some() {
            world.redemptions.lock().unwrap().retain(|it| it != redemption);
        }
        return;
    }
    let codes = world.codes.lock().unwrap().clone();
    let Some(code) = actor.pick(&codes) else { return idle().await };
    let body = json!({ "store_id": store, "code": code });
    let leaves = Leaves::Answered(one_redemption);
    let redeemed = actor.ask(Ask::once(&clerk.client, "/admin/v1/redemptions", body, leaves)).await;
    if let Some(redemption) = redeemed.and_then(|answer| answer.json()["redemption_id"].as_str().map(str::to_owned)) {
        world.redemptions.lock().unwrap().push(redemption);
    }
}

/// There is nothing to do yet.
async fn idle() {
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
}

fn one_coupon(answer: &Value) -> Vec<Effect> {
    answer["coupon_id"].as_str().map(|id| Effect::new("coupon", id)).into_iter().collect()
}

fn one_redemption(answer: &Value) -> Vec<Effect> {
    answer["redemption_id"].as_str().map(|id| Effect::new("redemption", id)).into_iter().collect()
}
