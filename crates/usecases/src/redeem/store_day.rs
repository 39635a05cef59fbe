//! Finance signs a store's day.

use chrono::{DateTime, NaiveDate, Utc};
use huike_access::Permission;
use huike_coupons::{CouponError, RedeemError, redeem::decide_sign_day};
use huike_kernel::{Money, NodeId, StaffId};
use huike_persistence::{
    Db, Outcome, StoreError,
    store_days::{self, StoreDay, Totals},
};
use serde::{Deserialize, Serialize};

use super::{desk::Desk, traces};
use crate::{Act, UseCaseError, record};

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

impl From<SignedDay> for StoreDay {
    fn from(signed: SignedDay) -> Self {
        let totals = Totals {
            redemptions: signed.redemptions,
            reversals: signed.reversals,
            order_amount: signed.order_amount,
            discount: signed.discount,
        };
        Self { store: signed.store, day: signed.day, totals, signed: Some((signed.signed_by, signed.signed_at)) }
    }
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
    record::audit(db, act, store, traces::sign_day((store, day), &totals))?;
    Ok(signed)
}
