//! The coupons a customer holds or held (卡包).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::CouponState;
use huike_kernel::{CouponId, CustomerId};

use crate::{
    Db, StoreError,
    coupons::{Coupon, Row},
    schema::coupon,
    sql_types::{DbId, DbTime},
};

/// One side of the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletSide {
    /// 可用: usable now or later, the soonest to expire first.
    Usable,
    /// 已使用: redeemed, or given back after that; the latest first.
    Used,
    /// 已失效: expired, void or given away; the latest first.
    Over,
}

/// Where a page of the wallet ended: end of validity and id.
pub type WalletKey = (DateTime<Utc>, CouponId);

/// A customer's coupons of one side, `limit` of them after `after`.
pub fn list(
    db: &mut Db,
    customer: CustomerId,
    (side, now): (WalletSide, DateTime<Utc>),
    after: Option<WalletKey>,
    limit: i64,
) -> Result<Vec<Coupon>, StoreError> {
    let mut query = coupon::table
        .filter(coupon::customer_id.eq(DbId::from(customer)))
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    let now = DbTime::from(now);
    let open = [CouponState::Issued.as_str(), CouponState::Locked.as_str()];
    query = match side {
        WalletSide::Usable => query
            .filter(coupon::state.eq_any(open))
            .filter(coupon::expires_at.gt(now).assume_not_null())
            .order((coupon::expires_at.asc(), coupon::id.asc())),
        WalletSide::Used => query
            .filter(coupon::state.eq_any([CouponState::Redeemed.as_str(), CouponState::Returned.as_str()]))
            .order((coupon::expires_at.desc(), coupon::id.desc())),
        WalletSide::Over => {
            let over = [CouponState::Expired, CouponState::Voided, CouponState::Transferred].map(CouponState::as_str);
            // What has run out but was not yet looked at by the job is over all the same.
            let run_out = coupon::state.eq_any(open).and(coupon::expires_at.le(now).assume_not_null());
            query.filter(coupon::state.eq_any(over).or(run_out)).order((coupon::expires_at.desc(), coupon::id.desc()))
        }
    };
    if let Some((expires_at, id)) = after {
        let (at, id) = (DbTime::from(expires_at), DbId::from(id));
        query = match side {
            WalletSide::Usable => query.filter(
                coupon::expires_at
                    .gt(at)
                    .assume_not_null()
                    .or(coupon::expires_at.eq(at).assume_not_null().and(coupon::id.gt(id))),
            ),
            WalletSide::Used | WalletSide::Over => query.filter(
                coupon::expires_at
                    .lt(at)
                    .assume_not_null()
                    .or(coupon::expires_at.eq(at).assume_not_null().and(coupon::id.lt(id))),
            ),
        };
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Coupon::try_from).collect()
}
