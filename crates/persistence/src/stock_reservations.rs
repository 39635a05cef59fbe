//! Goods kept for an order until they are sold or let go.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use huike_kernel::{NodeId, ReservationId, SkuId};
use huike_orders::stock::{HolderKind, ReservationState};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_rows},
    schema::stock_reservation::{self, dsl},
    sql_types::{DbId, DbTime},
};

/// For whom goods are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// What it is.
    pub kind: HolderKind,
    /// Which one.
    pub id: Uuid,
}

/// So many of a SKU at a place, kept for somebody (预占).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// Of what.
    pub sku: SkuId,
    /// Where.
    pub site: NodeId,
    /// How many.
    pub quantity: i64,
    /// For whom.
    pub holder: Holder,
    /// Where it stands.
    pub state: ReservationState,
    /// How long they are kept at least.
    pub expires_at: DateTime<Utc>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_reservation, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    sku_id: DbId,
    site_id: DbId,
    quantity: i64,
    holder_kind: String,
    holder_id: DbId,
    state: String,
    expires_at: DbTime,
    created_at: DbTime,
    ended_at: Option<DbTime>,
}

impl From<&Reservation> for Row {
    fn from(it: &Reservation) -> Self {
        Self {
            id: it.id.into(),
            sku_id: it.sku.into(),
            site_id: it.site.into(),
            quantity: it.quantity,
            holder_kind: it.holder.kind.as_str().to_owned(),
            holder_id: DbId(it.holder.id),
            state: it.state.as_str().to_owned(),
            expires_at: it.expires_at.into(),
            created_at: it.created_at.into(),
            ended_at: None,
        }
    }
}

impl TryFrom<Row> for Reservation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("stock_reservation", what);
        let kind = row.holder_kind.parse().map_err(|_word| corrupt("holder"))?;
        Ok(Self {
            id: row.id.into(),
            sku: row.sku_id.into(),
            site: row.site_id.into(),
            quantity: row.quantity,
            holder: Holder { kind, id: row.holder_id.0 },
            state: row.state.parse().map_err(|_word| corrupt("state"))?,
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a reservation whose goods were kept. Refused where the holder has one of this SKU at this place already.
pub fn insert(db: &mut Db, new: &Reservation) -> Result<Outcome, StoreError> {
    let row = Row::from(new);
    let rows = each!(db, |c| {
        diesel::insert_into(stock_reservation::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// What is or was kept for the holder, in the order of (SKU, place), locked until the transaction ends.
pub fn lock_of(db: &mut Db, holder: Holder) -> Result<Vec<Reservation>, StoreError> {
    let rows: Vec<Row> = lock_rows!(
        db,
        dsl::stock_reservation
            .filter(dsl::holder_kind.eq(holder.kind.as_str()))
            .filter(dsl::holder_id.eq(DbId(holder.id)))
            .order((dsl::sku_id, dsl::site_id))
            .select(Row::as_select())
    )?;
    rows.into_iter().map(Reservation::try_from).collect()
}

/// Ends an open reservation. Refused where it has ended.
pub fn end(db: &mut Db, id: ReservationId, state: ReservationState, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(dsl::stock_reservation.find(DbId::from(id)))
        .filter(dsl::state.eq(ReservationState::Open.as_str()))
        .set((dsl::state.eq(state.as_str()), dsl::ended_at.eq(Some(DbTime::from(now)))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Holders of that kind of goods whose time is over, the longest waiting first; at most so many of their reservations are
/// looked at.
pub fn list_due(db: &mut Db, kind: HolderKind, now: DateTime<Utc>, limit: i64) -> Result<Vec<Holder>, StoreError> {
    let rows: Vec<Row> = dsl::stock_reservation
        .filter(sql::<Bool>("state = 'open'"))
        .filter(dsl::holder_kind.eq(kind.as_str()))
        .filter(dsl::expires_at.le(DbTime::from(now)))
        .order((dsl::expires_at, dsl::id))
        .limit(limit)
        .select(Row::as_select())
        .load(db)?;
    let mut holders: Vec<Holder> = Vec::new();
    for row in rows {
        let holder = Reservation::try_from(row)?.holder;
        if !holders.contains(&holder) {
            holders.push(holder);
        }
    }
    Ok(holders)
}
