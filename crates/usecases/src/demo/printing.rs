//! Turns about printed codes: a batch is printed, and customers enter its codes.

use chrono::{DateTime, TimeDelta, Utc};
use huike_coupons::{
    ClaimGrant, CouponEdge, CouponState, TemplateState,
    claim::{CodesGrant, IssueFacts, decide_issue_codes},
    limits::Origin,
};
use huike_kernel::{Actor, CouponId, NodeId, new_id};
use huike_persistence::{
    code_batches::CodeBatch,
    coupons::{Coupon, Ownership, StoredCode},
};

use super::{
    claiming::Wish,
    play::{Card, Play, Turn},
    rhythm,
    traces::Scene,
};
use crate::{batches::printed_event, claims::claimed_event};

impl Play<'_> {
    /// Prints the codes of a batch that was ordered.
    pub(super) fn print(&mut self, index: usize, at: DateTime<Utc>) {
        let Some(offer) = self.offers.get(index) else { return };
        let (Some((number, rules)), Some(batch)) = (offer.edition_at(at), offer.batch.clone()) else { return };
        let facts = IssueFacts {
            now: at,
            template: TemplateState::Live,
            killed: offer.killed_at(at),
            zone: self.stage.dates.zone,
        };
        let Ok(grant) = decide_issue_codes(&rules, &facts) else { return };
        let site = self.world.sites.iter().position(|site| site.id == batch.site).unwrap_or(0);
        let scene = Scene { actor: Actor::System, node: batch.site, at };
        for _ in 0..batch.quantity {
            let caller = scene.caller(&self.stage);
            let id: CouponId = new_id(caller.ids.as_ref());
            let code = self.codes.of_batch(id, batch.pattern.as_deref());
            let coupon = Coupon { template_version: number, ..unclaimed(&batch, (id, code), &grant, at) };
            self.traces.events.push(printed_event(&caller.act(at), scene.place(), &coupon));
            self.cards.push(Card { coupon, offer: index, person: None, site });
            self.plan_end(self.cards.len() - 1);
            self.plan_printed(self.cards.len() - 1, at);
        }
        if let Some(offer) = self.offers.get_mut(index) {
            offer.stock.issued += batch.quantity;
            offer.stock.committed_fen += grant.committed.fen() * batch.quantity;
        }
    }

    /// Of printed codes some are entered by customers, some shown in a store by nobody in particular, most are lost.
    fn plan_printed(&mut self, card: usize, at: DateTime<Utc>) {
        let days = self.stage.chance.between(1, 50);
        let minute = rhythm::store_minute(&mut self.stage.chance);
        let day = self.stage.dates.zone.local(at + TimeDelta::days(days)).day;
        let moment = self.stage.dates.zone.moment(day, minute) + rhythm::within_minute(&mut self.stage.chance);
        match self.stage.chance.below(100) {
            0..45 => self.plan(moment, Turn::Enter(card)),
            45..65 => self.plan(moment, Turn::Redeem(card, 0)),
            _ => {}
        }
    }

    /// A customer enters the code of a card that nobody owns.
    pub(super) fn enter(&mut self, index: usize, at: DateTime<Utc>) {
        let person = self.people.come(&mut self.stage, at);
        let Some(site) = self.people.all.get(person).map(|person| person.home) else { return };
        let Some(card) = self.cards.get(index).filter(|card| card.coupon.state == CouponState::Unclaimed) else {
            return;
        };
        let wish = Wish { person, offer: card.offer, site, given: false };
        let id = card.coupon.id;
        let Some((_, rules)) = self.offer_of(card) else { return };
        let Some(grant) = self.decide(&wish, &rules, at) else { return };
        let code = (Some(id.as_uuid()), Origin::Unclaimed);
        let Some((node, moves)) = self.moves(wish, &rules, code, at) else { return };
        let Some(template) = self.offers.get(wish.offer).map(|offer| offer.id) else { return };
        if !self.books.take(template, &moves) {
            return;
        }
        self.own(index, (wish, node), &grant, at);
        self.visit(person, node, "sign_in", at);
        self.plan_end(index);
        self.plan_use(index, at);
    }

    fn own(&mut self, index: usize, (wish, node): (Wish, NodeId), grant: &ClaimGrant, at: DateTime<Utc>) {
        let local = self.stage.dates.zone.local(at);
        let (Some(card), Some(person)) = (self.cards.get_mut(index), self.people.all.get(wish.person)) else { return };
        let coupon = &mut card.coupon;
        coupon.state = CouponState::Issued;
        coupon.site = node;
        coupon.owner = Some(Ownership { customer: person.id, claimed_at: at, day: local.day, hour: local.hour });
        coupon.usable_from = Some(grant.usable.starts_at);
        coupon.expires_at = Some(grant.usable.ends_at);
        coupon.version += 1;
        (card.person, card.site) = (Some(wish.person), wish.site);
        let scene = Scene { actor: Actor::Customer(person.id), node, at };
        let caller = scene.caller(&self.stage);
        self.traces.events.push(claimed_event(&caller.act(at), scene.place(), &card.coupon, CouponEdge::Claim));
        if let Some(offer) = self.offers.get_mut(wish.offer) {
            offer.stock.claimed += 1;
        }
    }
}

fn unclaimed(
    batch: &CodeBatch,
    (id, code): (CouponId, StoredCode),
    grant: &CodesGrant,
    issued_at: DateTime<Utc>,
) -> Coupon {
    Coupon {
        id,
        site: batch.site,
        template_site: batch.template_site,
        template: batch.template,
        template_version: batch.template_version,
        state: CouponState::Unclaimed,
        owner: None,
        channel: Some(batch.channel),
        batch: Some(batch.id),
        code,
        usable_from: grant.usable_from,
        expires_at: grant.expires_at,
        committed: grant.committed,
        issued_at,
        version: 1,
    }
}
