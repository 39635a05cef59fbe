//! Redemption at a counter.

use chrono::{DateTime, Utc};
use huike_kernel::{Money, Zone};

use super::{HeldCoupon, RedeemError as E, Winner};
use crate::{
    calendar::HolidayCalendar,
    claim::{ClaimError, Standing},
    coupon::CouponState,
    error::CouponError,
    limits::{Metric, Subject},
    rules::{TemplateRules, Validity},
    template::Reason,
};

/// What a clerk asks, and what the house knows about it.
#[derive(Debug, Clone)]
pub struct CounterAsk<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// The zone of the store.
    pub zone: Zone,
    /// Public holidays and make-up workdays.
    pub calendar: &'a HolidayCalendar,
    /// What the clerk typed.
    pub order_amount: Option<Money>,
    /// Whether the store lies in the owner's subtree or an alliance, and in the scope of the rules.
    pub store_in_scope: bool,
    /// Why the kill switch is on, if it is. Whether the template is live, paused or ended does not matter here.
    pub killed: Option<&'a Reason>,
    /// Whether the clerk is the customer who owns the coupon.
    pub clerk_is_owner: bool,
    /// How the owner stands; of no account where there is none.
    pub customer: Standing,
    /// Whether finance has signed the store's local day.
    pub day_signed: bool,
    /// The active redemption, where there is one.
    pub winner: Option<Winner>,
}

/// What a granted redemption gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterRedemption {
    /// What comes off the bill.
    pub discount: Money,
    /// What it costs: counted as spent, in place of what was committed.
    pub cost: Money,
    /// Committed, but not spent: free for others again. Nothing where no budget committed anything.
    pub returned: Money,
}

/// Whether the coupon may be redeemed here and now, and for how much.
pub fn decide_counter_redeem(
    rules: &TemplateRules,
    coupon: &HeldCoupon,
    ask: &CounterAsk<'_>,
) -> Result<CounterRedemption, CouponError> {
    guard_state(coupon, ask.winner.as_ref())?;
    if let Some(reason) = ask.killed {
        return Err(ClaimError::Killed { reason: reason.to_string() }.into());
    }
    guard_validity(coupon, ask.now)?;
    if !ask.store_in_scope {
        return Err(E::OutOfScope.into());
    }
    if ask.day_signed {
        return Err(E::DaySigned { day: ask.zone.local(ask.now).day }.into());
    }
    let conditions = rules.cart_conditions();
    if !conditions.is_empty() {
        return Err(E::NeedsCart { conditions }.into());
    }
    guard_customer(rules, coupon, ask)?;
    rules.use_times.allows(ask.zone.local(ask.now).into(), ask.calendar)?;
    guard_order_amount(rules, ask.order_amount)?;
    let cost = rules.counter_cost(ask.order_amount);
    let returned = coupon.committed.checked_sub(cost).filter(|rest| !rest.is_negative()).unwrap_or(Money::ZERO);
    Ok(CounterRedemption { discount: rules.counter_discount(ask.order_amount), cost, returned })
}

pub(super) fn guard_state(coupon: &HeldCoupon, winner: Option<&Winner>) -> Result<(), CouponError> {
    let refusal = match coupon.state {
        CouponState::Unclaimed | CouponState::Issued => return Ok(()),
        CouponState::Redeemed => E::AlreadyRedeemed { winner: winner.cloned() },
        CouponState::Locked => E::Locked,
        CouponState::Expired => E::Expired { expired_at: coupon.expires_at },
        CouponState::Voided => E::Voided,
        CouponState::Transferred => E::Transferred,
        CouponState::Returned => E::Returned,
    };
    Err(refusal.into())
}

pub(super) fn guard_validity(coupon: &HeldCoupon, now: DateTime<Utc>) -> Result<(), CouponError> {
    if let Some(usable_from) = coupon.usable_from
        && now < usable_from
    {
        return Err(E::NotStarted { usable_from }.into());
    }
    if coupon.is_past(now) {
        return Err(E::Expired { expired_at: coupon.expires_at }.into());
    }
    Ok(())
}

fn guard_customer(rules: &TemplateRules, coupon: &HeldCoupon, ask: &CounterAsk<'_>) -> Result<(), CouponError> {
    if coupon.owner.is_none() {
        return if needs_owner(rules) { Err(E::NeedsOwner.into()) } else { Ok(()) };
    }
    if ask.clerk_is_owner {
        return Err(E::OwnCoupon.into());
    }
    if ask.customer.blocked {
        return Err(ClaimError::CustomerBlocked.into());
    }
    if rules.audience.new_customer_only && !ask.customer.is_new {
        return Err(ClaimError::NewCustomersOnly.into());
    }
    Ok(())
}

/// Conditions on a customer cannot be checked for a code that nobody owns, and are never ignored: whether they are new,
/// how often they may use it, or how long they must wait after the claim.
fn needs_owner(rules: &TemplateRules) -> bool {
    let limited = rules.limits.iter().any(|limit| limit.subject == Subject::Customer && limit.metric != Metric::Claims);
    let delayed = matches!(rules.validity, Validity::Relative { delay_minutes: 1.., .. });
    rules.audience.new_customer_only || limited || delayed
}

fn guard_order_amount(rules: &TemplateRules, order_amount: Option<Money>) -> Result<(), CouponError> {
    let Some(order_amount) = order_amount else {
        return if rules.order_amount_required() { Err(E::OrderAmountRequired.into()) } else { Ok(()) };
    };
    if order_amount <= Money::ZERO {
        return Err(E::OrderAmountInvalid.into());
    }
    let threshold = rules.effect.threshold();
    match threshold.checked_sub(order_amount) {
        Some(gap) if gap > Money::ZERO => Err(E::ThresholdNotMet { threshold, gap }.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "counter_tests.rs"]
mod tests;
