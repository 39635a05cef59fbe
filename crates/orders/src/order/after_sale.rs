//! What customers ask for when something is wrong with what they got (售后).

use chrono::{DateTime, TimeDelta, Utc};

use super::OrderError;

/// Within so many hours somebody decides on a case about quality.
pub const QUALITY_HOURS: i64 = 24;

huike_kernel::words! {
    /// What a customer asks for.
    AfterSaleKind, "after-sale kind" {
        /// The money back, and keep the goods (仅退款).
        RefundOnly = "refund_only",
        /// The money back for the goods (退货退款).
        Return = "return",
        /// Other goods for the goods (换货).
        Exchange = "exchange",
        /// What was missing or broken once more (补发).
        Reship = "reship",
    }
}

huike_kernel::words! {
    /// Where a case stands.
    AfterSaleState, "after-sale state" {
        /// Asked for (待审核).
        Requested = "requested",
        /// Agreed to; where goods come back, they are awaited (待退货).
        Approved = "approved",
        /// The customer sent the goods (退货中).
        Returning = "returning",
        /// What was agreed is being done: money or goods are on their way (处理中).
        Settling = "settling",
        /// Done (已完成).
        Done = "done",
        /// Refused (已驳回).
        Rejected = "rejected",
        /// Taken back by the customer (已撤销).
        Withdrawn = "withdrawn",
    }
}

/// What happens in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterSaleStep {
    /// Staff agree.
    Approve,
    /// Staff refuse.
    Reject,
    /// The customer sends the goods.
    SendBack,
    /// The goods came in and are as they should be.
    Receive,
    /// The goods came in and are not.
    RefuseGoods,
    /// The money or the goods arrived.
    Settle,
    /// The customer takes it back.
    Withdraw,
}

/// A case, as far as its steps go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterSale {
    /// What is asked for.
    pub kind: AfterSaleKind,
    /// Where it stands.
    pub state: AfterSaleState,
}

impl AfterSaleKind {
    /// Whether the goods come back first.
    pub const fn takes_goods_back(self) -> bool {
        matches!(self, Self::Return | Self::Exchange)
    }
}

/// Where a step leads.
pub fn decide_after_sale(case: AfterSale, step: AfterSaleStep) -> Result<AfterSaleState, OrderError> {
    use AfterSaleState::{Approved, Done, Rejected, Requested, Returning, Settling, Withdrawn};
    match (case.state, step) {
        (Requested, AfterSaleStep::Approve) if case.kind.takes_goods_back() => Ok(Approved),
        (Requested, AfterSaleStep::Reject) | (Returning, AfterSaleStep::RefuseGoods) => Ok(Rejected),
        (Requested | Approved, AfterSaleStep::Withdraw) => Ok(Withdrawn),
        (Approved, AfterSaleStep::SendBack) => Ok(Returning),
        // Who brings the goods to a store sends nothing.
        (Requested, AfterSaleStep::Approve) | (Approved | Returning, AfterSaleStep::Receive) => Ok(Settling),
        (Settling, AfterSaleStep::Settle) => Ok(Done),
        (state, _) => Err(OrderError::AfterSaleUnfit { state }),
    }
}

/// Until when somebody has to decide on a case about quality; it is overdue from then on.
pub fn quality_due_at(requested_at: DateTime<Utc>) -> DateTime<Utc> {
    requested_at.checked_add_signed(TimeDelta::hours(QUALITY_HOURS)).unwrap_or(requested_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(kind: AfterSaleKind, steps: &[AfterSaleStep]) -> Result<AfterSaleState, OrderError> {
        steps
            .iter()
            .try_fold(AfterSaleState::Requested, |state, step| decide_after_sale(AfterSale { kind, state }, *step))
    }

    #[test]
    fn goods_that_come_back_are_seen_before_anything_is_given_for_them() {
        use AfterSaleStep::{Approve, Receive, SendBack, Settle};
        for kind in [AfterSaleKind::Return, AfterSaleKind::Exchange] {
            assert_eq!(walk(kind, &[Approve, SendBack, Receive, Settle]), Ok(AfterSaleState::Done));
            assert_eq!(walk(kind, &[Approve, Receive, Settle]), Ok(AfterSaleState::Done));
            let early = Err(OrderError::AfterSaleUnfit { state: AfterSaleState::Approved });
            assert_eq!(walk(kind, &[Approve, Settle]), early);
        }
        for kind in [AfterSaleKind::RefundOnly, AfterSaleKind::Reship] {
            assert_eq!(walk(kind, &[Approve, Settle]), Ok(AfterSaleState::Done));
        }
    }

    #[test]
    fn a_case_ends_once() {
        use AfterSaleStep::{Approve, RefuseGoods, Reject, SendBack, Settle, Withdraw};
        for (steps, end) in [
            (vec![Reject], AfterSaleState::Rejected),
            (vec![Withdraw], AfterSaleState::Withdrawn),
            (vec![Approve, Withdraw], AfterSaleState::Withdrawn),
            (vec![Approve, SendBack, RefuseGoods], AfterSaleState::Rejected),
        ] {
            assert_eq!(walk(AfterSaleKind::Return, &steps), Ok(end));
            for step in [Approve, Reject, SendBack, Settle, Withdraw] {
                let after = decide_after_sale(AfterSale { kind: AfterSaleKind::Return, state: end }, step);
                assert_eq!(after, Err(OrderError::AfterSaleUnfit { state: end }));
            }
        }
    }

    #[test]
    fn a_case_about_quality_waits_a_day_at_most() {
        let asked: DateTime<Utc> = "2026-06-02T04:00:00Z".parse().unwrap();
        assert_eq!(quality_due_at(asked).to_rfc3339(), "2026-06-03T04:00:00+00:00");
    }
}
