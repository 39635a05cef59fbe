//! Undoing a redemption (撤销核销).

use chrono::{DateTime, NaiveDate, Utc};
use huike_kernel::{Money, Zone};

use super::{HeldCoupon, RedeemError as E};
use crate::{
    coupon::{CouponEdge, CouponState},
    error::CouponError,
    rules::TemplateRules,
    template::Reason,
};

/// Which way an undo takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoPath {
    /// By the store, within the window, while the day is open.
    AtStore,
    /// Later: finance, with two people (that there are two is the access crate's to say). It is booked on its own day,
    /// so a signed day stays as it was signed.
    Late,
}

/// What an undo is decided on.
#[derive(Debug, Clone, Copy)]
pub struct UnredeemAsk<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// The zone of the store that redeemed.
    pub zone: Zone,
    /// Which way.
    pub path: UndoPath,
    /// Why. Mandatory; optional here so that its absence has a name.
    pub reason: Option<&'a Reason>,
    /// When the coupon was redeemed.
    pub redeemed_at: DateTime<Utc>,
    /// What that cost.
    pub cost: Money,
    /// Whether the one who asks stands in the store that redeemed.
    pub same_store: bool,
    /// Whether finance has signed the local day of the redemption.
    pub day_signed: bool,
}

/// Where an undo leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undo {
    /// The state the undo itself leads to: `issued`, or `unclaimed` for a code nobody owns.
    pub to: CouponState,
    /// Whether a second edge leads on to `expired`, because validity passed meanwhile.
    pub then_expires: bool,
    /// The local day it is booked on.
    pub booked_on: NaiveDate,
    /// What is committed of the budget for the coupon again: its worst case, or nothing where it expires.
    pub recommit: Money,
    /// What must be committed at least, where others took the rest of the budget meanwhile: what the redemption cost.
    pub recommit_least: Money,
}

impl Undo {
    /// The state the coupon ends in.
    pub const fn final_state(&self) -> CouponState {
        if self.then_expires { CouponState::Expired } else { self.to }
    }
}

/// Whether the redemption may be undone, and where that leads.
pub fn decide_unredeem(rules: &TemplateRules, coupon: &HeldCoupon, ask: &UnredeemAsk<'_>) -> Result<Undo, CouponError> {
    if coupon.state != CouponState::Redeemed {
        return Err(E::NotRedeemed { state: coupon.state }.into());
    }
    if ask.reason.is_none() {
        return Err(E::ReasonRequired.into());
    }
    if ask.path == UndoPath::AtStore {
        guard_at_store(rules, ask)?;
    }
    let to = coupon.state.after(CouponEdge::Unredeem, coupon.owner.is_some())?;
    let then_expires = coupon.is_past(ask.now);
    let worst = if then_expires { Money::ZERO } else { rules.committed_at_issue() };
    Ok(Undo {
        to,
        then_expires,
        booked_on: ask.zone.local(ask.now).day,
        recommit: worst,
        recommit_least: worst.min(ask.cost),
    })
}

fn guard_at_store(rules: &TemplateRules, ask: &UnredeemAsk<'_>) -> Result<(), CouponError> {
    if !ask.same_store {
        return Err(E::OtherStore.into());
    }
    if ask.day_signed {
        return Err(E::DaySigned { day: ask.zone.local(ask.redeemed_at).day }.into());
    }
    let ended_at = rules.unredeem_window.ends_at(ask.redeemed_at, &ask.zone);
    if ask.now >= ended_at {
        return Err(E::UnredeemWindowOver { ended_at }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use huike_kernel::DomainError;

    use super::*;
    use crate::{rules::UnredeemWindow, samples};

    fn redeemed() -> HeldCoupon {
        HeldCoupon {
            state: CouponState::Redeemed,
            owner: Some("00000000-0000-7000-8000-000000000009".parse().unwrap()),
            usable_from: Some(samples::noon()),
            expires_at: Some(samples::minutes_after_noon(100_000)),
            committed: Money::ZERO,
        }
    }

    fn ask(reason: &Reason) -> UnredeemAsk<'_> {
        UnredeemAsk {
            now: samples::minutes_after_noon(10),
            zone: Zone::default(),
            path: UndoPath::AtStore,
            reason: Some(reason),
            redeemed_at: samples::noon(),
            cost: samples::yuan("30"),
            same_store: true,
            day_signed: false,
        }
    }

    fn refusal(ask: &UnredeemAsk<'_>) -> &'static str {
        decide_unredeem(&samples::amount_off("30", "200"), &redeemed(), ask).unwrap_err().code()
    }

    #[test]
    fn the_store_undoes_on_the_same_local_day_and_says_why() {
        let rules = samples::amount_off("30", "200");
        let reason = Reason::new("客户改主意").unwrap();
        let ask = ask(&reason);
        assert_eq!(decide_unredeem(&rules, &redeemed(), &ask).unwrap().final_state(), CouponState::Issued);
        assert_eq!(refusal(&UnredeemAsk { reason: None, ..ask }), "reason_required");
        assert_eq!(refusal(&UnredeemAsk { same_store: false, ..ask }), "coupon_other_store");
        assert_eq!(refusal(&UnredeemAsk { day_signed: true, ..ask }), "store_day_signed");
        let midnight = samples::minutes_after_noon(12 * 60);
        assert_eq!(refusal(&UnredeemAsk { now: midnight, ..ask }), "coupon_unredeem_window_over");
    }

    #[test]
    fn a_late_undo_needs_neither_window_nor_store_and_is_booked_on_its_own_day() {
        let reason = Reason::new("客户投诉").unwrap();
        let late = UnredeemAsk {
            now: samples::minutes_after_noon(3 * 24 * 60),
            path: UndoPath::Late,
            same_store: false,
            day_signed: true,
            ..ask(&reason)
        };
        let undo = decide_unredeem(&samples::amount_off("30", "200"), &redeemed(), &late).unwrap();
        assert_eq!(undo.booked_on.to_string(), "2026-06-05");
    }

    #[test]
    fn an_undo_after_validity_passed_leads_on_to_expired_and_commits_nothing() {
        let mut rules = samples::amount_off("30", "200");
        rules.budget = Some(samples::budget("3000", None));
        let reason = Reason::new("客户投诉").unwrap();
        let coupon = HeldCoupon { expires_at: Some(samples::minutes_after_noon(5)), ..redeemed() };
        let undo = decide_unredeem(&rules, &coupon, &ask(&reason)).unwrap();
        assert_eq!((undo.to, undo.final_state()), (CouponState::Issued, CouponState::Expired));
        assert_eq!(undo.recommit, Money::ZERO);
    }

    #[test]
    fn an_ownerless_redemption_is_undone_to_unclaimed() {
        let reason = Reason::new("扫错券").unwrap();
        let coupon = HeldCoupon { owner: None, ..redeemed() };
        let undo = decide_unredeem(&samples::amount_off("30", "200"), &coupon, &ask(&reason)).unwrap();
        assert_eq!(undo.to, CouponState::Unclaimed);
    }

    #[test]
    fn only_a_redemption_can_be_undone() {
        let reason = Reason::new("扫错券").unwrap();
        for state in CouponState::ALL {
            let coupon = HeldCoupon { state: *state, ..redeemed() };
            let outcome = decide_unredeem(&samples::amount_off("30", "200"), &coupon, &ask(&reason));
            assert_eq!(outcome.is_ok(), *state == CouponState::Redeemed, "{state}");
        }
    }

    #[test]
    fn a_window_in_minutes_ends_to_the_minute() {
        let mut rules = samples::amount_off("30", "200");
        rules.unredeem_window = UnredeemWindow::Minutes { minutes: 10 };
        let reason = Reason::new("扫错券").unwrap();
        let ask = ask(&reason);
        assert!(decide_unredeem(&rules, &redeemed(), &ask).is_err());
        let earlier = UnredeemAsk { now: samples::minutes_after_noon(9), ..ask };
        assert!(decide_unredeem(&rules, &redeemed(), &earlier).is_ok());
    }
}
