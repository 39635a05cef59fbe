//! Transfers, and the transaction that makes several of them one: all happen, or none.

use std::collections::{BTreeMap, BTreeSet};

use huike_kernel::{LedgerHoldId, LedgerTransactionId};
use uuid::Uuid;

use crate::{AccountKey, Amount, LedgerError};

/// The most transfers of one transaction.
pub const LEGS_MAX: usize = 100;

huike_kernel::words! {
    /// Why value moved (摘要).
    Reason, "reason" {
        /// Brought over from another system (期初).
        Opening = "opening",
        /// Stored value was bought (充值).
        TopUp = "top_up",
        /// Given on top of stored value (赠送).
        Bonus = "bonus",
        /// Earned by a customer's act (获得).
        Earn = "earn",
        /// Used to pay (消费).
        Spend = "spend",
        /// Given back for something returned (退款).
        Refund = "refund",
        /// Taken back because what earned it was returned (扣回).
        TakeBack = "take_back",
        /// Its time was over (过期).
        Expire = "expire",
        /// Commission of an order (佣金).
        Commission = "commission",
        /// What was pending may be paid out (结算).
        Settle = "settle",
        /// Paid out (提现).
        PayOut = "pay_out",
        /// A debt was paid off (偿还).
        Repay = "repay",
        /// Put right by finance (调账).
        Adjust = "adjust",
        /// An earlier transaction was taken back (冲正).
        Reverse = "reverse",
    }
}

/// What a transaction follows from: an order, a redemption, an adjustment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// What kind of thing, such as `order`.
    pub kind: String,
    /// Which one.
    pub id: Uuid,
}

/// One movement: the amount leaves one account and arrives on the other (转账).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// What it leaves (借方).
    pub debit: AccountKey,
    /// Where it arrives (贷方).
    pub credit: AccountKey,
    /// How much.
    pub amount: Amount,
    /// Why.
    pub reason: Reason,
}

/// One movement of what was held before. What is not captured of a hold is let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Capture {
    /// The hold, whose account it leaves.
    pub hold: LedgerHoldId,
    /// Where it arrives.
    pub credit: AccountKey,
    /// How much; no more than is held.
    pub amount: Amount,
    /// Why.
    pub reason: Reason,
}

/// A transaction to be posted (记账): every capture and every transfer, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Its id, from the caller: the same id again is the same transaction, not another.
    pub id: LedgerTransactionId,
    /// What it follows from.
    pub source: Source,
    /// Movements of what is held.
    pub captures: Vec<Capture>,
    /// Movements of what is free.
    pub transfers: Vec<Transfer>,
}

impl Posting {
    /// Refuses what cannot be posted whatever the accounts hold. A capture's unit is checked where the hold is known.
    pub fn check(&self) -> Result<(), LedgerError> {
        let legs = self.captures.len().saturating_add(self.transfers.len());
        if legs == 0 || legs > LEGS_MAX {
            return Err(LedgerError::TransferMalformed(
                "a transaction has at least one transfer, and at most a hundred",
            ));
        }
        if self.transfers.iter().any(|it| it.debit == it.credit) {
            return Err(LedgerError::TransferMalformed("a transfer has two accounts"));
        }
        if self.transfers.iter().any(|it| it.debit.unit() != it.credit.unit()) {
            return Err(LedgerError::TransferMalformed("both accounts of a transfer count the same"));
        }
        let holds: BTreeSet<LedgerHoldId> = self.captures.iter().map(|it| it.hold).collect();
        if holds.len() < self.captures.len() {
            return Err(LedgerError::TransferMalformed("a hold is captured once"));
        }
        Ok(())
    }
}

/// What a transaction does to one account in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Added to what is posted.
    pub posted: i64,
    /// Added to what is held; never above zero, because posting only ever lets go.
    pub held: i64,
}

/// What the movements do to each account in all, in the order in which accounts are locked. `released` is the whole hold
/// that a movement captures from.
pub fn net<K: Ord + Copy>(
    legs: impl IntoIterator<Item = (K, K, Amount, Option<Amount>)>,
) -> Result<BTreeMap<K, Change>, LedgerError> {
    let mut changes: BTreeMap<K, Change> = BTreeMap::new();
    for (debit, credit, amount, released) in legs {
        let from = changes.entry(debit).or_default();
        from.posted = from.posted.checked_sub(amount.get()).ok_or(LedgerError::AmountInvalid)?;
        let released = released.map_or(0, Amount::get);
        from.held = from.held.checked_sub(released).ok_or(LedgerError::AmountInvalid)?;
        let to = changes.entry(credit).or_default();
        to.posted = to.posted.checked_add(amount.get()).ok_or(LedgerError::AmountInvalid)?;
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use huike_kernel::NodeId;
    use proptest::prelude::*;

    use super::*;
    use crate::{AccountKind, Owner, Unit};

    fn key(kind: AccountKind, unit: Unit) -> AccountKey {
        let owner = if kind.is_of_house() { Owner::House } else { Owner::Customer(Uuid::from_u128(2).into()) };
        AccountKey::new(kind, owner, NodeId::from_uuid(Uuid::from_u128(1)), unit).unwrap()
    }

    fn posting(transfers: Vec<Transfer>, captures: Vec<Capture>) -> Posting {
        let source = Source { kind: "order".to_owned(), id: Uuid::from_u128(5) };
        Posting { id: Uuid::from_u128(6).into(), source, captures, transfers }
    }

    fn transfer(debit: AccountKey, credit: AccountKey) -> Transfer {
        Transfer { debit, credit, amount: Amount::new(1).unwrap(), reason: Reason::Spend }
    }

    #[test]
    fn what_makes_no_transaction_is_refused() {
        let (money, sales) =
            (key(AccountKind::StoredValuePrincipal, Unit::Cny), key(AccountKind::ClearingSales, Unit::Cny));
        let points = key(AccountKind::Points, Unit::Points(Uuid::from_u128(9).into()));
        let capture = Capture {
            hold: Uuid::from_u128(7).into(),
            credit: sales,
            amount: Amount::new(1).unwrap(),
            reason: Reason::Spend,
        };
        assert!(posting(vec![transfer(money, sales)], vec![capture]).check().is_ok());
        for (what, wrong) in [
            ("nothing", posting(vec![], vec![])),
            ("too much", posting(vec![transfer(money, sales); LEGS_MAX + 1], vec![])),
            ("one account", posting(vec![transfer(money, money)], vec![])),
            ("two units", posting(vec![transfer(points, sales)], vec![])),
            ("one hold twice", posting(vec![], vec![capture; 2])),
        ] {
            assert!(matches!(wrong.check(), Err(LedgerError::TransferMalformed(_))), "{what}");
        }
    }

    #[test]
    fn a_capture_lets_the_whole_hold_go() {
        let amount = |count| Amount::new(count).unwrap();
        let changes = net([(1, 2, amount(60), Some(amount(100))), (2, 1, amount(10), None)]).unwrap();
        assert_eq!(changes[&1], Change { posted: -50, held: -100 });
        assert_eq!(changes[&2], Change { posted: 50, held: 0 });
    }

    proptest! {
        #[test]
        fn a_transaction_moves_value_and_makes_none(
            legs in prop::collection::vec((0_u8..6, 0_u8..6, 1_i64..1_000_000_000_000), 1..50)
        ) {
            let legs = legs.into_iter().map(|(debit, credit, count)| (debit, credit, Amount::new(count).unwrap(), None));
            let changes = net(legs).unwrap();
            prop_assert_eq!(changes.values().map(|change| change.posted).sum::<i64>(), 0);
        }
    }
}
