//! Daily reconciliation (对账): what the redemptions of a store's day add up to, apart from the day's running totals.

use chrono::NaiveDate;
use diesel::{
    dsl::{count_star, sql},
    expression::SqlLiteral,
    prelude::*,
    sql_types::BigInt,
};
use huike_kernel::{Money, NodeId};

use crate::{Db, StoreError, schema::redemption, sql_types::DbId, store_days::Totals};

/// Sums of PostgreSQL are NUMERIC unless told otherwise.
fn order_amount_sum() -> SqlLiteral<BigInt> {
    sql("CAST(COALESCE(SUM(redemption.order_amount_fen), 0) AS BIGINT)")
}

fn discount_sum() -> SqlLiteral<BigInt> {
    sql("CAST(COALESCE(SUM(redemption.discount_fen), 0) AS BIGINT)")
}

/// What a store's day must hold by its redemptions: those of the day, less the undos booked on it.
pub fn recount(db: &mut Db, store: NodeId, day: NaiveDate) -> Result<Totals, StoreError> {
    let store = DbId::from(store);
    let day = day.to_string();
    let sums = (count_star(), order_amount_sum(), discount_sum());
    let here = redemption::table.filter(redemption::site_id.eq(store));
    let redeemed: (i64, i64, i64) = here.filter(redemption::local_day.eq(&day)).select(sums.clone()).first(db)?;
    let undone: (i64, i64, i64) = here.filter(redemption::reversal_day.eq(&day)).select(sums).first(db)?;
    Ok(Totals {
        redemptions: redeemed.0,
        reversals: undone.0,
        order_amount: Money::from_fen(redeemed.1.saturating_sub(undone.1)),
        discount: Money::from_fen(redeemed.2.saturating_sub(undone.2)),
    })
}
