//! The pricing of a dry run: each cart twice, without and with the offer.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use chrono::{DateTime, Utc};
use huike_kernel::{CustomerId, Money, NodeId, OfferId};
use huike_persistence::quoted_carts::QuotedCart;
use huike_pricing::{
    CompiledOffers, Facts, Offer, OfferError,
    managed::Used,
    quote::{Quote, QuotedLine, RejectionCode},
};

use super::{CHANGES_SHOWN, Changed, LineChange, OnCart, OnRecord, Tested, Trial};
use crate::{
    UseCaseError,
    quotes::{CartAsk, PricePlace, Told, facts_of, price_knowing},
};

/// What is in force at a node, without and with the offer.
struct Scene {
    before: CompiledOffers,
    after: CompiledOffers,
}

/// What is kept of a cart until it is known which change most.
struct Change<'t> {
    cart: &'t QuotedCart,
    before: Quote,
    after: Quote,
}

impl Change<'_> {
    fn size(&self) -> u64 {
        self.before.totals.payable.fen().abs_diff(self.after.totals.payable.fen())
    }
}

/// Sums that are no part of the answer.
#[derive(Default)]
struct Tally {
    customers: BTreeSet<CustomerId>,
    customers_changed: BTreeSet<CustomerId>,
    /// What the offer itself took off.
    taken: Money,
}

impl Trial {
    /// Prices the cart that is given, at a moment, and the carts that were recorded. Stops looking at carts when `goes_on` says no.
    ///
    /// Recorded carts are priced as on the weekday and at the hour they were quoted, and under what was known then,
    /// beside the offers that are in force now; coupons are left out, because nobody knows who would have held which.
    pub fn run(
        &self,
        now: DateTime<Utc>,
        cart: Option<(&CartAsk, DateTime<Utc>)>,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Tested, UseCaseError> {
        let mut scenes = BTreeMap::new();
        for place in self.places.values() {
            if let Some(owner) = place.offers_from()
                && let Entry::Vacant(empty) = scenes.entry(owner)
            {
                empty.insert(self.scene(place, owner)?);
            }
        }
        let on_cart = cart.map(|cart| self.on_cart(&scenes, cart)).transpose()?;
        let carts = self.carts.as_deref();
        Ok(Tested { on_cart, on_record: carts.map(|carts| self.on_record(&scenes, now, carts, goes_on)) })
    }

    fn scene(&self, place: &PricePlace, owner: NodeId) -> Result<Scene, UseCaseError> {
        let candidate = &self.candidate;
        let in_force = self.in_force.get(&owner).map(Vec::as_slice).unwrap_or_default();
        let others = || in_force.iter().filter(|offer| offer.id != candidate.id).cloned();
        // A window says when people may have it; what it would do is asked for now.
        let tried = Offer { window: None, ..candidate.rules.offer(candidate.id, Used::default()) };
        let tried = place.path.contains(&candidate.owner).then_some(tried);
        let before = if candidate.is_live { others().collect() } else { in_force.to_vec() };
        Ok(Scene { before: compile(before)?, after: compile(others().chain(tried).collect())? })
    }

    fn on_cart(
        &self,
        scenes: &BTreeMap<NodeId, Scene>,
        (ask, at): (&CartAsk, DateTime<Utc>),
    ) -> Result<OnCart, UseCaseError> {
        let place = self.places.get(&self.site).ok_or(UseCaseError::NotFound("node"))?;
        let scene = place.offers_from().and_then(|owner| scenes.get(&owner)).ok_or(UseCaseError::NotFound("node"))?;
        let facts = facts_of(place, at, &ask.told, None);
        let before = price_knowing(&scene.before, (place, &facts), None, ask)?;
        let after = price_knowing(&scene.after, (place, &facts), None, ask)?;
        let lines = line_changes(&before.quote, &after.quote);
        Ok(OnCart { before, after, lines })
    }

    fn on_record(
        &self,
        scenes: &BTreeMap<NodeId, Scene>,
        now: DateTime<Utc>,
        carts: &[QuotedCart],
        goes_on: &dyn Fn() -> bool,
    ) -> OnRecord {
        let mut found = OnRecord { repeated: self.repeated, is_truncated: self.is_cut, ..OnRecord::default() };
        let (mut tally, mut most) = (Tally::default(), Vec::new());
        for cart in carts {
            if !goes_on() {
                found.is_truncated = true;
                break;
            }
            found.oldest_at = Some(cart.quoted_at);
            let Some(change) = self.replay(scenes, now, cart) else {
                found.unpriced = found.unpriced.saturating_add(1);
                continue;
            };
            self.count(&mut found, &mut tally, &change);
            if change.size() > 0 {
                most.push(change);
            }
            if most.len() >= CHANGES_SHOWN.saturating_mul(4) {
                keep_largest(&mut most);
            }
        }
        keep_largest(&mut most);
        found.shown = most.iter().map(shown).collect();
        (found.customers, found.customers_changed) = (tally.customers.len(), tally.customers_changed.len());
        let rules = &self.candidate.rules;
        let uses = i64::try_from(found.applied).unwrap_or(i64::MAX);
        found.is_over_budget =
            rules.budget.is_some_and(|budget| tally.taken > budget) || rules.uses.is_some_and(|most| uses > most);
        found
    }

    fn replay<'t>(
        &self,
        scenes: &BTreeMap<NodeId, Scene>,
        now: DateTime<Utc>,
        cart: &'t QuotedCart,
    ) -> Option<Change<'t>> {
        let place = self.places.get(&cart.site)?;
        let scene = scenes.get(&place.offers_from()?)?;
        let told = cart.told.clone();
        let told = Told {
            channel: told.channel,
            delivery_area: told.delivery_area,
            payment_method: told.payment_method,
            tier: told.tier,
            segments: told.segments,
            completed_orders: told.completed_orders,
            birthday: None,
        };
        // Weekdays and hours are those of the cart; windows are looked at as they stand now.
        let facts = Facts { now, ..facts_of(place, cart.quoted_at, &told, None) };
        let ask = CartAsk { cart: cart.cart.clone(), ..CartAsk::default() };
        let price = |offers| price_knowing(offers, (place, &facts), None, &ask).ok();
        Some(Change { cart, before: price(&scene.before)?.quote, after: price(&scene.after)?.quote })
    }

    fn count(&self, found: &mut OnRecord, tally: &mut Tally, change: &Change<'_>) {
        let customer = change.cart.customer;
        let (before, after) = (&change.before.totals, &change.after.totals);
        found.looked_at = found.looked_at.saturating_add(1);
        tally.customers.extend(customer);
        found.payable_before = sum(found.payable_before, before.payable);
        found.payable_after = sum(found.payable_after, after.payable);
        found.points_more = found.points_more.saturating_add(after.points.saturating_sub(before.points));
        if before.payable != after.payable {
            found.changed = found.changed.saturating_add(1);
            tally.customers_changed.extend(customer);
        }
        match judge(&change.after, self.candidate.id) {
            Ok(taken) => {
                found.applied = found.applied.saturating_add(1);
                tally.taken = sum(tally.taken, taken);
            }
            Err(code) => {
                let count = found.rejected.entry(code).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
}

/// What the offer took off, or why it does not apply. What is not even looked at has nothing in the cart that it speaks of.
fn judge(quote: &Quote, offer: OfferId) -> Result<Money, RejectionCode> {
    if let Some(applied) = quote.applied.iter().find(|applied| applied.source.offer() == Some(offer)) {
        return Ok(applied.discount);
    }
    let rejected = quote.rejected.iter().find(|rejected| rejected.source.offer() == Some(offer));
    Err(rejected.map_or(RejectionCode::Scope, |rejected| rejected.code))
}

fn sum(one: Money, other: Money) -> Money {
    one.checked_add(other).unwrap_or(one)
}

fn compile(offers: Vec<Offer>) -> Result<CompiledOffers, UseCaseError> {
    CompiledOffers::new(offers).map_err(|(_, problems)| OfferError::RulesInvalid(problems).into())
}

/// The largest changes first; of equal ones the newest, as they came.
fn keep_largest(changes: &mut Vec<Change<'_>>) {
    changes.sort_by_key(|change| std::cmp::Reverse(change.size()));
    changes.truncate(CHANGES_SHOWN);
}

fn shown(change: &Change<'_>) -> Changed {
    Changed {
        cart: change.cart.id,
        site: change.cart.site,
        quoted_at: change.cart.quoted_at,
        before: change.before.totals.payable,
        after: change.after.totals.payable,
        lines: line_changes(&change.before, &change.after),
    }
}

/// The lines that cost something else; both quotes have the lines of the cart in the same order.
fn line_changes(before: &Quote, after: &Quote) -> Vec<LineChange> {
    let pairs = before.lines.iter().zip(&after.lines).filter(|(before, after)| before.payable != after.payable);
    let change = |(before, after): (&QuotedLine, &QuotedLine)| LineChange {
        id: before.id.clone(),
        sku: before.sku.clone(),
        quantity: before.quantity,
        before: before.payable,
        after: after.payable,
    };
    pairs.map(change).collect()
}
