//! How many active redemptions and orders a customer has under the head: what "new customer" (新客) means. An order counts
//! from when it is placed until it is given up.

use diesel::prelude::*;
use huike_kernel::CustomerId;

use crate::{Db, Outcome, StoreError, db::lock_row, schema::customer, sql_types::DbId};

/// Holds the count until the transaction ends: whoever else would move it waits. `Refused` where there is no such customer.
pub fn lock(db: &mut Db, id: CustomerId) -> Result<Outcome, StoreError> {
    let row: Option<DbId> = lock_row!(db, customer::table.find(DbId::from(id)).select(customer::id))?;
    Ok(Outcome::of(row.iter().len()))
}

/// Counts one more redemption. With `only_new` it is refused unless it is the first: this one guarded write decides who
/// is new, however many coupons of the customer are redeemed at once. It also holds the row until the transaction ends.
pub fn add(db: &mut Db, id: CustomerId, only_new: bool) -> Result<Outcome, StoreError> {
    let most_before = if only_new { 0 } else { i64::MAX };
    let rows = diesel::update(customer::table.find(DbId::from(id)))
        .filter(customer::active_redemptions.le(most_before))
        .set(customer::active_redemptions.eq(customer::active_redemptions + 1))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Counts one redemption less, because it was undone. Refused when none was counted.
pub fn take_back(db: &mut Db, id: CustomerId) -> Result<Outcome, StoreError> {
    let rows = diesel::update(customer::table.find(DbId::from(id)))
        .filter(customer::active_redemptions.gt(0))
        .set(customer::active_redemptions.eq(customer::active_redemptions - 1))
        .execute(db)?;
    Ok(Outcome::of(rows))
}
