//! `created → paid → fulfilled → completed`, `created → cancelled`, `paid | fulfilled | completed → refunding → refunded`. A
//! refund of a part leads back to where the order was: the rest is still to be delivered. A payment that comes after an order
//! was given up leads `cancelled → paid`, where everything is still free.

use super::OrderError;

huike_kernel::words! {
    /// Where an order stands (订单状态).
    OrderState, "order state" {
        /// Placed, goods and coupons are kept for it (待付款).
        Created = "created",
        /// Paid (待发货).
        Paid = "paid",
        /// Handed over or on its way (已发货).
        Fulfilled = "fulfilled",
        /// Over and done (已完成).
        Completed = "completed",
        /// Given up before it was paid (已取消).
        Cancelled = "cancelled",
        /// Money is on its way back (退款中).
        Refunding = "refunding",
        /// All of the money went back (已退款).
        Refunded = "refunded",
    }
}

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStep {
    /// It is paid in full.
    Pay,
    /// It is handed over.
    Fulfil,
    /// The customer has it, and the time for returns is over.
    Complete,
    /// It was given up, but is paid after all, and everything was still free.
    Reinstate,
    /// It is given up, by hand or because its time is over.
    Cancel,
    /// Money begins to go back.
    BeginRefund,
    /// The money that was on its way is back.
    FinishRefund {
        /// Whether nothing of what was paid is left.
        whole: bool,
    },
    /// The money could not be sent back; the order is as it was.
    FailRefund,
}

/// Where an order stands, and where a refund under way leads back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLife {
    /// Where it stands.
    pub state: OrderState,
    /// Where it was when a refund began; only while that is under way.
    pub resumes: Option<OrderState>,
}

impl OrderLife {
    /// An order that was just placed.
    pub const fn new() -> Self {
        Self { state: OrderState::Created, resumes: None }
    }

    /// Takes the step, or says why not.
    pub fn step(self, step: OrderStep) -> Result<Self, OrderError> {
        use OrderState::{Cancelled, Completed, Created, Fulfilled, Paid, Refunded, Refunding};
        let to = |state| Ok(Self { state, resumes: None });
        match (self.state, step) {
            (Created, OrderStep::Pay) | (Cancelled, OrderStep::Reinstate) => to(Paid),
            (Created, OrderStep::Cancel) => to(Cancelled),
            (Paid, OrderStep::Fulfil) => to(Fulfilled),
            (Fulfilled, OrderStep::Complete) => to(Completed),
            (Paid | Fulfilled | Completed, OrderStep::BeginRefund) => {
                Ok(Self { state: Refunding, resumes: Some(self.state) })
            }
            (Refunding, OrderStep::FinishRefund { whole: true }) => to(Refunded),
            (Refunding, OrderStep::FinishRefund { whole: false } | OrderStep::FailRefund) => {
                to(self.resumes.unwrap_or(Paid))
            }
            (state, _) => Err(OrderError::StateUnfit { state }),
        }
    }
}

impl Default for OrderLife {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(steps: &[OrderStep]) -> Result<OrderLife, OrderError> {
        steps.iter().try_fold(OrderLife::new(), |life, step| life.step(*step))
    }

    #[test]
    fn an_order_goes_from_placed_to_completed() {
        use OrderStep::{Complete, Fulfil, Pay};
        assert_eq!(walk(&[Pay, Fulfil, Complete]).unwrap().state, OrderState::Completed);
        assert_eq!(walk(&[Fulfil]), Err(OrderError::StateUnfit { state: OrderState::Created }));
    }

    #[test]
    fn what_is_not_refunded_is_still_delivered() {
        use OrderStep::{BeginRefund, FailRefund, FinishRefund, Fulfil, Pay};
        let part = FinishRefund { whole: false };
        assert_eq!(walk(&[Pay, BeginRefund, part, Fulfil]).unwrap().state, OrderState::Fulfilled);
        assert_eq!(walk(&[Pay, Fulfil, BeginRefund, FailRefund]).unwrap().state, OrderState::Fulfilled);
        let whole = [Pay, BeginRefund, FinishRefund { whole: true }];
        assert_eq!(walk(&whole).unwrap().state, OrderState::Refunded);
        assert_eq!(
            walk(&[Pay, BeginRefund, BeginRefund]),
            Err(OrderError::StateUnfit { state: OrderState::Refunding })
        );
    }

    fn any_step() -> impl Strategy<Value = OrderStep> {
        prop_oneof![
            Just(OrderStep::Pay),
            Just(OrderStep::Fulfil),
            Just(OrderStep::Complete),
            Just(OrderStep::Cancel),
            Just(OrderStep::Reinstate),
            Just(OrderStep::BeginRefund),
            any::<bool>().prop_map(|whole| OrderStep::FinishRefund { whole }),
            Just(OrderStep::FailRefund),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_tried_ends_stay_ends_and_no_money_goes_back_that_was_not_paid(steps in prop::collection::vec(any_step(), 0..30)) {
            let (mut life, mut paid) = (OrderLife::new(), false);
            for step in steps {
                let Ok(next) = life.step(step) else { continue };
                prop_assert!(life.state != OrderState::Refunded);
                prop_assert!(life.state != OrderState::Cancelled || step == OrderStep::Reinstate);
                paid |= matches!(step, OrderStep::Pay | OrderStep::Reinstate);
                prop_assert!(paid || matches!(next.state, OrderState::Created | OrderState::Cancelled));
                prop_assert_eq!(next.resumes.is_some(), next.state == OrderState::Refunding);
                life = next;
            }
        }
    }
}
