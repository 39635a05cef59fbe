//! From which batch of which supplier goods came (生产批次), and what was found when they were inspected.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use huike_kernel::{NodeId, ProductionBatchId, SkuId, StaffId};

use crate::{
    Db, StoreError,
    db::each,
    schema::production_batch,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// A batch as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductionBatch {
    /// Its id.
    pub id: ProductionBatchId,
    /// Of what.
    pub sku: SkuId,
    /// Where it came in.
    pub site: NodeId,
    /// How many came in.
    pub quantity: i64,
    /// Who delivered it.
    pub supplier: String,
    /// The number its maker gave it.
    pub batch_number: String,
    /// The day it was made.
    pub produced_on: NaiveDate,
    /// What was found when it was inspected.
    pub inspection: Option<String>,
    /// Where the papers are.
    pub inspection_url: Option<String>,
    /// Who received it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = production_batch, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    sku_id: DbId,
    site_id: DbId,
    quantity: i64,
    supplier: String,
    batch_number: String,
    produced_on: String,
    inspection: Option<String>,
    inspection_url: Option<String>,
    created_by: DbId,
    created_at: DbTime,
}

impl From<&ProductionBatch> for Row {
    fn from(it: &ProductionBatch) -> Self {
        Self {
            id: it.id.into(),
            sku_id: it.sku.into(),
            site_id: it.site.into(),
            quantity: it.quantity,
            supplier: it.supplier.clone(),
            batch_number: it.batch_number.clone(),
            produced_on: it.produced_on.to_string(),
            inspection: it.inspection.clone(),
            inspection_url: it.inspection_url.clone(),
            created_by: it.created_by.into(),
            created_at: it.created_at.into(),
        }
    }
}

impl TryFrom<Row> for ProductionBatch {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            sku: row.sku_id.into(),
            site: row.site_id.into(),
            quantity: row.quantity,
            supplier: row.supplier,
            batch_number: row.batch_number,
            produced_on: row.produced_on.parse().map_err(|error| StoreError::corrupt("production_batch", error))?,
            inspection: row.inspection,
            inspection_url: row.inspection_url,
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
        })
    }
}

/// Adds batches.
pub fn insert_many(db: &mut Db, batches: &[ProductionBatch]) -> Result<(), StoreError> {
    let rows: Vec<Row> = batches.iter().map(Row::from).collect();
    if !rows.is_empty() {
        each!(db, |c| diesel::insert_into(production_batch::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// What narrows a list of batches.
#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    /// Only at or below this node.
    pub under: Option<NodeId>,
    /// Only of this SKU.
    pub sku: Option<SkuId>,
    /// Only with this number.
    pub number: Option<String>,
}

/// Batches at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &BatchFilter,
    before: Option<ProductionBatchId>,
    limit: i64,
) -> Result<Vec<ProductionBatch>, StoreError> {
    use production_batch::dsl;
    let mut query = production_batch::table
        .filter(dsl::site_id.eq_any(subtree(roots)))
        .order(dsl::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(node) = filter.under {
        query = query.filter(dsl::site_id.eq_any(subtree(&[node])));
    }
    if let Some(sku) = filter.sku {
        query = query.filter(dsl::sku_id.eq(DbId::from(sku)));
    }
    if let Some(number) = &filter.number {
        query = query.filter(dsl::batch_number.eq(number));
    }
    if let Some(before) = before {
        query = query.filter(dsl::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(ProductionBatch::try_from).collect()
}
