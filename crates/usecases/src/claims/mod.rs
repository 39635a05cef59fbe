//! Claims (领取): a customer takes a coupon, or staff or an integration give one.
//!
//! The core takes several asks for one template at once, so that whoever collects asks for a hot template can hand them
//! over in one transaction: each ask is decided by itself, the rows they share are moved once for all of them, and who is
//! refused leaves nothing. A single claim is a batch of one.

mod offer;
mod printed;
mod take;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use huike_coupons::{
    ChannelKind, ClaimError, ClaimFacts, ClaimGrant, CouponEdge, CouponState, Standing, decide_claim,
    limits::{CounterFacts, CounterMove, Origin, moves_for_claim},
};
use huike_kernel::{Actor, ChannelId, CouponId, CustomerId, NodeId, TemplateId};
use huike_persistence::{
    Db, StoreError,
    channels::{self, Channel},
    coupons::{self, Coupon, Ownership},
    customers, events,
    standing::{self, CustomerStanding},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::printed::{CodeClaimAsk, claim_by_code};
use self::take::Bid;
pub(crate) use self::{
    offer::{ClaimPlace, Offer},
    take::{stock_refusal, take_late_share},
};
use crate::{
    Act, UseCaseError,
    codes::FreshCode,
    record::{self, Aggregate, Place},
};

/// One ask for one coupon of a template.
#[derive(Debug, Clone)]
pub struct ClaimAsk {
    /// Who gets it.
    pub customer: CustomerId,
    /// Where it is claimed.
    pub site: NodeId,
    /// The channel it comes through, if any.
    pub channel: Option<ChannelId>,
    /// The code it gets, made before the transaction.
    pub code: FreshCode,
}

/// A coupon that found its owner. Its code is not in here: this is kept with the idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: TemplateId,
    /// The version it was issued under.
    pub template_version: i64,
    /// Its owner.
    pub customer: CustomerId,
    /// Where it was claimed.
    pub site: NodeId,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// The first moment of use.
    pub usable_from: DateTime<Utc>,
    /// The first moment too late.
    pub expires_at: DateTime<Utc>,
}

/// Claims one coupon of a live template.
pub fn claim(db: &mut Db, act: &Act<'_>, template: TemplateId, ask: &ClaimAsk) -> Result<Claimed, UseCaseError> {
    let mut answers = claim_batch(db, template, &[(act, ask)])?;
    answers.pop().unwrap_or(Err(UseCaseError::NotFound("template")))
}

/// What a channel's link leads to: the template, and the channel to claim it through.
pub fn find_link(db: &mut Db, link_token: &str) -> Result<(TemplateId, ChannelId), UseCaseError> {
    let channel = channels::find_by_link(db, link_token)?.filter(|channel| channel.kind != ChannelKind::CodeBatch);
    channel.map(|channel| (channel.template, channel.id)).ok_or(UseCaseError::NotFound("channel"))
}

/// Claims one coupon of a live template for each ask, in the order of arrival: whoever asks first is served first. The
/// outer error is the store's, or says that nobody can claim: then nothing may be kept.
pub fn claim_batch(
    db: &mut Db,
    template: TemplateId,
    asks: &[(&Act<'_>, &ClaimAsk)],
) -> Result<Vec<Result<Claimed, UseCaseError>>, UseCaseError> {
    let Some((first, _)) = asks.first() else {
        return Ok(Vec::new());
    };
    let offer = Offer::load(db, template, first.actor())?;
    let facts = Facts::load(db, &offer, asks)?;
    let mut bids: Vec<Bid> = asks.iter().map(|(act, ask)| plan(&offer, &facts, act, ask)).collect();
    take::take_all(db, &offer, &mut bids)?;
    note_visits(db, asks, &bids)?;

    let mut made = Vec::new();
    let mut happened = Vec::new();
    let mut answers = Vec::with_capacity(bids.len());
    for ((act, ask), bid) in asks.iter().zip(bids) {
        answers.push(bid.into_result().map(|grant| {
            let (coupon, place) = issue(&offer, &facts, (act, ask), &grant);
            happened.push(claimed_event(act, place, &coupon, edge_of(act.actor())));
            let claimed = Claimed::of(&coupon, ask.customer, grant, act.now);
            made.push(coupon);
            claimed
        }));
    }
    coupons::insert_many(db, &made)?;
    events::append(db, &happened)?;
    Ok(answers)
}

/// Who gets a coupon has been to the site. Noted in one order, so that nobody waits for somebody who waits for them.
fn note_visits(db: &mut Db, asks: &[(&Act<'_>, &ClaimAsk)], bids: &[Bid]) -> Result<(), StoreError> {
    let granted = asks.iter().zip(bids).filter(|(_, bid)| bid.is_on());
    let visits: BTreeMap<_, _> = granted.map(|((act, ask), _)| ((ask.site, ask.customer), act.now)).collect();
    for ((site, customer), now) in visits {
        customers::note_visit(db, site, customer, "claim", now)?;
    }
    Ok(())
}

/// What a customer takes is claimed, what staff give is issued.
fn edge_of(actor: Actor) -> CouponEdge {
    match actor {
        Actor::Staff(_) => CouponEdge::Issue,
        Actor::Customer(_) | Actor::Integration(_) | Actor::System => CouponEdge::Claim,
    }
}

/// What the asks are decided on, loaded once for all of them.
struct Facts {
    places: BTreeMap<NodeId, ClaimPlace>,
    standings: BTreeMap<CustomerId, CustomerStanding>,
    /// Whether the channel leads to this template and is open.
    channels: BTreeMap<ChannelId, bool>,
}

impl Facts {
    fn load(db: &mut Db, offer: &Offer, asks: &[(&Act<'_>, &ClaimAsk)]) -> Result<Self, StoreError> {
        let mut places = BTreeMap::new();
        let mut open = BTreeMap::new();
        for (_, ask) in asks {
            if !places.contains_key(&ask.site)
                && let Some(place) = offer.place(db, ask.site)?
            {
                places.insert(ask.site, place);
            }
            if let Some(id) = ask.channel
                && !open.contains_key(&id)
            {
                let channel = channels::find(db, id)?;
                // The channel of a batch counts its codes; it is no way to more coupons.
                let serves =
                    |it: Channel| it.open && it.template == offer.template.id && it.kind != ChannelKind::CodeBatch;
                open.insert(id, channel.is_some_and(serves));
            }
        }
        let customers: Vec<CustomerId> = asks.iter().map(|(_, ask)| ask.customer).collect();
        Ok(Self { places, standings: standing::list(db, &customers)?, channels: open })
    }

    /// How the customer stands for a claim at the place.
    fn standing(&self, ask: &ClaimAsk, place: &ClaimPlace) -> Result<Standing, UseCaseError> {
        let standing = self.standings.get(&ask.customer).ok_or(UseCaseError::NotFound("customer"))?;
        Ok(standing_at(standing, place))
    }
}

/// How a customer stands at a place. A block of a node holds in all below it.
pub(crate) fn standing_at(standing: &CustomerStanding, place: &ClaimPlace) -> Standing {
    Standing {
        blocked: standing.blocked_by_brand || place.path.iter().any(|node| standing.blocked_at.contains(node)),
        is_new: standing.active_redemptions == 0,
        // Segments come with automation; until then nobody knows, and an unknown fact is never taken for granted.
        in_segment: None,
    }
}

/// Decides one ask and lists what it takes.
fn plan(offer: &Offer, facts: &Facts, act: &Act<'_>, ask: &ClaimAsk) -> Bid {
    match decide(offer, facts, act, ask) {
        Err(refusal) => Bid::refused(refusal),
        Ok((grant, moves, place)) => Bid::new(grant, moves, offer.quota_holder(place)),
    }
}

fn decide<'f>(
    offer: &Offer,
    facts: &'f Facts,
    act: &Act<'_>,
    ask: &ClaimAsk,
) -> Result<(ClaimGrant, Vec<CounterMove>, &'f ClaimPlace), UseCaseError> {
    let place = facts.places.get(&ask.site).ok_or(UseCaseError::NotFound("node"))?;
    let claim = ClaimFacts {
        now: act.now,
        zone: place.at.zone,
        template: offer.template.state,
        killed: offer.killed(),
        channel_open: ask.channel.is_none_or(|id| facts.channels.get(&id).copied().unwrap_or(false)),
        site_in_scope: place.in_scope,
        customer: facts.standing(ask, place)?,
    };
    let grant = decide_claim(offer.rules(), &claim)?;
    let counters = CounterFacts {
        template: offer.template.id,
        code: ask.channel.map(|channel| channel.as_uuid()),
        customer: Some(ask.customer),
        site: ask.site,
        store: None,
        day: place.at.zone.local(act.now).day,
    };
    Ok((grant, moves_for_claim(offer.rules(), &counters, Origin::New), place))
}

/// The new coupon and the place of its event.
fn issue(offer: &Offer, facts: &Facts, (act, ask): (&Act<'_>, &ClaimAsk), grant: &ClaimGrant) -> (Coupon, Place) {
    let fallback = Place { site: ask.site, zone: huike_kernel::Zone::default() };
    let place = facts.places.get(&ask.site).map_or(fallback, |place| place.at);
    let local = place.zone.local(act.now);
    let coupon = Coupon {
        id: ask.code.coupon,
        site: ask.site,
        template_site: offer.template.site,
        template: offer.template.id,
        template_version: offer.version.number,
        state: CouponState::Issued,
        owner: Some(Ownership { customer: ask.customer, claimed_at: act.now, day: local.day, hour: local.hour }),
        channel: ask.channel,
        batch: None,
        code: ask.code.stored.clone(),
        usable_from: Some(grant.usable.starts_at),
        expires_at: Some(grant.usable.ends_at),
        committed: grant.committed,
        issued_at: act.now,
        version: 1,
    };
    (coupon, place)
}

/// The event of a coupon that found its owner.
pub(crate) fn claimed_event(act: &Act<'_>, place: Place, coupon: &Coupon, edge: CouponEdge) -> events::NewEvent {
    let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version };
    let payload = json!({
        "template_id": coupon.template,
        "template_version": coupon.template_version,
        "customer_id": coupon.owner.map(|owner| owner.customer),
        "channel_id": coupon.channel,
        "batch_id": coupon.batch,
        "committed_fen": coupon.committed.fen(),
    });
    record::event(act, place, aggregate, edge.event_kind(), payload)
}

impl Claimed {
    fn of(coupon: &Coupon, customer: CustomerId, grant: ClaimGrant, now: DateTime<Utc>) -> Self {
        Self {
            coupon: coupon.id,
            template: coupon.template,
            template_version: coupon.template_version,
            customer,
            site: coupon.site,
            claimed_at: coupon.owner.map_or(now, |owner| owner.claimed_at),
            usable_from: grant.usable.starts_at,
            expires_at: grant.usable.ends_at,
        }
    }
}

impl Offer {
    /// A template that was never published is refused with a reason to those who may know of it.
    pub(crate) fn not_live(actor: Actor) -> UseCaseError {
        match actor {
            Actor::Staff(_) => UseCaseError::Coupons(ClaimError::NotLive.into()),
            Actor::Customer(_) | Actor::Integration(_) | Actor::System => UseCaseError::NotFound("template"),
        }
    }
}
