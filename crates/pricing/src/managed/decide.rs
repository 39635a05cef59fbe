//! Decisions on offers that people manage; the graphs they walk are those of [`huike_kernel::life`].

use chrono::{DateTime, Utc};
use huike_kernel::{Life, Money, words};

use super::{OfferError as E, OfferRules, Used};

words!(
    /// What happened to an offer; the spelling is the kind of its event.
    OfferEvent, "offer event" {
        /// It was drafted.
        Created = "offer_created",
        /// A draft was changed.
        Edited = "offer_edited",
        /// A draft was handed to review (提交审核).
        Submitted = "offer_submitted",
        /// Its maker took it back.
        Withdrawn = "offer_withdrawn",
        /// 通过.
        Approved = "offer_approved",
        /// Approved by its maker, as the review policy allows (未经复核).
        SelfApproved = "offer_self_approved",
        /// 驳回, with a reason.
        Rejected = "offer_rejected",
        /// A version went live.
        Published = "offer_published",
        /// Somebody paused it.
        Paused = "offer_paused",
        /// It is live again.
        Resumed = "offer_resumed",
        /// It will never be live again.
        Ended = "offer_ended",
        /// A new version was begun.
        VersionOpened = "offer_version_opened",
        /// It may cost more or less from now on.
        BudgetChanged = "offer_budget_changed",
    }
);

/// What publishing is measured against.
#[derive(Debug, Clone, Copy)]
pub struct PublishFacts {
    /// The moment.
    pub now: DateTime<Utc>,
    /// What orders have taken of it, under any version.
    pub used: Used,
}

/// Hands a draft to review.
///
/// # Errors
/// The draft is not sound, or not a draft.
pub fn decide_submit(life: Life, rules: &OfferRules) -> Result<Life, E> {
    let after = life.submit()?;
    rules.validate().map_err(E::RulesInvalid)?;
    Ok(after)
}

/// Puts an approved version in force.
///
/// # Errors
/// It was not approved, its time is over, or more was used than it allows.
pub fn decide_publish(life: Life, rules: &OfferRules, facts: &PublishFacts) -> Result<Life, E> {
    let after = life.publish()?;
    if rules.window.is_some_and(|window| window.ends_at <= facts.now) {
        return Err(E::WindowPast);
    }
    guard_used(rules.budget, rules.uses, facts.used)?;
    Ok(after)
}

/// Lets it cost more or less from now on.
///
/// # Errors
/// It has ended or was never in force, the figures are not sound, or more was used already.
pub fn decide_budget(life: Life, changed: &OfferRules, used: Used) -> Result<(), E> {
    life.guard_not_ended()?;
    life.guard_was_approved()?;
    changed.validate().map_err(E::RulesInvalid)?;
    guard_used(changed.budget, changed.uses, used)
}

fn guard_used(budget: Option<Money>, uses: Option<i64>, so_far: Used) -> Result<(), E> {
    if budget.is_some_and(|budget| budget < so_far.spent) {
        return Err(E::BudgetBelowSpent { spent: so_far.spent });
    }
    if uses.is_some_and(|uses| uses < so_far.uses) {
        return Err(E::UsesBelowUsed { used: so_far.uses });
    }
    Ok(())
}
