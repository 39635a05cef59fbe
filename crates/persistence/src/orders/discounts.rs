//! What took something off an order, and the use of an offer or coupon that it holds for it.

use diesel::prelude::*;
use huike_kernel::{CouponId, Money, OfferId, OrderId, TemplateId};
use huike_orders::order::UseState;

use super::ROWS_MAX;
use crate::{Db, Outcome, StoreError, db::each, schema::order_discount, sql_types::DbId};

/// The coupon behind a discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscountCoupon {
    /// Which.
    pub id: CouponId,
    /// Its template.
    pub template: TemplateId,
    /// The version it was issued under.
    pub version: i64,
}

/// What took something off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// Its number, in the order of application, from one.
    pub number: i64,
    /// The offer; of a coupon, what its version gives.
    pub offer: OfferId,
    /// The coupon, where it is one.
    pub coupon: Option<DiscountCoupon>,
    /// What came off in all.
    pub discount: Money,
    /// What it costs: a coupon's budget and its limits count that.
    pub cost: Money,
    /// What became of the use.
    pub state: UseState,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = order_discount, treat_none_as_default_value = false)]
struct Row {
    order_id: DbId,
    number: i64,
    offer_id: DbId,
    coupon_id: Option<DbId>,
    template_id: Option<DbId>,
    template_version: Option<i64>,
    discount_fen: i64,
    cost_fen: i64,
    state: String,
}

pub(super) fn insert(db: &mut Db, order: OrderId, discounts: &[Discount]) -> Result<(), StoreError> {
    for chunk in discounts.chunks(ROWS_MAX) {
        let row = |it: &Discount| Row {
            order_id: order.into(),
            number: it.number,
            offer_id: it.offer.into(),
            coupon_id: it.coupon.map(|coupon| coupon.id.into()),
            template_id: it.coupon.map(|coupon| coupon.template.into()),
            template_version: it.coupon.map(|coupon| coupon.version),
            discount_fen: it.discount.fen(),
            cost_fen: it.cost.fen(),
            state: it.state.as_str().to_owned(),
        };
        let rows: Vec<Row> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(order_discount::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The discounts of an order, by number.
pub fn list_discounts(db: &mut Db, order: OrderId) -> Result<Vec<Discount>, StoreError> {
    let rows: Vec<Row> = order_discount::table
        .filter(order_discount::order_id.eq(DbId::from(order)))
        .order(order_discount::number)
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter()
        .map(|row| {
            let coupon = row.coupon_id.zip(row.template_id).zip(row.template_version);
            Ok(Discount {
                number: row.number,
                offer: row.offer_id.into(),
                coupon: coupon.map(|((id, template), version)| DiscountCoupon {
                    id: id.into(),
                    template: template.into(),
                    version,
                }),
                discount: Money::from_fen(row.discount_fen),
                cost: Money::from_fen(row.cost_fen),
                state: row.state.parse().map_err(|_word| StoreError::corrupt("order_discount", "state"))?,
            })
        })
        .collect()
}

/// Moves all discounts of an order on. Refused when there is one that does not stand there: then nothing may be kept.
pub fn move_discounts(
    db: &mut Db,
    order: OrderId,
    (from, to): (UseState, UseState),
    count: usize,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(order_discount::table)
        .filter(order_discount::order_id.eq(DbId::from(order)))
        .filter(order_discount::state.eq(from.as_str()))
        .set(order_discount::state.eq(to.as_str()))
        .execute(db)?;
    Ok(if rows == count { Outcome::Applied } else { Outcome::Refused })
}
