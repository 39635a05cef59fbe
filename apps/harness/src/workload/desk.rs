//! Marketers: they issue, edit drafts, set slogans and write notes.

use serde_json::{Value, json};

use super::actor::Actor;
use crate::journal::{Ask, Effect, Leaves};

/// Somebody at the head does one thing.
pub(super) async fn work(actor: &mut Actor, number: usize) {
    actor.written += 1;
    match actor.written % 4 {
        0 => issue(actor).await,
        1 => edit_draft(actor, number).await,
        2 => set_slogan(actor, number).await,
        _ => write_note(actor, number).await,
    }
}

/// Coupons for some customers by name, one of them named twice.
async fn issue(actor: &mut Actor) {
    let world = actor.world.clone();
    let Some(template) = world.offers.first() else { return };
    let mut named = Vec::new();
    for _ in 0..5 {
        named.extend(actor.pick(&world.shoppers).map(|shopper| json!({ "customer_id": shopper.id })));
    }
    named.extend(named.first().cloned());
    let body = json!({ "template_id": template, "site_id": world.brand.head, "customers": named });
    let leaves = Leaves::Answered(coupons_of_rows);
    actor.ask(Ask::once(&world.brand.owner, "/admin/v1/coupon-issues", body, leaves)).await;
}

fn coupons_of_rows(answer: &Value) -> Vec<Effect> {
    let rows = answer["rows"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["coupon_id"].as_str()).map(|id| Effect::new("coupon", id)).collect()
}

/// Another name for one's own draft, over the version that is seen.
async fn edit_draft(actor: &mut Actor, number: usize) {
    let world = actor.world.clone();
    let Some(draft) = world.drafts.get(number) else { return };
    let place = format!("/admin/v1/coupon-templates/{draft}");
    let Ok(seen) = world.brand.owner.try_get(&place).await else { return };
    let name = format!("草稿 {number} 第 {} 稿", actor.written);
    let body = json!({ "version": seen.json()["version"], "name": name });
    let leaves = Leaves::Value { place: format!("draft {draft}"), value: name };
    actor.ask_plainly(Ask::plain(&world.brand.owner, ("PATCH", place), body, leaves)).await;
}

/// A slogan for the node that nobody else decorates.
async fn set_slogan(actor: &mut Actor, number: usize) {
    let world = actor.world.clone();
    let node = if number == 0 { &world.brand.a.site } else { &world.brand.b.site };
    if number > 1 {
        return;
    }
    let slogan = format!("第 {} 句", actor.written);
    let place = format!("/admin/v1/nodes/{node}/settings/slogan");
    let leaves = Leaves::Value { place: format!("slogan {node}"), value: slogan.clone() };
    actor.ask_plainly(Ask::plain(&world.brand.owner, ("PUT", place), json!({ "value": slogan }), leaves)).await;
}

/// A note that says who wrote it as the how-manyeth.
async fn write_note(actor: &mut Actor, number: usize) {
    let world = actor.world.clone();
    let Some(shopper) = actor.pick(&world.shoppers) else { return };
    let note = format!("{number} 记 {}", actor.written);
    let place = format!("/admin/v1/customers/{}/notes", shopper.id);
    let body = json!({ "site_id": world.brand.head, "body": note });
    let leaves = Leaves::Named(Effect::new("note", note));
    actor.ask_plainly(Ask::plain(&world.brand.owner, ("POST", place), body, leaves)).await;
}
