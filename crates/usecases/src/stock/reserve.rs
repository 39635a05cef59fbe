//! What orders do with stock, as parts of their own transactions: keep goods, let them go, sell them, take them back. Nobody
//! is asked here whether they may: that is for whoever places or refunds the order.
//!
//! Each of these moves stock in the order of (SKU, place), after coupons and limits and before accounts of the ledger; see
//! the lock order in docs/architecture.md.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use huike_kernel::{NodeId, SkuId};
use huike_orders::{
    StockError,
    stock::{HolderKind, MovementKind, ReservationEnd, ReservationState, decide_end},
};
use huike_persistence::{
    Db, Outcome, StoreError, nodes, sku_stock,
    stock_movements::Movement,
    stock_reservations::{self, Holder, Reservation},
};
use uuid::Uuid;

use super::movements::{Cause, move_all, movement, note, refusal};
use crate::{Act, UseCaseError, record::Place};

/// So many of a SKU at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockLine {
    /// What.
    pub sku: SkuId,
    /// From where.
    pub site: NodeId,
    /// How many, above zero.
    pub quantity: i64,
}

/// Keeps goods for a holder until it lets go or buys. One guarded write for each SKU and place decides; the first that is
/// short refuses all. A holder reserves once.
pub fn reserve(
    db: &mut Db,
    act: &Act<'_>,
    holder: Holder,
    (lines, expires_at): (&[StockLine], DateTime<Utc>),
) -> Result<(), UseCaseError> {
    for ((sku, site), quantity) in sums(lines)? {
        if sku_stock::reserve(db, (sku, site), quantity)? == Outcome::Refused {
            return Err(refusal(db, (sku, site), quantity.saturating_neg())?);
        }
        let kept = Reservation {
            id: act.new_id(),
            sku,
            site,
            quantity,
            holder,
            state: ReservationState::Open,
            expires_at,
            created_at: act.now,
        };
        if stock_reservations::insert(db, &kept)? == Outcome::Refused {
            return Err(UseCaseError::Taken("reservation"));
        }
    }
    Ok(())
}

/// Ends all that is kept for a holder. A commit takes the goods and gives back their movements; a release or expiry lets
/// them go. An end that is repeated does nothing; another end than the first is refused.
pub fn end(db: &mut Db, act: &Act<'_>, (holder, end): (Holder, ReservationEnd)) -> Result<Vec<Movement>, UseCaseError> {
    let kept = stock_reservations::lock_of(db, holder)?;
    let places = places_of(db, kept.iter().map(|it| it.site))?;
    let cause = Cause { kind: MovementKind::Sale, reason: None, source: Some((holder.kind.as_str(), holder.id)) };
    let mut sold: BTreeMap<NodeId, Vec<(Uuid, Movement)>> = BTreeMap::new();
    for it in kept {
        if !decide_end(it.state, end)? {
            continue;
        }
        applied(stock_reservations::end(db, it.id, end.state(), act.now)?)?;
        if end != ReservationEnd::Commit {
            applied(sku_stock::unreserve(db, (it.sku, it.site), it.quantity)?)?;
            continue;
        }
        let after = sku_stock::take_reserved(db, (it.sku, it.site), it.quantity, act.now)?;
        let (after, place) = after.zip(places.get(&it.site).copied()).ok_or_else(adds_up)?;
        let moved = movement(act, (place, cause), &after, it.quantity.saturating_neg());
        sold.entry(it.site).or_default().push((after.id, moved));
    }
    let mut movements = Vec::new();
    for (site, of_site) in sold {
        let place = places.get(&site).copied().ok_or_else(adds_up)?;
        movements.extend(note(db, act, place, of_site)?);
    }
    Ok(movements)
}

/// Lets go what is kept for holders without an order of ours, whose time is over. An order lets go of its goods itself. Says
/// who they are; to act on one is a transaction of its own, see [`end`].
pub fn list_due(db: &mut Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Holder>, StoreError> {
    stock_reservations::list_due(db, HolderKind::Integration, now, limit)
}

/// Sells goods that nobody kept before: a counter that hands them over at once. `source` is what they are given for.
pub fn sell(
    db: &mut Db,
    act: &Act<'_>,
    (place, source): (Place, (&'static str, Uuid)),
    lines: &[(SkuId, i64)],
) -> Result<Vec<Movement>, UseCaseError> {
    huike_orders::stock::check_lines(lines, 1)?;
    let out: Vec<(SkuId, i64)> = lines.iter().map(|(sku, quantity)| (*sku, quantity.saturating_neg())).collect();
    move_all(db, act, (place, Cause { kind: MovementKind::Sale, reason: None, source: Some(source) }), &out)
}

/// Takes goods back into the stock of a place. `source` is what they come back from; whether it may give back so many is for
/// the caller to know.
pub fn take_back(
    db: &mut Db,
    act: &Act<'_>,
    (place, source): (Place, (&'static str, Uuid)),
    lines: &[(SkuId, i64)],
) -> Result<Vec<Movement>, UseCaseError> {
    huike_orders::stock::check_lines(lines, 1)?;
    super::open_stocks(db, act, place.site, lines.iter().map(|(sku, _)| *sku))?;
    move_all(db, act, (place, Cause { kind: MovementKind::Return, reason: None, source: Some(source) }), lines)
}

/// The lines in the order in which stock is written, each SKU and place once.
fn sums(lines: &[StockLine]) -> Result<BTreeMap<(SkuId, NodeId), i64>, StockError> {
    let mut sums: BTreeMap<(SkuId, NodeId), i64> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        if line.quantity <= 0 {
            return Err(StockError::QuantityOutOfRange { line: index });
        }
        let sum = sums.entry((line.sku, line.site)).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    Ok(sums)
}

fn places_of(db: &mut Db, sites: impl Iterator<Item = NodeId>) -> Result<BTreeMap<NodeId, Place>, StoreError> {
    let sites: BTreeSet<NodeId> = sites.collect();
    let found = nodes::find_many(db, &sites)?;
    Ok(found.into_iter().map(|(id, node)| (id, Place { site: id, zone: node.zone })).collect())
}

/// The rows are locked and were counted, so a guard that refuses means that they do not add up.
fn applied(outcome: Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(adds_up()),
    }
}

fn adds_up() -> StoreError {
    StoreError::corrupt("sku_stock", "what is reserved does not add up")
}
