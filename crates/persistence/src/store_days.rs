//! A store's local days: running totals until finance signs them (日结签字).
//!
//! Redemption, undo and signing meet in one row. Each is a guarded upsert on it, so whoever comes second sees what the
//! first one did: a signed day takes nothing more, and its totals hold everything it took.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, query_dsl::methods::FilterDsl};
use huike_kernel::{Money, NodeId, StaffId};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::store_day::{self, dsl},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// What is booked on a day. Amounts are net: an undo takes its figures off the day it is booked on, which may not be
/// the day of the redemption, so they can fall below zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Redemptions, undone ones included.
    pub redemptions: i64,
    /// Undos booked on this day.
    pub reversals: i64,
    /// Order amounts.
    pub order_amount: Money,
    /// Discounts.
    pub discount: Money,
}

impl Totals {
    /// What one redemption adds.
    pub fn of_redemption(order_amount: Option<Money>, discount: Money) -> Self {
        Self { redemptions: 1, reversals: 0, order_amount: order_amount.unwrap_or(Money::ZERO), discount }
    }

    /// What the undo of one redemption adds.
    pub fn of_reversal(order_amount: Option<Money>, discount: Money) -> Self {
        let minus = |amount: Money| Money::from_fen(amount.fen().saturating_neg());
        Self {
            redemptions: 0,
            reversals: 1,
            order_amount: minus(order_amount.unwrap_or(Money::ZERO)),
            discount: minus(discount),
        }
    }
}

/// One local day of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreDay {
    /// The store.
    pub store: NodeId,
    /// The day.
    pub day: NaiveDate,
    /// What is booked on it.
    pub totals: Totals,
    /// Who signed it, and when.
    pub signed: Option<(StaffId, DateTime<Utc>)>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = store_day)]
struct Row {
    site_id: NodeId,
    local_day: String,
    redemptions: i64,
    reversals: i64,
    order_amount_fen: i64,
    discount_fen: i64,
    signed_by: Option<DbId>,
    signed_at: Option<DbTime>,
}

impl TryFrom<Row> for StoreDay {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            store: row.site_id,
            day: row.local_day.parse().map_err(|error| StoreError::corrupt("store_day", error))?,
            totals: Totals {
                redemptions: row.redemptions,
                reversals: row.reversals,
                order_amount: Money::from_fen(row.order_amount_fen),
                discount: Money::from_fen(row.discount_fen),
            },
            signed: row.signed_by.zip(row.signed_at).map(|(by, at)| (by.into(), at.into())),
        })
    }
}

/// Books on a day. Refused when it is signed.
pub fn book(db: &mut Db, store: NodeId, day: NaiveDate, add: &Totals) -> Result<Outcome, StoreError> {
    let row = (
        dsl::site_id.eq(DbId::from(store)),
        dsl::local_day.eq(day.to_string()),
        dsl::redemptions.eq(add.redemptions),
        dsl::reversals.eq(add.reversals),
        dsl::order_amount_fen.eq(add.order_amount.fen()),
        dsl::discount_fen.eq(add.discount.fen()),
    );
    let rows = each!(db, |c| {
        let upsert = diesel::insert_into(store_day::table)
            .values(row)
            .on_conflict((dsl::site_id, dsl::local_day))
            .do_update()
            .set((
                dsl::redemptions.eq(store_day::redemptions + add.redemptions),
                dsl::reversals.eq(store_day::reversals + add.reversals),
                dsl::order_amount_fen.eq(store_day::order_amount_fen + add.order_amount.fen()),
                dsl::discount_fen.eq(store_day::discount_fen + add.discount.fen()),
            ));
        // Named in full: the prelude's `filter` is for queries only.
        FilterDsl::filter(upsert, store_day::signed_at.is_null()).execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Signs a day for good, one on which nothing happened too. Refused when it is signed already.
pub fn sign(
    db: &mut Db,
    store: NodeId,
    day: NaiveDate,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let signature = (dsl::signed_by.eq(Some(DbId::from(by))), dsl::signed_at.eq(Some(DbTime::from(now))));
    let row = (
        dsl::site_id.eq(DbId::from(store)),
        dsl::local_day.eq(day.to_string()),
        dsl::redemptions.eq(0),
        dsl::reversals.eq(0),
        dsl::order_amount_fen.eq(0),
        dsl::discount_fen.eq(0),
        signature,
    );
    let rows = each!(db, |c| {
        let upsert = diesel::insert_into(store_day::table)
            .values(row)
            .on_conflict((dsl::site_id, dsl::local_day))
            .do_update()
            .set(signature);
        FilterDsl::filter(upsert, store_day::signed_at.is_null()).execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// The day, as it stands in this snapshot; `None` where nothing happened on it.
pub fn find(db: &mut Db, store: NodeId, day: NaiveDate) -> Result<Option<StoreDay>, StoreError> {
    let row: Option<Row> =
        dsl::store_day.find((DbId::from(store), day.to_string())).select(Row::as_select()).first(db).optional()?;
    row.map(StoreDay::try_from).transpose()
}

/// What narrows a list of days.
#[derive(Debug, Clone, Copy, Default)]
pub struct DayFilter {
    /// Only of stores at or below this node.
    pub under: Option<NodeId>,
    /// From this day on.
    pub first: Option<NaiveDate>,
    /// Up to this day, included.
    pub last: Option<NaiveDate>,
    /// Only signed ones, or only open ones.
    pub signed: Option<bool>,
}

/// Days of stores at or below the roots, the latest first and by store within a day, `limit` of them after `after`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &DayFilter,
    after: Option<(NaiveDate, NodeId)>,
    limit: i64,
) -> Result<Vec<StoreDay>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = QueryDsl::filter(store_day::table, dsl::site_id.eq_any(subtree(roots)))
            .order((dsl::local_day.desc(), dsl::site_id))
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(node) = filter.under {
            query = QueryDsl::filter(query, dsl::site_id.eq_any(subtree(&[node])));
        }
        if let Some(first) = filter.first {
            query = QueryDsl::filter(query, dsl::local_day.ge(first.to_string()));
        }
        if let Some(last) = filter.last {
            query = QueryDsl::filter(query, dsl::local_day.le(last.to_string()));
        }
        match filter.signed {
            Some(true) => query = QueryDsl::filter(query, dsl::signed_at.is_not_null()),
            Some(false) => query = QueryDsl::filter(query, dsl::signed_at.is_null()),
            None => {}
        }
        if let Some((day, store)) = after {
            let day = day.to_string();
            let same_day = dsl::local_day.eq(day.clone()).and(dsl::site_id.gt(DbId::from(store)));
            query = QueryDsl::filter(query, dsl::local_day.lt(day).or(same_day));
        }
        query.load(c)
    })?;
    rows.into_iter().map(StoreDay::try_from).collect()
}
