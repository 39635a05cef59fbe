//! Rows written many at a time, for histories that were played through before they are stored: the demonstration.
//!
//! Nothing here decides or guards. Whoever calls it has played by the rules of the domain, holds the whole database, and
//! stores figures that add up; `verify` checks that they do.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{connection::SimpleConnection, prelude::*};
use huike_coupons::limits::CounterMove;
use huike_kernel::{CustomerId, NodeId, Phone, StaffId, TemplateId};

use crate::{
    Db, StoreError,
    db::each,
    schema::{coupon_quota, coupon_stock, customer, limit_counter, site_customer, store_day},
    sql_types::{DbId, DbTime},
    store_days::Totals,
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// Lets this transaction think for a while between two statements, which PostgreSQL would otherwise end it for. On SQLite
/// the connection keeps up to 128 MiB of pages in memory from now on, because rows come in no order of their keys.
pub fn take_time(db: &mut Db) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(connection) => connection.batch_execute("PRAGMA cache_size = -131072")?,
        Db::Postgres(connection) => connection.batch_execute("SET LOCAL idle_in_transaction_session_timeout = 0")?,
    }
    Ok(())
}

/// A customer with a past.
#[derive(Debug, Clone)]
pub struct PastCustomer {
    /// Their id.
    pub id: CustomerId,
    /// The number they signed in with.
    pub phone: Phone,
    /// The name they gave.
    pub name: String,
    /// Redemptions that were not undone.
    pub active_redemptions: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Adds customers of the head.
pub fn insert_customers(db: &mut Db, head: NodeId, customers: &[PastCustomer]) -> Result<(), StoreError> {
    for chunk in customers.chunks(ROWS_MAX) {
        let row = |it: &PastCustomer| {
            (
                customer::id.eq(DbId::from(it.id)),
                customer::site_id.eq(DbId::from(head)),
                customer::phone.eq(it.phone.as_str().to_owned()),
                customer::phone_tail.eq(it.phone.tail().to_owned()),
                customer::name.eq(it.name.clone()),
                customer::state.eq("active"),
                customer::active_redemptions.eq(it.active_redemptions),
                customer::version.eq(1),
                customer::created_at.eq(DbTime::from(it.created_at)),
                customer::updated_at.eq(DbTime::from(it.created_at)),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(customer::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// What a node knows of a customer.
#[derive(Debug, Clone, Copy)]
pub struct Visits {
    /// Where they came.
    pub site: NodeId,
    /// Who.
    pub customer: CustomerId,
    /// How they came the first time.
    pub source: &'static str,
    /// When that was.
    pub first_seen_at: DateTime<Utc>,
    /// When they came last.
    pub last_seen_at: DateTime<Utc>,
}

/// Adds visits.
pub fn insert_visits(db: &mut Db, visits: &[Visits]) -> Result<(), StoreError> {
    for chunk in visits.chunks(ROWS_MAX) {
        let row = |it: &Visits| {
            (
                site_customer::site_id.eq(DbId::from(it.site)),
                site_customer::customer_id.eq(DbId::from(it.customer)),
                site_customer::source.eq(it.source),
                site_customer::version.eq(1),
                site_customer::first_seen_at.eq(DbTime::from(it.first_seen_at)),
                site_customer::last_seen_at.eq(DbTime::from(it.last_seen_at)),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(site_customer::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Adds limit counters: each move's key with its amount as what was used.
pub fn insert_counters(db: &mut Db, counters: &[(TemplateId, CounterMove)]) -> Result<(), StoreError> {
    for chunk in counters.chunks(ROWS_MAX) {
        let row = |(owner, counter): &(TemplateId, CounterMove)| {
            (
                limit_counter::owner_id.eq(DbId::from(*owner)),
                limit_counter::metric.eq(counter.metric.as_str()),
                limit_counter::subject_kind.eq(counter.subject_kind.as_str()),
                limit_counter::subject_id.eq(DbId(counter.subject)),
                limit_counter::period.eq(counter.period.as_str()),
                limit_counter::period_start.eq(counter.period_start.to_string()),
                limit_counter::used.eq(counter.amount),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(limit_counter::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// A store's day as it was closed, or stands.
#[derive(Debug, Clone, Copy)]
pub struct PastDay {
    /// The store.
    pub store: NodeId,
    /// The local day.
    pub day: NaiveDate,
    /// What is booked on it.
    pub totals: Totals,
    /// Who signed it, and when.
    pub signed: Option<(StaffId, DateTime<Utc>)>,
}

/// Adds days of stores.
pub fn insert_days(db: &mut Db, days: &[PastDay]) -> Result<(), StoreError> {
    for chunk in days.chunks(ROWS_MAX) {
        let row = |it: &PastDay| {
            (
                store_day::site_id.eq(DbId::from(it.store)),
                store_day::local_day.eq(it.day.to_string()),
                store_day::redemptions.eq(it.totals.redemptions),
                store_day::reversals.eq(it.totals.reversals),
                store_day::order_amount_fen.eq(it.totals.order_amount.fen()),
                store_day::discount_fen.eq(it.totals.discount.fen()),
                store_day::signed_by.eq(it.signed.map(|(by, _)| DbId::from(by))),
                store_day::signed_at.eq(it.signed.map(|(_, at)| DbTime::from(at))),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        each!(db, |c| diesel::insert_into(store_day::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// What was issued, claimed, promised and spent of a template, in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StockTotals {
    /// How many were issued.
    pub issued: i64,
    /// How many of them found an owner.
    pub claimed: i64,
    /// Promised to coupons that may still be redeemed, in fen.
    pub committed_fen: i64,
    /// Given away by redemptions, in fen.
    pub spent_fen: i64,
}

/// Sets the totals of a stock.
pub fn set_stock(db: &mut Db, template: TemplateId, totals: &StockTotals) -> Result<(), StoreError> {
    diesel::update(coupon_stock::table.find(DbId::from(template)))
        .set((
            coupon_stock::issued.eq(totals.issued),
            coupon_stock::claimed.eq(totals.claimed),
            coupon_stock::committed_fen.eq(totals.committed_fen),
            coupon_stock::spent_fen.eq(totals.spent_fen),
        ))
        .execute(db)?;
    Ok(())
}

/// Sets what was issued under a quota.
pub fn set_quota_issued(db: &mut Db, template: TemplateId, holder: NodeId, issued: i64) -> Result<(), StoreError> {
    diesel::update(coupon_quota::table.find((DbId::from(template), DbId::from(holder))))
        .set(coupon_quota::issued.eq(issued))
        .execute(db)?;
    Ok(())
}
