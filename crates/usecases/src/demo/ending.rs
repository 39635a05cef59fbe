//! Turns that take back, expire, void and sign.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use huike_coupons::{
    CouponEdge, CouponState, decide_unredeem,
    limits::{give_back, moves_for_redemption},
    redeem::{RequestState, Undo, UndoPath, UnredeemAsk, decide_expire, decide_void},
    template::Reason,
};
use huike_kernel::{Actor, Money, StaffId, Zone, new_id};
use huike_persistence::{redemptions::Reversal, store_days::Totals, unredeem_requests::UnredeemRequest};
use serde_json::{Value, json};

use super::{
    play::{Play, Turn, held},
    stage::text,
    traces::Scene,
};
use crate::{
    ends::{ended, taken_by},
    record::Change,
    redeem::traces,
};

/// Why a store takes a redemption back.
const SLIPS: &[&str] = &["扫错券了", "客户改用另一张券", "金额输错，重新核销", "客户临时退单"];
/// Why staff make a coupon void.
const VOIDS: &[&str] = &["客户重复注册，合并账号", "发错人，已补发", "客户要求撤回"];

/// An undo: what it undoes, on which way, by whom.
struct Slip {
    used: usize,
    path: UndoPath,
    by: StaffId,
    approved_by: Option<StaffId>,
    reason: Reason,
}

impl Play<'_> {
    /// Plans that the card expires, a little after its validity has passed: the job comes round every few minutes.
    pub(super) fn plan_end(&mut self, index: usize) {
        let end = self.cards.get(index).and_then(|card| card.coupon.expires_at);
        if let Some(end) = end {
            let at = end + TimeDelta::seconds(self.stage.chance.between(5, 280));
            self.plan(at, Turn::Expire(index));
        }
    }

    /// The store takes a redemption back; often the card is then used as it should have been.
    pub(super) fn undo(&mut self, used: usize, at: DateTime<Utc>) {
        let Some(store) = self.used.get(used).map(|used| used.redemption.store) else { return };
        let manager = self.world.stores().find(|(_, it)| it.id == store).map(|(_, it)| it.manager);
        let Some(by) = manager else { return };
        let words = self.stage.chance.pick(SLIPS).copied().unwrap_or("扫错券了");
        let Ok(reason) = text(words) else { return };
        let slip = Slip { used, path: UndoPath::AtStore, by, approved_by: None, reason };
        if let Some(card) = self.take_back(&slip, at)
            && self.stage.chance.percent(65)
        {
            let later = at + TimeDelta::minutes(self.stage.chance.between(3, 25));
            self.plan(later, Turn::Redeem(card, 3));
        }
    }

    /// Two people of finance take back what somebody complained about.
    pub(super) fn undo_late(&mut self, at: DateTime<Utc>) {
        let long_ago = at - TimeDelta::days(3);
        let fits = |used: &super::play::Used| used.redemption.is_active() && used.redemption.redeemed_at < long_ago;
        let Some(used) = self.used.iter().rposition(fits) else { return };
        let Ok(reason) = text("客户投诉：系统重复核销，经核实属实") else { return };
        let [first, second] = self.world.team.finance;
        let asked_at = at - TimeDelta::hours(19);
        let slip =
            Slip { used, path: UndoPath::Late, by: first, approved_by: Some(second), reason: Reason::clone(&reason) };
        if self.take_back(&slip, at).is_none() {
            return;
        }
        let Some(redemption) = self.used.get(used).map(|used| &used.redemption) else { return };
        let (id, store) = (redemption.id, redemption.store);
        let asking = Scene { actor: Actor::Staff(first), node: store, at: asked_at };
        let caller = asking.caller(&self.stage);
        let mut request = UnredeemRequest {
            id: new_id(caller.ids.as_ref()),
            redemption: id,
            store,
            reason: reason.to_string(),
            state: RequestState::Open,
            requested: (first, asked_at),
            decided: None,
        };
        self.traces.audit(&caller.act(asked_at), store, traces::request(&request, "unredeem_request.create"));
        (request.state, request.decided) = (RequestState::Approved, Some((second, at)));
        let approving = Scene { actor: Actor::Staff(second), node: store, at };
        let change = traces::request(&request, "unredeem_request.approve");
        self.traces.audit(&approving.caller(&self.stage).act(at), store, change);
        self.requests.push(request);
    }

    /// Takes a redemption back by the rules, and says which card it used.
    fn take_back(&mut self, slip: &Slip, at: DateTime<Utc>) -> Option<usize> {
        let used = self.used.get(slip.used)?;
        let (index, redemption) = (used.card, &used.redemption);
        let card = self.cards.get(index)?;
        let (_, rules) = self.offer_of(card)?;
        let day = redemption.day;
        let ask = UnredeemAsk {
            now: at,
            zone: Zone::default(),
            path: slip.path,
            reason: Some(&slip.reason),
            redeemed_at: redemption.redeemed_at,
            cost: redemption.cost,
            same_store: true,
            day_signed: self.books.is_signed(redemption.store, day),
        };
        let decided = decide_unredeem(&rules, &held(&card.coupon), &ask).ok().filter(|_| redemption.is_active())?;
        let (site, store) = self.world.stores().find(|(_, store)| store.id == redemption.store)?;
        let facts = huike_coupons::limits::CounterFacts {
            template: redemption.template,
            code: Some(redemption.coupon.as_uuid()),
            customer: redemption.customer,
            site: site.id,
            store: Some(store.id),
            day,
        };
        let moves = moves_for_redemption(&rules, &facts, redemption.cost, redemption.order_amount);
        let totals = Totals::of_reversal(redemption.order_amount, redemption.discount);
        if !self.books.book(redemption.store, decided.booked_on, &totals) {
            return None;
        }
        self.books.add(redemption.template, &give_back(&moves));
        if let Some(person) = card.person.and_then(|person| self.people.all.get_mut(person)) {
            person.active -= 1;
        }
        self.mark_undone(slip, index, &decided, at);
        Some(index)
    }

    fn mark_undone(&mut self, slip: &Slip, index: usize, decided: &Undo, at: DateTime<Utc>) {
        let (Some(used), Some(card)) = (self.used.get_mut(slip.used), self.cards.get_mut(index)) else { return };
        let redemption = &mut used.redemption;
        redemption.reversal = Some(Reversal {
            at,
            by: slip.by.as_uuid(),
            approved_by: slip.approved_by,
            reason: slip.reason.to_string(),
            day: decided.booked_on,
        });
        if let Some(offer) = self.offers.get_mut(card.offer) {
            card.coupon.committed = offer.promise_again(card.coupon.template_version, decided, redemption.cost);
        }
        let actor = Actor::Staff(slip.approved_by.unwrap_or(slip.by));
        let scene = Scene { actor, node: redemption.store, at };
        let caller = scene.caller(&self.stage);
        let act = caller.act(at);
        let mut steps = vec![(CouponEdge::Unredeem, decided.to)];
        if decided.then_expires {
            steps.push((CouponEdge::Expire, CouponState::Expired));
        }
        for (edge, to) in steps {
            card.coupon.state = to;
            card.coupon.version += 1;
            let payload = traces::undone(redemption, decided.booked_on);
            self.traces.edge(&act, scene.place(), (&card.coupon, edge), payload);
        }
        let change = traces::undo(
            (redemption, decided.final_state()),
            decided.booked_on,
            (slip.by.as_uuid(), slip.approved_by, Some(slip.reason.as_str())),
        );
        self.traces.audit(&act, redemption.store, change);
    }

    /// The card's validity has passed.
    pub(super) fn expire(&mut self, index: usize, at: DateTime<Utc>) {
        let Some(card) = self.cards.get(index) else { return };
        let Ok(state) = decide_expire(&held(&card.coupon), at) else { return };
        let actor = Actor::System;
        self.end(index, (CouponEdge::Expire, state), &Value::Null, Scene { actor, node: card.coupon.site, at });
    }

    /// Customer service makes a few cards void.
    pub(super) fn void_some(&mut self, at: DateTime<Utc>) {
        let day_before = at - TimeDelta::days(2);
        let fits = |card: &super::play::Card| {
            card.coupon.state == CouponState::Issued && card.coupon.owner.is_some_and(|it| it.claimed_at > day_before)
        };
        let chosen: Vec<usize> = (0..self.cards.len())
            .filter(|index| self.cards.get(*index).is_some_and(fits))
            .step_by(17)
            .take(4)
            .collect();
        for (index, minute) in chosen.into_iter().zip(0..) {
            let words = self.stage.chance.pick(VOIDS).copied().unwrap_or("发错人，已补发");
            let Ok(reason) = text(words) else { continue };
            self.make_void(index, &reason, at + TimeDelta::minutes(minute));
        }
    }

    fn make_void(&mut self, index: usize, reason: &Reason, at: DateTime<Utc>) {
        let Some(card) = self.cards.get(index) else { return };
        let Ok(state) = decide_void(&held(&card.coupon), Some(reason)) else { return };
        let Some((_, rules)) = self.offer_of(card) else { return };
        let (id, site, before) = (card.coupon.id, card.coupon.site, card.coupon.state);
        let taken = taken_by(&card.coupon, &rules, Zone::default());
        let template = card.coupon.template;
        self.books.add(template, &give_back(&taken));
        let scene = Scene { actor: Actor::Staff(self.world.team.service), node: site, at };
        self.end(index, (CouponEdge::Void, state), &json!(reason.as_str()), scene);
        let change = Change {
            action: "coupon.void",
            subject_kind: "coupon",
            subject: id.to_string(),
            before: json!({ "state": before }),
            after: json!({ "state": state, "reason": reason.as_str() }),
        };
        self.traces.audit(&scene.caller(&self.stage).act(at), site, change);
    }

    /// Leads a card along an edge that ends it, and returns what was promised for it.
    fn end(&mut self, index: usize, (edge, state): (CouponEdge, CouponState), why: &Value, scene: Scene) {
        let Some(card) = self.cards.get_mut(index) else { return };
        if let Some(offer) = self.offers.get_mut(card.offer) {
            offer.stock.committed_fen -= card.coupon.committed.fen();
        }
        let payload = ended(&card.coupon, why);
        card.coupon.state = state;
        card.coupon.committed = Money::ZERO;
        card.coupon.version += 1;
        let caller = scene.caller(&self.stage);
        self.traces.edge(&caller.act(scene.at), scene.place(), (&card.coupon, edge), payload);
    }

    /// Finance signs a store's day.
    pub(super) fn sign(&mut self, store: usize, day: NaiveDate, at: DateTime<Utc>) {
        let Some((_, store)) = self.world.stores().nth(store) else { return };
        let [finance, _] = self.world.team.finance;
        let totals = self.books.sign(store.id, day, (finance, at));
        let scene = Scene { actor: Actor::Staff(finance), node: store.id, at };
        let caller = scene.caller(&self.stage);
        self.traces.audit(&caller.act(at), store.id, traces::sign_day((store.id, day), &totals));
    }
}
