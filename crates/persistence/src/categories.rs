//! Categories of goods (商品分类), always read as a whole: there are at most a thousand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{CategoryId, NodeId, Text};
use huike_orders::catalogue::{ArticleState, CategoryCode};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{category, product},
    sql_types::{DbId, DbTime},
};

/// A category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The head.
    pub site: NodeId,
    /// What it lies in.
    pub parent: Option<CategoryId>,
    /// What offers name it by.
    pub code: CategoryCode,
    /// Its name.
    pub name: Text<60>,
    /// How deep it lies, from one.
    pub depth: u32,
    /// Where it stands among its siblings.
    pub position: i64,
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
#[diesel(table_name = category, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    parent_id: Option<DbId>,
    code: String,
    name: String,
    depth: i64,
    position: i64,
    state: String,
    version: i64,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Category> for Row {
    fn from(it: &Category) -> Self {
        Self {
            id: it.id.into(),
            site_id: it.site.into(),
            parent_id: it.parent.map(Into::into),
            code: it.code.to_string(),
            name: it.name.to_string(),
            depth: i64::from(it.depth),
            position: it.position,
            state: it.state.as_str().to_owned(),
            version: it.version,
            created_at: it.created_at.into(),
            updated_at: it.updated_at.into(),
        }
    }
}

impl TryFrom<Row> for Category {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("category", what);
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            parent: row.parent_id.map(Into::into),
            code: row.code.parse().map_err(|_text| corrupt("code"))?,
            name: row.name.as_str().try_into().map_err(|_text| corrupt("name"))?,
            depth: row.depth.try_into().map_err(|_range| corrupt("depth"))?,
            position: row.position,
            state: row.state.parse().map_err(|_word| corrupt("state"))?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

/// Adds a category. Refused when its code is taken.
pub fn insert(db: &mut Db, new: &Category) -> Result<Outcome, StoreError> {
    let row = Row::from(new);
    let rows = each!(db, |c| diesel::insert_into(category::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// The category.
pub fn find(db: &mut Db, id: CategoryId) -> Result<Option<Category>, StoreError> {
    let row: Option<Row> = category::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Category::try_from).transpose()
}

/// The category, locked until the transaction ends: nothing goes into it or leaves the catalogue meanwhile.
pub fn lock(db: &mut Db, id: CategoryId) -> Result<Option<Category>, StoreError> {
    let row: Option<Row> = lock_row!(db, category::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Category::try_from).transpose()
}

/// Every category, parents first, siblings in their order.
pub fn list(db: &mut Db) -> Result<Vec<Category>, StoreError> {
    let rows: Vec<Row> = category::table
        .order((category::depth, category::position, category::code))
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(Category::try_from).collect()
}

/// How many there are.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(category::table.count().get_result(db)?)
}

/// Saves a category over the version it was read with, which goes up by one. Refused when somebody changed it since.
pub fn update(db: &mut Db, it: &mut Category) -> Result<Outcome, StoreError> {
    let read = it.version;
    it.version = read.saturating_add(1);
    let row = Row::from(&*it);
    let rows = each!(db, |c| {
        diesel::update(category::table.find(row.id)).filter(category::version.eq(read)).set(&row).execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// How many categories and products on sale lie directly in it.
pub fn count_active_inside(db: &mut Db, id: CategoryId) -> Result<i64, StoreError> {
    let active = ArticleState::Active.as_str();
    let below: i64 = category::table
        .filter(category::parent_id.eq(DbId::from(id)).and(category::state.eq(active)))
        .count()
        .get_result(db)?;
    let products: i64 = product::table
        .filter(product::category_id.eq(DbId::from(id)).and(product::state.eq(active)))
        .count()
        .get_result(db)?;
    Ok(below.saturating_add(products))
}

/// The tree, in memory.
#[derive(Debug, Clone, Default)]
pub struct CategoryTree(BTreeMap<CategoryId, Category>);

impl CategoryTree {
    /// Reads it.
    pub fn load(db: &mut Db) -> Result<Self, StoreError> {
        Ok(Self(list(db)?.into_iter().map(|it| (it.id, it)).collect()))
    }

    /// The category.
    pub fn get(&self, id: CategoryId) -> Option<&Category> {
        self.0.get(&id)
    }

    /// The category that offers name by this code.
    pub fn by_code(&self, code: &CategoryCode) -> Option<&Category> {
        self.0.values().find(|it| it.code == *code)
    }

    /// The codes from the root down to the category: what a line of a cart says.
    pub fn path(&self, id: CategoryId) -> Vec<CategoryCode> {
        let mut path = Vec::new();
        let mut next = self.0.get(&id);
        while let Some(it) = next {
            path.push(it.code.clone());
            next = it.parent.and_then(|parent| self.0.get(&parent));
        }
        path.reverse();
        path
    }

    /// The category and all below it.
    pub fn below(&self, id: CategoryId) -> BTreeSet<CategoryId> {
        let mut found = BTreeSet::from([id]);
        let mut levels: Vec<&Category> = self.0.values().collect();
        levels.sort_by_key(|it| it.depth);
        for it in levels {
            if it.parent.is_some_and(|parent| found.contains(&parent)) {
                found.insert(it.id);
            }
        }
        found
    }
}
