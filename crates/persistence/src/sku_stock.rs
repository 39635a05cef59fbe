//! The stock of a SKU at a site or store. It moves only by guarded relative writes: the database decides, whoever asks at
//! once. Rows are written in the order of (SKU, place); see the lock order in docs/architecture.md.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{NodeId, SkuId};
use huike_orders::stock::StockLevel;
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_rows},
    schema::{sku, sku_stock, sku_stock::dsl},
    scope::subtree,
    sql_types::{DbId, DbTime},
    template_lists::{containing, lower},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// How much of a SKU lies at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// What the stock is known by in the history of events.
    pub id: Uuid,
    /// Of what.
    pub sku: SkuId,
    /// Where.
    pub site: NodeId,
    /// How much.
    pub level: StockLevel,
    /// Counts the movements.
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sku_stock, treat_none_as_default_value = false)]
struct Row {
    sku_id: DbId,
    site_id: DbId,
    id: DbId,
    on_hand: i64,
    reserved: i64,
    safety: Option<i64>,
    version: i64,
    updated_at: DbTime,
}

impl From<Row> for Stock {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.0,
            sku: row.sku_id.into(),
            site: row.site_id.into(),
            level: StockLevel { on_hand: row.on_hand, reserved: row.reserved, safety: row.safety },
            version: row.version,
            updated_at: row.updated_at.into(),
        }
    }
}

/// Makes the stocks that are not there yet, empty, each with the id it would have.
pub fn open_all(db: &mut Db, site: NodeId, skus: &[(SkuId, Uuid)], now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = |(sku, id): &(SkuId, Uuid)| Row {
        sku_id: sku.into(),
        site_id: site.into(),
        id: DbId(*id),
        on_hand: 0,
        reserved: 0,
        safety: None,
        version: 0,
        updated_at: now.into(),
    };
    let mut sorted = skus.to_vec();
    sorted.sort_unstable();
    for chunk in sorted.chunks(ROWS_MAX) {
        let rows: Vec<Row> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(sku_stock::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// The stock, as it stands in this snapshot.
pub fn find(db: &mut Db, sku: SkuId, site: NodeId) -> Result<Option<Stock>, StoreError> {
    let row: Option<Row> =
        dsl::sku_stock.find((DbId::from(sku), DbId::from(site))).select(Row::as_select()).first(db).optional()?;
    Ok(row.map(Stock::from))
}

/// The stocks of the SKUs at a place, locked in the order of the SKUs until the transaction ends.
pub fn lock_all(db: &mut Db, site: NodeId, skus: &[SkuId]) -> Result<BTreeMap<SkuId, Stock>, StoreError> {
    let rows: Vec<Row> = lock_rows!(
        db,
        dsl::sku_stock
            .filter(dsl::site_id.eq(DbId::from(site)))
            .filter(dsl::sku_id.eq_any(DbId::list(skus)))
            .order(dsl::sku_id)
            .select(Row::as_select())
    )?;
    Ok(rows.into_iter().map(|row| (row.sku_id.into(), row.into())).collect())
}

/// Moves what is on hand, up or down, and counts the movement. Refused where less than what is reserved would be left:
/// `huike_orders::stock::decide_outflow`.
pub fn shift(
    db: &mut Db,
    (sku, site): (SkuId, NodeId),
    quantity: i64,
    now: DateTime<Utc>,
) -> Result<Option<Stock>, StoreError> {
    let row: Option<Row> = each!(db, |c| {
        diesel::update(dsl::sku_stock.find((DbId::from(sku), DbId::from(site))))
            .filter((dsl::on_hand + quantity).ge(dsl::reserved))
            .set((
                dsl::on_hand.eq(dsl::on_hand + quantity),
                dsl::version.eq(dsl::version + 1),
                dsl::updated_at.eq(DbTime::from(now)),
            ))
            .returning(Row::as_returning())
            .get_result(c)
            .optional()
    })?;
    Ok(row.map(Stock::from))
}

/// Keeps so many for somebody. Refused where not so many are available.
pub fn reserve(db: &mut Db, (sku, site): (SkuId, NodeId), quantity: i64) -> Result<Outcome, StoreError> {
    let rows = diesel::update(dsl::sku_stock.find((DbId::from(sku), DbId::from(site))))
        .filter((dsl::reserved + quantity).le(dsl::on_hand))
        .set(dsl::reserved.eq(dsl::reserved + quantity))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Lets so many go that were kept. Refused where not so many are: a defect that the caller reports.
pub fn unreserve(db: &mut Db, (sku, site): (SkuId, NodeId), quantity: i64) -> Result<Outcome, StoreError> {
    let rows = diesel::update(dsl::sku_stock.find((DbId::from(sku), DbId::from(site))))
        .filter(dsl::reserved.ge(quantity))
        .set(dsl::reserved.eq(dsl::reserved - quantity))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Takes so many away that were kept, and counts the movement. Refused where not so many are: a defect that the caller
/// reports.
pub fn take_reserved(
    db: &mut Db,
    (sku, site): (SkuId, NodeId),
    quantity: i64,
    now: DateTime<Utc>,
) -> Result<Option<Stock>, StoreError> {
    let row: Option<Row> = each!(db, |c| {
        diesel::update(dsl::sku_stock.find((DbId::from(sku), DbId::from(site))))
            .filter(dsl::reserved.ge(quantity))
            .set((
                dsl::on_hand.eq(dsl::on_hand - quantity),
                dsl::reserved.eq(dsl::reserved - quantity),
                dsl::version.eq(dsl::version + 1),
                dsl::updated_at.eq(DbTime::from(now)),
            ))
            .returning(Row::as_returning())
            .get_result(c)
            .optional()
    })?;
    Ok(row.map(Stock::from))
}

/// Says how much should always lie there; `None` takes it back.
pub fn set_safety(db: &mut Db, (sku, site): (SkuId, NodeId), safety: Option<i64>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(dsl::sku_stock.find((DbId::from(sku), DbId::from(site))))
        .set(dsl::safety.eq(safety))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// What narrows a list of stocks.
#[derive(Debug, Clone, Default)]
pub struct StockFilter {
    /// Only at or below this node.
    pub under: Option<NodeId>,
    /// Only of this SKU.
    pub sku: Option<SkuId>,
    /// Only those below their safety stock.
    pub low: bool,
    /// Only SKUs whose code or name holds this text.
    pub text: Option<String>,
}

/// Stocks at or below the roots, by SKU and place, `limit` of them after `after`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &StockFilter,
    after: Option<(SkuId, NodeId)>,
    limit: i64,
) -> Result<Vec<Stock>, StoreError> {
    let mut query = sku_stock::table
        .inner_join(sku::table)
        .filter(dsl::site_id.eq_any(subtree(roots)))
        .order((dsl::sku_id, dsl::site_id))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(node) = filter.under {
        query = query.filter(dsl::site_id.eq_any(subtree(&[node])));
    }
    if let Some(sku) = filter.sku {
        query = query.filter(dsl::sku_id.eq(DbId::from(sku)));
    }
    if filter.low {
        query = query.filter((dsl::on_hand - dsl::reserved).nullable().lt(dsl::safety).assume_not_null());
    }
    if let Some(text) = &filter.text {
        let pattern = containing(text);
        let coded = lower(sku::code).like(pattern.clone()).escape('\\');
        query = query.filter(coded.or(lower(sku::name).like(pattern).escape('\\')));
    }
    if let Some((sku, site)) = after {
        let (sku, site) = (DbId::from(sku), DbId::from(site));
        query = query.filter(dsl::sku_id.gt(sku).or(dsl::sku_id.eq(sku).and(dsl::site_id.gt(site))));
    }
    let rows: Vec<Row> = query.load(db)?;
    Ok(rows.into_iter().map(Stock::from).collect())
}
