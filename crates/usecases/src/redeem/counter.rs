//! The redemption itself.

use chrono::{DateTime, NaiveDate, Utc};
use huike_access::Permission;
use huike_coupons::{ClaimError, CounterRedemption, CouponEdge, CouponError, RedeemError};
use huike_kernel::{CouponId, CustomerId, Money, NodeId, RedemptionId, TemplateId};
use huike_persistence::{
    Db, Outcome, StoreError, coupons, customers, limits,
    redemptions::{self, Redemption},
    stock,
    store_days::{self, Totals},
};
use serde::{Deserialize, Serialize};

use super::{
    Counter, Shown,
    case::{Case, Scene, counter_facts},
    desk::Desk,
    show::Hold,
    traces,
};
use crate::{
    Act, UseCaseError,
    record::{self, Aggregate},
};

/// What a clerk asks.
#[derive(Debug, Clone)]
pub struct RedeemAsk {
    /// The store the clerk stands in.
    pub store: NodeId,
    /// What the customer shows.
    pub shown: Shown,
    /// What the clerk typed.
    pub order_amount: Option<Money>,
}

/// A redemption, as it is answered and kept with the idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The redemption.
    pub redemption: RedemptionId,
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: TemplateId,
    /// What the template is called.
    pub template_name: String,
    /// The coupon's owner, if it has one.
    pub customer: Option<CustomerId>,
    /// The store.
    pub store: NodeId,
    /// When.
    pub redeemed_at: DateTime<Utc>,
    /// The store's local day.
    pub day: NaiveDate,
    /// What the clerk typed.
    pub order_amount: Option<Money>,
    /// What comes off the bill.
    pub discount: Money,
}

/// Redeems a coupon in a store, exactly once whatever the concurrency.
pub fn redeem_at_counter(
    db: &mut Db,
    act: &Act<'_>,
    counter: &Counter,
    ask: &RedeemAsk,
) -> Result<Receipt, UseCaseError> {
    let desk = Desk::open(db, act, ask.store, Permission::CouponRedeem)?;
    desk.store.decide_active()?;
    let found = ask.shown.find(db, counter, Hold::Lock, act.now)?;
    let mut case = Case::load(db, &desk, found.coupon.clone())?;
    desk.decide_redeemer(db, act, case.coupon.owner.map(|owner| owner.customer))?;
    let granted = case.decide(db, &Scene { act, desk: &desk, counter }, ask.order_amount, Hold::Lock)?;
    found.use_up(db, act.now)?;
    if let Some(owner) = case.coupon.owner {
        // The staff of the store may know whom they served.
        customers::note_visit(db, desk.store.id, owner.customer, "redeem", act.now)?;
    }
    take_limits(db, &case, &desk, act, (granted, ask.order_amount))?;

    let redemption = redemption_of(&case, &desk, act, (granted, ask.order_amount));
    if redemptions::insert(db, &redemption)? == Outcome::Refused {
        return Err(already_redeemed(db, &case)?);
    }
    let committed = case.coupon.committed;
    redeem_coupon(db, &mut case)?;
    book(db, &redemption)?;
    if case.rules.budget.is_some() && stock::settle(db, case.template.id, committed, granted.cost)? == Outcome::Refused
    {
        return Err(CouponError::from(ClaimError::BudgetExhausted).into());
    }
    leave_traces(db, act, (&case, &desk), &redemption)?;
    Ok(receipt_of(&case, &redemption))
}

fn take_limits(
    db: &mut Db,
    case: &Case,
    desk: &Desk,
    act: &Act<'_>,
    (granted, order_amount): (CounterRedemption, Option<Money>),
) -> Result<(), UseCaseError> {
    let customer = case.coupon.owner.map(|owner| owner.customer);
    let day = desk.store.zone.local(act.now).day;
    let facts = counter_facts(&case.coupon, customer, (desk.site, desk.store.id), day);
    let moves = case.moves(&facts, granted.cost, order_amount);
    match limits::take(db, case.template.id, &moves)? {
        Some(full) => Err(full.refusal().into()),
        None => Ok(()),
    }
}

fn redemption_of(
    case: &Case,
    desk: &Desk,
    act: &Act<'_>,
    (granted, order_amount): (CounterRedemption, Option<Money>),
) -> Redemption {
    let local = desk.store.zone.local(act.now);
    Redemption {
        id: act.new_id(),
        coupon: case.coupon.id,
        use_number: 1,
        store: desk.store.id,
        template_site: case.coupon.template_site,
        template: case.coupon.template,
        template_version: case.coupon.template_version,
        customer: case.coupon.owner.map(|owner| owner.customer),
        channel: case.coupon.channel,
        actor: act.actor(),
        order_amount,
        discount: granted.discount,
        cost: granted.cost,
        redeemed_at: act.now,
        day: local.day,
        hour: local.hour,
        reversal: None,
    }
}

/// The second net: the lock on the coupon let nobody through, so this is not reached unless a state was changed by hand.
fn already_redeemed(db: &mut Db, case: &Case) -> Result<UseCaseError, StoreError> {
    let winner = case.winner(db)?;
    Ok(CouponError::from(RedeemError::AlreadyRedeemed { winner }).into())
}

/// Walks the edge; what the budget held for the coupon is settled by the caller.
fn redeem_coupon(db: &mut Db, case: &mut Case) -> Result<(), UseCaseError> {
    let from = case.coupon.state;
    case.coupon.state = from.after(CouponEdge::Redeem, case.coupon.owner.is_some())?;
    case.coupon.committed = Money::ZERO;
    match coupons::update(db, from, &mut case.coupon)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(UseCaseError::VersionConflict),
    }
}

/// The store's day takes it, unless finance signed the day in the meantime.
fn book(db: &mut Db, redemption: &Redemption) -> Result<(), UseCaseError> {
    let totals = Totals::of_redemption(redemption.order_amount, redemption.discount);
    match store_days::book(db, redemption.store, redemption.day, &totals)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(CouponError::from(RedeemError::DaySigned { day: redemption.day }).into()),
    }
}

fn leave_traces(
    db: &mut Db,
    act: &Act<'_>,
    (case, desk): (&Case, &Desk),
    redemption: &Redemption,
) -> Result<(), UseCaseError> {
    let coupon = Aggregate { kind: "coupon", id: case.coupon.id.as_uuid(), seq: case.coupon.version };
    record::emit(db, act, desk.place(), coupon, (CouponEdge::Redeem.event_kind(), traces::redeemed(redemption)))?;
    Ok(record::audit(db, act, desk.store.id, traces::redeem(redemption))?)
}

fn receipt_of(case: &Case, redemption: &Redemption) -> Receipt {
    Receipt {
        redemption: redemption.id,
        coupon: redemption.coupon,
        template: redemption.template,
        template_name: case.template.name.clone(),
        customer: redemption.customer,
        store: redemption.store,
        redeemed_at: redemption.redeemed_at,
        day: redemption.day,
        order_amount: redemption.order_amount,
        discount: redemption.discount,
    }
}
