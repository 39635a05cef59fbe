//! The switches of a published template: pause, resume, kill, end.

use huike_access::Permission;
use huike_coupons::{
    TemplateRules,
    template::{Reason, decide_end, decide_exhausted, decide_kill, decide_lift_kill, decide_pause, decide_resume},
};
use huike_kernel::TemplateId;
use huike_persistence::{
    Db,
    stock::{self, Stock},
    template_lists::Listed,
    templates,
};

use super::{TEMPLATE, TemplateAsk, hold, load, show, walk};
use crate::{Act, UseCaseError};

/// Stops claims for now; held coupons are honoured.
pub fn pause(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponPublish)?;
    let step = decide_pause(&held.facts())?;
    let before = held.trace();
    walk(db, act, &mut held, step, ("coupon_template.pause", before))?;
    show(db, ask.template)
}

/// Lets claims go on.
pub fn resume(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponPublish)?;
    let step = decide_resume(&held.facts())?;
    let before = held.trace();
    walk(db, act, &mut held, step, ("coupon_template.resume", before))?;
    show(db, ask.template)
}

/// The kill switch: stops claims and held coupons, with the reason that holders are shown.
pub fn kill(db: &mut Db, act: &Act<'_>, ask: TemplateAsk, reason: &Reason) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponKill)?;
    let step = decide_kill(&held.facts(), reason.clone())?;
    let before = held.trace();
    held.template.killed = Some((act.now, reason.clone()));
    walk(db, act, &mut held, step, ("coupon_template.kill", before))?;
    show(db, ask.template)
}

/// Takes the kill switch off. Held coupons are good again; claims wait until somebody resumes the template.
pub fn lift_kill(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponKill)?;
    let step = decide_lift_kill(&held.facts())?;
    let before = held.trace();
    held.template.killed = None;
    walk(db, act, &mut held, step, ("coupon_template.lift_kill", before))?;
    show(db, ask.template)
}

/// Ends a template for good; held coupons are honoured.
pub fn end(db: &mut Db, act: &Act<'_>, ask: TemplateAsk) -> Result<Listed, UseCaseError> {
    let mut held = hold(db, act, ask, Permission::CouponPublish)?;
    let step = decide_end(&held.facts())?;
    let before = held.trace();
    walk(db, act, &mut held, step, ("coupon_template.end", before))?;
    show(db, ask.template)
}

/// Pauses a live template whose whole budget is used, which nobody asks for: a claim that was refused for it leads
/// here. Says whether it was so; a budget that has room by now, or a template that is not live, is left alone.
pub fn exhaust(db: &mut Db, act: &Act<'_>, template: TemplateId) -> Result<bool, UseCaseError> {
    let template = templates::lock(db, template)?.ok_or(UseCaseError::NotFound(TEMPLATE))?;
    let Some(number) = template.live_version else { return Ok(false) };
    let live = templates::get_version(db, template.id, number)?;
    let mut held = load(db, template)?;
    let Ok(step) = decide_exhausted(&held.facts()) else { return Ok(false) };
    let stock = stock::lock(db, held.template.id)?;
    if !stock.is_some_and(|stock| is_used_up(&live.rules, &stock)) {
        return Ok(false);
    }
    let before = held.trace();
    walk(db, act, &mut held, step, ("coupon_template.exhaust", before))?;
    Ok(true)
}

/// Whether not even one more coupon fits into the budget.
fn is_used_up(rules: &TemplateRules, stock: &Stock) -> bool {
    let used = stock.committed_fen.saturating_add(stock.spent_fen);
    let next = rules.committed_at_issue().fen();
    stock.budget_fen.is_some_and(|budget| used.saturating_add(next) > budget)
}
