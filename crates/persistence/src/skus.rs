//! SKUs (规格): what is sold of a product and kept in stock.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Money, NodeId, ProductId, SkuId};
use huike_orders::catalogue::{ArticleCode, ArticleState, Barcode, SkuForm, SkuPrices};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::sku,
    sql_types::{DbId, DbTime},
};

/// A SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// Its id.
    pub id: SkuId,
    /// The head.
    pub site: NodeId,
    /// What it is a size or colour of.
    pub product: ProductId,
    /// What is said of it.
    pub form: SkuForm,
    /// Whether it is on sale.
    pub state: ArticleState,
    /// Counts the changes of this row.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sku, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: DbId,
    site_id: DbId,
    product_id: DbId,
    code: String,
    name: String,
    barcode: Option<String>,
    list_price_fen: i64,
    sale_price_fen: Option<i64>,
    minimum_price_fen: Option<i64>,
    cost_price_fen: Option<i64>,
    weight_grams: i64,
    low_stock_policy: Option<String>,
    state: String,
    version: i64,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Sku> for Row {
    fn from(it: &Sku) -> Self {
        let (form, prices) = (&it.form, &it.form.prices);
        Self {
            id: it.id.into(),
            site_id: it.site.into(),
            product_id: it.product.into(),
            code: form.code.to_string(),
            name: form.name.to_string(),
            barcode: form.barcode.as_ref().map(ToString::to_string),
            list_price_fen: prices.list.fen(),
            sale_price_fen: prices.sale.map(Money::fen),
            minimum_price_fen: prices.minimum.map(Money::fen),
            cost_price_fen: prices.cost.map(Money::fen),
            weight_grams: i64::from(form.weight_grams),
            low_stock_policy: form.low_stock_policy.map(|policy| policy.as_str().to_owned()),
            state: it.state.as_str().to_owned(),
            version: it.version,
            created_at: it.created_at.into(),
            updated_at: it.updated_at.into(),
        }
    }
}

impl TryFrom<Row> for Sku {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("sku", what);
        let prices = SkuPrices {
            list: Money::from_fen(row.list_price_fen),
            sale: row.sale_price_fen.map(Money::from_fen),
            minimum: row.minimum_price_fen.map(Money::from_fen),
            cost: row.cost_price_fen.map(Money::from_fen),
        };
        let policy = row.low_stock_policy.map(|word| word.parse()).transpose();
        let form = SkuForm {
            code: row.code.parse().map_err(|_text| corrupt("code"))?,
            name: row.name.as_str().try_into().map_err(|_text| corrupt("name"))?,
            barcode: row.barcode.map(|text| text.parse()).transpose().map_err(|_text| corrupt("barcode"))?,
            prices,
            weight_grams: row.weight_grams.try_into().map_err(|_range| corrupt("weight"))?,
            low_stock_policy: policy.map_err(|_word| corrupt("low-stock policy"))?,
        };
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            product: row.product_id.into(),
            form,
            state: row.state.parse().map_err(|_word| corrupt("state"))?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// Adds a SKU. Refused when its code or its barcode is taken.
pub fn insert(db: &mut Db, new: &Sku) -> Result<Outcome, StoreError> {
    let row = Row::from(new);
    let rows = each!(db, |c| diesel::insert_into(sku::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// The SKU.
pub fn find(db: &mut Db, id: SkuId) -> Result<Option<Sku>, StoreError> {
    let row: Option<Row> = sku::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Sku::try_from).transpose()
}

/// Those of the SKUs that there are, by id.
pub fn find_many(db: &mut Db, ids: &BTreeSet<SkuId>) -> Result<Vec<Sku>, StoreError> {
    let rows: Vec<Row> =
        sku::table.filter(sku::id.eq_any(DbId::list(ids))).order(sku::id).select(Row::as_select()).load(db)?;
    rows.into_iter().map(Sku::try_from).collect()
}

/// Those of the codes that there are.
pub fn find_by_codes(db: &mut Db, codes: &[&ArticleCode]) -> Result<Vec<Sku>, StoreError> {
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let rows: Vec<Row> = sku::table.filter(sku::code.eq_any(codes)).order(sku::id).select(Row::as_select()).load(db)?;
    rows.into_iter().map(Sku::try_from).collect()
}

/// Those that have one of the barcodes.
pub fn find_by_barcodes(db: &mut Db, barcodes: &[&Barcode]) -> Result<Vec<Sku>, StoreError> {
    let codes: Vec<Option<&str>> = barcodes.iter().map(|code| Some(code.as_str())).collect();
    let rows: Vec<Row> =
        sku::table.filter(sku::barcode.eq_any(codes)).order(sku::id).select(Row::as_select()).load(db)?;
    rows.into_iter().map(Sku::try_from).collect()
}

/// Whether another SKU has the barcode.
pub fn is_barcode_taken(db: &mut Db, barcode: &Barcode, but: SkuId) -> Result<bool, StoreError> {
    Ok(find_by_barcodes(db, &[barcode])?.iter().any(|it| it.id != but))
}

/// The SKUs of products, by product and in the order they were made.
pub fn list_of(db: &mut Db, products: &[ProductId]) -> Result<Vec<Sku>, StoreError> {
    let rows: Vec<Row> = sku::table
        .filter(sku::product_id.eq_any(DbId::list(products)))
        .order((sku::product_id, sku::id))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Sku::try_from).collect()
}

/// Saves a SKU over the version it was read with, which goes up by one. Refused when somebody changed it since.
pub fn update(db: &mut Db, it: &mut Sku) -> Result<Outcome, StoreError> {
    let read = it.version;
    it.version = read.saturating_add(1);
    let row = Row::from(&*it);
    let rows =
        each!(db, |c| diesel::update(sku::table.find(row.id)).filter(sku::version.eq(read)).set(&row).execute(c))?;
    Ok(Outcome::of(rows))
}
