//! How coupons end unused: together, with one event each, and with what was promised for them returned to the budget.

use std::collections::BTreeMap;

use huike_coupons::{
    CouponEdge, CouponState, TemplateRules,
    limits::{CounterFacts, CounterMove, Origin, moves_for_batch, moves_for_claim},
};
use huike_kernel::{CouponId, Money, NodeId, TemplateId, Zone};
use huike_persistence::{Db, Outcome, StoreError, coupon_batches, coupons::Coupon, events, limits, nodes, stock};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Place},
};

/// The zones of the nodes, looked up once each.
#[derive(Default)]
pub(crate) struct Zones(BTreeMap<NodeId, Zone>);

impl Zones {
    /// The node as the place of an event.
    pub(crate) fn place(&mut self, db: &mut Db, site: NodeId) -> Result<Place, StoreError> {
        let zone = match self.0.get(&site) {
            Some(zone) => *zone,
            None => {
                let node = nodes::find(db, site)?.ok_or_else(|| StoreError::corrupt("coupon", "its site is gone"))?;
                *self.0.entry(site).or_insert(node.zone)
            }
        };
        Ok(Place { site, zone })
    }
}

/// Leads locked coupons along the edge, which ends them, and returns their promises: coupons, then the hot rows by
/// template, then the events. Counters are the caller's: a void gives them back, an expiry does not.
pub(crate) fn end_all(
    db: &mut Db,
    act: &Act<'_>,
    coupons: &[Coupon],
    (edge, why): (CouponEdge, &Value),
) -> Result<(), UseCaseError> {
    let mut by_target: BTreeMap<CouponState, (Vec<CouponState>, Vec<CouponId>)> = BTreeMap::new();
    let mut promised: BTreeMap<TemplateId, i64> = BTreeMap::new();
    let mut happened = Vec::with_capacity(coupons.len());
    let mut zones = Zones::default();
    for coupon in coupons {
        let to = coupon.state.after(edge, coupon.owner.is_some())?;
        let (from, ids) = by_target.entry(to).or_default();
        from.push(coupon.state);
        ids.push(coupon.id);
        *promised.entry(coupon.template).or_default() += coupon.committed.fen();
        let place = zones.place(db, coupon.site)?;
        let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version + 1 };
        happened.push(record::event(act, place, aggregate, edge.event_kind(), ended(coupon, why)));
    }
    for (to, (mut from, ids)) in by_target {
        from.sort_unstable();
        from.dedup();
        if coupon_batches::move_all(db, &from, to, &ids)? == Outcome::Refused {
            return Err(StoreError::corrupt("coupon", "a locked coupon moved").into());
        }
    }
    for (template, fen) in promised.into_iter().filter(|(_, fen)| *fen != 0) {
        if stock::settle(db, template, Money::from_fen(fen), Money::ZERO)? == Outcome::Refused {
            return Err(StoreError::corrupt("coupon_stock", "less is promised than its coupons hold").into());
        }
    }
    Ok(events::append(db, &happened)?)
}

/// What an event says of a coupon that ended, with what had been promised for it until then.
pub(crate) fn ended(coupon: &Coupon, why: &Value) -> Value {
    json!({
        "template_id": coupon.template,
        "customer_id": coupon.owner.map(|owner| owner.customer),
        "committed_fen": coupon.committed.fen(),
        "why": why,
    })
}

/// What a coupon took from counters when it was issued and when it was claimed, from the same periods. Kept nowhere: it
/// follows from the rules it was issued under and from where and when it was claimed. `batch_zone` cuts the day on which
/// a printed code was issued.
pub(crate) fn taken_by(coupon: &Coupon, rules: &TemplateRules, batch_zone: Zone) -> Vec<CounterMove> {
    let facts = CounterFacts {
        template: coupon.template,
        code: None,
        customer: None,
        site: coupon.site,
        store: None,
        day: batch_zone.local(coupon.issued_at).day,
    };
    let mut taken = if coupon.batch.is_some() { moves_for_batch(rules, &facts, 1) } else { Vec::new() };
    if let Some(owner) = coupon.owner {
        let (code, origin) = match coupon.batch {
            Some(_) => (Some(coupon.id.as_uuid()), Origin::Unclaimed),
            None => (coupon.channel.map(|channel| channel.as_uuid()), Origin::New),
        };
        let facts = CounterFacts { code, customer: Some(owner.customer), day: owner.day, ..facts };
        taken.extend(moves_for_claim(rules, &facts, origin));
    }
    taken
}

/// Gives counters back, equal rows at once, in the order of their keys.
pub(crate) fn give_back(db: &mut Db, template: TemplateId, taken: Vec<CounterMove>) -> Result<(), StoreError> {
    let mut sums: BTreeMap<CounterMove, i64> = BTreeMap::new();
    for counter in taken {
        *sums.entry(CounterMove { amount: 0, cap: 0, ..counter.clone() }).or_default() += counter.amount;
    }
    let back: Vec<CounterMove> = sums.into_iter().map(|(row, amount)| CounterMove { amount, ..row }).collect();
    match limits::give_back(db, template, &back)? {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("limit_counter", "a counter holds less than was taken from it")),
    }
}
