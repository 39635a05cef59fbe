//! What was ordered, and what each discount took off it. Written once.

use diesel::prelude::*;
use huike_kernel::{Money, OrderId, SkuId};
use huike_orders::order::LineKind;

use super::ROWS_MAX;
use crate::{
    Db, StoreError,
    db::each,
    schema::{order_allocation, order_line},
    sql_types::DbId,
};

/// A line, as it was named and priced when it was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Its number, from one.
    pub number: i64,
    /// Sold, or a gift.
    pub kind: LineKind,
    /// What.
    pub sku: SkuId,
    /// The SKU's code then.
    pub code: String,
    /// What it was called then.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// The list price of a unit.
    pub list_price: Money,
    /// The price of a unit that counted.
    pub unit_price: Money,
    /// Whose price that was.
    pub price_source: String,
    /// All units before discounts.
    pub subtotal: Money,
    /// What came off.
    pub discount: Money,
    /// What is to be paid for it.
    pub payable: Money,
}

/// What a discount took off a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// The line.
    pub line: i64,
    /// The discount.
    pub discount: i64,
    /// How much.
    pub amount: Money,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = order_line, treat_none_as_default_value = false)]
struct Row {
    order_id: DbId,
    number: i64,
    kind: String,
    sku_id: DbId,
    code: String,
    name: String,
    quantity: i64,
    list_price_fen: i64,
    unit_price_fen: i64,
    price_source: String,
    subtotal_fen: i64,
    discount_fen: i64,
    payable_fen: i64,
}

fn row(order: OrderId, it: &OrderLine) -> Row {
    Row {
        order_id: order.into(),
        number: it.number,
        kind: it.kind.as_str().to_owned(),
        sku_id: it.sku.into(),
        code: it.code.clone(),
        name: it.name.clone(),
        quantity: it.quantity,
        list_price_fen: it.list_price.fen(),
        unit_price_fen: it.unit_price.fen(),
        price_source: it.price_source.clone(),
        subtotal_fen: it.subtotal.fen(),
        discount_fen: it.discount.fen(),
        payable_fen: it.payable.fen(),
    }
}

fn line(row: Row) -> Result<OrderLine, StoreError> {
    Ok(OrderLine {
        number: row.number,
        kind: row.kind.parse().map_err(|_word| StoreError::corrupt("order_line", "kind"))?,
        sku: row.sku_id.into(),
        code: row.code,
        name: row.name,
        quantity: row.quantity,
        list_price: Money::from_fen(row.list_price_fen),
        unit_price: Money::from_fen(row.unit_price_fen),
        price_source: row.price_source,
        subtotal: Money::from_fen(row.subtotal_fen),
        discount: Money::from_fen(row.discount_fen),
        payable: Money::from_fen(row.payable_fen),
    })
}

pub(super) fn insert(db: &mut Db, order: OrderId, lines: &[OrderLine]) -> Result<(), StoreError> {
    for chunk in lines.chunks(ROWS_MAX) {
        let rows: Vec<Row> = chunk.iter().map(|it| row(order, it)).collect();
        each!(db, |c| diesel::insert_into(order_line::table).values(&rows).execute(c))?;
    }
    Ok(())
}

pub(super) fn insert_allocations(db: &mut Db, order: OrderId, parts: &[Allocation]) -> Result<(), StoreError> {
    for chunk in parts.chunks(ROWS_MAX) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|it| {
                (
                    order_allocation::order_id.eq(DbId::from(order)),
                    order_allocation::line.eq(it.line),
                    order_allocation::discount.eq(it.discount),
                    order_allocation::amount_fen.eq(it.amount.fen()),
                )
            })
            .collect();
        each!(db, |c| diesel::insert_into(order_allocation::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The lines of an order, by number.
pub fn list_lines(db: &mut Db, order: OrderId) -> Result<Vec<OrderLine>, StoreError> {
    let rows: Vec<Row> = order_line::table
        .filter(order_line::order_id.eq(DbId::from(order)))
        .order(order_line::number)
        .select(Row::as_select())
        .load(db)?;
    rows.into_iter().map(line).collect()
}

/// What each discount of an order took off each line.
pub fn list_allocations(db: &mut Db, order: OrderId) -> Result<Vec<Allocation>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = order_allocation::table
        .filter(order_allocation::order_id.eq(DbId::from(order)))
        .order((order_allocation::line, order_allocation::discount))
        .select((order_allocation::line, order_allocation::discount, order_allocation::amount_fen))
        .load(db)?;
    let of = |(line, discount, fen)| Allocation { line, discount, amount: Money::from_fen(fen) };
    Ok(rows.into_iter().map(of).collect())
}
