//! Review (审核): handing in, letting pass, sending back. Nobody lets pass what they wrote, unless the policy of the node
//! says so and then it is on record.

use huike_access::{Permission, ReviewOutcome, ReviewRights};
use huike_coupons::{
    TemplateError,
    template::{
        Reason, Step, TemplateEvent, decide_approve, decide_reject, decide_self_publish, decide_submit, decide_withdraw,
    },
};
use huike_kernel::StaffId;
use huike_persistence::{Db, template_lists::Listed};

use super::{Held, TemplateAsk, hold, publish::publish_held, refuse, show, walk};
use crate::{
    Act, UseCaseError,
    review::{self, Judged, Work},
};

/// Hands a draft to review.
pub fn submit(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponCreate)?;
    let maker = act.staff(Permission::CouponCreate)?;
    let step = decide_submit(&held.facts(), &held.version.rules)?;
    hand_in(db, act, &mut held, maker, step)?;
    show(db, ask.template)
}

/// Whoever hands in vouches for the draft, which makes them one of its makers.
fn hand_in(db: &mut Db, act: &Act<'_>, held: &mut Held, maker: StaffId, step: Step) -> Result<(), UseCaseError> {
    let before = held.trace();
    held.add_maker(maker);
    held.version.submitted = Some((maker, act.now));
    walk(db, act, held, step, ("coupon_template.submit", before))
}

/// Takes a version back from review.
pub fn withdraw(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponCreate)?;
    let step = decide_withdraw(&held.facts())?;
    let before = held.trace();
    held.version.submitted = None;
    walk(db, act, &mut held, step, ("coupon_template.withdraw", before))?;
    show(db, ask.template)
}

/// Lets a version pass (通过): its rules are frozen. The caller must say which version of the row they have looked at:
/// what was changed since then nobody has reviewed.
pub fn approve(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    if ask.seen.is_none() {
        return Err(UseCaseError::VersionConflict);
    }
    let mut held = hold(db, act, ask, Permission::CouponApprove)?;
    let reviewer = act.staff(Permission::CouponApprove)?;
    let step = decide_approve(&held.facts())?;
    let outcome = judge(db, &held, reviewer)?;
    pass(db, act, &mut held, (reviewer, outcome), step)?;
    show(db, ask.template)
}

/// Sends a version back to its makers (驳回), with the reason.
pub fn reject(db: &mut Db, act: &Act<'_>, ask: TemplateAsk, reason: &Reason) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponApprove)?;
    let step = decide_reject(&held.facts(), reason.clone())?;
    let before = held.trace();
    held.version.submitted = None;
    held.version.reject_reason = Some(reason.to_string());
    walk(db, act, &mut held, step, ("coupon_template.reject", before))?;
    show(db, ask.template)
}

/// Hands in, lets pass and publishes a draft in one go, where the policy lets its maker do so alone (未经复核).
pub fn self_publish(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponPublish)?;
    let maker = act.staff(Permission::CouponPublish)?;
    let [submitted, approved] = decide_self_publish(&held.facts(), &held.version.rules)?;
    hand_in(db, act, &mut held, maker, submitted)?;
    let outcome = judge(db, &held, maker)?;
    pass(db, act, &mut held, (maker, outcome), approved)?;
    publish_held(db, act, &mut held)?;
    show(db, ask.template)
}

fn pass(
    db: &mut Db,
    act: &Act<'_>,
    held: &mut Held,
    (reviewer, outcome): (StaffId, ReviewOutcome),
    step: Step,
) -> Result<(), UseCaseError> {
    let before = held.trace();
    let unreviewed = outcome == ReviewOutcome::Unreviewed;
    held.version.unreviewed = unreviewed;
    held.version.reviewed = Some((reviewer, act.now));
    let event = if unreviewed { TemplateEvent::SelfApproved } else { TemplateEvent::Approved };
    walk(db, act, held, Step { event, ..step }, ("coupon_template.approve", before))
}

/// Whether the policy in force lets the version pass at this hand.
fn judge(db: &mut Db, held: &Held, reviewer: StaffId) -> Result<ReviewOutcome, UseCaseError> {
    let rules = &held.version.rules;
    let work = Work { owner: held.template.site, makers: &held.version.makers, worst_case: rules.worst_case_total() };
    let Judged { outcome, is_alone } = review::judge(db, &work, reviewer, ReviewRights::COUPONS)?;
    if is_alone && rules.budget.is_none() {
        return Err(refuse(TemplateError::BudgetRequired));
    }
    Ok(outcome)
}
