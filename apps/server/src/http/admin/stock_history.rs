//! Why stock changed (库存流水), and from which batches it came (质量追溯).

use actix_web::web::{Data, Json};
use chrono::{DateTime, NaiveDate, Utc};
use huike_kernel::{NodeId, ProductionBatchId, SkuId, StaffId, StockMovementId};
use huike_orders::stock::MovementKind;
use huike_persistence::{
    Store,
    production_batches::{self, BatchFilter, ProductionBatch},
    stock_movements::{self, Movement, MovementFilter},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    auth::{Staff, may},
    extract::{Listing, Page},
    problem::Problem,
};

/// One change of a stock.
#[derive(Serialize, ToSchema)]
pub struct MovementView {
    /// Its id.
    id: StockMovementId,
    /// Of what.
    sku_id: SkuId,
    /// Where.
    site_id: NodeId,
    /// The number of the movement of this stock.
    #[schema(minimum = 1)]
    seq: i64,
    /// Why.
    kind: MovementKind,
    /// How many came, or left where it is below zero.
    quantity: i64,
    /// What was on hand then.
    on_hand_after: i64,
    /// What was said about it.
    reason: Option<String>,
    /// What it belongs to.
    #[schema(example = "stock_transfer")]
    source_kind: Option<String>,
    /// Which one.
    source_id: Option<Uuid>,
    /// Who: `staff`, `customer`, `integration` or `system`.
    #[schema(example = "staff")]
    actor_kind: &'static str,
    /// Which one.
    actor_id: Option<Uuid>,
    /// When.
    occurred_at: DateTime<Utc>,
    /// The place's local day.
    #[schema(example = "2026-11-22")]
    local_day: String,
}

impl From<Movement> for MovementView {
    fn from(it: Movement) -> Self {
        let (source_kind, source_id) = it.source.unzip();
        Self {
            id: it.id,
            sku_id: it.sku,
            site_id: it.site,
            seq: it.seq,
            kind: it.kind,
            quantity: it.quantity,
            on_hand_after: it.on_hand_after,
            reason: it.reason,
            source_kind,
            source_id,
            actor_kind: it.actor.kind(),
            actor_id: it.actor.id(),
            occurred_at: it.occurred_at,
            local_day: it.local.0,
        }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MovementQuery {
    /// Only at or below this node.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
    /// Only of this SKU.
    #[param(value_type = Option<uuid::Uuid>)]
    sku_id: Option<SkuId>,
    /// Only for this reason.
    #[param(inline)]
    kind: Option<MovementKind>,
}

/// `GET /stock-movements`
pub async fn list_movements(
    who: Staff<may::StockRead>,
    store: Data<Store>,
    listing: Listing<MovementQuery>,
) -> Result<Json<Page<MovementView>>, Problem> {
    let Listing { page, filter: MovementQuery { site_id, sku_id, kind } } = listing;
    let (roots, before, limit) = (who.scope.permitted.clone(), page.after()?, page.fetch());
    let filter = MovementFilter { under: site_id, sku: sku_id, kind };
    let rows = store.read(move |db| stock_movements::list(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, MovementView::from)))
}

/// A batch as it was received.
#[derive(Serialize, ToSchema)]
pub struct ProductionBatchView {
    /// Its id.
    id: ProductionBatchId,
    /// Of what.
    sku_id: SkuId,
    /// Where it came in.
    site_id: NodeId,
    /// How many came in.
    quantity: i64,
    /// Who delivered it.
    #[schema(example = "雪原乳业")]
    supplier: String,
    /// The number its maker gave it.
    #[schema(example = "L20261001")]
    batch_number: String,
    /// The day it was made.
    produced_on: NaiveDate,
    /// What was found when it was inspected.
    inspection: Option<String>,
    /// Where the papers are.
    #[schema(example = "https://papers.example.com/L20261001.pdf")]
    inspection_url: Option<String>,
    /// Who received it.
    created_by: StaffId,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<ProductionBatch> for ProductionBatchView {
    fn from(it: ProductionBatch) -> Self {
        Self {
            id: it.id,
            sku_id: it.sku,
            site_id: it.site,
            quantity: it.quantity,
            supplier: it.supplier,
            batch_number: it.batch_number,
            produced_on: it.produced_on,
            inspection: it.inspection,
            inspection_url: it.inspection_url,
            created_by: it.created_by,
            created_at: it.created_at,
        }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductionBatchQuery {
    /// Only at or below this node.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
    /// Only of this SKU.
    #[param(value_type = Option<uuid::Uuid>)]
    sku_id: Option<SkuId>,
    /// Only with this number.
    #[validate(length(min = 1, max = 60))]
    batch_number: Option<String>,
}

/// `GET /production-batches`
pub async fn list_batches(
    who: Staff<may::StockRead>,
    store: Data<Store>,
    listing: Listing<ProductionBatchQuery>,
) -> Result<Json<Page<ProductionBatchView>>, Problem> {
    let Listing { page, filter: ProductionBatchQuery { site_id, sku_id, batch_number } } = listing;
    let (roots, before, limit) = (who.scope.permitted.clone(), page.after()?, page.fetch());
    let filter = BatchFilter { under: site_id, sku: sku_id, number: batch_number };
    let rows = store.read(move |db| production_batches::list(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, ProductionBatchView::from)))
}
