//! Orders (订单): what was placed, with its lines, discounts and tenders.
//!
//! Figures are written once. What moves is the state of the order, and of the discounts and tenders that follow it.

mod discounts;
mod lines;
mod lists;
mod tenders;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use huike_kernel::{AreaCode, CustomerId, Money, NodeId, OrderId};
use huike_orders::order::{CloseReason, OrderLife};

pub use discounts::{Discount, DiscountCoupon, list_discounts, move_discounts};
pub use lines::{Allocation, OrderLine, list_allocations, list_lines};
pub use lists::{OrderFilter, list, list_due};
pub use tenders::{Tender, capture_tenders, hold_tender_again, insert_tenders, list_tenders, release_tenders};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::customer_order,
    sql_types::{DbId, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 200;

/// The sums of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderSums {
    /// Everything at its list price.
    pub list: Money,
    /// Everything before discounts.
    pub subtotal: Money,
    /// What came off.
    pub discount: Money,
    /// What is to be paid.
    pub payable: Money,
    /// What of it is paid with stored value.
    pub stored_value: Money,
}

impl OrderSums {
    /// What is left for a provider of payments.
    pub fn due(&self) -> Money {
        self.payable.checked_sub(self.stored_value).unwrap_or(Money::ZERO)
    }
}

/// An order, without its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The site or store that sells, and whose stock the goods come from.
    pub site: NodeId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Where it stands.
    pub life: OrderLife,
    /// Counts its steps; the `seq` of its events.
    pub version: i64,
    /// The hash of the quote it was placed with.
    pub quote_hash: Vec<u8>,
    /// The policy it was priced under.
    pub policy: String,
    /// The customer's tier then.
    pub tier: Option<String>,
    /// The channel it came through.
    pub channel: Option<String>,
    /// Where the goods go.
    pub delivery_area: Option<AreaCode>,
    /// Its sums.
    pub sums: OrderSums,
    /// What was kept of what came in for it.
    pub paid: Money,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// Until when everything is kept for it.
    pub expires_at: DateTime<Utc>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When and why it was given up.
    pub closed: Option<(DateTime<Utc>, CloseReason)>,
    /// The place's local day when it was placed.
    pub day: NaiveDate,
    /// The place's local hour when it was placed.
    pub hour: u8,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customer_order, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    customer_id: DbId,
    state: String,
    resumes: Option<String>,
    version: i64,
    quote_hash: Vec<u8>,
    policy: String,
    tier: Option<String>,
    channel: Option<String>,
    delivery_area: Option<String>,
    list_fen: i64,
    subtotal_fen: i64,
    discount_fen: i64,
    payable_fen: i64,
    stored_value_fen: i64,
    paid_fen: i64,
    placed_at: DbTime,
    expires_at: DbTime,
    paid_at: Option<DbTime>,
    closed_at: Option<DbTime>,
    close_reason: Option<String>,
    local_day: String,
    local_hour: i64,
}

impl From<&Order> for Row {
    fn from(it: &Order) -> Self {
        Self {
            id: it.id.into(),
            site_id: it.site.into(),
            customer_id: it.customer.into(),
            state: it.life.state.as_str().to_owned(),
            resumes: it.life.resumes.map(|state| state.as_str().to_owned()),
            version: it.version,
            quote_hash: it.quote_hash.clone(),
            policy: it.policy.clone(),
            tier: it.tier.clone(),
            channel: it.channel.clone(),
            delivery_area: it.delivery_area.as_ref().map(ToString::to_string),
            list_fen: it.sums.list.fen(),
            subtotal_fen: it.sums.subtotal.fen(),
            discount_fen: it.sums.discount.fen(),
            payable_fen: it.sums.payable.fen(),
            stored_value_fen: it.sums.stored_value.fen(),
            paid_fen: it.paid.fen(),
            placed_at: it.placed_at.into(),
            expires_at: it.expires_at.into(),
            paid_at: it.paid_at.map(Into::into),
            closed_at: it.closed.map(|(at, _)| at.into()),
            close_reason: it.closed.map(|(_, reason)| reason.as_str().to_owned()),
            local_day: it.day.to_string(),
            local_hour: i64::from(it.hour),
        }
    }
}

impl TryFrom<Row> for Order {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("customer_order", what);
        let state = row.state.parse().map_err(|_word| corrupt("state"))?;
        let resumes = row.resumes.map(|word| word.parse()).transpose().map_err(|_word| corrupt("resumes"))?;
        let reason = row.close_reason.map(|word| word.parse()).transpose().map_err(|_word| corrupt("close reason"))?;
        let area = row.delivery_area.map(|text| text.parse()).transpose().map_err(|_text| corrupt("area"))?;
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            customer: row.customer_id.into(),
            life: OrderLife { state, resumes },
            version: row.version,
            quote_hash: row.quote_hash,
            policy: row.policy,
            tier: row.tier,
            channel: row.channel,
            delivery_area: area,
            sums: OrderSums {
                list: Money::from_fen(row.list_fen),
                subtotal: Money::from_fen(row.subtotal_fen),
                discount: Money::from_fen(row.discount_fen),
                payable: Money::from_fen(row.payable_fen),
                stored_value: Money::from_fen(row.stored_value_fen),
            },
            paid: Money::from_fen(row.paid_fen),
            placed_at: row.placed_at.into(),
            expires_at: row.expires_at.into(),
            paid_at: row.paid_at.map(Into::into),
            closed: row.closed_at.map(Into::into).zip(reason),
            day: row.local_day.parse().map_err(|_day| corrupt("day"))?,
            hour: u8::try_from(row.local_hour).map_err(|_hour| corrupt("hour"))?,
        })
    }
}

/// Adds an order with its lines, its discounts and what each of those took off each line.
pub fn insert(
    db: &mut Db,
    order: &Order,
    (lines, discounts, allocations): (&[OrderLine], &[Discount], &[Allocation]),
) -> Result<(), StoreError> {
    let row = Row::from(order);
    each!(db, |c| diesel::insert_into(customer_order::table).values(&row).execute(c))?;
    lines::insert(db, order.id, lines)?;
    discounts::insert(db, order.id, discounts)?;
    lines::insert_allocations(db, order.id, allocations)
}

/// The order.
pub fn find(db: &mut Db, id: OrderId) -> Result<Option<Order>, StoreError> {
    let row: Option<Row> = customer_order::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Order::try_from).transpose()
}

/// The order, locked until the transaction ends: the root of everything that happens to it.
pub fn lock(db: &mut Db, id: OrderId) -> Result<Option<Order>, StoreError> {
    let row: Option<Row> = lock_row!(db, customer_order::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Order::try_from).transpose()
}

/// Saves an order over the version it was read with, which goes up by one. Refused when it moved since.
pub fn update(db: &mut Db, it: &mut Order) -> Result<Outcome, StoreError> {
    let read = it.version;
    it.version = read.saturating_add(1);
    let row = Row::from(&*it);
    let rows = each!(db, |c| {
        diesel::update(customer_order::table.find(row.id)).filter(customer_order::version.eq(read)).set(&row).execute(c)
    })?;
    Ok(Outcome::of(rows))
}
