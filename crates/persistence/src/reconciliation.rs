//! Daily reconciliation (对账): what the redemptions of stores' days add up to, apart from the days' running totals.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    dsl::{count_star, sql},
    expression::SqlLiteral,
    prelude::*,
    sql_types::BigInt,
};
use huike_kernel::{Money, NodeId};

use crate::{
    Db, StoreError,
    schema::redemption,
    scope::subtree,
    store_days::{self, DayFilter, Totals},
};

/// Local days from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// A day whose running totals are not what its redemptions add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The store.
    pub store: NodeId,
    /// The day.
    pub day: NaiveDate,
    /// The running totals.
    pub booked: Totals,
    /// What the redemptions add up to.
    pub counted: Totals,
}

type ByDay = BTreeMap<(NaiveDate, NodeId), Totals>;
type Sums = (NodeId, String, i64, i64, i64);

/// Sums of PostgreSQL are NUMERIC unless told otherwise.
fn order_amount_sum() -> SqlLiteral<BigInt> {
    sql("CAST(COALESCE(SUM(redemption.order_amount_fen), 0) AS BIGINT)")
}

fn discount_sum() -> SqlLiteral<BigInt> {
    sql("CAST(COALESCE(SUM(redemption.discount_fen), 0) AS BIGINT)")
}

/// What a store's day must hold by its redemptions: those of the day, less the undos booked on it.
pub fn recount(db: &mut Db, store: NodeId, day: NaiveDate) -> Result<Totals, StoreError> {
    let mut counted = count(db, &[store], Days { first: day, last: day })?;
    Ok(counted.remove(&(day, store)).unwrap_or_default())
}

/// Days of stores at or below the roots whose totals are not what their redemptions add up to. None, unless something
/// was changed by hand.
pub fn list_differences(db: &mut Db, roots: &[NodeId], days: Days) -> Result<Vec<Difference>, StoreError> {
    let mut counted = count(db, roots, days)?;
    let filter = DayFilter { first: Some(days.first), last: Some(days.last), ..DayFilter::default() };
    let mut differences = Vec::new();
    for booked in store_days::list(db, roots, &filter, None, i64::MAX)? {
        let counted = counted.remove(&(booked.day, booked.store)).unwrap_or_default();
        let (store, day, booked) = (booked.store, booked.day, booked.totals);
        if booked != counted {
            differences.push(Difference { store, day, booked, counted });
        }
    }
    let unbooked = counted.into_iter().map(|((day, store), counted)| {
        let booked = Totals::default();
        Difference { store, day, booked, counted }
    });
    differences.extend(unbooked);
    differences.sort_by_key(|difference| (difference.day, difference.store));
    Ok(differences)
}

fn count(db: &mut Db, roots: &[NodeId], days: Days) -> Result<ByDay, StoreError> {
    let (first, last) = (days.first.to_string(), days.last.to_string());
    let redeemed: Vec<Sums> = redemption::table
        .filter(redemption::site_id.eq_any(subtree(roots)))
        .filter(redemption::local_day.between(&first, &last))
        .group_by((redemption::site_id, redemption::local_day))
        .select((redemption::site_id, redemption::local_day, count_star(), order_amount_sum(), discount_sum()))
        .load(db)?;
    let undone: Vec<Sums> = redemption::table
        .filter(redemption::site_id.eq_any(subtree(roots)))
        .filter(redemption::reversal_day.between(&first, &last))
        .group_by((redemption::site_id, redemption::reversal_day))
        .select((
            redemption::site_id,
            redemption::reversal_day.assume_not_null(),
            count_star(),
            order_amount_sum(),
            discount_sum(),
        ))
        .load(db)?;
    let mut counted = ByDay::new();
    for (store, day, count, order_amount, discount) in redeemed {
        let totals = entry(&mut counted, store, &day)?;
        totals.redemptions = count;
        totals.order_amount = Money::from_fen(order_amount);
        totals.discount = Money::from_fen(discount);
    }
    for (store, day, count, order_amount, discount) in undone {
        let totals = entry(&mut counted, store, &day)?;
        totals.reversals = count;
        totals.order_amount = Money::from_fen(totals.order_amount.fen().saturating_sub(order_amount));
        totals.discount = Money::from_fen(totals.discount.fen().saturating_sub(discount));
    }
    Ok(counted)
}

fn entry<'c>(counted: &'c mut ByDay, store: NodeId, day: &str) -> Result<&'c mut Totals, StoreError> {
    let day: NaiveDate = day.parse().map_err(|error| StoreError::corrupt("redemption", error))?;
    Ok(counted.entry((day, store)).or_default())
}
