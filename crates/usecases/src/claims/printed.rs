//! Codes that customers enter: a printed code finds its owner, a shared code leads to a claim through its channel.
//!
//! Of a code that cannot be claimed a customer learns nothing: unknown, forged, used, expired and foreign codes are all
//! looked up alike and answered alike.

use huike_coupons::{
    ClaimError, ClaimFacts, CouponEdge, CouponError, CouponState,
    codes::{CodeError, CodeFinding, CodeProof, CodeShape, CustomerAnswer, customer_answer},
    decide_claim,
    limits::{CounterFacts, Origin, moves_for_claim},
};
use huike_kernel::{ChannelId, CustomerId, NodeId, TemplateId};
use huike_persistence::{
    Db, Outcome, StoreError, channels,
    coupons::{self, Coupon, Ownership},
    customers, events, limits, standing, stock, templates,
};

use super::{ClaimAsk, ClaimPlace, Claimed, Offer, claim, claimed_event, standing_at, stock_refusal};
use crate::{
    Act, UseCaseError,
    codes::{EnteredCode, FreshCode},
};

/// A customer's entry of a code.
#[derive(Debug, Clone)]
pub struct CodeClaimAsk {
    /// Who enters it.
    pub customer: CustomerId,
    /// Where.
    pub site: NodeId,
    /// What was entered.
    pub entered: EnteredCode,
    /// The code of the coupon that a shared code leads to.
    pub code: FreshCode,
}

impl CodeClaimAsk {
    /// The claim that a shared code stands for.
    pub fn through(&self, channel: ChannelId) -> ClaimAsk {
        ClaimAsk { customer: self.customer, site: self.site, channel: Some(channel), code: self.code.clone() }
    }
}

/// What a shared code leads to: the template, and the channel to claim it through.
pub fn find_shared(db: &mut Db, entered: &EnteredCode) -> Result<Option<(TemplateId, ChannelId)>, StoreError> {
    let channel = channels::find_by_code(db, &entered.lookup)?.filter(|_| entered.shape == CodeShape::Plain);
    Ok(channel.map(|channel| (channel.template, channel.id)))
}

/// Claims by a code: gives a printed code its owner, or claims through the channel of a shared code. Who holds the
/// coupon already gets it shown again.
pub fn claim_by_code(db: &mut Db, act: &Act<'_>, ask: &CodeClaimAsk) -> Result<Claimed, UseCaseError> {
    // Both lookups, whatever the proof says: every text costs the same.
    let coupon = coupons::lock_by_code(db, &ask.entered.lookup)?;
    if let Some((template, channel)) = find_shared(db, &ask.entered)? {
        return claim(db, act, template, &ask.through(channel)).map_err(hide_what_exists);
    }
    let Some(coupon) = coupon.filter(|_| is_ours(ask.entered.proof)) else {
        return Err(not_claimable());
    };
    let printed = Printed::load(db, act, ask, coupon)?;
    match customer_answer(printed.finding) {
        CustomerAnswer::AlreadyYours => printed.as_claimed().ok_or_else(not_claimable),
        CustomerAnswer::NotClaimable => Err(not_claimable()),
        CustomerAnswer::Claimable => printed.give_owner(db, act, ask),
    }
}

/// The one refusal.
fn not_claimable() -> UseCaseError {
    UseCaseError::Coupons(CodeError::NotClaimable.into())
}

/// A shared code is short and can be guessed: what is refused for the code's own sake is refused like a code that does
/// not exist. What concerns the customer, or a stock that ran out, is told.
pub fn hide_what_exists(refusal: UseCaseError) -> UseCaseError {
    use ClaimError as E;
    let hidden = match &refusal {
        UseCaseError::NotFound(_) => true,
        UseCaseError::Coupons(CouponError::Claim(claim)) => matches!(
            claim,
            E::NotLive
                | E::Paused
                | E::Ended
                | E::Killed { .. }
                | E::ChannelClosed
                | E::NotOpen { .. }
                | E::Closed { .. }
                | E::OutOfScope
        ),
        _ => false,
    };
    if hidden { not_claimable() } else { refusal }
}

fn is_ours(proof: CodeProof) -> bool {
    matches!(proof, CodeProof::Genuine | CodeProof::Unsigned)
}

/// A coupon that a code was found to stand for.
struct Printed {
    coupon: Coupon,
    finding: CodeFinding,
    /// The offer it was issued under and the place it is entered at, where it may be claimed.
    open: Option<(Offer, ClaimPlace)>,
}

impl Printed {
    fn load(db: &mut Db, act: &Act<'_>, ask: &CodeClaimAsk, coupon: Coupon) -> Result<Self, UseCaseError> {
        let is_mine = coupon.owner.is_some_and(|owner| owner.customer == ask.customer);
        let finding = match coupon.state {
            CouponState::Unclaimed if coupon.expires_at.is_some_and(|end| act.now >= end) => CodeFinding::Expired,
            CouponState::Unclaimed => return Self::load_unclaimed(db, ask, coupon),
            CouponState::Issued if is_mine => CodeFinding::HeldByAsker,
            CouponState::Issued => CodeFinding::Held,
            CouponState::Locked => CodeFinding::Reserved,
            CouponState::Redeemed => CodeFinding::Used,
            CouponState::Expired => CodeFinding::Expired,
            CouponState::Voided => CodeFinding::Voided,
            CouponState::Transferred => CodeFinding::Transferred,
            CouponState::Returned => CodeFinding::Returned,
        };
        Ok(Self { coupon, finding, open: None })
    }

    fn load_unclaimed(db: &mut Db, ask: &CodeClaimAsk, coupon: Coupon) -> Result<Self, UseCaseError> {
        let template = templates::find(db, coupon.template)?
            .ok_or_else(|| StoreError::corrupt("coupon", "its template is gone"))?;
        let offer = Offer::under(db, template, coupon.template_version)?;
        let place = offer.place(db, ask.site)?.filter(|place| place.in_scope);
        let Some(place) = place else {
            return Ok(Self { coupon, finding: CodeFinding::Foreign, open: None });
        };
        let finding = if offer.killed().is_some() { CodeFinding::Killed } else { CodeFinding::Unclaimed };
        Ok(Self { coupon, finding, open: Some((offer, place)) })
    }

    /// The coupon as its owner claimed it.
    fn as_claimed(&self) -> Option<Claimed> {
        let owner = self.coupon.owner?;
        Some(Claimed {
            coupon: self.coupon.id,
            template: self.coupon.template,
            template_version: self.coupon.template_version,
            customer: owner.customer,
            site: self.coupon.site,
            claimed_at: owner.claimed_at,
            usable_from: self.coupon.usable_from?,
            expires_at: self.coupon.expires_at?,
        })
    }

    /// The claim of a code that is free: the coupon's row is ours, then counters, then the hot row.
    fn give_owner(self, db: &mut Db, act: &Act<'_>, ask: &CodeClaimAsk) -> Result<Claimed, UseCaseError> {
        let Self { mut coupon, open: Some((offer, place)), .. } = self else {
            return Err(not_claimable());
        };
        let known = standing::list(db, &[ask.customer])?;
        let standing = known.get(&ask.customer).ok_or(UseCaseError::NotFound("customer"))?;
        let channel = coupon.channel.map(|id| channels::find(db, id)).transpose()?.flatten();
        let facts = ClaimFacts {
            now: act.now,
            zone: place.at.zone,
            template: offer.template.state,
            killed: offer.killed(),
            channel_open: channel.is_none_or(|channel| channel.open),
            site_in_scope: place.in_scope,
            customer: standing_at(standing, &place),
        };
        let grant = decide_claim(offer.rules(), &facts)?;
        let local = place.at.zone.local(act.now);
        let counters = CounterFacts {
            template: coupon.template,
            code: Some(coupon.id.as_uuid()),
            customer: Some(ask.customer),
            site: ask.site,
            store: None,
            day: local.day,
        };
        let moves = moves_for_claim(offer.rules(), &counters, Origin::Unclaimed);
        if let Some(full) = limits::take(db, coupon.template, &moves)? {
            return Err(full.refusal().into());
        }
        let from = coupon.state;
        coupon.state = from.after(CouponEdge::Claim, true)?;
        coupon.site = ask.site;
        coupon.owner =
            Some(Ownership { customer: ask.customer, claimed_at: act.now, day: local.day, hour: local.hour });
        coupon.usable_from = Some(grant.usable.starts_at);
        coupon.expires_at = Some(grant.usable.ends_at);
        if coupons::update(db, from, &mut coupon)? == Outcome::Refused {
            return Err(not_claimable());
        }
        if stock::add_owner(db, coupon.template)? == Outcome::Refused {
            return Err(closed(db, &coupon)?);
        }
        customers::note_visit(db, ask.site, ask.customer, "code", act.now)?;
        events::append(db, &[claimed_event(act, place.at, &coupon, CouponEdge::Claim)])?;
        Ok(Claimed::of(&coupon, ask.customer, grant, act.now))
    }
}

/// Why the stock takes no claims.
fn closed(db: &mut Db, coupon: &Coupon) -> Result<UseCaseError, StoreError> {
    let stock =
        stock::find(db, coupon.template)?.ok_or_else(|| StoreError::corrupt("coupon_stock", coupon.template))?;
    let template = templates::find(db, coupon.template)?;
    Ok(stock_refusal(&stock, template.as_ref()))
}
