//! The coupons a customer holds or held (卡包).

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::CouponState;
use huike_kernel::{CouponId, CustomerId, TemplateId};

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

/// A coupon in somebody's hand, as far as a price asks about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InHand {
    /// The coupon.
    pub coupon: CouponId,
    /// Its template.
    pub template: TemplateId,
    /// The version it was issued under.
    pub version: i64,
    /// Where it stands.
    pub state: CouponState,
    /// The first moment of use.
    pub usable_from: Option<DateTime<Utc>>,
    /// The first moment too late.
    pub expires_at: Option<DateTime<Utc>>,
}

type InHandRow = (CouponId, TemplateId, i64, String, Option<DbTime>, Option<DbTime>);

const IN_HAND: (
    coupon::id,
    coupon::template_id,
    coupon::template_version,
    coupon::state,
    coupon::usable_from,
    coupon::expires_at,
) = (coupon::id, coupon::template_id, coupon::template_version, coupon::state, coupon::usable_from, coupon::expires_at);

fn in_hand(row: InHandRow) -> Result<InHand, StoreError> {
    let (coupon, template, version, state, usable_from, expires_at) = row;
    Ok(InHand {
        coupon,
        template,
        version,
        state: state.parse().map_err(|error| StoreError::corrupt("coupon", error))?,
        usable_from: usable_from.map(Into::into),
        expires_at: expires_at.map(Into::into),
    })
}

/// The coupons a customer can use now or later, the soonest to expire first, at most `limit` of them.
pub fn list_in_hand(
    db: &mut Db,
    customer: CustomerId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<InHand>, StoreError> {
    let rows: Vec<InHandRow> = coupon::table
        .filter(coupon::customer_id.eq(DbId::from(customer)))
        .filter(coupon::state.eq_any([CouponState::Issued.as_str(), CouponState::Locked.as_str()]))
        .filter(coupon::expires_at.gt(DbTime::from(now)).assume_not_null())
        .order((coupon::expires_at.asc(), coupon::id.asc()))
        .limit(limit)
        .select(IN_HAND)
        .load(db)?;
    rows.into_iter().map(in_hand).collect()
}

/// Those of the coupons that are the customer's, wherever they stand.
pub fn list_own(db: &mut Db, customer: CustomerId, ids: &[CouponId]) -> Result<Vec<InHand>, StoreError> {
    let rows: Vec<InHandRow> = coupon::table
        .filter(coupon::customer_id.eq(DbId::from(customer)).and(coupon::id.eq_any(DbId::list(ids))))
        .select(IN_HAND)
        .load(db)?;
    rows.into_iter().map(in_hand).collect()
}
