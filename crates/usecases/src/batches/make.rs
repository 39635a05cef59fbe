//! One chunk of a batch's codes.

use std::collections::BTreeSet;

use huike_coupons::{
    ClaimError, CouponEdge, CouponState,
    claim::CodesGrant,
    limits::{CounterFacts, moves_for_batch},
};
use huike_kernel::{CodeBatchId, CouponId};
use huike_persistence::{
    Db, Outcome, StoreError, channels,
    code_batches::{self, BatchState, CodeBatch},
    coupon_batches,
    coupons::Coupon,
    events,
    jobs::{self, Job},
    limits,
    quotas::{self, QuotaTake},
    stock::{self, Take},
    templates,
};
use serde_json::json;

use super::{decide_issue, finish, place_in_scope, still_held};
use crate::{
    Act, UseCaseError,
    claims::{ClaimPlace, Offer, stock_refusal, take_late_share},
    codes::FreshCode,
    record::{self, Aggregate, Place},
};

/// What a chunk came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The coupons that were made, fewer than the codes where some exist already.
    pub made: BTreeSet<CouponId>,
    /// Where the batch stands now.
    pub fate: ChunkFate,
}

/// Where a batch stands after a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkFate {
    /// So many are still wanted.
    Wanted(i64),
    /// Nothing is left to do.
    Ended,
}

/// How many codes the batch still wants; none once it has ended.
pub fn wanted(db: &mut Db, id: CodeBatchId) -> Result<i64, StoreError> {
    let batch = code_batches::find(db, id)?;
    Ok(batch.filter(|batch| batch.state == BatchState::Running).map_or(0, |batch| batch.quantity - batch.made))
}

/// Makes coupons of the codes, no more than the batch still wants, and counts them. A refusal leaves the batch as it was:
/// the caller tries fewer, tries tomorrow, or gives up by [`give_up`].
pub fn make_chunk(
    db: &mut Db,
    act: &Act<'_>,
    (held, id): (&Job, CodeBatchId),
    codes: &[FreshCode],
) -> Result<Chunk, UseCaseError> {
    still_held(jobs::hold(db, held, act.now, crate::jobs::LEASE)?)?;
    let mut batch = code_batches::lock(db, id)?.ok_or(UseCaseError::NotFound("code batch"))?;
    if batch.state != BatchState::Running {
        return Ok(Chunk { made: BTreeSet::new(), fate: ChunkFate::Ended });
    }
    let left = usize::try_from(batch.quantity - batch.made).unwrap_or(0);
    let made = insert_codes(db, act, &batch, codes.get(..left.min(codes.len())).unwrap_or_default())?;
    batch.made += count(&made);
    if batch.made >= batch.quantity {
        batch.state = BatchState::Done;
    }
    save(db, &batch)?;
    let fate = match batch.state {
        BatchState::Running => ChunkFate::Wanted(batch.quantity - batch.made),
        BatchState::Done | BatchState::Failed | BatchState::Voided => ChunkFate::Ended,
    };
    Ok(Chunk { made, fate })
}

/// Ends a batch that cannot be made to its end, and its job, with the reason in its report. What was made stands.
pub fn give_up(db: &mut Db, act: &Act<'_>, (held, id): (&Job, CodeBatchId), reason: &str) -> Result<(), UseCaseError> {
    finish(db, act, held)?;
    Ok(fail_batch(db, id, reason)?)
}

/// Ends a batch that is still running, with the reason in its report.
pub fn fail_batch(db: &mut Db, id: CodeBatchId, reason: &str) -> Result<(), StoreError> {
    let Some(mut batch) = code_batches::lock(db, id)?.filter(|batch| batch.state == BatchState::Running) else {
        return Ok(());
    };
    batch.state = BatchState::Failed;
    let mut report = batch.report.take().unwrap_or_else(|| json!({}));
    if let Some(members) = report.as_object_mut() {
        members.insert("failed".to_owned(), json!(reason));
    }
    batch.report = Some(report);
    save(db, &batch)
}

pub(super) fn save(db: &mut Db, batch: &CodeBatch) -> Result<(), StoreError> {
    match code_batches::save(db, batch)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("code_batch", "a locked row is gone")),
    }
}

pub(super) fn count(made: &BTreeSet<CouponId>) -> i64 {
    i64::try_from(made.len()).unwrap_or(i64::MAX)
}

/// Adds a coupon for each code that neither a coupon nor a channel has yet, because one entry field takes all codes; then
/// counters, quota, and the hot row last.
pub(super) fn insert_codes(
    db: &mut Db,
    act: &Act<'_>,
    batch: &CodeBatch,
    codes: &[FreshCode],
) -> Result<BTreeSet<CouponId>, UseCaseError> {
    let template = templates::find(db, batch.template)?.ok_or(UseCaseError::NotFound("template"))?;
    let offer = Offer::under(db, template, batch.template_version)?;
    let place = place_in_scope(db, &offer, batch.site)?;
    let grant = decide_issue(&offer, act, &place)?;
    let lookups: Vec<&[u8]> = codes.iter().map(|code| code.stored.lookup.as_slice()).collect();
    let shared = channels::list_shared(db, &lookups)?;
    let free = codes.iter().filter(|code| !shared.contains(&code.stored.lookup));
    let coupons: Vec<Coupon> = free.map(|code| unclaimed(act, batch, &grant, code)).collect();
    let made: BTreeSet<CouponId> = coupon_batches::insert_new(db, &coupons)?.into_iter().collect();
    take(db, act, (&offer, &place, batch), &made)?;
    let printed: Vec<_> = coupons
        .iter()
        .filter(|coupon| made.contains(&coupon.id))
        .map(|coupon| printed_event(act, place.at, coupon))
        .collect();
    events::append(db, &printed)?;
    Ok(made)
}

/// The event of a code that was printed.
pub(crate) fn printed_event(act: &Act<'_>, place: Place, coupon: &Coupon) -> events::NewEvent {
    let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version };
    let payload = json!({
        "template_id": coupon.template,
        "template_version": coupon.template_version,
        "batch_id": coupon.batch,
        "channel_id": coupon.channel,
        "committed_fen": coupon.committed.fen(),
    });
    record::event(act, place, aggregate, CouponEdge::Print.event_kind(), payload)
}

fn unclaimed(act: &Act<'_>, batch: &CodeBatch, grant: &CodesGrant, code: &FreshCode) -> Coupon {
    Coupon {
        id: code.coupon,
        site: batch.site,
        template_site: batch.template_site,
        template: batch.template,
        template_version: batch.template_version,
        state: CouponState::Unclaimed,
        owner: None,
        channel: Some(batch.channel),
        batch: Some(batch.id),
        code: code.stored.clone(),
        usable_from: grant.usable_from,
        expires_at: grant.expires_at,
        committed: grant.committed,
        issued_at: act.now,
        version: 1,
    }
}

/// Takes what the coupons need, in the one lock order.
fn take(
    db: &mut Db,
    act: &Act<'_>,
    (offer, place, batch): (&Offer, &ClaimPlace, &CodeBatch),
    made: &BTreeSet<CouponId>,
) -> Result<(), UseCaseError> {
    let count = count(made);
    if count == 0 {
        return Ok(());
    }
    let facts = CounterFacts {
        template: batch.template,
        code: None,
        customer: None,
        site: batch.site,
        store: None,
        day: place.at.zone.local(act.now).day,
    };
    let moves = moves_for_batch(offer.rules(), &facts, count);
    if let Some(full) = limits::take(db, batch.template, &moves)? {
        return Err(full.refusal().into());
    }
    let holder = offer.quota_holder(place).unwrap_or(offer.template.site);
    let share = quotas::take(db, batch.template, offer.template.site, holder, count)?;
    if share == QuotaTake::Refused {
        return Err(quota_used_up());
    }
    let committed = offer.rules().committed_at_issue().checked_mul(count).ok_or_else(budget_exhausted)?;
    if stock::take(db, batch.template, Take { issued: count, claimed: 0, committed })? == Outcome::Refused {
        let mut stock =
            stock::find(db, batch.template)?.ok_or_else(|| StoreError::corrupt("coupon_stock", batch.template))?;
        // Sold out for this chunk, even if not for a smaller one.
        if stock.quantity - stock.issued < count {
            stock.issued = stock.quantity;
        }
        return Err(stock_refusal(&stock, Some(&offer.template)));
    }
    if share == QuotaTake::Unsplit && take_late_share(db, offer, count)? == QuotaTake::Refused {
        return Err(quota_used_up());
    }
    Ok(())
}

fn quota_used_up() -> UseCaseError {
    UseCaseError::Coupons(ClaimError::QuotaUsedUp.into())
}

fn budget_exhausted() -> UseCaseError {
    UseCaseError::Coupons(ClaimError::BudgetExhausted.into())
}
