//! Review (审核) of offers: handing in, letting pass, sending back.

use huike_access::{Permission, ReviewOutcome};
use huike_kernel::{Life, StaffId, Text};
use huike_persistence::{Db, offer_lists::ListedOffer};
use huike_pricing::{
    OfferError,
    managed::{OfferEvent, decide_submit},
};

use super::{Held, OfferAsk, RIGHTS, Step, hold, publish::publish_held, show, walk};
use crate::{
    Act, UseCaseError,
    review::{Judged, Work, judge},
};

/// Hands a draft to review.
pub fn submit(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferCreate)?;
    let maker = act.staff(Permission::OfferCreate)?;
    hand_in(db, act, &mut held, maker)?;
    show(db, ask.offer)
}

/// Whoever hands in vouches for the draft, which makes them one of its makers.
fn hand_in(db: &mut Db, act: &Act<'_>, held: &mut Held, maker: StaffId) -> Result<(), UseCaseError> {
    let life = decide_submit(held.life(), &held.version.rules)?;
    let before = held.trace();
    held.add_maker(maker);
    held.version.submitted = Some((maker, act.now));
    walk(db, act, held, Step::new(life, OfferEvent::Submitted, "offer.submit"), before)
}

/// Takes a version back from review.
pub fn withdraw(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferCreate)?;
    let life = held.life().send_back().map_err(OfferError::from)?;
    let before = held.trace();
    held.version.submitted = None;
    walk(db, act, &mut held, Step::new(life, OfferEvent::Withdrawn, "offer.withdraw"), before)?;
    show(db, ask.offer)
}

/// Lets a version pass (通过): its rules are frozen. The caller must say which version of the row they have looked at:
/// what was changed since then nobody has reviewed.
pub fn approve(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    if ask.seen.is_none() {
        return Err(UseCaseError::VersionConflict);
    }
    let mut held = hold(db, act, ask, Permission::OfferApprove)?;
    let reviewer = act.staff(Permission::OfferApprove)?;
    pass(db, act, &mut held, reviewer)?;
    show(db, ask.offer)
}

/// Sends a version back to its makers (驳回), with the reason.
pub fn reject(db: &mut Db, act: &Act<'_>, ask: OfferAsk, reason: &Text<200>) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferApprove)?;
    let life = held.life().send_back().map_err(OfferError::from)?;
    let before = held.trace();
    held.version.submitted = None;
    held.version.reject_reason = Some(reason.to_string());
    let step = Step::new(life, OfferEvent::Rejected, "offer.reject");
    walk(db, act, &mut held, Step { reason: Some(reason.to_string()), ..step }, before)?;
    show(db, ask.offer)
}

/// Hands in, lets pass and publishes a draft in one go, where the policy lets its maker do so alone (未经复核).
pub fn self_publish(db: &mut Db, act: &Act<'_>, ask: OfferAsk) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::OfferPublish)?;
    let maker = act.staff(Permission::OfferPublish)?;
    hand_in(db, act, &mut held, maker)?;
    if held.version.rules.budget.is_none() {
        return Err(OfferError::BudgetRequired.into());
    }
    pass(db, act, &mut held, maker)?;
    publish_held(db, act, &mut held)?;
    show(db, ask.offer)
}

fn pass(db: &mut Db, act: &Act<'_>, held: &mut Held, reviewer: StaffId) -> Result<(), UseCaseError> {
    let life: Life = held.life().approve().map_err(OfferError::from)?;
    let rules = &held.version.rules;
    let work = Work { owner: held.offer.site, makers: &held.version.makers, worst_case: rules.worst_case_total() };
    let Judged { outcome, is_alone } = judge(db, &work, reviewer, RIGHTS)?;
    if is_alone && rules.budget.is_none() {
        return Err(OfferError::BudgetRequired.into());
    }
    let before = held.trace();
    let unreviewed = outcome == ReviewOutcome::Unreviewed;
    held.version.unreviewed = unreviewed;
    held.version.reviewed = Some((reviewer, act.now));
    let event = if unreviewed { OfferEvent::SelfApproved } else { OfferEvent::Approved };
    walk(db, act, held, Step::new(life, event, "offer.approve"), before)
}
