//! Claims (领取): whether somebody may take a coupon, and what they get.
//!
//! What is decided here are conditions. How many are left is never read and then believed: stock, quotas, budgets and
//! limits move by guarded updates (see [`crate::limits`]), whose refusals have their names in [`ClaimError`].

mod error;

use chrono::{DateTime, Utc};
use huike_kernel::{Money, TimeWindow, Zone, words};

pub use error::ClaimError;

use crate::{
    error::CouponError,
    rules::{TemplateRules, Validity},
    template::{Reason, TemplateState},
};

words!(
    /// The kind of channel (发放渠道) a coupon is issued through. Each channel has its own link or code and is counted.
    ChannelKind, "channel kind" {
        /// The coupon centre, or staff.
        Direct = "direct",
        /// A community (社群).
        Community = "community",
        /// A message to a customer.
        Message = "message",
        /// A landing page.
        LandingPage = "landing_page",
        /// A printed poster.
        Poster = "poster",
        /// A till receipt.
        TillReceipt = "till_receipt",
        /// An integration.
        Api = "api",
        /// A batch of codes (券码批次).
        CodeBatch = "code_batch",
    }
);

/// What a claim is decided on.
#[derive(Debug, Clone, Copy)]
pub struct ClaimFacts<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// The zone of the site of the claim.
    pub zone: Zone,
    /// Where the template stands.
    pub template: TemplateState,
    /// Why the kill switch is on, if it is.
    pub killed: Option<&'a Reason>,
    /// Whether the channel is open; `true` where there is none.
    pub channel_open: bool,
    /// Whether the site lies in the owner's subtree or an alliance, and in the scope of the rules.
    pub site_in_scope: bool,
    /// How the customer stands.
    pub customer: Standing,
}

/// How a customer stands with the brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Blocked, at the site or brand-wide.
    pub blocked: bool,
    /// New (新客): no earlier active redemption under the head.
    pub is_new: bool,
    /// In the segment of the rules; `None` when nobody knows.
    pub in_segment: Option<bool>,
}

/// What a granted claim gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimGrant {
    /// When the coupon may be used.
    pub usable: TimeWindow,
    /// What is committed of the budget for it.
    pub committed: Money,
}

/// Whether the customer may claim one coupon under these rules.
pub fn decide_claim(rules: &TemplateRules, facts: &ClaimFacts<'_>) -> Result<ClaimGrant, CouponError> {
    if let Some(reason) = facts.killed {
        return Err(ClaimError::Killed { reason: reason.to_string() }.into());
    }
    guard_live(facts.template)?;
    if !facts.channel_open {
        return Err(ClaimError::ChannelClosed.into());
    }
    if let Some(window) = rules.claim_window {
        if facts.now < window.starts_at {
            return Err(ClaimError::NotOpen { opens_at: window.starts_at, zone: facts.zone }.into());
        }
        if facts.now >= window.ends_at {
            return Err(ClaimError::Closed { closed_at: window.ends_at, zone: facts.zone }.into());
        }
    }
    if let Validity::Fixed { ends_at, .. } = rules.validity
        && facts.now >= ends_at
    {
        return Err(ClaimError::Closed { closed_at: ends_at, zone: facts.zone }.into());
    }
    if !facts.site_in_scope {
        return Err(ClaimError::OutOfScope.into());
    }
    if facts.customer.blocked {
        return Err(ClaimError::CustomerBlocked.into());
    }
    if rules.audience.new_customer_only && !facts.customer.is_new {
        return Err(ClaimError::NewCustomersOnly.into());
    }
    if rules.audience.segment.is_some() && facts.customer.in_segment != Some(true) {
        return Err(ClaimError::SegmentOnly.into());
    }
    Ok(ClaimGrant { usable: rules.validity.window_for(facts.now, &facts.zone), committed: rules.committed_at_issue() })
}

fn guard_live(template: TemplateState) -> Result<(), CouponError> {
    match template {
        TemplateState::Live => Ok(()),
        TemplateState::Paused => Err(ClaimError::Paused.into()),
        TemplateState::Ended => Err(ClaimError::Ended.into()),
        TemplateState::Draft | TemplateState::InReview | TemplateState::Approved => Err(ClaimError::NotLive.into()),
    }
}

/// What a batch of codes gets, each code alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodesGrant {
    /// What is committed of the budget for one code.
    pub committed: Money,
    /// The first moment of use; unknown while validity counts from a claim nobody has made.
    pub usable_from: Option<DateTime<Utc>>,
    /// The first moment too late: of use, or of claiming where validity counts from the claim.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whether a batch of printed or generated codes may be issued. Nobody owns them yet, so only the template and its
/// windows are asked.
pub fn decide_issue_codes(rules: &TemplateRules, facts: &IssueFacts<'_>) -> Result<CodesGrant, CouponError> {
    if let Some(reason) = facts.killed {
        return Err(ClaimError::Killed { reason: reason.to_string() }.into());
    }
    guard_live(facts.template)?;
    let closes_at = rules.claim_window.map(|window| window.ends_at);
    let (usable_from, expires_at) = match rules.validity {
        Validity::Fixed { starts_at, ends_at } => (Some(starts_at), Some(ends_at)),
        Validity::Relative { .. } => (None, closes_at),
    };
    for end in [closes_at, expires_at].into_iter().flatten() {
        if facts.now >= end {
            return Err(ClaimError::Closed { closed_at: end, zone: facts.zone }.into());
        }
    }
    Ok(CodesGrant { committed: rules.committed_at_issue(), usable_from, expires_at })
}

/// What the issue of a batch of codes is decided on.
#[derive(Debug, Clone, Copy)]
pub struct IssueFacts<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// Where the template stands.
    pub template: TemplateState,
    /// Why the kill switch is on, if it is.
    pub killed: Option<&'a Reason>,
    /// The zone of the site the codes are for.
    pub zone: Zone,
}

#[cfg(test)]
mod tests {
    use huike_kernel::DomainError;

    use super::*;
    use crate::samples;

    const GOOD: Standing = Standing { blocked: false, is_new: true, in_segment: None };

    fn facts() -> ClaimFacts<'static> {
        ClaimFacts {
            now: samples::noon(),
            zone: Zone::default(),
            template: TemplateState::Live,
            killed: None,
            channel_open: true,
            site_in_scope: true,
            customer: GOOD,
        }
    }

    fn refusal(rules: &TemplateRules, facts: &ClaimFacts<'_>) -> &'static str {
        decide_claim(rules, facts).unwrap_err().code()
    }

    #[test]
    fn a_live_coupon_is_granted_with_its_window_and_its_commitment() {
        let mut rules = samples::amount_off("30", "200");
        rules.budget = Some(samples::budget("300", None));
        let grant = decide_claim(&rules, &facts()).unwrap();
        assert_eq!(grant.usable, rules.validity.window_for(samples::noon(), &Zone::default()));
        assert_eq!(grant.committed, samples::yuan("30"));
    }

    #[test]
    fn only_a_live_template_is_claimed() {
        let rules = samples::amount_off("30", "200");
        for state in TemplateState::ALL {
            let outcome = decide_claim(&rules, &ClaimFacts { template: *state, ..facts() });
            assert_eq!(outcome.is_ok(), *state == TemplateState::Live, "{state}");
        }
    }

    #[test]
    fn the_kill_switch_answers_with_its_reason() {
        let reason = Reason::new("印错金额").unwrap();
        let error = decide_claim(&samples::amount_off("30", "200"), &ClaimFacts { killed: Some(&reason), ..facts() })
            .unwrap_err();
        assert_eq!(error.code(), "coupon_killed");
        assert_eq!(error.details().unwrap()["reason"], "印错金额");
    }

    #[test]
    fn a_claim_window_is_half_open() {
        let mut rules = samples::amount_off("30", "200");
        rules.claim_window = Some(TimeWindow { starts_at: samples::noon(), ends_at: samples::minutes_after_noon(1) });
        assert!(decide_claim(&rules, &facts()).is_ok());
        let early = ClaimFacts { now: samples::minutes_after_noon(-1), ..facts() };
        let late = ClaimFacts { now: samples::minutes_after_noon(1), ..facts() };
        assert_eq!(refusal(&rules, &early), "coupon_claim_not_open");
        assert_eq!(refusal(&rules, &late), "coupon_claim_closed");
        let details = decide_claim(&rules, &early).unwrap_err().details().unwrap();
        assert_eq!(details["zone"], "Asia/Shanghai", "a moment means something to people by a clock on a wall");
    }

    #[test]
    fn nobody_claims_what_is_past_its_validity() {
        let mut rules = samples::amount_off("30", "200");
        rules.validity = Validity::Fixed { starts_at: samples::minutes_after_noon(-9), ends_at: samples::noon() };
        assert_eq!(refusal(&rules, &facts()), "coupon_claim_closed");
    }

    #[test]
    fn conditions_on_the_customer_have_each_their_own_reason() {
        let with = |customer| ClaimFacts { customer, ..facts() };
        let mut rules = samples::amount_off("30", "200");
        assert_eq!(refusal(&rules, &ClaimFacts { site_in_scope: false, ..facts() }), "coupon_out_of_scope");
        assert_eq!(refusal(&rules, &with(Standing { blocked: true, ..GOOD })), "customer_blocked");
        assert_eq!(refusal(&rules, &ClaimFacts { channel_open: false, ..facts() }), "coupon_channel_closed");
        rules.audience.new_customer_only = true;
        assert_eq!(refusal(&rules, &with(Standing { is_new: false, ..GOOD })), "coupon_new_customers_only");
        rules.audience.segment = Some("pregnant".try_into().unwrap());
        assert_eq!(refusal(&rules, &facts()), "coupon_segment_only", "an unknown fact is never taken for granted");
        assert!(decide_claim(&rules, &with(Standing { in_segment: Some(true), ..GOOD })).is_ok());
    }

    #[test]
    fn codes_of_relative_validity_expire_with_the_claim_window() {
        let mut rules = samples::amount_off("30", "200");
        let facts =
            IssueFacts { now: samples::noon(), template: TemplateState::Live, killed: None, zone: Zone::default() };
        assert_eq!(decide_issue_codes(&rules, &facts).unwrap().expires_at, None);
        let window = TimeWindow { starts_at: samples::noon(), ends_at: samples::minutes_after_noon(1) };
        rules.claim_window = Some(window);
        assert_eq!(decide_issue_codes(&rules, &facts).unwrap().expires_at, Some(window.ends_at));
        let late = IssueFacts { now: window.ends_at, ..facts };
        assert_eq!(decide_issue_codes(&rules, &late).unwrap_err().code(), "coupon_claim_closed");
    }
}
