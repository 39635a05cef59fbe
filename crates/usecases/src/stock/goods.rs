//! What staff do with goods at one place: receive them, write them off, count them, and say how many should lie there.

use chrono::NaiveDate;
use huike_access::Permission;
use huike_kernel::{NodeId, Paragraph, ProductionBatchId, SkuId, StockMovementId, Text};
use huike_orders::{
    StockError,
    stock::{MovementKind, ON_HAND_MAX, check_inspection, check_lines, decide_count},
};
use huike_persistence::{
    Db, Outcome, StoreError,
    production_batches::{self, ProductionBatch},
    sku_stock::{self, Stock},
    stock_movements::Movement,
};
use huike_sites::Node;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    depot, known,
    movements::{Cause, move_all},
    open, open_stocks,
};
use crate::{
    Act, UseCaseError,
    record::{self, Change, Place},
};

/// From which batch goods came.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Who delivered it.
    pub supplier: Text<120>,
    /// The number its maker gave it.
    pub number: Text<60>,
    /// The day it was made.
    pub produced_on: NaiveDate,
    /// What was found when it was inspected.
    pub inspection: Option<Paragraph<2000>>,
    /// Where the papers are.
    pub inspection_url: Option<String>,
}

/// So many of a SKU that came in.
#[derive(Debug, Clone)]
pub struct ReceiptLine {
    /// What.
    pub sku: SkuId,
    /// How many.
    pub quantity: i64,
    /// From which batch; none where nobody asks for it later.
    pub batch: Option<Batch>,
}

/// Goods that came in from a supplier (入库).
#[derive(Debug, Clone)]
pub struct ReceiptAsk {
    /// Where.
    pub site: NodeId,
    /// What.
    pub lines: Vec<ReceiptLine>,
    /// What is said about it.
    pub note: Option<Text<200>>,
}

/// Goods that are spoilt, broken or lost (报损).
#[derive(Debug, Clone)]
pub struct DamageAsk {
    /// Where.
    pub site: NodeId,
    /// What, and how many.
    pub lines: Vec<(SkuId, i64)>,
    /// What happened.
    pub reason: Text<200>,
}

/// What somebody counted of a SKU.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// What.
    pub sku: SkuId,
    /// How many lie there.
    pub counted: i64,
    /// The version of the stock when the counting began: refused when goods moved since.
    pub version: i64,
}

/// A count (盘点).
#[derive(Debug, Clone)]
pub struct Count {
    /// Where.
    pub site: NodeId,
    /// What.
    pub lines: Vec<Counted>,
    /// Why, and by whom where that matters.
    pub reason: Text<200>,
}

/// How many should always lie there.
#[derive(Debug, Clone, Copy)]
pub struct SafetyAsk {
    /// Where.
    pub site: NodeId,
    /// What.
    pub sku: SkuId,
    /// How many; `None` takes it back.
    pub safety: Option<i64>,
}

/// What an act moved; kept with its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Each line, by SKU.
    pub lines: Vec<MovedLine>,
}

/// What moved of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedLine {
    /// The movement.
    pub movement: StockMovementId,
    /// What.
    pub sku: SkuId,
    /// By how many.
    pub quantity: i64,
    /// What is on hand now.
    pub on_hand: i64,
}

impl From<&[Movement]> for Moved {
    fn from(movements: &[Movement]) -> Self {
        let line = |it: &Movement| {
            let (movement, sku, quantity, on_hand) = (it.id, it.sku, it.quantity, it.on_hand_after);
            MovedLine { movement, sku, quantity, on_hand }
        };
        Self { lines: movements.iter().map(line).collect() }
    }
}

/// Takes goods in, with the batches they are from.
pub fn receive_goods(db: &mut Db, act: &Act<'_>, ask: &ReceiptAsk) -> Result<Moved, UseCaseError> {
    let node = depot(db, act, ask.site, Permission::StockMove)?;
    open(&node)?;
    let lines: Vec<(SkuId, i64)> = ask.lines.iter().map(|line| (line.sku, line.quantity)).collect();
    check_lines(&lines, 1)?;
    for (index, line) in ask.lines.iter().enumerate() {
        if let Some(batch) = &line.batch {
            check_inspection(index, batch.inspection.is_some(), batch.inspection_url.as_deref())?;
        }
    }
    known(db, lines.iter().map(|(sku, _)| *sku), true)?;
    open_stocks(db, act, ask.site, lines.iter().map(|(sku, _)| *sku))?;
    let cause = Cause { kind: MovementKind::Receipt, reason: ask.note.as_ref().map(Text::as_str), source: None };
    let movements = move_all(db, act, (place(&node), cause), &lines)?;
    // A stock is a number that people can still count.
    if movements.iter().any(|it| it.on_hand_after > ON_HAND_MAX) {
        return Err(StockError::TooMuch.into());
    }
    let staff = act.staff(Permission::StockMove)?;
    let batch = |line: &ReceiptLine| {
        line.batch.as_ref().map(|it| ProductionBatch {
            id: act.new_id::<ProductionBatchId>(),
            sku: line.sku,
            site: ask.site,
            quantity: line.quantity,
            supplier: it.supplier.to_string(),
            batch_number: it.number.to_string(),
            produced_on: it.produced_on,
            inspection: it.inspection.as_ref().map(ToString::to_string),
            inspection_url: it.inspection_url.clone(),
            created_by: staff,
            created_at: act.now,
        })
    };
    production_batches::insert_many(db, &ask.lines.iter().filter_map(batch).collect::<Vec<_>>())?;
    finish(db, act, &node, ("stock.receive", &movements))
}

/// Writes goods off.
pub fn record_damage(db: &mut Db, act: &Act<'_>, ask: &DamageAsk) -> Result<Moved, UseCaseError> {
    let node = depot(db, act, ask.site, Permission::StockMove)?;
    check_lines(&ask.lines, 1)?;
    known(db, ask.lines.iter().map(|(sku, _)| *sku), false)?;
    let out: Vec<(SkuId, i64)> = ask.lines.iter().map(|(sku, quantity)| (*sku, quantity.saturating_neg())).collect();
    let cause = Cause { kind: MovementKind::Damage, reason: Some(ask.reason.as_str()), source: None };
    let movements = move_all(db, act, (place(&node), cause), &out)?;
    finish(db, act, &node, ("stock.damage", &movements))
}

/// Makes what is on hand what was counted. A count that finds what the books say is noted too: somebody looked.
pub fn count_stock(db: &mut Db, act: &Act<'_>, ask: &Count) -> Result<Moved, UseCaseError> {
    let node = depot(db, act, ask.site, Permission::StockMove)?;
    let counted: Vec<(SkuId, i64)> = ask.lines.iter().map(|line| (line.sku, line.counted)).collect();
    check_lines(&counted, 0)?;
    let skus: Vec<SkuId> = counted.iter().map(|(sku, _)| *sku).collect();
    known(db, skus.iter().copied(), false)?;
    open_stocks(db, act, ask.site, skus.iter().copied())?;
    let held = sku_stock::lock_all(db, ask.site, &skus)?;
    let mut differences = Vec::with_capacity(skus.len());
    for line in &ask.lines {
        let stock = held.get(&line.sku).ok_or_else(|| StoreError::corrupt("sku_stock", "a stock is gone"))?;
        if stock.version != line.version {
            return Err(UseCaseError::VersionConflict);
        }
        differences.push((line.sku, decide_count(line.sku, &stock.level, line.counted)?));
    }
    let cause = Cause { kind: MovementKind::StockTake, reason: Some(ask.reason.as_str()), source: None };
    let movements = move_all(db, act, (place(&node), cause), &differences)?;
    finish(db, act, &node, ("stock.count", &movements))
}

/// Says how many of a SKU should always lie at a place.
pub fn set_safety(db: &mut Db, act: &Act<'_>, ask: SafetyAsk) -> Result<Stock, UseCaseError> {
    let node = depot(db, act, ask.site, Permission::StockSafety)?;
    open(&node)?;
    known(db, std::iter::once(ask.sku), false)?;
    open_stocks(db, act, ask.site, std::iter::once(ask.sku))?;
    let held = sku_stock::lock_all(db, ask.site, &[ask.sku])?;
    let before = held.get(&ask.sku).and_then(|stock| stock.level.safety);
    if sku_stock::set_safety(db, (ask.sku, ask.site), ask.safety)? == Outcome::Refused {
        return Err(StoreError::corrupt("sku_stock", "a stock is gone").into());
    }
    let told = |safety: Option<i64>| json!({ "sku_id": ask.sku, "safety": safety });
    audit(db, act, &node, ("stock.safety", told(before), told(ask.safety)))?;
    let stock = sku_stock::find(db, ask.sku, ask.site)?;
    Ok(stock.ok_or_else(|| StoreError::corrupt("sku_stock", "a stock is gone"))?)
}

pub(super) fn place(node: &Node) -> Place {
    Place { site: node.id, zone: node.zone }
}

/// The audit row of an act, and what it moved.
pub(super) fn finish(
    db: &mut Db,
    act: &Act<'_>,
    node: &Node,
    (action, movements): (&'static str, &[Movement]),
) -> Result<Moved, UseCaseError> {
    let line = |it: &Movement| json!({ "sku_id": it.sku, "quantity": it.quantity, "on_hand": it.on_hand_after });
    let reason = movements.first().and_then(|it| it.reason.clone());
    let lines: Vec<Value> = movements.iter().map(line).collect();
    audit(db, act, node, (action, Value::Null, json!({ "lines": lines, "reason": reason })))?;
    Ok(movements.into())
}

fn audit(
    db: &mut Db,
    act: &Act<'_>,
    node: &Node,
    (action, before, after): (&'static str, Value, Value),
) -> Result<(), UseCaseError> {
    let change = Change { action, subject_kind: "node", subject: node.id.to_string(), before, after };
    Ok(record::audit(db, act, node.id, change)?)
}
