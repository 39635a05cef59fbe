//! Pages of stores: address, hours, phone, map.

use huike_access::Permission;
use huike_kernel::NodeId;
use huike_persistence::{
    Db, Outcome,
    store_pages::{self, StoredPage},
};
use huike_sites::{NodeKind, SitesError, StorePage};
use serde_json::json;

use crate::{
    Act, UseCaseError,
    record::{self, Change},
    sites::{check_version, lock_node},
};

/// A page to write.
#[derive(Debug, Clone)]
pub struct PageAsk {
    /// The store.
    pub store: NodeId,
    /// The version the caller saw; 0 where there was no page yet.
    pub version: i64,
    /// The page as it shall be.
    pub page: StorePage,
}

/// Writes a store's page.
pub fn put_page(db: &mut Db, act: &Act<'_>, ask: &PageAsk) -> Result<StoredPage, UseCaseError> {
    let store = lock_node(db, act, ask.store, Permission::StorePageWrite)?;
    store.decide_active()?;
    if store.kind != NodeKind::Store {
        return Err(SitesError::StorePageMisplaced.into());
    }
    let before = store_pages::find(db, store.id)?;
    check_version(before.as_ref().map_or(0, |page| page.version), ask.version)?;
    let next = StoredPage { store: store.id, page: ask.page.clone(), version: ask.version.saturating_add(1) };
    let outcome = match &before {
        Some(_) => store_pages::update(db, &next, act.now)?,
        None => store_pages::insert(db, store.id, &next.page, act.now)?,
    };
    if outcome == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let change = Change {
        action: "store_page.write",
        subject_kind: "node",
        subject: store.id.to_string(),
        before: json!(before.map(|page| page.page)),
        after: json!(next.page),
    };
    record::audit(db, act, store.id, change)?;
    Ok(next)
}
