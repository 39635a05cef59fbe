//! Figures of a template (C9): counted from the coupons and the active redemptions themselves, within the caller's
//! reach. Rates are `huike_coupons::tracking`'s to define.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    dsl::{count, count_star, sql},
    expression::SqlLiteral,
    prelude::*,
    sql_types::BigInt,
};
use huike_coupons::{CouponState, tracking::Counts};
use huike_kernel::{ChannelId, Money, NodeId, TemplateId};

use crate::{
    Db, StoreError,
    schema::{coupon, redemption},
    scope::subtree,
    sql_types::DbId,
};

/// Which coupons are counted: those of a template claimed or redeemed at or below the roots.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The template.
    pub template: TemplateId,
    /// The roots.
    pub roots: Vec<NodeId>,
}

/// Local days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// What active redemptions came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redeemed {
    /// How many.
    pub count: i64,
    /// What came off the bills.
    pub discount: Money,
    /// What that cost the merchant.
    pub cost: Money,
    /// The bills themselves, where they are known (带来的交易额).
    pub gmv: Money,
}

/// All figures of one slice or part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Issued, claimed, redeemed, expired.
    pub counts: Counts,
    /// Made void by the merchant.
    pub voided: i64,
    /// What the redemptions came to.
    pub redeemed: Redeemed,
}

/// Claims and redemptions of one local day or hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// Coupons that found an owner then.
    pub claimed: i64,
    /// What was redeemed then.
    pub redeemed: Redeemed,
}

/// A sum that PostgreSQL would make NUMERIC.
fn sum_of(sum: &'static str) -> SqlLiteral<BigInt> {
    sql(sum)
}

type Sums = (i64, i64, i64, i64);

fn discount_sum() -> SqlLiteral<BigInt> {
    sum_of("CAST(COALESCE(SUM(redemption.discount_fen), 0) AS BIGINT)")
}

fn cost_sum() -> SqlLiteral<BigInt> {
    sum_of("CAST(COALESCE(SUM(redemption.cost_fen), 0) AS BIGINT)")
}

fn gmv_sum() -> SqlLiteral<BigInt> {
    sum_of("CAST(COALESCE(SUM(redemption.order_amount_fen), 0) AS BIGINT)")
}

fn redeemed((count, discount, cost, gmv): Sums) -> Redeemed {
    Redeemed { count, discount: Money::from_fen(discount), cost: Money::from_fen(cost), gmv: Money::from_fen(gmv) }
}

/// The active redemptions of a slice, grouped and summed up; written out once for each column they are grouped by.
macro_rules! redemptions_by {
    ($slice:expr, $key:expr) => {
        redemption::table
            .filter(redemption::template_id.eq(DbId::from($slice.template)))
            .filter(redemption::site_id.eq_any(subtree(&$slice.roots)))
            .filter(redemption::reversed_at.is_null())
            .group_by($key)
            .select(($key, (count_star(), discount_sum(), cost_sum(), gmv_sum())))
    };
}

/// The claims of a slice, grouped and counted.
macro_rules! claims_by {
    ($slice:expr, $key:expr) => {
        coupon::table
            .filter(coupon::template_id.eq(DbId::from($slice.template)))
            .filter(coupon::site_id.eq_any(subtree(&$slice.roots)))
            .filter(coupon::claimed_at.is_not_null())
            .group_by($key)
            .select(($key, count_star()))
    };
}

/// The figures of the whole slice, all time.
pub fn totals(db: &mut Db, slice: &Slice) -> Result<Figures, StoreError> {
    let parts = by_channel(db, slice)?;
    Ok(parts.into_iter().fold(Figures::default(), |sum, (_, part)| sum.plus(&part)))
}

/// The figures of each channel, all time; `None` is without one: the coupon centre, or staff.
pub fn by_channel(db: &mut Db, slice: &Slice) -> Result<Vec<(Option<ChannelId>, Figures)>, StoreError> {
    let coupons: Vec<(Option<DbId>, String, i64, i64)> = coupon::table
        .filter(coupon::template_id.eq(DbId::from(slice.template)))
        .filter(coupon::site_id.eq_any(subtree(&slice.roots)))
        .group_by((coupon::channel_id, coupon::state))
        .select((coupon::channel_id, coupon::state, count_star(), count(coupon::claimed_at)))
        .load(db)?;
    let redemptions: Vec<(Option<DbId>, Sums)> = redemptions_by!(slice, redemption::channel_id).load(db)?;
    let mut parts: BTreeMap<Option<ChannelId>, Figures> = BTreeMap::new();
    for (channel, state, issued, claimed) in coupons {
        let part = parts.entry(channel.map(Into::into)).or_default();
        part.counts.issued = part.counts.issued.saturating_add(issued);
        part.counts.claimed = part.counts.claimed.saturating_add(claimed);
        match state.parse() {
            Ok(CouponState::Expired) => part.counts.expired = issued,
            Ok(CouponState::Voided) => part.voided = issued,
            Ok(_) => {}
            Err(error) => return Err(StoreError::corrupt("coupon", error)),
        }
    }
    for (channel, sums) in redemptions {
        let part = parts.entry(channel.map(Into::into)).or_default();
        part.redeemed = redeemed(sums);
        part.counts.redeemed = part.redeemed.count;
    }
    Ok(parts.into_iter().collect())
}

/// What each store redeemed, all time.
pub fn by_store(db: &mut Db, slice: &Slice) -> Result<Vec<(NodeId, Redeemed)>, StoreError> {
    let rows: Vec<(NodeId, Sums)> = redemptions_by!(slice, redemption::site_id).order(redemption::site_id).load(db)?;
    Ok(rows.into_iter().map(|(store, sums)| (store, redeemed(sums))).collect())
}

/// Claims and redemptions of each local day on which there were any.
pub fn by_day(db: &mut Db, slice: &Slice, days: Days) -> Result<Vec<(NaiveDate, Moment)>, StoreError> {
    let (first, last) = (days.first.to_string(), days.last.to_string());
    let claims: Vec<(Option<String>, i64)> =
        claims_by!(slice, coupon::claim_day).filter(coupon::claim_day.between(&first, &last)).load(db)?;
    let redemptions: Vec<(String, Sums)> =
        redemptions_by!(slice, redemption::local_day).filter(redemption::local_day.between(&first, &last)).load(db)?;
    let read = |day: &str| day.parse::<NaiveDate>().map_err(|error| StoreError::corrupt("redemption", error));
    let mut found: BTreeMap<NaiveDate, Moment> = BTreeMap::new();
    for (day, claimed) in claims {
        found.entry(read(day.as_deref().unwrap_or_default())?).or_default().claimed = claimed;
    }
    for (day, sums) in redemptions {
        found.entry(read(&day)?).or_default().redeemed = redeemed(sums);
    }
    Ok(found.into_iter().collect())
}

/// Claims and redemptions of those days by local hour, where there were any.
pub fn by_hour(db: &mut Db, slice: &Slice, days: Days) -> Result<Vec<(i64, Moment)>, StoreError> {
    let (first, last) = (days.first.to_string(), days.last.to_string());
    let claims: Vec<(Option<i64>, i64)> =
        claims_by!(slice, coupon::claim_hour).filter(coupon::claim_day.between(&first, &last)).load(db)?;
    let redemptions: Vec<(i64, Sums)> =
        redemptions_by!(slice, redemption::local_hour).filter(redemption::local_day.between(&first, &last)).load(db)?;
    let mut found: BTreeMap<i64, Moment> = BTreeMap::new();
    for (hour, claimed) in claims {
        found.entry(hour.unwrap_or_default()).or_default().claimed = claimed;
    }
    for (hour, sums) in redemptions {
        found.entry(hour).or_default().redeemed = redeemed(sums);
    }
    Ok(found.into_iter().collect())
}

impl Figures {
    fn plus(&self, other: &Self) -> Self {
        let (a, b) = (&self.counts, &other.counts);
        Self {
            counts: Counts {
                issued: a.issued.saturating_add(b.issued),
                claimed: a.claimed.saturating_add(b.claimed),
                redeemed: a.redeemed.saturating_add(b.redeemed),
                expired: a.expired.saturating_add(b.expired),
            },
            voided: self.voided.saturating_add(other.voided),
            redeemed: self.redeemed.plus(&other.redeemed),
        }
    }
}

impl Redeemed {
    fn plus(&self, other: &Self) -> Self {
        let sum = |a: Money, b: Money| Money::from_fen(a.fen().saturating_add(b.fen()));
        Self {
            count: self.count.saturating_add(other.count),
            discount: sum(self.discount, other.discount),
            cost: sum(self.cost, other.cost),
            gmv: sum(self.gmv, other.gmv),
        }
    }
}
