//! Who holds a permission: the people an act for two could be shared with.

use diesel::{dsl::count, prelude::*};
use huike_access::{Permission, StaffState};
use huike_kernel::{NodeId, StaffId};

use crate::{
    Db, StoreError,
    schema::{staff, staff_role},
    scope::ancestors,
    sql_types::DbId,
};

/// How many active people other than this one hold the permission at the node, by a role there or above.
pub fn count_others(db: &mut Db, permission: Permission, node: NodeId, except: StaffId) -> Result<usize, StoreError> {
    let roles: Vec<&str> = permission.holders().iter().map(|role| role.as_str()).collect();
    let others: i64 = staff_role::table
        .inner_join(staff::table)
        .filter(staff::state.eq(StaffState::Active.as_str()))
        .filter(staff::id.ne(DbId::from(except)))
        .filter(staff_role::role.eq_any(roles))
        .filter(staff_role::site_id.eq_any(ancestors(&[node])))
        .select(count(staff::id).aggregate_distinct())
        .first(db)?;
    Ok(usize::try_from(others).unwrap_or(usize::MAX))
}
