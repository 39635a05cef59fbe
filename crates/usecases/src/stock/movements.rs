//! Moving what is on hand, and noting it.

use huike_kernel::{NodeId, SkuId, StockMovementId};
use huike_orders::{
    StockError,
    stock::{MovementKind, decide_outflow},
};
use huike_persistence::{
    Db,
    sku_stock::{self, Stock},
    stock_movements::{self, Movement},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Place},
};

/// Why stock moves, said once for all lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cause<'a> {
    pub(super) kind: MovementKind,
    pub(super) reason: Option<&'a str>,
    /// What it belongs to.
    pub(super) source: Option<(&'static str, Uuid)>,
}

/// Moves every line by its quantity at one place, up or down, and notes it. The stocks are there. The first that would
/// fall below what is reserved refuses all.
pub(super) fn move_all(
    db: &mut Db,
    act: &Act<'_>,
    (place, cause): (Place, Cause<'_>),
    lines: &[(SkuId, i64)],
) -> Result<Vec<Movement>, UseCaseError> {
    let mut sorted = lines.to_vec();
    sorted.sort_unstable();
    let mut movements = Vec::with_capacity(sorted.len());
    for (sku, quantity) in sorted {
        let Some(after) = sku_stock::shift(db, (sku, place.site), quantity, act.now)? else {
            return Err(refusal(db, (sku, place.site), quantity)?);
        };
        movements.push((after.id, movement(act, (place, cause), &after, quantity)));
    }
    note(db, act, place, movements)
}

/// Why a stock did not move.
pub(super) fn refusal(db: &mut Db, (sku, site): (SkuId, NodeId), quantity: i64) -> Result<UseCaseError, UseCaseError> {
    let level = sku_stock::find(db, sku, site)?.map(|stock| stock.level).unwrap_or_default();
    let wanted = quantity.saturating_neg();
    let refused = decide_outflow(sku, &level, wanted).err();
    Ok(refused.unwrap_or(StockError::Short { sku, available: level.available(), wanted }).into())
}

/// The movement that led to this stock.
pub(super) fn movement(act: &Act<'_>, (place, cause): (Place, Cause<'_>), after: &Stock, quantity: i64) -> Movement {
    Movement {
        id: act.new_id::<StockMovementId>(),
        sku: after.sku,
        site: after.site,
        seq: after.version,
        kind: cause.kind,
        quantity,
        on_hand_after: after.level.on_hand,
        reason: cause.reason.map(str::to_owned),
        source: cause.source.map(|(kind, id)| (kind.to_owned(), id)),
        actor: act.actor(),
        occurred_at: act.now,
        local: Movement::local_of(place.zone.local(act.now)),
    }
}

/// Writes movements down, each with its event; the stock's id is its aggregate.
pub(super) fn note(
    db: &mut Db,
    act: &Act<'_>,
    place: Place,
    movements: Vec<(Uuid, Movement)>,
) -> Result<Vec<Movement>, UseCaseError> {
    let event = |(stock, it): &(Uuid, Movement)| {
        let payload = json!({
            "sku_id": it.sku, "site_id": it.site, "kind": it.kind, "quantity": it.quantity,
            "on_hand": it.on_hand_after, "source_kind": it.source.as_ref().map(|(kind, _)| kind),
            "source_id": it.source.as_ref().map(|(_, id)| id),
        });
        let aggregate = Aggregate { kind: "stock", id: *stock, seq: it.seq };
        record::event(act, place, aggregate, "stock_moved", payload)
    };
    let events: Vec<_> = movements.iter().map(event).collect();
    let movements: Vec<Movement> = movements.into_iter().map(|(_, it)| it).collect();
    stock_movements::append(db, &movements)?;
    huike_persistence::events::append(db, &events)?;
    Ok(movements)
}
