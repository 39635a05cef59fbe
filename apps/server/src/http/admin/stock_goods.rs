//! What staff do with goods at one place: receive them (入库), write them off (报损), count them (盘点).

use actix_web::web::Data;
use chrono::NaiveDate;
use huike_kernel::{NodeId, Paragraph, SkuId, StockMovementId, Text};
use huike_persistence::{Db, OnceKey, Store};
use huike_usecases::{
    Act, Caller, UseCaseError,
    stock::{self, Batch, Count, Counted, DamageAsk, Moved, MovedLine, ReceiptAsk, ReceiptLine},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{IdempotencyKey, Valid},
    problem::Problem,
};

/// Goods that came in from a supplier.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "lines": [{
        "sku_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01", "quantity": 120,
        "batch": { "supplier": "雪原乳业", "batch_number": "L20261001", "produced_on": "2026-10-01", "inspection": "抽检 12 罐，合格" }
    }],
    "note": "周二到货"
}))]
pub struct ReceiptRequest {
    /// Where: a site or a store.
    site_id: NodeId,
    /// What, at most 200 lines, each SKU once.
    #[validate(length(min = 1, max = 200))]
    lines: Vec<ReceiptLineRequest>,
    /// What is said about it, up to 200 characters.
    note: Option<Text<200>>,
}

/// So many of a SKU.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLineRequest {
    /// What.
    sku_id: SkuId,
    /// How many.
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: i64,
    /// From which batch.
    batch: Option<BatchRequest>,
}

/// From which batch goods are, and what was found when it was inspected: in words, or where the papers are.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// Who delivered it, up to 120 characters.
    supplier: Text<120>,
    /// The number its maker gave it, up to 60 characters.
    batch_number: Text<60>,
    /// The day it was made.
    produced_on: NaiveDate,
    /// What was found, up to 2 000 characters.
    inspection: Option<Paragraph<2000>>,
    /// The https address of the papers.
    #[schema(max_length = 500, example = "https://papers.example.com/L20261001.pdf")]
    inspection_url: Option<String>,
}

/// Goods that are spoilt, broken or lost.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "lines": [{ "sku_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01", "quantity": 2 }],
    "reason": "运输破损"
}))]
pub struct DamageRequest {
    /// Where: a site or a store.
    site_id: NodeId,
    /// What, at most 200 lines, each SKU once.
    #[validate(length(min = 1, max = 200))]
    lines: Vec<StockLineRequest>,
    /// What happened, up to 200 characters.
    reason: Text<200>,
}

/// So many of a SKU.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockLineRequest {
    /// What.
    pub(super) sku_id: SkuId,
    /// How many.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub(super) quantity: i64,
}

/// A count.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00",
    "lines": [{ "sku_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01", "counted": 117, "version": 3 }],
    "reason": "十一月盘点"
}))]
pub struct CountRequest {
    /// Where: a site or a store.
    site_id: NodeId,
    /// What, at most 200 lines, each SKU once.
    #[validate(length(min = 1, max = 200))]
    lines: Vec<CountLineRequest>,
    /// Why, up to 200 characters.
    reason: Text<200>,
}

/// What was counted of a SKU.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountLineRequest {
    /// What.
    sku_id: SkuId,
    /// How many lie there.
    #[schema(minimum = 0, maximum = 1_000_000)]
    counted: i64,
    /// `version` of the stock when the counting began; refused when goods moved since.
    version: i64,
}

/// What an act moved.
#[derive(Serialize, ToSchema)]
pub struct MovedView {
    /// Each line, by SKU.
    lines: Vec<MovedLineView>,
}

/// What moved of a SKU.
#[derive(Serialize, ToSchema)]
pub struct MovedLineView {
    /// The movement.
    movement_id: StockMovementId,
    /// What.
    sku_id: SkuId,
    /// By how many.
    quantity: i64,
    /// What is on hand now.
    on_hand: i64,
}

impl From<Moved> for MovedView {
    fn from(moved: Moved) -> Self {
        let line = |it: MovedLine| {
            let MovedLine { movement, sku, quantity, on_hand } = it;
            MovedLineView { movement_id: movement, sku_id: sku, quantity, on_hand }
        };
        Self { lines: moved.lines.into_iter().map(line).collect() }
    }
}

/// `POST /goods-receipts`
pub async fn receive(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    body: Valid<ReceiptRequest>,
) -> Result<Created<MovedView>, Problem> {
    let once = key.once(&who, &body);
    let ReceiptRequest { site_id, lines, note } = body.into_inner();
    let batch = |it: BatchRequest| {
        let BatchRequest { supplier, batch_number, produced_on, inspection, inspection_url } = it;
        Batch { supplier, number: batch_number, produced_on, inspection, inspection_url }
    };
    let line =
        |it: ReceiptLineRequest| ReceiptLine { sku: it.sku_id, quantity: it.quantity, batch: it.batch.map(batch) };
    let ask = ReceiptAsk { site: site_id, lines: lines.into_iter().map(line).collect(), note };
    moved(&store, who.caller(), once, move |db, act| stock::receive_goods(db, act, &ask)).await
}

/// `POST /stock-damages`
pub async fn damage(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    body: Valid<DamageRequest>,
) -> Result<Created<MovedView>, Problem> {
    let once = key.once(&who, &body);
    let DamageRequest { site_id, lines, reason } = body.into_inner();
    let lines = lines.into_iter().map(|it| (it.sku_id, it.quantity)).collect();
    let ask = DamageAsk { site: site_id, lines, reason };
    moved(&store, who.caller(), once, move |db, act| stock::record_damage(db, act, &ask)).await
}

/// `POST /stock-takes`
pub async fn count(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    body: Valid<CountRequest>,
) -> Result<Created<MovedView>, Problem> {
    let once = key.once(&who, &body);
    let CountRequest { site_id, lines, reason } = body.into_inner();
    let line = |it: CountLineRequest| Counted { sku: it.sku_id, counted: it.counted, version: it.version };
    let ask = Count { site: site_id, lines: lines.into_iter().map(line).collect(), reason };
    moved(&store, who.caller(), once, move |db, act| stock::count_stock(db, act, &ask)).await
}

/// Moves stock once for a key.
async fn moved(
    store: &Store,
    caller: Caller,
    once: OnceKey,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<Moved, UseCaseError> + Send + 'static,
) -> Result<Created<MovedView>, Problem> {
    let done = store.write_once(once, move |db, now| body(db, &caller.act(now))).await?;
    Ok(Created(done.value.into()))
}
