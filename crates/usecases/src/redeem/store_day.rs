//! Finance signs a store's day.

use chrono::{DateTime, NaiveDate, Utc};
use huike_access::Permission;
use huike_coupons::{CouponError, RedeemError, redeem::decide_sign_day};
use huike_kernel::{Money, NodeId, StaffId};
use huike_persistence::{
    Db, Outcome, StoreError,
    store_days::{self, StoreDay},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::Desk;
use crate::{
    Act, UseCaseError,
    record::{self, Change},
};

/// A day that is closed, with the totals it was closed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedDay {
    /// The store.
    pub store: NodeId,
    /// The local day.
    pub day: NaiveDate,
    /// Redemptions, undone ones included.
    pub redemptions: i64,
    /// Undos booked on the day.
    pub reversals: i64,
    /// Order amounts, net of undos.
    pub order_amount: Money,
    /// Discounts, net of undos.
    pub discount: Money,
    /// Who signed.
    pub signed_by: StaffId,
    /// When.
    pub signed_at: DateTime<Utc>,
}

/// Signs a store's local day, once and for good. A redemption of that day is either in the totals answered here, or it is
/// refused: both write the day's one row.
pub fn sign_day(db: &mut Db, act: &Act<'_>, store: NodeId, day: NaiveDate) -> Result<SignedDay, UseCaseError> {
    let by = act.staff(Permission::StoreDaySign)?;
    let desk = Desk::open(db, act, store, Permission::StoreDaySign)?;
    decide_sign_day(day, desk.store.zone, act.now)?;
    if store_days::sign(db, store, day, by, act.now)? == Outcome::Refused {
        return Err(CouponError::from(RedeemError::DaySigned { day }).into());
    }
    let StoreDay { totals, .. } =
        store_days::find(db, store, day)?.ok_or_else(|| StoreError::corrupt("store_day", "just signed, and gone"))?;
    let signed = SignedDay {
        store,
        day,
        redemptions: totals.redemptions,
        reversals: totals.reversals,
        order_amount: totals.order_amount,
        discount: totals.discount,
        signed_by: by,
        signed_at: act.now,
    };
    let change = Change {
        action: "store_day.sign",
        subject_kind: "store_day",
        subject: format!("{store}/{day}"),
        before: json!(null),
        after: json!({
            "redemptions": totals.redemptions,
            "reversals": totals.reversals,
            "order_amount": totals.order_amount,
            "discount": totals.discount,
        }),
    };
    record::audit(db, act, store, change)?;
    Ok(signed)
}
