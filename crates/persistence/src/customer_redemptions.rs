//! How many active redemptions a customer has under the head: what "new customer" (新客) means.

use diesel::prelude::*;
use huike_kernel::CustomerId;

use crate::{Db, Outcome, StoreError, schema::customer, sql_types::DbId};

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
