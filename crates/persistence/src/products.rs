//! Products (商品). Their codes stay as they were made: other systems know them by it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{NodeId, ProductId, StaffId};
use huike_orders::catalogue::{ArticleCode, ArticleState, ProductForm};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::product,
    sql_types::{DbId, DbJson, DbTime},
};

/// A product (商品).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The head.
    pub site: NodeId,
    /// What is said of it.
    pub form: ProductForm,
    /// Whether it is on sale.
    pub state: ArticleState,
    /// Counts the changes of this row.
    pub version: i64,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = product, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: DbId,
    site_id: DbId,
    category_id: DbId,
    code: String,
    name: String,
    brand: Option<String>,
    tags: DbJson,
    images: DbJson,
    description: Option<String>,
    state: String,
    version: i64,
    created_by: DbId,
    created_at: DbTime,
    updated_at: DbTime,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("product", what)
}

impl TryFrom<&Product> for Row {
    type Error = StoreError;

    fn try_from(it: &Product) -> Result<Self, StoreError> {
        let form = &it.form;
        Ok(Self {
            id: it.id.into(),
            site_id: it.site.into(),
            category_id: form.category.into(),
            code: form.code.to_string(),
            name: form.name.to_string(),
            brand: form.brand.as_ref().map(ToString::to_string),
            tags: DbJson::of(&form.tags).map_err(corrupt)?,
            images: DbJson::of(&form.images).map_err(corrupt)?,
            description: form.description.as_ref().map(ToString::to_string),
            state: it.state.as_str().to_owned(),
            version: it.version,
            created_by: it.created_by.into(),
            created_at: it.created_at.into(),
            updated_at: it.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Product {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let form = ProductForm {
            code: row.code.parse().map_err(corrupt)?,
            category: row.category_id.into(),
            name: row.name.as_str().try_into().map_err(corrupt)?,
            brand: row.brand.as_deref().map(TryInto::try_into).transpose().map_err(corrupt)?,
            tags: row.tags.parse().map_err(corrupt)?,
            images: row.images.parse().map_err(corrupt)?,
            description: row.description.as_deref().map(TryInto::try_into).transpose().map_err(corrupt)?,
        };
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            form,
            state: row.state.parse().map_err(corrupt)?,
            version: row.version,
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// Adds a product. Refused when its code is taken.
pub fn insert(db: &mut Db, new: &Product) -> Result<Outcome, StoreError> {
    let row = Row::try_from(new)?;
    let rows = each!(db, |c| diesel::insert_into(product::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// The product.
pub fn find(db: &mut Db, id: ProductId) -> Result<Option<Product>, StoreError> {
    let row: Option<Row> = product::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Product::try_from).transpose()
}

/// Those of the products that there are, by id.
pub fn find_many(db: &mut Db, ids: &BTreeSet<ProductId>) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<Row> = product::table
        .filter(product::id.eq_any(DbId::list(ids)))
        .order(product::id)
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Product::try_from).collect()
}

/// The product, locked until the transaction ends: the root of every change to it or its SKUs.
pub fn lock(db: &mut Db, id: ProductId) -> Result<Option<Product>, StoreError> {
    let row: Option<Row> = lock_row!(db, product::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Product::try_from).transpose()
}

/// Those of the codes that there are.
pub fn find_by_codes(db: &mut Db, codes: &[&ArticleCode]) -> Result<Vec<Product>, StoreError> {
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let rows: Vec<Row> =
        product::table.filter(product::code.eq_any(codes)).order(product::id).select(Row::as_select()).load(db)?;
    rows.into_iter().map(Product::try_from).collect()
}

/// Saves a product over the version it was read with, which goes up by one. Refused when somebody changed it since.
pub fn update(db: &mut Db, it: &mut Product) -> Result<Outcome, StoreError> {
    let read = it.version;
    it.version = read.saturating_add(1);
    let row = Row::try_from(&*it)?;
    let rows = each!(db, |c| {
        diesel::update(product::table.find(row.id)).filter(product::version.eq(read)).set(&row).execute(c)
    })?;
    Ok(Outcome::of(rows))
}
