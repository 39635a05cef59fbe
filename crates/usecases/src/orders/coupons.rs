//! What orders do with coupons: take hold of them, redeem them, let them go. Each edge is an event of the coupon, and moves the
//! limit counters that its rules have.

use std::collections::{BTreeMap, BTreeSet};

use huike_coupons::{
    CouponEdge, TemplateRules, decide_lock,
    limits::{CounterFacts, CounterMove, moves_for_redemption},
};
use huike_kernel::{CouponId, CustomerId, Money, NodeId, TemplateId};
use huike_persistence::{
    Db, Outcome, StoreError,
    coupons::{self, Coupon},
    events, limits, nodes,
    orders::{Discount, DiscountCoupon, Order},
    promises, stock, wallet,
};
use huike_pricing::{Quote, quote::Source};
use huike_sites::NodeKind;
use serde_json::json;

use crate::{
    Act, UseCaseError, ends,
    quotes::{PricePlace, QuoteError},
    record::{self, Aggregate, Place},
};

/// Coupons of a customer, locked by id.
pub(super) struct HeldCoupons(BTreeMap<CouponId, Coupon>);

/// The coupons that a quote applies.
pub(super) fn applied(quote: &Quote) -> Vec<CouponId> {
    let coupon = |source: Source| match source {
        Source::Coupon { coupon, .. } => Some(coupon),
        Source::Offer { .. } | Source::Points => None,
    };
    quote.applied.iter().filter_map(|it| coupon(it.source)).collect()
}

impl HeldCoupons {
    /// Locks them in the order of their ids. One that is not the customer's is unknown, one that is in no hand is refused with
    /// the reason.
    pub(super) fn lock(db: &mut Db, customer: CustomerId, wanted: &[CouponId]) -> Result<Self, UseCaseError> {
        let own: BTreeSet<CouponId> =
            wallet::list_own(db, customer, wanted)?.into_iter().map(|coupon| coupon.coupon).collect();
        if let Some(index) = wanted.iter().position(|id| !own.contains(id)) {
            return Err(QuoteError::CouponUnknown { index }.into());
        }
        let mut held = BTreeMap::new();
        for id in own {
            let coupon = coupons::lock(db, id)?.ok_or_else(|| StoreError::corrupt("coupon", "it is gone"))?;
            decide_lock(&seen(&coupon))?;
            held.insert(id, coupon);
        }
        Ok(Self(held))
    }

    /// A coupon with what its use costs.
    pub(super) fn cost(
        &self,
        db: &mut Db,
        id: CouponId,
        discount: Money,
    ) -> Result<(DiscountCoupon, Money), UseCaseError> {
        let coupon = self.0.get(&id).ok_or_else(|| StoreError::corrupt("coupon", "one applies that is not held"))?;
        let known = DiscountCoupon { id, template: coupon.template, version: coupon.template_version };
        let rules = rules_of(db, std::iter::once(&known))?;
        Ok((known, rules_for(&rules, &known)?.order_cost(discount)))
    }

    /// Takes hold of those that are used, with their limits.
    pub(super) fn take(
        mut self,
        db: &mut Db,
        act: &Act<'_>,
        (place, order): (&PricePlace, &Order),
        discounts: &[Discount],
    ) -> Result<(), UseCaseError> {
        let used: Vec<DiscountCoupon> = discounts.iter().filter_map(|it| it.coupon).collect();
        let rules = rules_of(db, used.iter())?;
        let moves = moves_of(&rules, order, (place.site, place.store), discounts)?;
        for (template, moves) in &moves {
            if let Some(full) = limits::take(db, *template, moves)? {
                return Err(full.refusal().into());
            }
        }
        let here = Place { site: order.site, zone: place.zone };
        let mut happened = Vec::with_capacity(used.len());
        for known in &used {
            if let Some(coupon) = self.0.get_mut(&known.id) {
                happened.push(walk(db, act, (here, order), (coupon, CouponEdge::Lock))?);
            }
        }
        Ok(events::append(db, &happened)?)
    }

    pub(super) fn ids(&self) -> Vec<CouponId> {
        self.0.keys().copied().collect()
    }
}

/// Takes hold of the coupons of an order again that had let them go. Refused where one is in no hand any more.
pub(super) fn take_again(
    db: &mut Db,
    act: &Act<'_>,
    (here, order): (Place, &Order),
    discounts: &[Discount],
) -> Result<(), UseCaseError> {
    let used = in_order(discounts);
    let rules = rules_of(db, used.iter().map(|(coupon, _)| coupon))?;
    let mut happened = Vec::with_capacity(used.len());
    for (known, _) in &used {
        let mut coupon = hold(db, known)?;
        decide_lock(&seen(&coupon))?;
        happened.push(walk(db, act, (here, order), (&mut coupon, CouponEdge::Lock))?);
    }
    let place = place_of(db, order.site)?;
    for (template, moves) in moves_of(&rules, order, place, discounts)? {
        if let Some(full) = limits::take(db, template, &moves)? {
            return Err(full.refusal().into());
        }
    }
    Ok(events::append(db, &happened)?)
}

/// Redeems the coupons of an order that is paid. What was promised of their budgets is spent.
pub(super) fn redeem(
    db: &mut Db,
    act: &Act<'_>,
    (here, order): (Place, &Order),
    discounts: &[Discount],
) -> Result<Vec<Spending>, UseCaseError> {
    let used = in_order(discounts);
    let rules = rules_of(db, used.iter().map(|(coupon, _)| coupon))?;
    let (mut spent, mut happened) = (Vec::new(), Vec::new());
    for (known, cost) in &used {
        let mut coupon = hold(db, known)?;
        if rules_for(&rules, known)?.budget.is_some() {
            spent.push(Spending { template: known.template, committed: coupon.committed, cost: *cost });
        }
        coupon.committed = Money::ZERO;
        happened.push(walk(db, act, (here, order), (&mut coupon, CouponEdge::Redeem))?);
    }
    events::append(db, &happened)?;
    Ok(spent)
}

/// What of a template's budget was promised for a coupon, and what it cost.
pub(super) struct Spending {
    template: TemplateId,
    committed: Money,
    cost: Money,
}

/// Turns what was promised into what was spent, template by template: these rows are hot, so they come last.
pub(super) fn spend(db: &mut Db, mut spent: Vec<Spending>) -> Result<(), UseCaseError> {
    spent.sort_by_key(|it| it.template);
    for it in spent {
        super::moved(stock::settle(db, it.template, it.committed, it.cost)?, "a coupon costs more than was promised")?;
    }
    Ok(())
}

/// Lets the coupons of an order go that was given up, and gives back what they took from limits.
pub(super) fn release(
    db: &mut Db,
    act: &Act<'_>,
    (here, order): (Place, &Order),
    discounts: &[Discount],
) -> Result<Vec<(TemplateId, Vec<CounterMove>)>, UseCaseError> {
    let used = in_order(discounts);
    let rules = rules_of(db, used.iter().map(|(coupon, _)| coupon))?;
    let mut happened = Vec::new();
    for (known, _) in &used {
        let mut coupon = hold(db, known)?;
        happened.push(walk(db, act, (here, order), (&mut coupon, CouponEdge::Release))?);
    }
    events::append(db, &happened)?;
    let place = place_of(db, order.site)?;
    moves_of(&rules, order, place, discounts)
}

/// Gives back what coupons took from limits.
pub(super) fn give_back(db: &mut Db, moves: Vec<(TemplateId, Vec<CounterMove>)>) -> Result<(), UseCaseError> {
    for (template, taken) in moves {
        ends::give_back(db, template, taken)?;
    }
    Ok(())
}

/// The coupons behind discounts, by id, with what each costs.
fn in_order(discounts: &[Discount]) -> Vec<(DiscountCoupon, Money)> {
    let mut used: Vec<(DiscountCoupon, Money)> =
        discounts.iter().filter_map(|it| it.coupon.map(|coupon| (coupon, it.cost))).collect();
    used.sort_by_key(|(coupon, _)| coupon.id);
    used
}

fn hold(db: &mut Db, known: &DiscountCoupon) -> Result<Coupon, StoreError> {
    coupons::lock(db, known.id)?.ok_or_else(|| StoreError::corrupt("coupon", "one that an order holds is gone"))
}

fn walk(
    db: &mut Db,
    act: &Act<'_>,
    (here, order): (Place, &Order),
    (coupon, edge): (&mut Coupon, CouponEdge),
) -> Result<events::NewEvent, UseCaseError> {
    let from = coupon.state;
    coupon.state = from.after(edge, coupon.owner.is_some())?;
    if coupons::update(db, from, coupon)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version };
    let payload = json!({
        "order_id": order.id, "template_id": coupon.template, "template_version": coupon.template_version,
        "customer_id": order.customer, "channel_id": coupon.channel,
    });
    Ok(record::event(act, here, aggregate, edge.event_kind(), payload))
}

type RulesByVersion = BTreeMap<(TemplateId, i64), TemplateRules>;

fn rules_of<'c>(db: &mut Db, coupons: impl Iterator<Item = &'c DiscountCoupon>) -> Result<RulesByVersion, StoreError> {
    let versions: BTreeSet<(TemplateId, i64)> = coupons.map(|it| (it.template, it.version)).collect();
    if versions.is_empty() {
        return Ok(RulesByVersion::new());
    }
    Ok(promises::list(db, &versions)?.into_iter().map(|(version, promise)| (version, promise.rules)).collect())
}

fn rules_for<'r>(rules: &'r RulesByVersion, known: &DiscountCoupon) -> Result<&'r TemplateRules, StoreError> {
    rules.get(&(known.template, known.version)).ok_or_else(|| StoreError::corrupt("coupon", "its template is gone"))
}

/// The counters that the uses move, template by template: they follow from the rules and from what the order's row keeps, so
/// that what is given back is what was taken.
fn moves_of(
    rules: &RulesByVersion,
    order: &Order,
    (site, store): (NodeId, Option<NodeId>),
    discounts: &[Discount],
) -> Result<Vec<(TemplateId, Vec<CounterMove>)>, UseCaseError> {
    let mut moves: BTreeMap<TemplateId, Vec<CounterMove>> = BTreeMap::new();
    for (known, cost) in in_order(discounts) {
        let facts = CounterFacts {
            template: known.template,
            code: Some(known.id.as_uuid()),
            customer: Some(order.customer),
            site,
            store,
            day: order.day,
        };
        let of = moves_for_redemption(rules_for(rules, &known)?, &facts, cost, Some(order.sums.subtotal));
        moves.entry(known.template).or_default().extend(of);
    }
    for of_template in moves.values_mut() {
        of_template.sort();
    }
    Ok(moves.into_iter().collect())
}

/// The site of a place, and the store where it is one.
fn place_of(db: &mut Db, node: NodeId) -> Result<(NodeId, Option<NodeId>), UseCaseError> {
    let path = nodes::list_path(db, node)?;
    let here = path.last().ok_or(UseCaseError::NotFound("node"))?;
    let site = path.iter().rfind(|it| it.kind == NodeKind::Site).map_or(node, |site| site.id);
    Ok((site, (here.kind == NodeKind::Store).then_some(node)))
}

fn seen(coupon: &Coupon) -> huike_coupons::HeldCoupon {
    huike_coupons::HeldCoupon {
        state: coupon.state,
        owner: coupon.owner.map(|owner| owner.customer),
        usable_from: coupon.usable_from,
        expires_at: coupon.expires_at,
        committed: coupon.committed,
    }
}
