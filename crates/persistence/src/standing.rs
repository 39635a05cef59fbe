//! How customers stand with the brand: what a claim asks about them. Never a phone or a name.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use huike_kernel::{CustomerId, NodeId, Phone};

use crate::{
    Db, StoreError,
    schema::{customer, site_customer},
    scope::subtree,
    sql_types::DbId,
};

/// How one customer stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerStanding {
    /// Blocked by the brand.
    pub blocked_by_brand: bool,
    /// The nodes that block them.
    pub blocked_at: BTreeSet<NodeId>,
    /// Redemptions that were not undone.
    pub active_redemptions: i64,
}

/// The standing of each customer; who does not exist or was erased has none.
pub fn list(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, CustomerStanding>, StoreError> {
    let rows: Vec<(CustomerId, String, i64)> = customer::table
        .filter(customer::id.eq_any(DbId::list(customers)).and(customer::state.ne("erased")))
        .select((customer::id, customer::state, customer::active_redemptions))
        .load(db)?;
    let mut standings: BTreeMap<CustomerId, CustomerStanding> = rows
        .into_iter()
        .map(|(id, state, active_redemptions)| {
            let blocked_by_brand = state == "blocked";
            (id, CustomerStanding { blocked_by_brand, blocked_at: BTreeSet::new(), active_redemptions })
        })
        .collect();
    let blocks: Vec<(CustomerId, NodeId)> = site_customer::table
        .filter(site_customer::customer_id.eq_any(DbId::list(customers)).and(site_customer::blocked_at.is_not_null()))
        .select((site_customer::customer_id, site_customer::site_id))
        .load(db)?;
    for (id, site) in blocks {
        if let Some(standing) = standings.get_mut(&id) {
            standing.blocked_at.insert(site);
        }
    }
    Ok(standings)
}

/// Those of the customers that were seen at or below the roots.
pub fn seen_below(db: &mut Db, roots: &[NodeId], customers: &[CustomerId]) -> Result<BTreeSet<CustomerId>, StoreError> {
    let seen: Vec<CustomerId> = site_customer::table
        .filter(site_customer::customer_id.eq_any(DbId::list(customers)))
        .filter(site_customer::site_id.eq_any(subtree(roots)))
        .select(site_customer::customer_id)
        .distinct()
        .load(db)?;
    Ok(seen.into_iter().collect())
}

/// The customers with these phone numbers, as far as there are any.
pub fn by_phone(db: &mut Db, phones: &[Phone]) -> Result<BTreeMap<String, CustomerId>, StoreError> {
    let texts: Vec<&str> = phones.iter().map(Phone::as_str).collect();
    let rows: Vec<(Option<String>, CustomerId)> =
        customer::table.filter(customer::phone.eq_any(texts)).select((customer::phone, customer::id)).load(db)?;
    Ok(rows.into_iter().filter_map(|(phone, id)| Some((phone?, id))).collect())
}
