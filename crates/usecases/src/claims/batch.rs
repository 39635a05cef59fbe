//! Several asks for one template, decided one by one and written together.

use std::collections::BTreeSet;

use huike_coupons::{
    ClaimFacts, ClaimGrant, CouponEdge, CouponState, decide_claim,
    limits::{CounterFacts, CounterMove, Origin, moves_for_claim},
};
use huike_kernel::Actor;
use huike_persistence::{
    Db, StoreError,
    coupons::{self, Coupon, Ownership},
    customers, events,
};

use super::{
    ClaimAsk, ClaimPlace, Claimed, Offer, claimed_event,
    facts::Facts,
    take::{self, Bid, Fate},
};
use crate::{Act, UseCaseError, record::Place};

/// The asks on their way, in the order of arrival.
pub(super) struct Batch {
    pub(super) offer: Offer,
    facts: Facts,
    pub(super) bids: Vec<Bid>,
}

impl Batch {
    /// Decides each ask by itself. Nothing moves yet.
    pub(super) fn plan(db: &mut Db, offer: Offer, asks: &[(&Act<'_>, &ClaimAsk)]) -> Result<Self, StoreError> {
        let facts = Facts::load(db, &offer, asks)?;
        let bids = asks.iter().map(|(act, ask)| plan(&offer, &facts, act, ask)).collect();
        Ok(Self { offer, facts, bids })
    }

    /// Takes for every bid that is on; who is refused leaves nothing.
    pub(super) fn take(&mut self, db: &mut Db) -> Result<(), StoreError> {
        take::take_all(db, &self.offer, &mut self.bids)
    }

    /// What the ask will have been answered, unless it is refused after all.
    pub(super) fn promise(&self, (act, ask): (&Act<'_>, &ClaimAsk), grant: &ClaimGrant) -> Claimed {
        let (coupon, _) = self.issue((act, ask), grant);
        Claimed::of(&coupon, ask.customer, *grant, act.now)
    }

    /// Stores the coupons of those who are still on, with their events and visits. An answer for each.
    pub(super) fn write(
        mut self,
        db: &mut Db,
        asks: &[(&Act<'_>, &ClaimAsk)],
    ) -> Result<Vec<Result<Claimed, UseCaseError>>, StoreError> {
        let (mut made, mut happened, mut visits) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut answers = Vec::with_capacity(asks.len());
        for ((act, ask), bid) in asks.iter().zip(std::mem::take(&mut self.bids)) {
            answers.push(match bid.into_fate() {
                Fate::Refused(refusal) => Err(refusal),
                Fate::Answered(claimed) => Ok(*claimed),
                Fate::On(grant) => {
                    let (coupon, place) = self.issue((act, ask), &grant);
                    happened.push(claimed_event(act, place, &coupon, edge_of(act.actor())));
                    let claimed = Claimed::of(&coupon, ask.customer, grant, act.now);
                    made.push(coupon);
                    visits.insert((ask.site, ask.customer));
                    Ok(claimed)
                }
            });
        }
        if let Some((act, _)) = asks.first().filter(|_| !made.is_empty()) {
            customers::note_visits(db, &visits, "claim", act.now)?;
            coupons::insert_many(db, &made)?;
            events::append(db, &happened)?;
        }
        Ok(answers)
    }

    /// The new coupon and the place of its event.
    fn issue(&self, (act, ask): (&Act<'_>, &ClaimAsk), grant: &ClaimGrant) -> (Coupon, Place) {
        let fallback = Place { site: ask.site, zone: huike_kernel::Zone::default() };
        let place = self.facts.places.get(&ask.site).map_or(fallback, |place| place.at);
        let local = place.zone.local(act.now);
        let coupon = Coupon {
            id: ask.code.coupon,
            site: ask.site,
            template_site: self.offer.template.site,
            template: self.offer.template.id,
            template_version: self.offer.version.number,
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
}

/// What a customer takes is claimed, what staff give is issued.
fn edge_of(actor: Actor) -> CouponEdge {
    match actor {
        Actor::Staff(_) => CouponEdge::Issue,
        Actor::Customer(_) | Actor::Integration(_) | Actor::System => CouponEdge::Claim,
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
        channel_open: ask.channel.is_none_or(|way| facts.is_open(way)),
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
