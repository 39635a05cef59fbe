//! Stored value (储值): how a payment is split over principal and bonus, and what is due when the contract ends.
//!
//! The formulas are those of 法释〔2025〕4号, articles 15 to 20: where the merchant is the cause, what was used counts at the
//! price it was bought for; where the customer is, at the price without the bonus.

use huike_kernel::{Money, Rate, money::allocate};

use crate::LedgerError;

/// Days of a year, as interest is counted.
const DAYS_OF_YEAR: i128 = 365;

huike_kernel::words! {
    /// What is spent first (扣款顺序).
    SpendOrder, "spend order" {
        /// The bonus, then the principal (先赠后本).
        BonusFirst = "bonus_first",
        /// The principal, then the bonus (先本后赠).
        PrincipalFirst = "principal_first",
        /// Both, in proportion to what there is (按比例).
        Proportional = "proportional",
    }
}

/// Principal and bonus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Paid for (本金).
    pub principal: Money,
    /// Given on top (赠金).
    pub bonus: Money,
}

impl Parts {
    /// Both together.
    pub fn total(self) -> Option<Money> {
        self.principal.checked_add(self.bonus)
    }

    const fn is_sound(self) -> bool {
        !self.principal.is_negative() && !self.bonus.is_negative()
    }
}

/// Splits a payment over what is there. Refused when it is more than there is.
///
/// ```
/// use huike_ledger::stored_value::{Parts, SpendOrder, split};
///
/// let there = Parts { principal: "500".parse()?, bonus: "100".parse()? };
/// let taken = split(SpendOrder::BonusFirst, there, "130".parse()?)?;
/// assert_eq!((taken.principal.to_string(), taken.bonus.to_string()), ("30.00".to_owned(), "100.00".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn split(order: SpendOrder, there: Parts, amount: Money) -> Result<Parts, LedgerError> {
    let total = there.total().filter(|_| there.is_sound()).ok_or(LedgerError::StoredValueFigures)?;
    if amount.is_negative() || amount > total {
        return Err(LedgerError::StoredValueFigures);
    }
    let rest = |part: Money| amount.checked_sub(part).ok_or(LedgerError::StoredValueFigures);
    match order {
        SpendOrder::BonusFirst => {
            let bonus = amount.min(there.bonus);
            Ok(Parts { principal: rest(bonus)?, bonus })
        }
        SpendOrder::PrincipalFirst => {
            let principal = amount.min(there.principal);
            Ok(Parts { principal, bonus: rest(principal)? })
        }
        SpendOrder::Proportional => {
            // With nothing there, nothing is all that can be asked for.
            let shares = allocate(amount, &[there.principal.fen(), there.bonus.fen()]).unwrap_or_default();
            let principal = shares.first().copied().unwrap_or_default();
            Ok(Parts { principal, bonus: rest(principal)? })
        }
    }
}

/// What is given back of a card when the merchant is the cause (商家原因退卡): what was paid less the share of it that was
/// used, `P − used × P ÷ (P + B)`. The share that was used is rounded down to the fen, so the odd fen is the customer's.
///
/// ```
/// use huike_ledger::stored_value::{Parts, refund_by_merchant};
///
/// let bought = Parts { principal: "500".parse()?, bonus: "100".parse()? };
/// assert_eq!(refund_by_merchant(bought, "300".parse()?)?.to_string(), "250.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn refund_by_merchant(bought: Parts, used: Money) -> Result<Money, LedgerError> {
    let total = bought.total().filter(|_| bought.is_sound()).ok_or(LedgerError::StoredValueFigures)?;
    if used.is_negative() || used > total {
        return Err(LedgerError::StoredValueFigures);
    }
    let used_up = i128::from(used.fen())
        .checked_mul(i128::from(bought.principal.fen()))
        .and_then(|product| product.checked_div(i128::from(total.fen())))
        // Nothing was bought, so nothing of it was used.
        .unwrap_or(0);
    let used_up = i64::try_from(used_up).ok().and_then(Money::try_from_fen);
    used_up.and_then(|used_up| bought.principal.checked_sub(used_up)).ok_or(LedgerError::StoredValueFigures)
}

/// What is given back of a card when the customer is the cause (消费者原因退卡): what was paid less what was used at the
/// price without the bonus, `max(0, P − used)`.
///
/// ```
/// use huike_ledger::stored_value::refund_by_customer;
///
/// assert_eq!(refund_by_customer("500".parse()?, "300".parse()?)?.to_string(), "200.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn refund_by_customer(principal: Money, used_undiscounted: Money) -> Result<Money, LedgerError> {
    if principal.is_negative() || used_undiscounted.is_negative() {
        return Err(LedgerError::StoredValueFigures);
    }
    let left = principal.checked_sub(used_undiscounted).ok_or(LedgerError::StoredValueFigures)?;
    Ok(left.max(Money::ZERO))
}

/// Interest on what is given back, from the end of the contract on: the loan prime rate of one year where the merchant is the
/// cause, the deposit benchmark of one year where the customer is. Simple, by 365 days, rounded up to the fen, in favour of
/// whoever waits.
pub fn interest(refund: Money, yearly: Rate, days: u32) -> Result<Money, LedgerError> {
    if refund.is_negative() {
        return Err(LedgerError::StoredValueFigures);
    }
    let whole = i128::from(Rate::WHOLE_PPM).checked_mul(DAYS_OF_YEAR).ok_or(LedgerError::StoredValueFigures)?;
    let product = i128::from(refund.fen())
        .checked_mul(i128::from(yearly.ppm()))
        .and_then(|product| product.checked_mul(i128::from(days)))
        .ok_or(LedgerError::StoredValueFigures)?;
    let rounded_up = product.checked_add(whole.saturating_sub(1)).and_then(|sum| sum.checked_div(whole));
    rounded_up
        .and_then(|fen| i64::try_from(fen).ok())
        .and_then(Money::try_from_fen)
        .ok_or(LedgerError::StoredValueFigures)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn yuan(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn parts(principal: &str, bonus: &str) -> Parts {
        Parts { principal: yuan(principal), bonus: yuan(bonus) }
    }

    #[test]
    fn the_vectors_of_the_law() {
        // P = 500, B = 100, used 300: 250 by the merchant's cause, 200 by the customer's.
        assert_eq!(refund_by_merchant(parts("500", "100"), yuan("300")).unwrap(), yuan("250"));
        assert_eq!(refund_by_customer(yuan("500"), yuan("300")).unwrap(), yuan("200"));
    }

    #[test]
    fn the_ends_of_both_formulas() {
        let bought = parts("500", "100");
        for (used, by_merchant, by_customer) in [
            ("0", "500", "500"),
            ("600", "0", "0"),
            ("0.01", "500", "499.99"),
            ("500", "83.34", "0"),
            ("550", "41.67", "0"),
        ] {
            assert_eq!(refund_by_merchant(bought, yuan(used)).unwrap(), yuan(by_merchant), "{used}");
            assert_eq!(refund_by_customer(bought.principal, yuan(used)).unwrap(), yuan(by_customer), "{used}");
        }
        assert_eq!(refund_by_merchant(Parts::default(), Money::ZERO).unwrap(), Money::ZERO);
    }

    #[test]
    fn figures_that_cannot_be_are_refused() {
        let refused = Err(LedgerError::StoredValueFigures);
        assert_eq!(refund_by_merchant(parts("500", "100"), yuan("600.01")), refused);
        assert_eq!(refund_by_merchant(parts("-1", "100"), Money::ZERO), refused);
        assert_eq!(refund_by_customer(yuan("500"), yuan("-1")), refused);
        assert_eq!(interest(yuan("-1"), Rate::WHOLE, 1), refused);
        assert!(split(SpendOrder::BonusFirst, parts("1", "1"), yuan("2.01")).is_err());
        assert!(split(SpendOrder::Proportional, parts("1", "1"), yuan("-0.01")).is_err());
    }

    #[test]
    fn interest_is_simple_and_by_the_day() {
        let rate: Rate = "0.03".parse().unwrap();
        assert_eq!(interest(yuan("250"), rate, 365).unwrap(), yuan("7.50"));
        assert_eq!(interest(yuan("250"), rate, 73).unwrap(), yuan("1.50"));
        assert_eq!(interest(yuan("250"), rate, 1).unwrap(), yuan("0.03"), "0.0205 in favour of whoever waits");
        assert_eq!(interest(yuan("250"), rate, 0).unwrap(), Money::ZERO);
    }

    #[test]
    fn each_order_takes_from_its_own_side_first() {
        let (there, amount) = (parts("500", "100"), yuan("120"));
        let taken = |order| split(order, there, amount).unwrap();
        assert_eq!(taken(SpendOrder::BonusFirst), parts("20", "100"));
        assert_eq!(taken(SpendOrder::PrincipalFirst), parts("120", "0"));
        assert_eq!(taken(SpendOrder::Proportional), parts("100", "20"));
        assert_eq!(split(SpendOrder::Proportional, Parts::default(), Money::ZERO).unwrap(), Parts::default());
    }

    prop_compose! {
        fn some_parts()(principal in 0..10_000_000_i64, bonus in 0..10_000_000_i64) -> Parts {
            Parts { principal: Money::from_fen(principal), bonus: Money::from_fen(bonus) }
        }
    }

    proptest! {
        #[test]
        fn a_split_is_the_payment_and_takes_no_more_than_there_is(
            order in prop::sample::select(SpendOrder::ALL), there in some_parts(), share in 0..=1_000_i64
        ) {
            let amount = Money::from_fen(there.total().unwrap().fen() * share / 1_000);
            let taken = split(order, there, amount).unwrap();
            prop_assert_eq!(taken.total().unwrap(), amount);
            prop_assert!(taken.is_sound());
            prop_assert!(taken.principal <= there.principal && taken.bonus <= there.bonus, "{taken:?} of {there:?}");
        }

        #[test]
        fn a_refund_is_never_above_what_was_paid_and_falls_with_use(
            bought in some_parts(), share in 0..=1_000_i64, more in 0..=1_000_i64
        ) {
            let total = bought.total().unwrap().fen();
            let used = Money::from_fen(total * share.min(more) / 1_000);
            let used_more = Money::from_fen(total * share.max(more) / 1_000);
            let by_merchant = refund_by_merchant(bought, used).unwrap();
            prop_assert!(by_merchant <= bought.principal && !by_merchant.is_negative());
            prop_assert!(refund_by_merchant(bought, used_more).unwrap() <= by_merchant);
            let by_customer = refund_by_customer(bought.principal, used).unwrap();
            prop_assert!(by_customer <= by_merchant, "the customer's own cause never gives more");
        }

        #[test]
        fn a_card_that_is_used_up_gives_nothing_back(bought in some_parts()) {
            prop_assert_eq!(refund_by_merchant(bought, bought.total().unwrap()).unwrap(), Money::ZERO);
        }
    }
}
