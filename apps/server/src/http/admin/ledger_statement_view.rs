//! What finance asks and sees of statements.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use huike_kernel::{LedgerTransactionId, TimeWindow, Zone};
use huike_ledger::{Line, Reason, Turnover, Unit};
use huike_persistence::ledger::statements::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::ledger_view::LedgerAccountView;

/// Years that a statement may be of.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;
/// The most days between the first and the last.
const DAYS_MAX: i64 = 366;

/// Which days a statement is of, by the clock of the node that keeps the account.
#[derive(Debug, Clone, Copy, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[validate(schema(function = check_days))]
pub struct StatementQuery {
    /// The first day.
    pub(super) first: NaiveDate,
    /// The last day, included; at most a year after the first.
    pub(super) last: NaiveDate,
}

fn check_days(query: &StatementQuery) -> Result<(), ValidationError> {
    let days = query.last.signed_duration_since(query.first).num_days();
    let sound = (0..=DAYS_MAX).contains(&days) && YEARS.contains(&query.first.year());
    let text = Cow::Borrowed("the first day is not after the last, and at most a year before it");
    if sound { Ok(()) } else { Err(ValidationError::new("span_invalid").with_message(text)) }
}

impl StatementQuery {
    pub(super) fn span(&self, zone: Zone) -> TimeWindow {
        TimeWindow { starts_at: zone.start_of_day(self.first), ends_at: zone.end_of_day(self.last) }
    }
}

/// A statement, a page of it: where the account stood before the first day, what moved in all, where it stood after the
/// last, and line by line how that came.
#[derive(Serialize, ToSchema)]
pub struct StatementView {
    /// The account as it is now.
    pub(super) account: LedgerAccountView,
    /// The first day.
    pub(super) first: NaiveDate,
    /// The last day.
    pub(super) last: NaiveDate,
    /// What was there before.
    #[schema(example = "500.00")]
    pub(super) opening: String,
    /// What left in all.
    #[schema(example = "100.00")]
    pub(super) debits: String,
    /// What arrived in all.
    #[schema(example = "45.00")]
    pub(super) credits: String,
    /// What was there afterwards.
    #[schema(example = "445.00")]
    pub(super) closing: String,
    /// The lines of this page, oldest first.
    pub(super) items: Vec<StatementLineView>,
    /// Where the next page begins; null on the last one.
    pub(super) next_cursor: Option<String>,
}

impl StatementView {
    pub(super) fn totals(unit: Unit, turnover: Turnover) -> [String; 4] {
        [turnover.opening, turnover.debits, turnover.credits, turnover.closing()].map(|count| unit.show(count))
    }
}

/// A line of a statement.
#[derive(Serialize, ToSchema)]
pub struct StatementLineView {
    /// When.
    pub(super) posted_at: DateTime<Utc>,
    /// By which transaction.
    pub(super) transaction_id: LedgerTransactionId,
    /// By which of its transfers.
    transfer: i64,
    /// Why.
    pub(super) reason: Reason,
    /// What kind of thing it follows from.
    #[schema(example = "order")]
    pub(super) source_kind: String,
    /// Which one.
    pub(super) source_id: Uuid,
    /// The transaction that was taken back by it.
    reverses_id: Option<LedgerTransactionId>,
    /// What left; null where something arrived.
    #[schema(example = "100.00")]
    pub(super) debit: Option<String>,
    /// What arrived; null where something left.
    pub(super) credit: Option<String>,
    /// What was there afterwards.
    #[schema(example = "400.00")]
    pub(super) balance: String,
}

impl StatementLineView {
    pub(super) fn new(unit: Unit, line: Line<Entry>) -> Self {
        let Line { entry, balance } = line;
        let size = unit.show(entry.amount.saturating_abs());
        let (debit, credit) = if entry.amount < 0 { (Some(size), None) } else { (None, Some(size)) };
        Self {
            posted_at: entry.key.posted_at,
            transaction_id: entry.key.transaction,
            transfer: entry.key.leg,
            reason: entry.reason,
            source_kind: entry.source.kind,
            source_id: entry.source.id,
            reverses_id: entry.reverses,
            debit,
            credit,
            balance: unit.show(balance),
        }
    }
}
