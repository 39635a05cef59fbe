//! Who holds which role where, as far as several people's roles are looked at together.

use std::collections::BTreeMap;

use diesel::prelude::*;
use huike_access::{Role, RoleBinding};
use huike_kernel::{NodeId, StaffId};

use crate::{
    Db, Outcome, StoreError,
    schema::{staff, staff_role},
    scope::ancestors,
    sql_types::DbId,
};

/// Takes a role away. Refused when they did not hold it.
pub fn delete(db: &mut Db, id: StaffId, binding: RoleBinding) -> Result<Outcome, StoreError> {
    let key = (DbId::from(id), DbId::from(binding.node), binding.role.as_str());
    Ok(Outcome::of(diesel::delete(staff_role::table.find(key)).execute(db)?))
}

/// Every role of each of these people.
pub fn list_of(db: &mut Db, people: &[StaffId]) -> Result<BTreeMap<StaffId, Vec<RoleBinding>>, StoreError> {
    let rows: Vec<(StaffId, String, NodeId)> = staff_role::table
        .filter(staff_role::staff_id.eq_any(DbId::list(people)))
        .order((staff_role::staff_id, staff_role::site_id, staff_role::role))
        .select((staff_role::staff_id, staff_role::role, staff_role::site_id))
        .load(db)?;
    let mut found: BTreeMap<StaffId, Vec<RoleBinding>> = BTreeMap::new();
    for (id, role, node) in rows {
        let role = role.parse().map_err(|error| StoreError::corrupt("staff_role", error))?;
        found.entry(id).or_default().push(RoleBinding { role, node });
    }
    Ok(found)
}

/// Keeps everybody's `owner` role at the head for this transaction, always in the same order: two owners who want to remove each
/// other at the same moment go one after the other, and the second finds what the first has left.
pub fn lock_owners(db: &mut Db, head: NodeId) -> Result<(), StoreError> {
    let owners = staff_role::table
        .filter(staff_role::site_id.eq(DbId::from(head)).and(staff_role::role.eq(Role::Owner.as_str())))
        .order(staff_role::staff_id)
        .select(staff_role::staff_id);
    let _kept: Vec<StaffId> = match db {
        Db::Sqlite(c) => owners.load(c)?,
        Db::Postgres(c) => owners.for_update().load(c)?,
    };
    Ok(())
}

/// How many active people other than `except` hold one of the roles at the node or above it.
pub fn count_active_holders(
    db: &mut Db,
    roles: &[Role],
    node: NodeId,
    except: Option<StaffId>,
) -> Result<usize, StoreError> {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let holders: Vec<StaffId> = staff_role::table
        .inner_join(staff::table)
        .filter(staff_role::role.eq_any(words))
        .filter(staff_role::site_id.eq_any(ancestors(&[node])))
        .filter(staff::state.eq("active"))
        .select(staff_role::staff_id)
        .distinct()
        .load(db)?;
    Ok(holders.into_iter().filter(|holder| Some(*holder) != except).count())
}
