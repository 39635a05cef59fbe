//! What a notice from a payment provider means. Notices come late, twice, in any order, and sometimes with another amount;
//! each has a defined end, and no money stays where it does not belong.

use huike_kernel::Money;

use super::OrderState;

huike_kernel::words! {
    /// Where a payment stands.
    PaymentState, "payment state" {
        /// Nothing came in so far (待支付).
        Pending = "pending",
        /// It paid its order (已支付).
        Paid = "paid",
        /// What came in went back (已退回).
        Returned = "returned",
    }
}

huike_kernel::words! {
    /// Who moves the money (支付渠道).
    Provider, "payment provider" {
        /// The cashier for tests: a page where somebody approves or declines.
        Test = "test",
        /// WeChat Pay (微信支付).
        Wechat = "wechat",
    }
}

/// What a provider says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentNotice {
    /// So much was paid.
    Paid(Money),
    /// The payment failed or was closed; nothing was taken.
    NotPaid,
}

/// What is known when the notice comes in, under the lock of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentFacts {
    /// Where the order stands.
    pub state: OrderState,
    /// What is to be paid by this payment.
    pub due: Money,
    /// Whether this payment was taken down as paid before, by its id at the provider.
    pub recorded: bool,
    /// Whether the goods, coupons and limits of a closed order are still to be had.
    pub still_free: bool,
}

/// What to do about a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentDecision {
    /// It was told before, or tells nothing new: answer the provider, do nothing.
    Ignore,
    /// The order is paid.
    Confirm,
    /// The order is paid, and so much too much goes back.
    ConfirmAndReturn(Money),
    /// The order was closed, but everything is still free: it is taken again, and is paid. So much too much goes back.
    Reinstate(Money),
    /// All of it goes back: too little, for an order that is closed, or paid by another payment already.
    ReturnAll(Money),
}

impl PaymentDecision {
    /// The word it is noted down by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ignore => "ignored",
            Self::Confirm => "confirmed",
            Self::ConfirmAndReturn(_) => "confirmed_in_part",
            Self::Reinstate(_) => "reinstated",
            Self::ReturnAll(_) => "returned",
        }
    }

    /// What of it goes back.
    pub fn goes_back(self) -> Option<Money> {
        let back = match self {
            Self::Ignore | Self::Confirm => return None,
            Self::ConfirmAndReturn(back) | Self::Reinstate(back) | Self::ReturnAll(back) => back,
        };
        (!back.is_zero()).then_some(back)
    }
}

/// Decides what a notice means.
pub fn decide_payment(facts: &PaymentFacts, notice: PaymentNotice) -> PaymentDecision {
    let PaymentNotice::Paid(amount) = notice else {
        // A failure that comes after the success it was overtaken by changes nothing; before it there is nothing to change.
        return PaymentDecision::Ignore;
    };
    if facts.recorded || amount.fen() <= 0 {
        return PaymentDecision::Ignore;
    }
    let Some(excess) = amount.checked_sub(facts.due).filter(|excess| !excess.is_negative()) else {
        return PaymentDecision::ReturnAll(amount);
    };
    match facts.state {
        OrderState::Created if excess.is_zero() => PaymentDecision::Confirm,
        OrderState::Created => PaymentDecision::ConfirmAndReturn(excess),
        OrderState::Cancelled if facts.still_free => PaymentDecision::Reinstate(excess),
        OrderState::Cancelled
        | OrderState::Paid
        | OrderState::Fulfilled
        | OrderState::Completed
        | OrderState::Refunding
        | OrderState::Refunded => PaymentDecision::ReturnAll(amount),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(state: OrderState) -> PaymentFacts {
        PaymentFacts { state, due: Money::from_fen(1_000), recorded: false, still_free: false }
    }

    fn paid(fen: i64) -> PaymentNotice {
        PaymentNotice::Paid(Money::from_fen(fen))
    }

    #[test]
    fn every_notice_has_its_end() {
        use PaymentDecision::{Confirm, ConfirmAndReturn, Ignore, Reinstate, ReturnAll};
        let money = Money::from_fen;
        let created = facts(OrderState::Created);
        let closed = facts(OrderState::Cancelled);
        for (facts, notice, expected) in [
            (created, paid(1_000), Confirm),
            (created, paid(1_200), ConfirmAndReturn(money(200))),
            (created, paid(999), ReturnAll(money(999))),
            (created, PaymentNotice::NotPaid, Ignore),
            (PaymentFacts { recorded: true, ..facts(OrderState::Paid) }, paid(1_000), Ignore),
            (facts(OrderState::Paid), paid(1_000), ReturnAll(money(1_000))),
            (facts(OrderState::Paid), PaymentNotice::NotPaid, Ignore),
            (closed, paid(1_000), ReturnAll(money(1_000))),
            (PaymentFacts { still_free: true, ..closed }, paid(1_000), Reinstate(money(0))),
            (PaymentFacts { still_free: true, ..closed }, paid(900), ReturnAll(money(900))),
            (facts(OrderState::Refunded), paid(1_000), ReturnAll(money(1_000))),
        ] {
            assert_eq!(decide_payment(&facts, notice), expected, "{facts:?} {notice:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_what_was_due_or_nothing(amount in 1..5_000_i64, due in 1..5_000_i64, state in 0..OrderState::ALL.len(), still_free: bool) {
            let facts = PaymentFacts { state: OrderState::ALL[state], due: Money::from_fen(due), recorded: false, still_free };
            let kept = match decide_payment(&facts, paid(amount)) {
                PaymentDecision::Confirm => amount,
                PaymentDecision::ConfirmAndReturn(back) | PaymentDecision::Reinstate(back) | PaymentDecision::ReturnAll(back) => amount - back.fen(),
                PaymentDecision::Ignore => panic!("money came in"),
            };
            prop_assert!(kept == due || kept == 0);
        }
    }
}
