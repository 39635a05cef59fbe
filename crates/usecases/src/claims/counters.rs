//! The limit counters of several bids: one statement for all counters under one limit, in the one order.

use std::collections::BTreeMap;

use huike_coupons::limits::CounterMove;
use huike_kernel::TemplateId;
use huike_persistence::{Db, StoreError, limits};
use uuid::Uuid;

use super::take::Bid;

/// One limit: what its counters have in common. [`CounterMove`] with neither subject nor amount.
type Limit = CounterMove;

/// Who wants a counter, as they came.
type Wanted = BTreeMap<Uuid, Vec<(usize, CounterMove)>>;

/// Takes the counters of every bid that is on: first come, first served.
pub(super) fn take(db: &mut Db, template: TemplateId, bids: &mut [Bid]) -> Result<(), StoreError> {
    for subjects in by_limit(bids).into_values() {
        take_limit(db, template, bids, subjects)?;
    }
    Ok(())
}

/// Refuses every bid that is on whose counters are full, as they stand in this snapshot. Nothing moves.
pub(super) fn refuse_full(db: &mut Db, template: TemplateId, bids: &mut [Bid]) -> Result<(), StoreError> {
    for subjects in by_limit(bids).into_values() {
        let moves: Vec<CounterMove> =
            subjects.values().filter_map(|wanting| Some(wanting.first()?.1.clone())).collect();
        let full = limits::find_full_each(db, template, &moves)?;
        for (subject, wanting) in subjects {
            if full.contains(&subject) {
                refuse(bids, &wanting);
            }
        }
    }
    Ok(())
}

fn by_limit(bids: &[Bid]) -> BTreeMap<Limit, Wanted> {
    let mut limits: BTreeMap<Limit, Wanted> = BTreeMap::new();
    for (index, bid) in bids.iter().enumerate().filter(|(_, bid)| bid.is_on()) {
        for counter in bid.moves() {
            let limit = CounterMove { subject: Uuid::nil(), amount: 0, ..counter.clone() };
            let subjects = limits.entry(limit).or_default();
            subjects.entry(counter.subject).or_default().push((index, counter.clone()));
        }
    }
    limits
}

/// As many of each subject's first bids as the limit could ever hold, all subjects at once; where a counter does not hold
/// them, its bids one by one.
fn take_limit(db: &mut Db, template: TemplateId, bids: &mut [Bid], subjects: Wanted) -> Result<(), StoreError> {
    let (mut sums, mut wanted) = (Vec::new(), Vec::new());
    for mut wanting in subjects.into_values() {
        wanting.retain(|(index, _)| bids.get(*index).is_some_and(Bid::is_on));
        let Some((_, counter)) = wanting.first() else { continue };
        let most = counter.cap.checked_div(counter.amount).unwrap_or(i64::MAX);
        let fitting = usize::try_from(most).unwrap_or(0);
        refuse(bids, wanting.get(fitting..).unwrap_or_default());
        wanting.truncate(fitting);
        if let Some((_, counter)) = wanting.first() {
            let count = i64::try_from(wanting.len()).unwrap_or(i64::MAX);
            sums.push(CounterMove { amount: counter.amount.saturating_mul(count), ..counter.clone() });
            wanted.push(wanting);
        }
    }
    let refused = limits::take_each(db, template, &sums)?;
    for (sum, wanting) in sums.iter().zip(wanted) {
        if !refused.contains(&sum.subject) {
            wanting.into_iter().for_each(|(index, counter)| take_note(bids, index, counter));
        } else if wanting.len() == 1 {
            refuse(bids, &wanting);
        } else {
            take_one_by_one(db, template, bids, wanting)?;
        }
    }
    Ok(())
}

fn take_one_by_one(
    db: &mut Db,
    template: TemplateId,
    bids: &mut [Bid],
    wanting: Vec<(usize, CounterMove)>,
) -> Result<(), StoreError> {
    for (index, counter) in wanting {
        match limits::take(db, template, std::slice::from_ref(&counter))? {
            None => take_note(bids, index, counter),
            Some(_) => refuse(bids, &[(index, counter)]),
        }
    }
    Ok(())
}

fn take_note(bids: &mut [Bid], index: usize, counter: CounterMove) {
    if let Some(bid) = bids.get_mut(index) {
        bid.took(counter);
    }
}

fn refuse(bids: &mut [Bid], wanting: &[(usize, CounterMove)]) {
    for (index, counter) in wanting {
        if let Some(bid) = bids.get_mut(*index).filter(|bid| bid.is_on()) {
            bid.refuse(counter.refusal());
        }
    }
}
