//! What a claim would come to, without taking anything: the answers of a template that has nothing to give.
//!
//! A rush goes on when nothing is left. Those asks are answered from a snapshot, many at a time, without a lock, a write or
//! a flush; and still exactly: a repeat hears its first answer, and whoever is refused for a reason of their own hears that.

use chrono::{DateTime, Utc};
use huike_coupons::{ClaimError, CouponError, limits::Subject};
use huike_kernel::TemplateId;
use huike_persistence::{Db, StoreError, quotas, stock};

use super::{
    ClaimAsk, Claimed, Offer,
    batch::Batch,
    counters,
    once::{OnceClaim, answer_repeats},
    take::{Bid, refusal, room, stock_refusal},
};
use crate::{Act, UseCaseError};

/// What a look came to.
#[derive(Debug)]
pub enum Look {
    /// This is the answer.
    Answered(Result<Claimed, UseCaseError>),
    /// Nothing speaks against it: ask to claim.
    Open,
}

/// How far a refusal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Everybody is refused for the same reason.
    Everywhere,
    /// Everybody at the same site is.
    AtSite,
}

/// Whether others who ask for the same would be refused alike at this moment.
pub fn closes(refusal: &UseCaseError) -> Option<Closed> {
    use ClaimError as E;
    let UseCaseError::Coupons(CouponError::Claim(refusal)) = refusal else {
        return None;
    };
    match refusal {
        E::Paused
        | E::Ended
        | E::Killed { .. }
        | E::NotOpen { .. }
        | E::Closed { .. }
        | E::SoldOut
        | E::BudgetExhausted
        | E::DailyBudgetExhausted
        | E::LimitReached { subject: Subject::Template, .. } => Some(Closed::Everywhere),
        E::OutOfScope | E::QuotaUsedUp | E::LimitReached { subject: Subject::Site, .. } => Some(Closed::AtSite),
        E::NotLive
        | E::ChannelClosed
        | E::CustomerBlocked
        | E::NewCustomersOnly
        | E::SegmentOnly
        | E::LimitReached { .. } => None,
    }
}

/// Looks for each ask, in the order of arrival.
pub fn look_each(
    db: &mut Db,
    now: DateTime<Utc>,
    template: TemplateId,
    asks: &[&OnceClaim],
) -> Result<Vec<Look>, UseCaseError> {
    let acts: Vec<Act<'_>> = asks.iter().map(|it| it.caller.act(now)).collect();
    let pairs: Vec<(&Act<'_>, &ClaimAsk)> = acts.iter().zip(asks.iter().map(|it| &it.ask)).collect();
    let mut bids = match Offer::find(db, template)? {
        Ok(offer) => {
            let mut batch = Batch::plan(db, offer, &pairs)?;
            counters::refuse_full(db, template, &mut batch.bids)?;
            refuse_without_share(db, template, &mut batch.bids)?;
            refuse_without_stock(db, &batch.offer, &mut batch.bids)?;
            batch.bids
        }
        Err(absent) => acts.iter().map(|act| Bid::refused(absent.refusal(act.actor()))).collect(),
    };
    answer_repeats(db, asks, &mut bids)?;
    Ok(bids.into_iter().map(|bid| bid.into_answer().map_or(Look::Open, Look::Answered)).collect())
}

fn refuse_without_share(db: &mut Db, template: TemplateId, bids: &mut [Bid]) -> Result<(), StoreError> {
    if !bids.iter().any(|bid| bid.is_on() && bid.quota_holder().is_some()) {
        return Ok(());
    }
    let shares = quotas::list(db, template)?;
    let used_up = |bid: &Bid| shares.iter().any(|it| Some(it.node) == bid.quota_holder() && it.issued >= it.quota);
    for bid in bids.iter_mut().filter(|bid| bid.is_on() && used_up(bid)) {
        bid.refuse(refusal(ClaimError::QuotaUsedUp));
    }
    Ok(())
}

fn refuse_without_stock(db: &mut Db, offer: &Offer, bids: &mut [Bid]) -> Result<(), StoreError> {
    let stock =
        stock::find(db, offer.template.id)?.ok_or_else(|| StoreError::corrupt("coupon_stock", offer.template.id))?;
    if room(&stock, offer.rules().committed_at_issue()) > 0 {
        return Ok(());
    }
    for bid in bids.iter_mut().filter(|bid| bid.is_on()) {
        bid.refuse(stock_refusal(&stock, Some(&offer.template)));
    }
    Ok(())
}
