//! Turns at the counter: a card is shown and redeemed, and now and then the store takes it back.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use huike_coupons::{
    CounterAsk, CounterRedemption, CouponEdge, CouponState, Standing, TemplateRules, decide_counter_redeem,
    limits::{CounterFacts, CounterMove, moves_for_redemption},
};
use huike_kernel::{Actor, Money, RedemptionId, new_id};
use huike_persistence::{redemptions::Redemption, store_days::Totals};

use super::{
    play::{Card, Play, Turn, Used, held, reaches},
    rhythm,
    stalls::Offer,
    traces::Scene,
    world::{Site, Store},
};
use crate::redeem::traces;

/// Times a customer comes again before they give up.
const TRIES_MAX: u8 = 3;

impl<'w> Play<'w> {
    /// Plans when the owner will use the card, if they mean to at all.
    pub(super) fn plan_use(&mut self, index: usize, since: DateTime<Utc>) {
        let Some((offer, rules)) = self.cards.get(index).and_then(|card| self.offer_of(card)) else { return };
        let means_to = offer.plan.use_percent;
        if self.stage.chance.percent(means_to)
            && let Some(at) = self.find_moment(index, &rules, since)
        {
            self.plan(at, Turn::Redeem(index, 0));
        }
    }

    /// A moment at which the card may be used: more likely on a busy day, and when people are about.
    fn find_moment(&mut self, index: usize, rules: &TemplateRules, since: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let coupon = &self.cards.get(index)?.coupon;
        let (usable_from, expires_at) = (coupon.usable_from.unwrap_or(since), coupon.expires_at);
        let zone = self.stage.dates.zone;
        let first = zone.local(since.max(usable_from)).day;
        for _ in 0..8 {
            let day = first + TimeDelta::days(rhythm::delay_days(&mut self.stage.chance));
            if !self.stage.chance.percent(rhythm::attraction(day.weekday())) {
                continue;
            }
            let minute = rhythm::store_minute(&mut self.stage.chance);
            let mut at = zone.moment(day, minute) + rhythm::within_minute(&mut self.stage.chance);
            if rules.use_times.allows(zone.local(at).into(), &self.calendar).is_err() {
                let next = rules.use_times.next_allowed(zone.local(at).into(), &self.calendar)?;
                // Allowed from midnight on is no reason to come at midnight.
                let minute = next.minute_of_day.max(rhythm::store_minute(&mut self.stage.chance));
                at = zone.moment(next.day, minute) + rhythm::within_minute(&mut self.stage.chance);
            }
            let allowed = rules.use_times.allows(zone.local(at).into(), &self.calendar).is_ok();
            let in_time = at >= usable_from && expires_at.is_none_or(|end| at < end);
            if allowed && in_time && at > since + TimeDelta::minutes(8) {
                return Some(at);
            }
        }
        None
    }

    /// The card is shown in a store.
    pub(super) fn redeem(&mut self, index: usize, tries: u8, at: DateTime<Utc>) {
        if self.try_redeem(index, at).is_some() || tries >= TRIES_MAX {
            return;
        }
        let tomorrow = self.stage.dates.zone.local(at + TimeDelta::days(1)).day;
        let minute = rhythm::store_minute(&mut self.stage.chance);
        let later = self.stage.dates.zone.moment(tomorrow, minute) + rhythm::within_minute(&mut self.stage.chance);
        self.plan(later, Turn::Redeem(index, tries + 1));
    }

    fn try_redeem(&mut self, index: usize, at: DateTime<Utc>) -> Option<()> {
        let world = self.world;
        let card = self.cards.get(index)?;
        let (_, rules) = self.offer_of(card)?;
        let site = world.sites.get(card.site)?;
        let liked = card.person.and_then(|person| self.people.all.get(person)).map_or(0, |person| person.store);
        let store = self.store(site, liked)?;
        let order_amount = self.order_amount(&rules, site);
        let granted = self.decide_redeem(index, (&rules, store), order_amount, at)?;
        let moves = self.moves_of_use(index, (&rules, site, store), (granted.cost, order_amount), at)?;
        let totals = Totals::of_redemption(Some(order_amount), granted.discount);
        let template = self.cards.get(index)?.coupon.template;
        if !self.books.take(template, &moves) {
            return None;
        }
        let day = self.stage.dates.zone.local(at).day;
        // Whether the day is signed was asked before; nobody signs the day that is being played.
        let _booked = self.books.book(store.id, day, &totals);
        let used = self.use_card(index, (site, store), (granted, order_amount), at)?;
        self.plan_undo(used, at);
        Some(())
    }

    fn store(&mut self, site: &'w Site, liked: usize) -> Option<&'w Store> {
        let faithful = self.stage.chance.percent(84);
        if faithful { site.stores.get(liked) } else { self.stage.chance.pick(&site.stores) }
    }

    /// What the clerk types: a little or a good deal above the threshold.
    fn order_amount(&mut self, rules: &TemplateRules, site: &Site) -> Money {
        let threshold = rules.effect.threshold().fen();
        let chance = &mut self.stage.chance;
        let (low, high) = if site.is_restaurant { (58, 260) } else { (39, 320) };
        let tenths = if threshold > 0 {
            let percent = 101 + chance.between(0, 45) + chance.between(0, 45);
            threshold * percent / 1_000
        } else {
            10 * (chance.between(low, high) + chance.between(low, high)) / 2
        };
        Money::from_fen(10 * tenths + 10 * chance.between(0, 9))
    }

    fn decide_redeem(
        &self,
        index: usize,
        (rules, store): (&TemplateRules, &Store),
        order_amount: Money,
        at: DateTime<Utc>,
    ) -> Option<CounterRedemption> {
        let card = self.cards.get(index)?;
        let offer = self.offers.get(card.offer)?;
        let is_new = card.person.and_then(|person| self.people.all.get(person)).is_some_and(|it| it.active == 0);
        let ask = CounterAsk {
            now: at,
            zone: self.stage.dates.zone,
            calendar: &self.calendar,
            order_amount: Some(order_amount),
            store_in_scope: reaches(offer, rules, &store.path),
            killed: offer.killed_at(at),
            clerk_is_owner: false,
            customer: Standing { blocked: false, is_new, in_segment: None },
            day_signed: self.books.is_signed(store.id, self.stage.dates.zone.local(at).day),
            winner: None,
        };
        decide_counter_redeem(rules, &held(&card.coupon), &ask).ok()
    }

    pub(super) fn moves_of_use(
        &self,
        index: usize,
        (rules, site, store): (&TemplateRules, &Site, &Store),
        (cost, order_amount): (Money, Money),
        at: DateTime<Utc>,
    ) -> Option<Vec<CounterMove>> {
        let coupon = &self.cards.get(index)?.coupon;
        let facts = CounterFacts {
            template: coupon.template,
            code: Some(coupon.id.as_uuid()),
            customer: coupon.owner.map(|owner| owner.customer),
            site: site.id,
            store: Some(store.id),
            day: self.stage.dates.zone.local(at).day,
        };
        Some(moves_for_redemption(rules, &facts, cost, Some(order_amount)))
    }

    /// Who stands at the counter: mostly a clerk, sometimes the manager, in a restaurant often the till itself.
    fn redeemer(&mut self, site: &Site, store: &Store) -> Actor {
        if site.is_restaurant && self.stage.chance.percent(60) {
            return Actor::Integration(self.world.tills);
        }
        if self.stage.chance.percent(14) {
            return Actor::Staff(store.manager);
        }
        Actor::Staff(self.stage.chance.pick(&store.clerks).copied().unwrap_or(store.manager))
    }

    fn use_card(
        &mut self,
        index: usize,
        (site, store): (&Site, &Store),
        (granted, order_amount): (CounterRedemption, Money),
        at: DateTime<Utc>,
    ) -> Option<usize> {
        let actor = self.redeemer(site, store);
        let scene = Scene { actor, node: store.id, at };
        let caller = scene.caller(&self.stage);
        let local = self.stage.dates.zone.local(at);
        let card = self.cards.get_mut(index)?;
        let redemption = Redemption {
            id: new_id::<RedemptionId>(caller.ids.as_ref()),
            coupon: card.coupon.id,
            use_number: 1,
            store: store.id,
            template_site: card.coupon.template_site,
            template: card.coupon.template,
            template_version: card.coupon.template_version,
            customer: card.coupon.owner.map(|owner| owner.customer),
            channel: card.coupon.channel,
            actor,
            order_amount: Some(order_amount),
            discount: granted.discount,
            cost: granted.cost,
            redeemed_at: at,
            day: local.day,
            hour: local.hour,
            reversal: None,
        };
        settle(self.offers.get_mut(card.offer)?, card, granted.cost);
        card.coupon.state = CouponState::Redeemed;
        card.coupon.committed = Money::ZERO;
        card.coupon.version += 1;
        if let Some(person) = card.person.and_then(|person| self.people.all.get_mut(person)) {
            person.active += 1;
        }
        let act = caller.act(at);
        self.traces.edge(&act, scene.place(), (&card.coupon, CouponEdge::Redeem), traces::redeemed(&redemption));
        self.traces.audit(&act, store.id, traces::redeem(&redemption));
        self.used.push(Used { redemption, card: index });
        Some(self.used.len() - 1)
    }

    /// A slip of the clerk is noticed within the hour.
    fn plan_undo(&mut self, used: usize, at: DateTime<Utc>) {
        if self.stage.chance.below(1_000) < 16 {
            let later = at + TimeDelta::minutes(self.stage.chance.between(2, 55));
            self.plan(later, Turn::Undo(used));
        }
    }
}

/// What was promised is spent, and the rest is free again; where there is no budget, nothing is counted.
fn settle(offer: &mut Offer, card: &Card, cost: Money) {
    let has_budget = offer.rules(card.coupon.template_version).is_some_and(|rules| rules.budget.is_some());
    if has_budget {
        offer.stock.committed_fen -= card.coupon.committed.fen();
        offer.stock.spent_fen += cost.fen();
    }
}
