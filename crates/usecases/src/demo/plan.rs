//! An offer of the script: what it is, how it fares, and how people take to it.

use huike_coupons::{
    ChannelKind, Effect, TemplateRules,
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    rules::{Budget, Validity},
};
use huike_kernel::Money;

use super::stage::read;
use crate::UseCaseError;

/// Who owns an offer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    Head,
    Region(&'static str),
    Site(&'static str),
}

/// How a template fares; days are counted from today.
#[derive(Debug, Clone, Copy)]
pub(super) enum Life {
    /// It is being written.
    Draft,
    /// It waits for a reviewer.
    InReview,
    /// It was sent back.
    Rejected(&'static str),
    /// It may be published.
    Approved,
    /// It has been live since that day.
    Live(i64),
    /// Published by whoever made it, as the policy of a partner allows.
    Alone(i64),
    /// Live, then paused by somebody.
    Paused(i64, i64),
    /// Live, then stopped by the kill switch.
    Killed(i64, i64, &'static str),
    /// Live, then ended.
    Ended(i64, i64),
    /// Live until its budget was used up.
    Exhausted(i64),
    /// Live, then live under other rules.
    Revised(i64, i64),
}

/// How people come by its coupons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// They claim them.
    Claimed,
    /// Staff give them.
    Given,
    /// The crowd beyond the story claims them.
    Crowd,
    /// They enter codes that were printed before; of a pattern, or signed.
    Printed { codes: u32, pattern: Option<&'static str> },
}

/// A channel of an offer.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChannelPlan {
    pub(super) kind: ChannelKind,
    pub(super) name: &'static str,
    /// How many of a hundred claims come through it.
    pub(super) share: u32,
    /// What is printed on the poster.
    pub(super) code: Option<&'static str>,
}

/// An offer.
#[derive(Debug, Clone)]
pub(super) struct OfferPlan {
    pub(super) name: &'static str,
    pub(super) slogan: &'static str,
    pub(super) colour: &'static str,
    pub(super) owner: Owner,
    pub(super) rules: TemplateRules,
    /// The rules of its second version.
    pub(super) revised: Option<TemplateRules>,
    pub(super) life: Life,
    pub(super) way: Way,
    /// How much it draws people, against others.
    pub(super) pull: u32,
    /// How many of a hundred mean to use it.
    pub(super) use_percent: u32,
    pub(super) channels: &'static [ChannelPlan],
    /// Shares of sites, by their code.
    pub(super) quotas: &'static [(&'static str, i64)],
}

/// An offer of the head, live from the beginning, that people claim.
pub(super) fn offer(
    (name, slogan): (&'static str, &'static str),
    effect: Effect,
    quantity: i64,
    validity: Validity,
) -> OfferPlan {
    OfferPlan {
        name,
        slogan,
        colour: "#E8694A",
        owner: Owner::Head,
        rules: TemplateRules::new(effect, quantity, validity),
        revised: None,
        life: Life::Live(-92),
        way: Way::Claimed,
        pull: 10,
        use_percent: 50,
        channels: &[],
        quotas: &[],
    }
}

impl OfferPlan {
    pub(super) fn owned_by(self, owner: Owner, colour: &'static str) -> Self {
        Self { owner, colour, ..self }
    }

    pub(super) fn life(self, life: Life) -> Self {
        Self { life, ..self }
    }

    pub(super) fn way(self, way: Way) -> Self {
        Self { way, ..self }
    }

    /// How much it draws people, and how many of a hundred use what they took.
    pub(super) fn fares(self, pull: u32, use_percent: u32) -> Self {
        Self { pull, use_percent, ..self }
    }

    pub(super) fn through(self, channels: &'static [ChannelPlan]) -> Self {
        Self { channels, ..self }
    }

    pub(super) fn split(self, quotas: &'static [(&'static str, i64)]) -> Self {
        Self { quotas, ..self }
    }

    /// A limit on a count.
    pub(super) fn at_most(mut self, cap: i64, (metric, subject, period): (Metric, Subject, Period)) -> Self {
        self.rules.limits.push(LimitRule { metric, subject, period, cap: LimitCap::Count(cap) });
        self
    }

    /// So many coupons for one customer, ever.
    pub(super) fn each(self, cap: i64) -> Self {
        self.at_most(cap, (Metric::Claims, Subject::Customer, Period::Ever))
    }

    pub(super) fn budget(mut self, total: &str, daily: Option<&str>) -> Result<Self, UseCaseError> {
        self.rules.budget = Some(Budget { total: read(total)?, daily: daily.map(read).transpose()? });
        Ok(self)
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut TemplateRules)) -> Self {
        change(&mut self.rules);
        self
    }

    /// A second version that differs so.
    pub(super) fn revised(mut self, change: impl FnOnce(&mut TemplateRules)) -> Self {
        let mut rules = self.rules.clone();
        change(&mut rules);
        self.revised = Some(rules);
        self
    }
}

/// So much off from a threshold on.
pub(super) fn off(amount: &str, threshold: &str) -> Result<Effect, UseCaseError> {
    Ok(Effect::AmountOff { amount: read(amount)?, threshold: read(threshold)? })
}

/// A share off, up to a cap.
pub(super) fn share_off(rate_off: &str, threshold: &str, cap: &str) -> Result<Effect, UseCaseError> {
    let cap: Money = read(cap)?;
    Ok(Effect::PercentOff { rate_off: read(rate_off)?, threshold: read(threshold)?, cap: Some(cap) })
}

/// So many days from the claim.
pub(super) const fn days(days: u16) -> Validity {
    Validity::Relative { delay_minutes: 0, days }
}
