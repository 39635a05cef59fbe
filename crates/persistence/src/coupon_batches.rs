//! Many coupons at once: made in chunks, listed for a file, and ended together.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::{CouponState, codes::CodeShape};
use huike_kernel::{CodeBatchId, CouponId};

use crate::{
    Db, Outcome, StoreError,
    coupons::{Coupon, Row},
    db::each,
    schema::coupon,
    sql_types::{DbId, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// The code of one coupon, for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCode {
    /// The coupon, by which the list is ordered.
    pub coupon: CouponId,
    /// Where it stands.
    pub state: CouponState,
    /// Signed or plain.
    pub shape: CodeShape,
    /// The code, encrypted.
    pub sealed: Vec<u8>,
}

/// Adds those of the coupons whose codes nobody has yet, and says which.
pub fn insert_new(db: &mut Db, coupons: &[Coupon]) -> Result<Vec<CouponId>, StoreError> {
    let mut added = Vec::with_capacity(coupons.len());
    for chunk in coupons.chunks(ROWS_MAX) {
        let rows: Vec<Row> = chunk.iter().map(Row::from).collect();
        let ids: Vec<CouponId> = each!(db, |c| {
            diesel::insert_into(coupon::table)
                .values(&rows)
                .on_conflict(coupon::code_lookup)
                .do_nothing()
                .returning(coupon::id)
                .get_results(c)
        })?;
        added.extend(ids);
    }
    Ok(added)
}

/// The codes of a batch, by coupon, `limit` of them after `after`.
pub fn list_codes(
    db: &mut Db,
    batch: CodeBatchId,
    after: Option<CouponId>,
    limit: i64,
) -> Result<Vec<ListedCode>, StoreError> {
    let mut query = coupon::table
        .filter(coupon::batch_id.eq(DbId::from(batch)))
        .select((coupon::id, coupon::state, coupon::code_kind, coupon::code_sealed))
        .order(coupon::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(coupon::id.gt(DbId::from(after)));
    }
    let rows: Vec<(CouponId, String, String, Vec<u8>)> = query.load(db)?;
    rows.into_iter()
        .map(|(id, state, kind, sealed)| {
            let state = state.parse().map_err(|error| StoreError::corrupt("coupon", error))?;
            let shape = if kind == CodeShape::Signed.as_str() { CodeShape::Signed } else { CodeShape::Plain };
            Ok(ListedCode { coupon: id, state, shape, sealed })
        })
        .collect()
}

/// Up to `limit` unclaimed coupons of a batch, by id, locked until the transaction ends.
pub fn lock_unclaimed(db: &mut Db, batch: CodeBatchId, limit: i64) -> Result<Vec<Coupon>, StoreError> {
    macro_rules! unclaimed {
        () => {
            coupon::table
                .filter(coupon::batch_id.eq(DbId::from(batch)))
                .filter(coupon::state.eq(CouponState::Unclaimed.as_str()))
                .order(coupon::id)
                .limit(limit)
                .select(Row::as_select())
        };
    }
    // Written out for each database, because a selected row is typed for one.
    let rows: Vec<Row> = match db {
        Db::Sqlite(c) => unclaimed!().load(c)?,
        Db::Postgres(c) => unclaimed!().for_no_key_update().load(c)?,
    };
    rows.into_iter().map(Coupon::try_from).collect()
}

/// Up to `limit` coupons whose validity has passed unused, by id, locked until the transaction ends. What somebody else
/// is working on is passed by: it will be there the next time if it still has to.
pub fn lock_expired(db: &mut Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Coupon>, StoreError> {
    let open = [CouponState::Unclaimed.as_str(), CouponState::Issued.as_str()];
    let over = || coupon::expires_at.le(DbTime::from(now)).assume_not_null();
    let due: Vec<DbId> = coupon::table
        .filter(coupon::state.eq_any(open))
        .filter(over())
        .order(coupon::expires_at)
        .limit(limit)
        .select(coupon::id)
        .load(db)?;
    // Asked again, with the rows in hand: a code that found its owner meanwhile is good for longer.
    macro_rules! still_open {
        () => {
            coupon::table
                .filter(coupon::id.eq_any(due))
                .filter(coupon::state.eq_any(open))
                .filter(coupon::expires_at.is_not_null())
                .filter(over())
                .order(coupon::id)
                .select(Row::as_select())
        };
    }
    let rows: Vec<Row> = match db {
        Db::Sqlite(c) => still_open!().load(c)?,
        Db::Postgres(c) => still_open!().for_no_key_update().skip_locked().load(c)?,
    };
    rows.into_iter().map(Coupon::try_from).collect()
}

/// Moves locked coupons on to one state, each one's version up by one. Refused when not all of them stood where the
/// caller read them: then nothing of the transaction may be kept.
pub fn move_all(db: &mut Db, from: &[CouponState], to: CouponState, ids: &[CouponId]) -> Result<Outcome, StoreError> {
    let from: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
    let rows = diesel::update(coupon::table)
        .filter(coupon::id.eq_any(DbId::list(ids)))
        .filter(coupon::state.eq_any(from))
        .set((coupon::state.eq(to.as_str()), coupon::version.eq(coupon::version + 1)))
        .execute(db)?;
    Ok(if rows == ids.len() { Outcome::Applied } else { Outcome::Refused })
}
