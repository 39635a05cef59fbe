//! What lies where (库存), why it changed, and from which batches it came.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{NodeId, ProductId, SkuId};
use huike_orders::{
    catalogue::LowStockPolicy,
    stock::{QUANTITY_MAX, StockLevel},
};
use huike_persistence::{
    Store, StoreError,
    sku_stock::{self, Stock, StockFilter},
    skus::{self, Sku},
};
use huike_usecases::{
    UseCaseError,
    stock::{self, SafetyAsk},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::transact::transact;
use crate::{
    auth::{Staff, may},
    extract::{Listing, Page, Path, Valid},
    problem::Problem,
};

/// What lies of a SKU at a place.
#[derive(Serialize, ToSchema)]
#[schema(as = SkuStockView)]
pub struct StockView {
    /// Of what.
    sku_id: SkuId,
    /// The SKU's code.
    #[schema(example = "MILK-1-900G")]
    sku_code: String,
    /// The SKU's name.
    #[schema(example = "900克")]
    sku_name: String,
    /// The product.
    product_id: ProductId,
    /// Where.
    site_id: NodeId,
    /// What lies there.
    on_hand: i64,
    /// What of it is kept for somebody.
    reserved: i64,
    /// What may be taken or promised.
    available: i64,
    /// What should always lie there; null where nobody said.
    safety: Option<i64>,
    /// Whether less is available than should lie there.
    low: bool,
    /// What is done then.
    low_stock_policy: Option<LowStockPolicy>,
    /// Counts the movements; to be given back with a count.
    version: i64,
    /// When it last changed; null where none of it ever lay there.
    updated_at: Option<DateTime<Utc>>,
}

impl StockView {
    fn new(sku: &Sku, site: NodeId, stock: Option<&Stock>) -> Self {
        let level: StockLevel = stock.map(|stock| stock.level).unwrap_or_default();
        Self {
            sku_id: sku.id,
            sku_code: sku.form.code.to_string(),
            sku_name: sku.form.name.to_string(),
            product_id: sku.product,
            site_id: site,
            on_hand: level.on_hand,
            reserved: level.reserved,
            available: level.available(),
            safety: level.safety,
            low: level.is_low(),
            low_stock_policy: sku.form.low_stock_policy,
            version: stock.map_or(0, |stock| stock.version),
            updated_at: stock.map(|stock| stock.updated_at),
        }
    }
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    /// Only at or below this node.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
    /// Only of this SKU.
    #[param(value_type = Option<uuid::Uuid>)]
    sku_id: Option<SkuId>,
    /// Only those below their safety stock.
    #[serde(default)]
    #[param(default = false)]
    low: bool,
    /// Only SKUs whose code or name holds this text.
    #[validate(length(min = 1, max = 60))]
    q: Option<String>,
}

/// How many should always lie there.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "safety": 20 }))]
pub struct SafetyRequest {
    /// So many; null takes it back.
    #[validate(range(min = 0, max = QUANTITY_MAX))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    safety: Option<i64>,
}

/// `GET /stock`
pub async fn list(
    who: Staff<may::StockRead>,
    store: Data<Store>,
    listing: Listing<StockQuery>,
) -> Result<Json<Page<StockView>>, Problem> {
    let Listing { page, filter: StockQuery { site_id, sku_id, low, q } } = listing;
    let (roots, after, limit) = (who.scope.permitted.clone(), page.after()?, page.fetch());
    let filter = StockFilter { under: site_id, sku: sku_id, low, text: q };
    let read = store.read(move |db| {
        let stocks = sku_stock::list(db, &roots, &filter, after, limit)?;
        let wanted: BTreeSet<SkuId> = stocks.iter().map(|stock| stock.sku).collect();
        let skus: BTreeMap<SkuId, Sku> = skus::find_many(db, &wanted)?.into_iter().map(|it| (it.id, it)).collect();
        let with = |stock: Stock| Some((skus.get(&stock.sku)?.clone(), stock));
        Ok::<_, StoreError>(stocks.into_iter().filter_map(with).collect::<Vec<_>>())
    });
    let key = |(_, stock): &(Sku, Stock)| (stock.sku, stock.site);
    Ok(Json(Page::cut(read.await?, &page, key, |(sku, stock)| StockView::new(&sku, stock.site, Some(&stock)))))
}

/// `GET /stock/{site_id}/{sku_id}`
pub async fn show(
    who: Staff<may::StockRead>,
    store: Data<Store>,
    path: Path<(NodeId, SkuId)>,
) -> Result<Json<StockView>, Problem> {
    let (caller, (site, sku)) = (who.caller(), *path);
    let (found, stock) = store.read(move |db| stock::find_stock(db, &caller, (sku, site))).await?;
    Ok(Json(StockView::new(&found, site, stock.as_ref())))
}

/// `PUT /stock/{site_id}/{sku_id}/safety`
pub async fn set_safety(
    who: Staff<may::StockSafety>,
    store: Data<Store>,
    path: Path<(NodeId, SkuId)>,
    body: Valid<SafetyRequest>,
) -> Result<Json<StockView>, Problem> {
    let ((site, sku), safety) = (*path, body.safety);
    let done = transact(&store, who.caller(), move |db, act| {
        let stock = stock::set_safety(db, act, SafetyAsk { site, sku, safety })?;
        let found = skus::find(db, sku)?.ok_or(UseCaseError::NotFound("SKU"))?;
        Ok((found, stock))
    });
    let (found, stock) = done.await?;
    Ok(Json(StockView::new(&found, site, Some(&stock))))
}
