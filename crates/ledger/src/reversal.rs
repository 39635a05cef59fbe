//! Reversal (冲正): what was posted is taken back by a new transaction, whole or in parts, and never more than was posted.

use crate::{Amount, LedgerError};

/// A transfer as it was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostedLeg<K> {
    /// Its number in the transaction, from zero.
    pub number: i64,
    /// What it left.
    pub debit: K,
    /// Where it arrived.
    pub credit: K,
    /// How much.
    pub amount: Amount,
    /// How much of it was taken back before.
    pub reversed: i64,
}

/// How much of which transfer is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    /// The transfer's number.
    pub leg: i64,
    /// How much.
    pub amount: Amount,
}

/// Decides what a reversal moves: each part the other way round, under the number of the transfer it takes back. `None`
/// takes back all that is left.
///
/// What was taken back meanwhile, by somebody who asked at the same moment, only the database knows: it guards the same
/// bound once more.
pub fn decide_reversal<K: Copy>(
    legs: &[PostedLeg<K>],
    parts: Option<&[Part]>,
    is_reversal: bool,
) -> Result<Vec<PostedLeg<K>>, LedgerError> {
    if is_reversal {
        return Err(LedgerError::ReversalOfReversal);
    }
    let taken_back = match parts {
        None => legs.iter().filter_map(|leg| Some(turned(leg, left_of(leg)?))).collect(),
        Some(parts) => parts.iter().map(|part| take_back(legs, parts, *part)).collect::<Result<Vec<_>, _>>()?,
    };
    if taken_back.is_empty() {
        return Err(LedgerError::ReversalExceeds);
    }
    Ok(taken_back)
}

fn take_back<K: Copy>(legs: &[PostedLeg<K>], parts: &[Part], part: Part) -> Result<PostedLeg<K>, LedgerError> {
    if parts.iter().filter(|other| other.leg == part.leg).count() > 1 {
        return Err(LedgerError::TransferMalformed("a reversal names each transfer once"));
    }
    let leg = legs.iter().find(|leg| leg.number == part.leg).ok_or(LedgerError::ReversalLegUnknown)?;
    if left_of(leg).is_none_or(|left| part.amount > left) {
        return Err(LedgerError::ReversalExceeds);
    }
    Ok(turned(leg, part.amount))
}

/// What may still be taken back.
fn left_of<K>(leg: &PostedLeg<K>) -> Option<Amount> {
    Amount::new(leg.amount.get().saturating_sub(leg.reversed)).ok()
}

fn turned<K: Copy>(leg: &PostedLeg<K>, amount: Amount) -> PostedLeg<K> {
    PostedLeg { number: leg.number, debit: leg.credit, credit: leg.debit, amount, reversed: 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net;

    fn amount(count: i64) -> Amount {
        Amount::new(count).unwrap()
    }

    fn leg(number: i64, count: i64, reversed: i64) -> PostedLeg<u8> {
        PostedLeg { number, debit: 1, credit: 2, amount: amount(count), reversed }
    }

    #[test]
    fn a_reversal_is_the_exact_opposite() {
        let legs = [leg(0, 300, 0), PostedLeg { debit: 3, ..leg(1, 50, 0) }];
        let back = decide_reversal(&legs, None, false).unwrap();
        let moves = |legs: &[PostedLeg<u8>]| -> Vec<_> {
            legs.iter().map(|leg| (leg.debit, leg.credit, leg.amount, None)).collect()
        };
        let both = net(moves(&legs).into_iter().chain(moves(&back))).unwrap();
        assert!(both.values().all(|change| change.posted == 0));
    }

    #[test]
    fn what_was_taken_back_is_not_taken_back_again() {
        let legs = [leg(0, 300, 300), leg(1, 50, 20)];
        let back = decide_reversal(&legs, None, false).unwrap();
        assert_eq!(back.iter().map(|leg| (leg.number, leg.amount.get())).collect::<Vec<_>>(), [(1, 30)]);
        let part = |leg, count| [Part { leg, amount: amount(count) }];
        let refused = |parts: &[Part]| decide_reversal(&legs, Some(parts), false).unwrap_err();
        assert_eq!(refused(&part(0, 1)), LedgerError::ReversalExceeds);
        assert_eq!(refused(&part(1, 31)), LedgerError::ReversalExceeds);
        assert_eq!(refused(&part(2, 1)), LedgerError::ReversalLegUnknown);
        assert_eq!(refused(&[]), LedgerError::ReversalExceeds);
        assert!(matches!(refused(&[part(1, 1)[0]; 2]), LedgerError::TransferMalformed(_)));
        assert_eq!(decide_reversal(&[leg(0, 300, 300)], None, false), Err(LedgerError::ReversalExceeds));
    }

    #[test]
    fn a_reversal_is_not_reversed() {
        assert_eq!(decide_reversal(&[leg(0, 1, 0)], None, true), Err(LedgerError::ReversalOfReversal));
    }

    proptest! {
        #[test]
        fn parts_never_come_to_more_than_was_posted(
            posted in 1_i64..1_000, asks in prop::collection::vec(1_i64..400, 1..20)
        ) {
            let mut leg = leg(0, posted, 0);
            for ask in asks {
                let parts = [Part { leg: 0, amount: amount(ask) }];
                if let Ok(back) = decide_reversal(&[leg], Some(&parts), false) {
                    leg.reversed += back[0].amount.get();
                }
                prop_assert!(leg.reversed <= posted);
            }
            if let Ok(rest) = decide_reversal(&[leg], None, false) {
                prop_assert_eq!(leg.reversed + rest[0].amount.get(), posted);
            }
        }
    }
}
