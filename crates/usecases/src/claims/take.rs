//! What claims take: limit counters, the site's quota, and last the hot row. Each moves by guarded writes; who is refused
//! by one gives back what it took from those before.

use std::collections::BTreeMap;

use huike_coupons::{ClaimError, ClaimGrant, TemplateState, limits::CounterMove};
use huike_kernel::{Money, NodeId};
use huike_persistence::{
    Db, Outcome, StoreError, limits,
    quotas::{self, QuotaTake},
    stock::{self, Stock, Take},
    templates::{self, Template},
};

use super::{Claimed, Offer, counters};
use crate::UseCaseError;

/// Where an ask stands.
pub(super) enum Fate {
    /// Nothing has refused it yet.
    On(ClaimGrant),
    /// It was answered before, under the same key.
    Answered(Box<Claimed>),
    /// It gets nothing.
    Refused(UseCaseError),
}

/// One ask on its way: what it would take, and whether it is still on.
pub(super) struct Bid {
    fate: Fate,
    moves: Vec<CounterMove>,
    taken: Vec<CounterMove>,
    quota_holder: Option<NodeId>,
    quota_taken: bool,
}

impl Bid {
    pub(super) fn new(grant: ClaimGrant, moves: Vec<CounterMove>, quota_holder: Option<NodeId>) -> Self {
        Self { fate: Fate::On(grant), moves, taken: Vec::new(), quota_holder, quota_taken: false }
    }

    pub(super) fn refused(refusal: UseCaseError) -> Self {
        Self {
            fate: Fate::Refused(refusal),
            moves: Vec::new(),
            taken: Vec::new(),
            quota_holder: None,
            quota_taken: false,
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.grant().is_some()
    }

    /// What it gets, as long as it is on.
    pub(super) fn grant(&self) -> Option<&ClaimGrant> {
        match &self.fate {
            Fate::On(grant) => Some(grant),
            Fate::Answered(_) | Fate::Refused(_) => None,
        }
    }

    pub(super) fn into_fate(self) -> Fate {
        self.fate
    }

    /// What it is answered, once it is not on any more. One that still is gets no answer yet.
    pub(super) fn into_answer(self) -> Option<Result<Claimed, UseCaseError>> {
        match self.fate {
            Fate::On(_) => None,
            Fate::Answered(before) => Some(Ok(*before)),
            Fate::Refused(refusal) => Some(Err(refusal)),
        }
    }

    /// The counters it would move.
    pub(super) fn moves(&self) -> &[CounterMove] {
        &self.moves
    }

    /// The node on whose share it counts.
    pub(super) fn quota_holder(&self) -> Option<NodeId> {
        self.quota_holder
    }

    /// It has moved that counter.
    pub(super) fn took(&mut self, counter: CounterMove) {
        self.taken.push(counter);
    }

    /// It is answered as it was before.
    pub(super) fn answer(&mut self, before: Claimed) {
        self.fate = Fate::Answered(Box::new(before));
    }

    pub(super) fn refuse(&mut self, refusal: impl Into<UseCaseError>) {
        self.fate = Fate::Refused(refusal.into());
    }

    /// Keeps what asking for a share came to.
    fn settle(&mut self, share: QuotaTake) {
        match share {
            QuotaTake::Unsplit => {}
            QuotaTake::Applied => self.quota_taken = true,
            QuotaTake::Refused => self.refuse(refusal(ClaimError::QuotaUsedUp)),
        }
    }
}

pub(super) fn refusal(claim: ClaimError) -> UseCaseError {
    UseCaseError::Coupons(claim.into())
}

/// Takes for every bid that is on, in the one lock order.
pub(super) fn take_all(db: &mut Db, offer: &Offer, bids: &mut [Bid]) -> Result<(), StoreError> {
    counters::take(db, offer.template.id, bids)?;
    take_quotas(db, offer, bids)?;
    take_stock(db, offer, bids)?;
    give_back_refused(db, offer, bids)
}

/// The shares of the sites, by node: all of a site's bids at once, or else the first of them that still fit.
fn take_quotas(db: &mut Db, offer: &Offer, bids: &mut [Bid]) -> Result<(), StoreError> {
    let mut by_holder: BTreeMap<NodeId, Vec<&mut Bid>> = BTreeMap::new();
    for bid in bids.iter_mut().filter(|bid| bid.is_on()) {
        if let Some(holder) = bid.quota_holder {
            by_holder.entry(holder).or_default().push(bid);
        }
    }
    for (holder, bids) in by_holder {
        let all = i64::try_from(bids.len()).unwrap_or(i64::MAX);
        let mut share = take_share(db, offer, holder, all)?;
        // One at a time only where they do not all fit; a single bid has had its answer.
        let one_by_one = share == QuotaTake::Refused && all > 1;
        for bid in bids {
            if one_by_one {
                share = take_share(db, offer, holder, 1)?;
            }
            bid.settle(share);
        }
    }
    Ok(())
}

fn take_share(db: &mut Db, offer: &Offer, holder: NodeId, count: i64) -> Result<QuotaTake, StoreError> {
    quotas::take(db, offer.template.id, offer.template.site, holder, count)
}

/// What was taken from no share is taken from one once the stock row is ours: the total may have been split after the
/// shares were read, and what is split by now is all there will be. The owner's share serves all that came before.
pub(crate) fn take_late_share(db: &mut Db, offer: &Offer, count: i64) -> Result<QuotaTake, StoreError> {
    take_share(db, offer, offer.template.site, count)
}

/// The hot row, last of all: one guarded write for all, or else as many of the first as it still holds.
fn take_stock(db: &mut Db, offer: &Offer, bids: &mut [Bid]) -> Result<(), StoreError> {
    let mut on: Vec<&mut Bid> = bids.iter_mut().filter(|bid| bid.is_on()).collect();
    if on.is_empty() {
        return Ok(());
    }
    let each = offer.rules().committed_at_issue();
    let count = i64::try_from(on.len()).unwrap_or(i64::MAX);
    if stock::take(db, offer.template.id, take_of(count, each))? == Outcome::Refused {
        let Some(mut stock) = stock::lock(db, offer.template.id)? else {
            return Err(StoreError::corrupt("coupon_stock", offer.template.id));
        };
        let left = room(&stock, each).min(count);
        let admitted = usize::try_from(left).unwrap_or(0);
        if left > 0 && stock::take(db, offer.template.id, take_of(left, each))? == Outcome::Refused {
            return Err(StoreError::corrupt("coupon_stock", offer.template.id));
        }
        stock.issued = stock.issued.saturating_add(left);
        let template = templates::find(db, offer.template.id)?;
        for bid in on.iter_mut().skip(admitted) {
            bid.refuse(stock_refusal(&stock, template.as_ref()));
        }
    }
    take_late_split(db, offer, bids)
}

fn take_of(count: i64, each: Money) -> Take {
    // Saturating is safe: beyond every budget, the take is refused.
    let committed = each.checked_mul(count).unwrap_or(Money::from_fen(Money::MAX_FEN));
    Take { issued: count, claimed: count, committed }
}

/// How many more the stock holds.
pub(super) fn room(stock: &Stock, each: Money) -> i64 {
    if !stock.accepting {
        return 0;
    }
    let pieces = stock.quantity.saturating_sub(stock.issued);
    let Some(budget) = stock.budget_fen else {
        return pieces;
    };
    let money = budget.saturating_sub(stock.spent_fen).saturating_sub(stock.committed_fen);
    money.checked_div(each.fen()).map_or(pieces, |affordable| affordable.min(pieces))
}

/// Why the stock refuses one more: closed, sold out, or too little money left.
pub(crate) fn stock_refusal(stock: &Stock, template: Option<&Template>) -> UseCaseError {
    if !stock.accepting {
        return closed_refusal(template);
    }
    refusal(if stock.issued >= stock.quantity { ClaimError::SoldOut } else { ClaimError::BudgetExhausted })
}

fn closed_refusal(template: Option<&Template>) -> UseCaseError {
    let killed = template.and_then(|it| it.killed.as_ref());
    if let Some((_, reason)) = killed {
        return refusal(ClaimError::Killed { reason: reason.to_string() });
    }
    match template.map(|it| it.state) {
        Some(TemplateState::Ended) => refusal(ClaimError::Ended),
        _ => refusal(ClaimError::Paused),
    }
}

/// Whoever took from no share takes a late one, or gives the piece back.
fn take_late_split(db: &mut Db, offer: &Offer, bids: &mut [Bid]) -> Result<(), StoreError> {
    for bid in bids.iter_mut().filter(|bid| bid.is_on() && !bid.quota_taken) {
        let share = take_late_share(db, offer, 1)?;
        if share == QuotaTake::Unsplit {
            return Ok(());
        }
        bid.settle(share);
        if !bid.is_on() {
            let taken = take_of(1, offer.rules().committed_at_issue());
            let committed = Money::from_fen(taken.committed.fen().saturating_neg());
            let back = Take { issued: -taken.issued, claimed: -taken.claimed, committed };
            if stock::take(db, offer.template.id, back)? == Outcome::Refused {
                return Err(StoreError::corrupt("coupon_stock", offer.template.id));
            }
        }
    }
    Ok(())
}

/// Who is refused leaves nothing behind. The rows are ours already, so this waits for nobody.
fn give_back_refused(db: &mut Db, offer: &Offer, bids: &[Bid]) -> Result<(), StoreError> {
    let refused = || bids.iter().filter(|bid| !bid.is_on());
    let counters: Vec<CounterMove> = refused().flat_map(|bid| bid.taken.iter().cloned()).collect();
    if limits::give_back(db, offer.template.id, &counters)? == Outcome::Refused {
        return Err(StoreError::corrupt("limit_counter", offer.template.id));
    }
    let mut shares: BTreeMap<NodeId, i64> = BTreeMap::new();
    for holder in refused().filter(|bid| bid.quota_taken).filter_map(|bid| bid.quota_holder) {
        *shares.entry(holder).or_default() += 1;
    }
    for (holder, count) in shares {
        if take_share(db, offer, holder, -count)? == QuotaTake::Refused {
            return Err(StoreError::corrupt("coupon_quota", offer.template.id));
        }
    }
    Ok(())
}
