//! Decisions on templates. Each is a list of guard clauses, each with its own reason, and ends in one [`Step`].

use chrono::{DateTime, Utc};
use huike_kernel::{Life, Money, words};

use super::{Reason, TemplateError as E, TemplateState, VersionState};
use crate::{
    error::CouponError,
    rules::{TemplateRules, Validity},
};

/// Where a template stands, and the version the act is about: its newest.
#[derive(Debug, Clone, Copy)]
pub struct TemplateFacts<'a> {
    /// The template.
    pub template: TemplateState,
    /// Its newest version.
    pub version: VersionState,
    /// Why the kill switch is on, if it is.
    pub killed: Option<&'a Reason>,
}

words!(
    /// What happened to a template; the spelling is the kind of its event.
    TemplateEvent, "template event" {
        /// A draft was changed.
        Edited = "template_edited",
        /// A draft was handed to review (提交审核).
        Submitted = "template_submitted",
        /// Its maker took it back.
        Withdrawn = "template_withdrawn",
        /// 通过.
        Approved = "template_approved",
        /// Approved by its maker under the policy of a one-person shop (未经复核).
        SelfApproved = "template_self_approved",
        /// 驳回, with a reason.
        Rejected = "template_rejected",
        /// A version went live.
        Published = "template_published",
        /// Somebody paused it.
        Paused = "template_paused",
        /// It paused itself: its whole budget is used.
        Exhausted = "template_exhausted",
        /// It is live again.
        Resumed = "template_resumed",
        /// The kill switch: held coupons are stopped too, with the reason shown.
        Killed = "template_killed",
        /// The kill switch was taken off.
        KillLifted = "template_kill_lifted",
        /// It can never be claimed again.
        Ended = "template_ended",
        /// A new version was begun.
        VersionOpened = "template_version_opened",
    }
);

/// Where an act leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The template afterwards.
    pub template: TemplateState,
    /// The version afterwards.
    pub version: VersionState,
    /// What is written down.
    pub event: TemplateEvent,
    /// The reason given, where one is due.
    pub reason: Option<Reason>,
}

/// What publishing is measured against.
#[derive(Debug, Clone, Copy)]
pub struct PublishFacts {
    /// The moment.
    pub now: DateTime<Utc>,
    /// All instances issued ever, under any version.
    pub issued: i64,
    /// The sum of the sites' quotas.
    pub assigned: i64,
    /// Spent and committed together.
    pub used: Money,
}

impl TemplateFacts<'_> {
    fn life(&self) -> Life {
        Life { state: self.template, version: self.version }
    }

    fn step(&self, event: TemplateEvent) -> Step {
        step_to(self.life(), event)
    }
}

fn step_to(life: Life, event: TemplateEvent) -> Step {
    Step { template: life.state, version: life.version, event, reason: None }
}

/// Changes the rules of a draft. They may still be unsound: soundness is asked for at [`decide_submit`].
pub fn decide_edit_draft(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(step_to(facts.life().edit().map_err(E::from)?, TemplateEvent::Edited))
}

/// Hands a draft to review.
pub fn decide_submit(facts: &TemplateFacts<'_>, rules: &TemplateRules) -> Result<Step, CouponError> {
    let life = facts.life().submit().map_err(E::from)?;
    rules.validate().map_err(E::RulesInvalid)?;
    Ok(step_to(life, TemplateEvent::Submitted))
}

/// Takes a version back from review.
pub fn decide_withdraw(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(step_to(facts.life().send_back().map_err(E::from)?, TemplateEvent::Withdrawn))
}

/// Approves a version: its rules are frozen from here on.
pub fn decide_approve(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(step_to(facts.life().approve().map_err(E::from)?, TemplateEvent::Approved))
}

/// Sends a version back to its maker, with the reason.
pub fn decide_reject(facts: &TemplateFacts<'_>, reason: Reason) -> Result<Step, CouponError> {
    let life = facts.life().send_back().map_err(E::from)?;
    Ok(Step { reason: Some(reason), ..step_to(life, TemplateEvent::Rejected) })
}

/// Submits and approves in one go, as the policy of a one-person shop allows. With nobody looking twice a budget is
/// the net, so there must be one.
pub fn decide_self_publish(facts: &TemplateFacts<'_>, rules: &TemplateRules) -> Result<[Step; 2], CouponError> {
    let submitted = decide_submit(facts, rules)?;
    if rules.budget.is_none() {
        return Err(E::BudgetRequired.into());
    }
    let waiting = TemplateFacts { template: submitted.template, version: submitted.version, killed: facts.killed };
    let approved = Step { event: TemplateEvent::SelfApproved, ..decide_approve(&waiting)? };
    Ok([submitted, approved])
}

/// Puts an approved version in the place of the one before. A first version makes the template live; later ones leave
/// it live or paused, as it is.
pub fn decide_publish(
    facts: &TemplateFacts<'_>,
    rules: &TemplateRules,
    stock: &PublishFacts,
) -> Result<Step, CouponError> {
    facts.life().guard_not_ended().map_err(E::from)?;
    if let Some(reason) = facts.killed {
        return Err(E::Killed { reason: reason.to_string() }.into());
    }
    let life = facts.life().publish().map_err(E::from)?;
    if is_past(rules, stock.now) {
        return Err(E::WindowPast.into());
    }
    if rules.quantity < stock.issued {
        return Err(E::QuantityBelowIssued { issued: stock.issued }.into());
    }
    if rules.quantity < stock.assigned {
        return Err(E::QuantityBelowQuotas { assigned: stock.assigned }.into());
    }
    if rules.budget.is_some_and(|budget| budget.total < stock.used) {
        return Err(E::BudgetBelowUsed { used: stock.used }.into());
    }
    Ok(step_to(life, TemplateEvent::Published))
}

fn is_past(rules: &TemplateRules, now: DateTime<Utc>) -> bool {
    let claims_over = rules.claim_window.is_some_and(|window| window.ends_at <= now);
    let uses_over = matches!(rules.validity, Validity::Fixed { ends_at, .. } if ends_at <= now);
    claims_over || uses_over
}

/// Stops claims for now. Coupons people hold are honoured.
pub fn decide_pause(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(step_to(facts.life().pause().map_err(E::from)?, TemplateEvent::Paused))
}

/// Pauses a template whose whole budget is used up. A daily budget never does: it refuses until tomorrow.
pub fn decide_exhausted(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(Step { event: TemplateEvent::Exhausted, ..decide_pause(facts)? })
}

/// Lets claims go on.
pub fn decide_resume(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    facts.life().guard_not_ended().map_err(E::from)?;
    if let Some(reason) = facts.killed {
        return Err(E::Killed { reason: reason.to_string() }.into());
    }
    Ok(step_to(facts.life().resume().map_err(E::from)?, TemplateEvent::Resumed))
}

/// The kill switch: stops claims and held coupons, also of a template that has ended. A live one is paused, so that
/// lifting the kill gives holders their coupons back but lets nobody claim until somebody resumes it.
pub fn decide_kill(facts: &TemplateFacts<'_>, reason: Reason) -> Result<Step, CouponError> {
    facts.life().guard_was_approved().map_err(E::from)?;
    if let Some(reason) = facts.killed {
        return Err(E::Killed { reason: reason.to_string() }.into());
    }
    let template = if facts.template == TemplateState::Live { TemplateState::Paused } else { facts.template };
    Ok(Step { template, reason: Some(reason), ..facts.step(TemplateEvent::Killed) })
}

/// Takes the kill switch off: held coupons are good again.
pub fn decide_lift_kill(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    if facts.killed.is_none() {
        return Err(E::NotKilled.into());
    }
    Ok(facts.step(TemplateEvent::KillLifted))
}

/// Ends a template for good. Coupons people hold are honoured.
pub fn decide_end(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(step_to(facts.life().end().map_err(E::from)?, TemplateEvent::Ended))
}

/// Begins a new version as a draft, beside the one in force. Only one version is open at a time.
pub fn decide_new_version(facts: &TemplateFacts<'_>) -> Result<Step, CouponError> {
    Ok(step_to(facts.life().open_version().map_err(E::from)?, TemplateEvent::VersionOpened))
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
