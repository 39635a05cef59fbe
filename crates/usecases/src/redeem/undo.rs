//! The undo of a redemption (撤销核销): everything the redemption moved, moves back.

use chrono::{DateTime, NaiveDate, Utc};
use huike_access::Permission;
use huike_coupons::{
    CouponEdge, CouponError, CouponState, RedeemError, TemplateRules, decide_unredeem,
    limits::moves_for_redemption,
    redeem::{Undo, UndoPath, UnredeemAsk},
    rules::UnredeemWindow,
    template::Reason,
};
use huike_kernel::{CouponId, Money, NodeId, RedemptionId, StaffId};
use huike_persistence::{
    Db, Outcome, StoreError,
    code_batches::{self, BatchState, CodeBatch},
    coupons::{self, Coupon},
    customer_redemptions,
    redemptions::{self, Redemption, Reversal},
    settings, stock,
    store_days::{self, Totals},
    templates,
};
use huike_sites::{SettingKey, resolve};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    case::{counter_facts, held},
    desk::Desk,
    traces,
};
use crate::{
    Act, UseCaseError,
    ends::{self, Zones, end_all},
    record::{self, Aggregate},
};

/// What a store asks.
#[derive(Debug, Clone)]
pub struct UndoAsk {
    /// The redemption.
    pub redemption: RedemptionId,
    /// The store the asker stands in.
    pub store: NodeId,
    /// Why.
    pub reason: Option<Reason>,
}

/// A redemption that does not count any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The redemption.
    pub redemption: RedemptionId,
    /// The coupon.
    pub coupon: CouponId,
    /// Where the coupon stands now: usable again, unclaimed again, or meanwhile expired or void.
    pub coupon_state: CouponState,
    /// When.
    pub undone_at: DateTime<Utc>,
    /// The store's local day it is booked on.
    pub day: NaiveDate,
}

/// Undoes a redemption at the store that made it, within the window, while its day is open.
pub fn undo(db: &mut Db, act: &Act<'_>, ask: &UndoAsk) -> Result<Undone, UseCaseError> {
    let redemption = redemptions::find(db, ask.redemption)?.ok_or(UseCaseError::NotFound("redemption"))?;
    act.reach(db, redemption.store, Permission::CouponUnredeem, "redemption")?;
    let by = act.actor().id().ok_or(UseCaseError::NotFound("redemption"))?;
    let wanted = Wanted {
        path: UndoPath::AtStore,
        same_store: ask.store == redemption.store,
        reason: ask.reason.as_ref(),
        by,
        approved_by: None,
        permission: Permission::CouponUnredeem,
    };
    reverse(db, act, ask.redemption, &wanted)
}

/// An undo on one of its two ways.
pub(super) struct Wanted<'a> {
    pub(super) path: UndoPath,
    pub(super) same_store: bool,
    pub(super) reason: Option<&'a Reason>,
    pub(super) by: Uuid,
    pub(super) approved_by: Option<StaffId>,
    /// What the way takes.
    pub(super) permission: Permission,
}

/// The redemption with its coupon locked. Read again behind the lock: what was seen before may have been undone.
pub(super) fn lock_redemption(db: &mut Db, id: RedemptionId) -> Result<(Redemption, Coupon), UseCaseError> {
    let gone = || UseCaseError::NotFound("redemption");
    let seen = redemptions::find(db, id)?.ok_or_else(gone)?;
    let coupon = coupons::lock(db, seen.coupon)?.ok_or_else(gone)?;
    let redemption = redemptions::find(db, id)?.ok_or_else(gone)?;
    Ok((redemption, coupon))
}

/// Refuses to undo twice.
pub(super) fn guard_counts(redemption: &Redemption) -> Result<(), UseCaseError> {
    match &redemption.reversal {
        Some(undo) => Err(CouponError::from(RedeemError::RedemptionUndone { undone_at: undo.at }).into()),
        None => Ok(()),
    }
}

/// Takes a redemption back, on whichever way.
pub(super) fn reverse(
    db: &mut Db,
    act: &Act<'_>,
    id: RedemptionId,
    wanted: &Wanted<'_>,
) -> Result<Undone, UseCaseError> {
    let (redemption, mut coupon) = lock_redemption(db, id)?;
    guard_counts(&redemption)?;
    let desk = Desk::open(db, act, redemption.store, wanted.permission)?;
    let rules = rules_in_force(db, &coupon, redemption.store)?;
    let decided = decide_unredeem(
        &rules,
        &held(&coupon),
        &UnredeemAsk {
            now: act.now,
            zone: desk.store.zone,
            path: wanted.path,
            reason: wanted.reason,
            redeemed_at: redemption.redeemed_at,
            cost: redemption.cost,
            same_store: wanted.same_store,
            day_signed: is_signed(db, &redemption)?,
        },
    )?;
    let void = voided_batch(db, &coupon, &decided)?;
    give_counts_back(db, (&rules, &coupon, void.as_ref()), &redemption, desk.site)?;
    mark(db, act, &redemption, wanted, &decided)?;
    book(db, &redemption, decided.booked_on)?;
    coupon.committed = settle_back(db, &rules, &redemption, &decided)?;
    walk_back(db, act, (&desk, &redemption), &mut coupon, &decided)?;
    if let Some(batch) = void {
        end_all(db, act, std::slice::from_ref(&coupon), (CouponEdge::Void, &json!({ "batch_id": batch.id })))?;
        coupon.state = CouponState::Voided;
    }
    audit(db, act, (&redemption, &coupon), wanted, &decided)?;
    Ok(Undone {
        redemption: redemption.id,
        coupon: coupon.id,
        coupon_state: coupon.state,
        undone_at: act.now,
        day: decided.booked_on,
    })
}

/// The coupon's rules. Where they say nothing of their own about the window of an undo, the setting at the store does.
fn rules_in_force(db: &mut Db, coupon: &Coupon, store: NodeId) -> Result<TemplateRules, UseCaseError> {
    let mut rules = templates::get_version(db, coupon.template, coupon.template_version)?.rules;
    if rules.unredeem_window == UnredeemWindow::default() {
        let chain = settings::find_chain(db, store)?.ok_or(UseCaseError::NotFound("store"))?;
        let value = resolve(&chain, SettingKey::UnredeemWindow).value;
        rules.unredeem_window = value.decode().map_err(|error| StoreError::corrupt("node_setting", error))?;
    }
    Ok(rules)
}

fn is_signed(db: &mut Db, redemption: &Redemption) -> Result<bool, StoreError> {
    let day = store_days::find(db, redemption.store, redemption.day)?;
    Ok(day.is_some_and(|day| day.signed.is_some()))
}

/// The batch of a code that becomes unclaimed again, if it was made void meanwhile: the code follows its batch. Locked, so
/// that a batch made void at this moment either is seen here or finds the code unclaimed.
fn voided_batch(db: &mut Db, coupon: &Coupon, decided: &Undo) -> Result<Option<CodeBatch>, StoreError> {
    let Some(id) = coupon.batch.filter(|_| decided.final_state() == CouponState::Unclaimed) else {
        return Ok(None);
    };
    Ok(code_batches::lock(db, id)?.filter(|batch| batch.state == BatchState::Voided))
}

/// The customer's count and the limit counters, in the periods the redemption took them from; of a code that becomes
/// void also what its batch took for it.
fn give_counts_back(
    db: &mut Db,
    (rules, coupon, void): (&TemplateRules, &Coupon, Option<&CodeBatch>),
    redemption: &Redemption,
    site: NodeId,
) -> Result<(), UseCaseError> {
    if let Some(customer) = redemption.customer
        && customer_redemptions::take_back(db, customer)? == Outcome::Refused
    {
        return Err(StoreError::corrupt("customer", "more redemptions undone than made").into());
    }
    let facts = counter_facts(coupon, redemption.customer, (site, redemption.store), redemption.day);
    let mut taken = moves_for_redemption(rules, &facts, redemption.cost, redemption.order_amount);
    if let Some(batch) = void {
        let zone = Zones::default().place(db, batch.site)?.zone;
        taken.extend(ends::taken_by(coupon, rules, zone));
    }
    Ok(ends::give_back(db, redemption.template, taken)?)
}

fn mark(
    db: &mut Db,
    act: &Act<'_>,
    redemption: &Redemption,
    wanted: &Wanted<'_>,
    decided: &Undo,
) -> Result<(), UseCaseError> {
    let reversal = Reversal {
        at: act.now,
        by: wanted.by,
        approved_by: wanted.approved_by,
        reason: wanted.reason.map(ToString::to_string).unwrap_or_default(),
        day: decided.booked_on,
    };
    match redemptions::reverse(db, redemption.id, &reversal)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(UseCaseError::VersionConflict),
    }
}

fn book(db: &mut Db, redemption: &Redemption, day: NaiveDate) -> Result<(), UseCaseError> {
    let totals = Totals::of_reversal(redemption.order_amount, redemption.discount);
    match store_days::book(db, redemption.store, day, &totals)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(CouponError::from(RedeemError::DaySigned { day }).into()),
    }
}

/// What was spent is free again, and the coupon's worst case is promised again. Where others took the rest meanwhile, at
/// least what it cost is, and that always fits. Says how much is promised.
fn settle_back(
    db: &mut Db,
    rules: &TemplateRules,
    redemption: &Redemption,
    decided: &Undo,
) -> Result<Money, UseCaseError> {
    if rules.budget.is_none() {
        return Ok(Money::ZERO);
    }
    let minus = |amount: Money| Money::from_fen(amount.fen().saturating_neg());
    for promised in [decided.recommit, decided.recommit_least] {
        if stock::settle(db, redemption.template, minus(promised), minus(redemption.cost))? == Outcome::Applied {
            return Ok(promised);
        }
    }
    Err(StoreError::corrupt("coupon_stock", "less was spent than redemptions cost").into())
}

/// One edge back and, where validity passed meanwhile, a second one on; an event for each.
fn walk_back(
    db: &mut Db,
    act: &Act<'_>,
    (desk, redemption): (&Desk, &Redemption),
    coupon: &mut Coupon,
    decided: &Undo,
) -> Result<(), UseCaseError> {
    let mut steps = vec![(CouponEdge::Unredeem, decided.to)];
    if decided.then_expires {
        steps.push((CouponEdge::Expire, CouponState::Expired));
    }
    for (edge, to) in steps {
        let from = coupon.state;
        coupon.state = to;
        if coupons::update(db, from, coupon)? == Outcome::Refused {
            return Err(UseCaseError::VersionConflict);
        }
        let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version };
        let payload = traces::undone(redemption, decided.booked_on);
        record::emit(db, act, desk.place(), aggregate, (edge.event_kind(), payload))?;
    }
    Ok(())
}

fn audit(
    db: &mut Db,
    act: &Act<'_>,
    (redemption, coupon): (&Redemption, &Coupon),
    wanted: &Wanted<'_>,
    decided: &Undo,
) -> Result<(), UseCaseError> {
    let reason = wanted.reason.map(Reason::as_str);
    let change = traces::undo((redemption, coupon.state), decided.booked_on, (wanted.by, wanted.approved_by, reason));
    Ok(record::audit(db, act, redemption.store, change)?)
}
