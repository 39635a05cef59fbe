//! Turns that put coupons into hands: claims, gifts of staff, printed codes and their entry.

use chrono::{DateTime, TimeDelta, Utc};
use huike_coupons::{
    ClaimFacts, ClaimGrant, CouponEdge, CouponState, Standing, TemplateRules, TemplateState, decide_claim,
    limits::{CounterFacts, CounterMove, Origin, moves_for_claim},
};
use huike_kernel::{Actor, ChannelId, CouponId, NodeId, TemplateId, new_id};
use huike_persistence::coupons::{Coupon, Ownership};
use serde_json::json;
use uuid::Uuid;

use super::{
    plan::Life,
    play::{Card, Play},
    stalls::Offer,
    traces::Scene,
};
use crate::{claims::claimed_event, record::Change};

/// What a claim is about.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) person: usize,
    pub(super) offer: usize,
    pub(super) site: usize,
    /// Given by staff, not taken.
    pub(super) given: bool,
}

impl Play<'_> {
    /// Somebody comes by and claims what draws them most. Who finds nothing makes room for the next.
    pub(super) fn claim(&mut self, at: DateTime<Utc>) {
        for _ in 0..3 {
            let person = self.people.come(&mut self.stage, at);
            let Some(home) = self.people.all.get(person).map(|person| person.home) else { continue };
            let travels = self.stage.chance.percent(6);
            let site = if travels { self.somewhere() } else { home };
            for _ in 0..3 {
                let Some(offer) = self.choose(person, site, at) else { break };
                if self.grant(Wish { person, offer, site, given: false }, at) {
                    return;
                }
            }
        }
    }

    fn somewhere(&mut self) -> usize {
        let sites = u32::try_from(self.world.sites.len()).unwrap_or(1);
        usize::try_from(self.stage.chance.below(sites)).unwrap_or(0)
    }

    /// An offer that is good at the site, by how much it draws; a new one draws twice as much.
    fn choose(&mut self, person: usize, site: usize, at: DateTime<Utc>) -> Option<usize> {
        let is_new = self.people.all.get(person).is_some_and(|person| person.active == 0);
        let weigh = |(index, offer): (usize, &Offer)| {
            let reaches = self.reaches.get(index).and_then(|sites| sites.get(site)).copied().unwrap_or(false);
            if offer.plan.way != self.way || !reaches {
                return 0;
            }
            let Some((_, rules)) = offer.edition_at(at) else { return 0 };
            if rules.audience.new_customer_only && !is_new {
                return 0;
            }
            let fresh = offer.editions.first().is_some_and(|(from, _)| at < *from + TimeDelta::days(5));
            if fresh { offer.plan.pull * 2 } else { offer.plan.pull }
        };
        let weights: Vec<u32> = self.offers.iter().enumerate().map(weigh).collect();
        self.stage.chance.weighted(weights.iter().copied())
    }

    /// Gives birthday coupons to a handful of customers.
    pub(super) fn give(&mut self, offer: usize, at: DateTime<Utc>) {
        let wanted = self.stage.chance.between(2, 6);
        let mut given = 0_i64;
        for _ in 0..wanted {
            let person = self.people.come(&mut self.stage, at);
            let Some(site) = self.people.all.get(person).map(|person| person.home) else { continue };
            given += i64::from(self.grant(Wish { person, offer, site, given: true }, at));
        }
        let Some(template) = self.offers.get(offer).map(|offer| offer.id) else { return };
        let scene = Scene { actor: Actor::Staff(self.world.team.marketer), node: self.world.head, at };
        let caller = scene.caller(&self.stage);
        let change = Change {
            action: "coupon.issue",
            subject_kind: "coupon_template",
            subject: template.to_string(),
            before: json!(null),
            after: json!({ "named": wanted, "issued": given }),
        };
        self.traces.audit(&caller.act(at), self.world.head, change);
    }

    /// Grants a claim by the rules, or not at all.
    fn grant(&mut self, wish: Wish, at: DateTime<Utc>) -> bool {
        let Some((number, rules)) = self.offers.get(wish.offer).and_then(|offer| offer.edition_at(at)) else {
            return false;
        };
        let Some(grant) = self.decide(&wish, &rules, at) else { return false };
        let channel = self.channel(wish);
        let Some((site, moves)) = self.moves(wish, &rules, (channel.map(|id| id.as_uuid()), Origin::New), at) else {
            return false;
        };
        let Some(template) = self.has_room(wish, &grant) else { return false };
        if !self.books.take(template, &moves) {
            return false;
        }
        let edge = if wish.given { CouponEdge::Issue } else { CouponEdge::Claim };
        let Some(card) = self.hand_out(wish, (number, channel), (&grant, edge), at) else { return false };
        self.count_claim(wish, &grant, at);
        let source = if wish.given { "claim" } else { "sign_in" };
        self.visit(wish.person, site, source, at);
        self.plan_end(card);
        self.plan_use(card, at);
        true
    }

    pub(super) fn decide(&self, wish: &Wish, rules: &TemplateRules, at: DateTime<Utc>) -> Option<ClaimGrant> {
        let facts = ClaimFacts {
            now: at,
            zone: self.stage.dates.zone,
            template: TemplateState::Live,
            killed: self.offers.get(wish.offer)?.killed_at(at),
            channel_open: true,
            site_in_scope: self.reaches.get(wish.offer)?.get(wish.site).copied()?,
            customer: Standing {
                blocked: false,
                is_new: self.people.all.get(wish.person)?.active == 0,
                in_segment: None,
            },
        };
        decide_claim(rules, &facts).ok()
    }

    /// The counters of a claim at the site.
    pub(super) fn moves(
        &self,
        wish: Wish,
        rules: &TemplateRules,
        (code, origin): (Option<Uuid>, Origin),
        at: DateTime<Utc>,
    ) -> Option<(NodeId, Vec<CounterMove>)> {
        let site = self.world.sites.get(wish.site)?.id;
        let facts = CounterFacts {
            template: self.offers.get(wish.offer)?.id,
            code,
            customer: Some(self.people.all.get(wish.person)?.id),
            site,
            store: None,
            day: self.stage.dates.zone.local(at).day,
        };
        Some((site, moves_for_claim(rules, &facts, origin)))
    }

    fn channel(&mut self, wish: Wish) -> Option<ChannelId> {
        let channels = self.offers.get(wish.offer).filter(|_| !wish.given).map(|offer| offer.channels.clone())?;
        // Whoever comes through no channel comes through the coupon centre.
        let named: u32 = channels.iter().map(|(_, plan)| plan.share).sum();
        let shares = channels.iter().map(|(_, plan)| plan.share).chain([100_u32.saturating_sub(named)]);
        self.stage.chance.weighted(shares).and_then(|index| channels.get(index)).map(|(id, _)| *id)
    }

    /// Whether stock, budget and the site's share hold one more.
    fn has_room(&self, wish: Wish, grant: &ClaimGrant) -> Option<TemplateId> {
        let (offer, site) = (self.offers.get(wish.offer)?, self.world.sites.get(wish.site)?);
        let (_, rules) = offer.editions.last()?;
        let stock = &offer.stock;
        let money = stock.spent_fen + stock.committed_fen + grant.committed.fen();
        let affordable = rules.budget.is_none_or(|budget| money <= budget.total.fen());
        let share = offer.share_holder(&site.path).and_then(|holder| offer.shares.get(&holder));
        let shared = share.is_none_or(|(quota, issued)| issued < quota);
        (stock.issued < offer.plan.rules.quantity && affordable && shared).then_some(offer.id)
    }

    fn count_claim(&mut self, wish: Wish, grant: &ClaimGrant, at: DateTime<Utc>) {
        let path = self.world.sites.get(wish.site).map(|site| site.path.as_slice()).unwrap_or_default();
        let Some(offer) = self.offers.get_mut(wish.offer) else { return };
        offer.stock.issued += 1;
        offer.stock.claimed += 1;
        offer.stock.committed_fen += grant.committed.fen();
        if let Some((_, issued)) = offer.share_holder(path).and_then(|holder| offer.shares.get_mut(&holder)) {
            *issued += 1;
        }
        let used = offer.stock.spent_fen + offer.stock.committed_fen + grant.committed.fen();
        let budget = offer.plan.rules.budget.map_or(i64::MAX, |budget| budget.total.fen());
        if matches!(offer.plan.life, Life::Exhausted(_)) && used > budget {
            offer.exhausted_at = Some(at + TimeDelta::seconds(1));
        }
    }

    fn hand_out(
        &mut self,
        wish: Wish,
        (number, channel): (i64, Option<ChannelId>),
        (grant, edge): (&ClaimGrant, CouponEdge),
        at: DateTime<Utc>,
    ) -> Option<usize> {
        let (offer, person) = (self.offers.get(wish.offer)?, self.people.all.get(wish.person)?);
        let site = self.world.sites.get(wish.site)?;
        let actor = if wish.given { Actor::Staff(self.world.team.marketer) } else { Actor::Customer(person.id) };
        let scene = Scene { actor, node: site.id, at };
        let caller = scene.caller(&self.stage);
        let id: CouponId = new_id(caller.ids.as_ref());
        let local = self.stage.dates.zone.local(at);
        let coupon = Coupon {
            id,
            site: site.id,
            template_site: offer.owner,
            template: offer.id,
            template_version: number,
            state: CouponState::Issued,
            owner: Some(Ownership { customer: person.id, claimed_at: at, day: local.day, hour: local.hour }),
            channel,
            batch: None,
            code: self.codes.signed(id),
            usable_from: Some(grant.usable.starts_at),
            expires_at: Some(grant.usable.ends_at),
            committed: grant.committed,
            issued_at: at,
            version: 1,
        };
        self.traces.events.push(claimed_event(&caller.act(at), scene.place(), &coupon, edge));
        self.cards.push(Card { coupon, offer: wish.offer, person: Some(wish.person), site: wish.site });
        Some(self.cards.len() - 1)
    }

    pub(super) fn visit(&mut self, person: usize, site: NodeId, source: &'static str, at: DateTime<Utc>) {
        if let Some(person) = self.people.all.get(person) {
            self.books.visit(site, person.id, source, at);
        }
    }
}
