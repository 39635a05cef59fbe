//! Claims that take effect once each, several in one transaction.
//!
//! What an ask will be answered is known before anything moves, so a key's row is written once, with the outcome in it; an
//! ask that is refused after all gives its key back. So a batch writes one row for each key where the doors of the store
//! would write two, and keys are still what is locked first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use huike_kernel::{Actor, TemplateId};
use huike_persistence::{
    Db, OnceKey, StoreError, audit,
    idempotency::{self, Known},
};
use serde_json::{Value, json};

use super::{ClaimAsk, Claimed, Offer, batch::Batch, take::Bid};
use crate::{
    Act, Caller, UseCaseError,
    record::{Change, audit_row},
};

/// A claim that takes effect once.
#[derive(Clone)]
pub struct OnceClaim {
    /// The identity of the ask.
    pub once: OnceKey,
    /// Who asks.
    pub caller: Caller,
    /// For what.
    pub ask: ClaimAsk,
}

/// Claims one coupon for each ask, in the order of arrival. A repeat gets the first answer, and who is refused leaves
/// nothing. No two asks may have the same key; the outer error is the store's.
pub fn claim_once_each(
    db: &mut Db,
    now: DateTime<Utc>,
    template: TemplateId,
    asks: &[&OnceClaim],
) -> Result<Vec<Result<Claimed, UseCaseError>>, UseCaseError> {
    let acts: Vec<Act<'_>> = asks.iter().map(|it| it.caller.act(now)).collect();
    let pairs: Vec<(&Act<'_>, &ClaimAsk)> = acts.iter().zip(asks.iter().map(|it| &it.ask)).collect();
    let offer = match Offer::find(db, template)? {
        Ok(offer) => offer,
        Err(absent) => {
            let mut bids: Vec<Bid> = acts.iter().map(|act| Bid::refused(absent.refusal(act.actor()))).collect();
            answer_repeats(db, asks, &mut bids)?;
            return Ok(bids.into_iter().filter_map(Bid::into_answer).collect());
        }
    };
    let mut batch = Batch::plan(db, offer, &pairs)?;
    let keys = take_keys(db, now, asks, &pairs, &mut batch)?;
    batch.take(db)?;
    let refused = batch.bids.iter().zip(&keys).filter(|(bid, _)| !bid.is_on()).filter_map(|(_, key)| *key);
    idempotency::release_many(db, &refused.collect::<Vec<_>>())?;
    let answers = batch.write(db, &pairs)?;
    audit_integrations(db, &pairs, &keys, &answers)?;
    Ok(answers)
}

/// What other systems claim for customers is audited; what customers claim for themselves is told by its event.
fn audit_integrations(
    db: &mut Db,
    pairs: &[(&Act<'_>, &ClaimAsk)],
    taken: &[Option<&OnceKey>],
    answers: &[Result<Claimed, UseCaseError>],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for ((act, ask), (key, answer)) in pairs.iter().zip(taken.iter().zip(answers)) {
        // A repeat took no key, and was audited the first time.
        if let (Actor::Integration(_), Some(_), Ok(claimed)) = (act.actor(), key, answer) {
            let change = Change {
                action: "coupon.claim",
                subject_kind: "coupon",
                subject: claimed.coupon.to_string(),
                before: json!(null),
                after: json!({ "template_id": claimed.template, "customer_id": claimed.customer }),
            };
            rows.push(audit_row(act, ask.site, change));
        }
    }
    audit::append_many(db, &rows)
}

/// Takes the keys of all who are on, each with what it will be answered. Whoever finds theirs taken is answered from it.
/// The keys that were taken, by bid.
fn take_keys<'a>(
    db: &mut Db,
    now: DateTime<Utc>,
    asks: &[&'a OnceClaim],
    pairs: &[(&Act<'_>, &ClaimAsk)],
    batch: &mut Batch,
) -> Result<Vec<Option<&'a OnceKey>>, StoreError> {
    refuse_twins(asks, &mut batch.bids);
    let mut wanted: Vec<(usize, &'a OnceKey, Value)> = Vec::new();
    for (index, (bid, (it, pair))) in batch.bids.iter().zip(asks.iter().zip(pairs)).enumerate() {
        if let Some(grant) = bid.grant() {
            let promise = serde_json::to_value(batch.promise(*pair, grant));
            wanted.push((index, &it.once, promise.map_err(|error| StoreError::corrupt("idempotency", error))?));
        }
    }
    let rows: Vec<(&OnceKey, Value)> = wanted.iter_mut().map(|(_, key, it)| (*key, std::mem::take(it))).collect();
    let free = idempotency::take_many(db, &rows, now)?;
    let mut taken = vec![None; asks.len()];
    for ((index, key, _), is_free) in wanted.into_iter().zip(free) {
        if is_free && let Some(slot) = taken.get_mut(index) {
            *slot = Some(key);
        } else if let Some(bid) = batch.bids.get_mut(index) {
            bid.refuse(StoreError::IdempotencyInProgress);
        }
    }
    answer_repeats(db, asks, &mut batch.bids)?;
    Ok(taken)
}

/// Two asks under one key never share a batch. Should they do so all the same, the second does not get what the first
/// got: it is told to ask again.
fn refuse_twins(asks: &[&OnceClaim], bids: &mut [Bid]) {
    let mut seen = BTreeSet::new();
    for (it, bid) in asks.iter().zip(bids) {
        if !seen.insert((&it.once.principal, &it.once.key)) {
            bid.refuse(StoreError::IdempotencyInProgress);
        }
    }
}

/// Whoever is not on may have been answered before: then that is what they hear.
pub(super) fn answer_repeats(db: &mut Db, asks: &[&OnceClaim], bids: &mut [Bid]) -> Result<(), StoreError> {
    let mut off: Vec<(&OnceKey, &mut Bid)> =
        asks.iter().zip(bids).filter(|(_, bid)| !bid.is_on()).map(|(it, bid)| (&it.once, bid)).collect();
    if off.is_empty() {
        return Ok(());
    }
    let keys: Vec<&OnceKey> = off.iter().map(|(key, _)| *key).collect();
    for ((_, bid), known) in off.iter_mut().zip(idempotency::find_many(db, &keys)?) {
        match known {
            Known::Nothing => {}
            Known::OfAnother => bid.refuse(StoreError::IdempotencyKeyReused),
            Known::Done(outcome) => {
                bid.answer(serde_json::from_value(outcome).map_err(|e| StoreError::corrupt("idempotency", e))?);
            }
        }
    }
    Ok(())
}
