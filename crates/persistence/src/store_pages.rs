//! Pages of stores.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::NodeId;
use huike_sites::StorePage;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::store_page,
    sql_types::{DbId, DbJson, DbTime},
};

/// A page as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// The store.
    pub store: NodeId,
    /// Its page.
    pub page: StorePage,
    /// How often it changed; guards against lost updates.
    pub version: i64,
}

impl StoredPage {
    fn read((store, page, version): (NodeId, DbJson, i64)) -> Result<Self, StoreError> {
        let page = page.parse().map_err(|error| StoreError::corrupt("store_page", error))?;
        Ok(Self { store, page, version })
    }
}

/// The page of a store.
pub fn find(db: &mut Db, store: NodeId) -> Result<Option<StoredPage>, StoreError> {
    Ok(list(db, &[store])?.pop())
}

/// The pages of these stores; those without one are left out.
pub fn list(db: &mut Db, stores: &[NodeId]) -> Result<Vec<StoredPage>, StoreError> {
    let rows: Vec<(NodeId, DbJson, i64)> = store_page::table
        .filter(store_page::site_id.eq_any(DbId::list(stores)))
        .select((store_page::site_id, store_page::page, store_page::version))
        .load(db)?;
    rows.into_iter().map(StoredPage::read).collect()
}

/// Writes a store's first page. Refused when it has one.
pub fn insert(db: &mut Db, store: NodeId, page: &StorePage, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let row = (
        store_page::site_id.eq(DbId::from(store)),
        store_page::page.eq(document(page)?),
        store_page::version.eq(1),
        store_page::updated_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| diesel::insert_into(store_page::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Writes a changed page. Refused unless the stored one still has the version before.
pub fn update(db: &mut Db, next: &StoredPage, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(store_page::table.find(DbId::from(next.store)))
        .filter(store_page::version.eq(next.version - 1))
        .set((
            store_page::page.eq(document(&next.page)?),
            store_page::version.eq(next.version),
            store_page::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

fn document(page: &StorePage) -> Result<DbJson, StoreError> {
    DbJson::of(page).map_err(|error| StoreError::corrupt("store_page", error))
}
