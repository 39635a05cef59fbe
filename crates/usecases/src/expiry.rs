//! Validity that passed unused: coupons expire, and what was promised for them goes back to the budget. What they counted
//! on limits stays counted.

use huike_coupons::CouponEdge;
use huike_persistence::{Db, coupon_batches};
use serde_json::Value;

use crate::{Act, UseCaseError, ends::end_all};

/// Expires so many of the coupons whose validity has passed; says how many it found.
pub fn expire_chunk(db: &mut Db, act: &Act<'_>, limit: i64) -> Result<usize, UseCaseError> {
    let due = coupon_batches::lock_expired(db, act.now, limit)?;
    end_all(db, act, &due, (CouponEdge::Expire, &Value::Null))?;
    Ok(due.len())
}
