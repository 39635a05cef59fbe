//! What is wrong with a rule document, and where.

use std::fmt;

/// One fault of a rule document, with the JSON pointer (RFC 6901, from the document's root) of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    /// Where: `/effect/cap`.
    pub pointer: String,
    /// What.
    pub fault: RuleFault,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.fault)
    }
}

/// What can be wrong with a rule document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// A kind this version cannot issue.
    #[error("this kind of coupon cannot be issued yet")]
    KindUnsupported,
    /// Nothing or less where money must be given.
    #[error("the amount must be above zero")]
    AmountNotPositive,
    /// Money below zero.
    #[error("the amount must not be below zero")]
    AmountNegative,
    /// More money than one coupon can sensibly move.
    #[error("the amount is too large")]
    AmountTooLarge,
    /// More comes off than the threshold asks for.
    #[error("the amount off must not exceed the threshold")]
    AmountAboveThreshold,
    /// Nothing off, or everything.
    #[error("the rate off must lie between 0 and 1, both excluded")]
    RateOutOfRange,
    /// A budget over an effect that nothing bounds.
    #[error("a budget needs a cap on the percentage")]
    CapRequired,
    /// A budget over goods or deliveries of unknown cost.
    #[error("a budget needs a declared unit cost")]
    UnitCostRequired,
    /// A unit cost beside an effect that says its own.
    #[error("this kind of coupon has no unit cost")]
    UnitCostUnused,
    /// A budget that not even one coupon fits in.
    #[error("the budget is smaller than the cost of one coupon")]
    BudgetTooSmall,
    /// More per day than in all.
    #[error("the daily budget must not exceed the total budget")]
    DailyAboveTotal,
    /// No coupon, or more than the house can hold.
    #[error("the quantity must lie between 1 and 10 000 000")]
    QuantityOutOfRange,
    /// A window that ends before it begins.
    #[error("the window must end after it starts")]
    WindowEmpty,
    /// A window outside the years 2000 to 2199.
    #[error("the window must lie between the years 2000 and 2199")]
    WindowOutOfRange,
    /// Nobody could use what they claim.
    #[error("the claim window must start before the validity ends")]
    ClaimAfterValidity,
    /// A delay or a number of days beyond all reason.
    #[error("the time span is too long")]
    SpanTooLong,
    /// Hours, weekdays or holidays that leave nothing or contradict each other.
    #[error("the use times are not sound: {reason}")]
    UseTimesUnsound {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// A list that is too long.
    #[error("the list is too long")]
    ListTooLong,
    /// The same entry twice.
    #[error("the entry is listed twice")]
    ListedTwice,
    /// A unit both put in and taken out.
    #[error("a unit cannot be both included and excluded")]
    IncludedAndExcluded,
    /// A limit of nothing, or below.
    #[error("a limit must be above zero")]
    CapNotPositive,
    /// Money where a count belongs, or the other way round.
    #[error("claims and uses are limited by a count, discount and order value by an amount of money")]
    CapOfWrongUnit,
    /// Claims are made from a site, never in a store.
    #[error("claims cannot be limited by store")]
    ClaimsByStore,
    /// Two limits on the same thing.
    #[error("there is another limit on the same metric, subject and period")]
    LimitTwice,
    /// A short period that allows more than a longer one.
    #[error("a limit per shorter period must not exceed the limit per longer period")]
    LimitAboveLonger,
    /// Exclusive, yet combinable.
    #[error("an exclusive coupon combines with nothing")]
    ExclusiveCombines,
    /// An undo window of nothing or of months.
    #[error("the time for undoing must lie between 1 and 44 640 minutes")]
    UnredeemWindowOutOfRange,
}

impl RuleFault {
    /// Stable code of the fault, listed in the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::KindUnsupported => "coupon_kind_unsupported",
            Self::AmountNotPositive => "amount_not_positive",
            Self::AmountNegative => "amount_negative",
            Self::AmountTooLarge => "amount_too_large",
            Self::AmountAboveThreshold => "amount_above_threshold",
            Self::RateOutOfRange => "rate_out_of_range",
            Self::CapRequired => "cap_required",
            Self::UnitCostRequired => "unit_cost_required",
            Self::UnitCostUnused => "unit_cost_unused",
            Self::BudgetTooSmall => "budget_too_small",
            Self::DailyAboveTotal => "budget_daily_above_total",
            Self::QuantityOutOfRange => "quantity_out_of_range",
            Self::WindowEmpty => "window_empty",
            Self::WindowOutOfRange => "window_out_of_range",
            Self::ClaimAfterValidity => "claim_window_after_validity",
            Self::SpanTooLong => "span_too_long",
            Self::UseTimesUnsound { .. } => "use_times_unsound",
            Self::ListTooLong => "list_too_long",
            Self::ListedTwice => "list_entry_twice",
            Self::IncludedAndExcluded => "scope_included_and_excluded",
            Self::CapNotPositive => "limit_not_positive",
            Self::CapOfWrongUnit => "limit_wrong_unit",
            Self::ClaimsByStore => "limit_claims_by_store",
            Self::LimitTwice => "limit_twice",
            Self::LimitAboveLonger => "limit_above_longer_period",
            Self::ExclusiveCombines => "combination_exclusive",
            Self::UnredeemWindowOutOfRange => "unredeem_window_out_of_range",
        }
    }
}

/// Collects problems while a document is read from top to bottom.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<RuleProblem>);

impl Findings {
    /// Notes a fault at a pointer when it is there.
    pub(super) fn note(&mut self, found: bool, pointer: impl Into<String>, fault: RuleFault) {
        if found {
            self.0.push(RuleProblem { pointer: pointer.into(), fault });
        }
    }

    /// Nothing found, or all of it.
    pub(super) fn verdict(self) -> Result<(), Vec<RuleProblem>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
