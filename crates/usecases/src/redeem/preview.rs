//! What a code gives, before anybody redeems it.

use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_coupons::{CouponError, Effect, RedeemError};
use huike_kernel::{CouponId, Money, NodeId, TemplateId};
use huike_persistence::{Db, limits};

use super::{
    Counter, RedeemAsk,
    case::{Case, Scene, counter_facts},
    desk::Desk,
    show::Hold,
};
use crate::{Act, UseCaseError};

/// What a coupon gives in this store, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: TemplateId,
    /// What the template is called.
    pub template_name: String,
    /// The store.
    pub store: NodeId,
    /// What it gives.
    pub effect: Effect,
    /// Whether somebody owns it; a printed code may be redeemed without an owner.
    pub is_owned: bool,
    /// Until when it may be used.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the clerk must type the order amount.
    pub order_amount_required: bool,
    /// What comes off the bill; unknown while a required order amount is.
    pub discount: Option<Money>,
}

/// Says what redeeming would give, or refuses for the reason redeeming would: a code is unknown, forged or foreign, a
/// coupon used, expired, voided, stopped. Nothing is locked and nothing moves, so redeeming may still be refused later.
pub fn preview(db: &mut Db, act: &Act<'_>, counter: &Counter, ask: &RedeemAsk) -> Result<Preview, UseCaseError> {
    let desk = Desk::open(db, act, ask.store, Permission::CouponRedeem)?;
    desk.store.decide_active()?;
    let found = ask.shown.find(db, counter, Hold::Look, act.now)?;
    let case = Case::load(db, &desk, found.coupon)?;
    let owner = case.coupon.owner.map(|owner| owner.customer);
    desk.decide_redeemer(db, act, owner)?;
    let discount = match case.decide(db, &Scene { act, desk: &desk, counter }, ask.order_amount, Hold::Look) {
        Ok(granted) => {
            let day = desk.store.zone.local(act.now).day;
            let facts = counter_facts(&case.coupon, owner, (desk.site, desk.store.id), day);
            let moves = case.moves(&facts, granted.cost, ask.order_amount);
            if let Some(full) = limits::find_full(db, case.template.id, &moves)? {
                return Err(full.refusal().into());
            }
            Some(granted.discount)
        }
        // The clerk has not typed it yet; everything asked before it was in order.
        Err(UseCaseError::Coupons(CouponError::Redeem(RedeemError::OrderAmountRequired))) => None,
        Err(refusal) => return Err(refusal),
    };
    Ok(Preview {
        coupon: case.coupon.id,
        template: case.template.id,
        order_amount_required: case.rules.order_amount_required(),
        template_name: case.template.name,
        store: desk.store.id,
        effect: case.rules.effect,
        is_owned: owner.is_some(),
        expires_at: case.coupon.expires_at,
        discount,
    })
}
