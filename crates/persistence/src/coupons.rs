//! Coupons: the instances of templates.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    pg::PgConnection,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Binary, Nullable, Text},
};
use huike_coupons::{CouponState, codes::CodeShape};
use huike_kernel::{ChannelId, CodeBatchId, CouponId, CustomerId, Money, NodeId, TemplateId};

use crate::{
    Db, Outcome, StoreError,
    cached::{Cached, column},
    db::{each, lock_row},
    schema::coupon,
    sql_types::{DbId, DbTime, Id, Micros},
};

/// The code of a coupon as it is stored: found by a keyed hash, shown again by opening the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// Signed or plain.
    pub shape: CodeShape,
    /// HMAC of the canonical text.
    pub lookup: Vec<u8>,
    /// The code, encrypted with the coupon's id as associated data.
    pub sealed: Vec<u8>,
}

/// Who claimed it, when, and on which local day and hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// The owner.
    pub customer: CustomerId,
    /// When it was claimed.
    pub claimed_at: DateTime<Utc>,
    /// The local day of the claim.
    pub day: NaiveDate,
    /// The local hour of the claim.
    pub hour: u8,
}

/// One coupon (券).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// Its id.
    pub id: CouponId,
    /// Where it was claimed, or the batch's node while nobody owns it.
    pub site: NodeId,
    /// The node that owns the template.
    pub template_site: NodeId,
    /// The template.
    pub template: TemplateId,
    /// The version it was issued under, for good.
    pub template_version: i64,
    /// Where it stands.
    pub state: CouponState,
    /// Its owner, once claimed.
    pub owner: Option<Ownership>,
    /// The channel it came through.
    pub channel: Option<ChannelId>,
    /// The batch it was made in.
    pub batch: Option<CodeBatchId>,
    /// Its code.
    pub code: StoredCode,
    /// The first moment of use; unknown while validity counts from a claim nobody has made.
    pub usable_from: Option<DateTime<Utc>>,
    /// The first moment too late.
    pub expires_at: Option<DateTime<Utc>>,
    /// What the budget holds for it.
    pub committed: Money,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Counts its edges; the `seq` of its events.
    pub version: i64,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = coupon, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: DbId,
    site_id: DbId,
    template_site_id: DbId,
    template_id: DbId,
    template_version: i64,
    state: String,
    customer_id: Option<DbId>,
    channel_id: Option<DbId>,
    batch_id: Option<DbId>,
    code_kind: String,
    code_lookup: Vec<u8>,
    code_sealed: Vec<u8>,
    usable_from: Option<DbTime>,
    expires_at: Option<DbTime>,
    committed_fen: i64,
    issued_at: DbTime,
    claimed_at: Option<DbTime>,
    claim_day: Option<String>,
    claim_hour: Option<i64>,
    version: i64,
}

impl From<&Coupon> for Row {
    fn from(coupon: &Coupon) -> Self {
        Self {
            id: coupon.id.into(),
            site_id: coupon.site.into(),
            template_site_id: coupon.template_site.into(),
            template_id: coupon.template.into(),
            template_version: coupon.template_version,
            state: coupon.state.as_str().to_owned(),
            customer_id: coupon.owner.map(|owner| owner.customer.into()),
            channel_id: coupon.channel.map(Into::into),
            batch_id: coupon.batch.map(Into::into),
            code_kind: coupon.code.shape.as_str().to_owned(),
            code_lookup: coupon.code.lookup.clone(),
            code_sealed: coupon.code.sealed.clone(),
            usable_from: coupon.usable_from.map(Into::into),
            expires_at: coupon.expires_at.map(Into::into),
            committed_fen: coupon.committed.fen(),
            issued_at: coupon.issued_at.into(),
            claimed_at: coupon.owner.map(|owner| owner.claimed_at.into()),
            claim_day: coupon.owner.map(|owner| owner.day.to_string()),
            claim_hour: coupon.owner.map(|owner| i64::from(owner.hour)),
            version: coupon.version,
        }
    }
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("coupon", what)
}

fn ownership(row: &Row) -> Result<Option<Ownership>, StoreError> {
    let (Some(customer), Some(at), Some(day), Some(hour)) =
        (row.customer_id, row.claimed_at, &row.claim_day, row.claim_hour)
    else {
        return Ok(None);
    };
    Ok(Some(Ownership {
        customer: customer.into(),
        claimed_at: at.into(),
        day: day.parse().map_err(corrupt)?,
        hour: u8::try_from(hour).map_err(corrupt)?,
    }))
}

impl TryFrom<Row> for Coupon {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let shape = if row.code_kind == CodeShape::Signed.as_str() { CodeShape::Signed } else { CodeShape::Plain };
        Ok(Self {
            owner: ownership(&row)?,
            id: row.id.into(),
            site: row.site_id.into(),
            template_site: row.template_site_id.into(),
            template: row.template_id.into(),
            template_version: row.template_version,
            state: row.state.parse().map_err(corrupt)?,
            channel: row.channel_id.map(Into::into),
            batch: row.batch_id.map(Into::into),
            code: StoredCode { shape, lookup: row.code_lookup, sealed: row.code_sealed },
            usable_from: row.usable_from.map(Into::into),
            expires_at: row.expires_at.map(Into::into),
            committed: Money::from_fen(row.committed_fen),
            issued_at: row.issued_at.into(),
            version: row.version,
        })
    }
}

/// Keys of the statements that add coupons.
struct InsertOnSqlite;
struct InsertOnPostgres;

/// Adds coupons. One by one on SQLite, where a prepared statement costs next to nothing; all in one on PostgreSQL, where
/// each costs a round trip.
pub fn insert_many(db: &mut Db, coupons: &[Coupon]) -> Result<(), StoreError> {
    let rows: Vec<Row> = coupons.iter().map(Row::from).collect();
    match db {
        Db::Sqlite(c) => {
            for row in &rows {
                Cached::new(InsertOnSqlite, diesel::insert_into(coupon::table).values(row)).execute(c)?;
            }
        }
        Db::Postgres(c) => insert_on_postgres(c, &rows)?,
    }
    Ok(())
}

/// One text for any number of rows, so that it stays prepared; the columns in the order of the table.
fn insert_on_postgres(c: &mut PgConnection, rows: &[Row]) -> QueryResult<()> {
    let insert = sql_query(
        "INSERT INTO coupon (id, site_id, template_site_id, template_id, template_version, state, customer_id, \
         channel_id, batch_id, code_kind, code_lookup, code_sealed, usable_from, expires_at, committed_fen, issued_at, \
         claimed_at, claim_day, claim_hour, version) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
         $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind::<Array<Id>, _>(column(rows, |row| row.id))
    .bind::<Array<Id>, _>(column(rows, |row| row.site_id))
    .bind::<Array<Id>, _>(column(rows, |row| row.template_site_id))
    .bind::<Array<Id>, _>(column(rows, |row| row.template_id))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.template_version))
    .bind::<Array<Text>, _>(column(rows, |row| row.state.as_str()))
    .bind::<Array<Nullable<Id>>, _>(column(rows, |row| row.customer_id))
    .bind::<Array<Nullable<Id>>, _>(column(rows, |row| row.channel_id))
    .bind::<Array<Nullable<Id>>, _>(column(rows, |row| row.batch_id))
    .bind::<Array<Text>, _>(column(rows, |row| row.code_kind.as_str()))
    .bind::<Array<Binary>, _>(column(rows, |row| row.code_lookup.as_slice()))
    .bind::<Array<Binary>, _>(column(rows, |row| row.code_sealed.as_slice()))
    .bind::<Array<Nullable<Micros>>, _>(column(rows, |row| row.usable_from))
    .bind::<Array<Nullable<Micros>>, _>(column(rows, |row| row.expires_at))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.committed_fen))
    .bind::<Array<Micros>, _>(column(rows, |row| row.issued_at))
    .bind::<Array<Nullable<Micros>>, _>(column(rows, |row| row.claimed_at))
    .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.claim_day.as_deref()))
    .bind::<Array<Nullable<BigInt>>, _>(column(rows, |row| row.claim_hour))
    .bind::<Array<BigInt>, _>(column(rows, |row| row.version));
    Cached::new(InsertOnPostgres, insert).execute(c)?;
    Ok(())
}

/// The coupon, as it stands in this snapshot.
pub fn find(db: &mut Db, id: CouponId) -> Result<Option<Coupon>, StoreError> {
    let row: Option<Row> = coupon::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Coupon::try_from).transpose()
}

/// The id that a code belongs to. To act on it, [`lock`] it: what is read here may change at once.
pub fn find_id_by_code(db: &mut Db, lookup: &[u8]) -> Result<Option<CouponId>, StoreError> {
    Ok(coupon::table.filter(coupon::code_lookup.eq(lookup)).select(coupon::id).first(db).optional()?)
}

/// The coupon of a code, as it stands in this snapshot.
pub fn find_by_code(db: &mut Db, lookup: &[u8]) -> Result<Option<Coupon>, StoreError> {
    let found = coupon::table.filter(coupon::code_lookup.eq(lookup));
    let row: Option<Row> = found.select(Row::as_select()).first(db).optional()?;
    row.map(Coupon::try_from).transpose()
}

/// The coupon, locked until the transaction ends: the root of everything that happens to it.
pub fn lock(db: &mut Db, id: CouponId) -> Result<Option<Coupon>, StoreError> {
    let row: Option<Row> = lock_row!(db, coupon::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Coupon::try_from).transpose()
}

/// The coupon of a code, locked until the transaction ends.
pub fn lock_by_code(db: &mut Db, lookup: &[u8]) -> Result<Option<Coupon>, StoreError> {
    let row: Option<Row> =
        lock_row!(db, coupon::table.filter(coupon::code_lookup.eq(lookup)).select(Row::as_select()))?;
    row.map(Coupon::try_from).transpose()
}

/// Saves the coupon over the state and version it was read with; its version goes up by one. Refused when it moved
/// since: the second check behind the lock.
pub fn update(db: &mut Db, from: CouponState, coupon: &mut Coupon) -> Result<Outcome, StoreError> {
    let read = coupon.version;
    coupon.version = read.saturating_add(1);
    let row = Row::from(&*coupon);
    let rows = each!(db, |c| {
        diesel::update(coupon::table.find(row.id))
            .filter(coupon::version.eq(read))
            .filter(coupon::state.eq(from.as_str()))
            .set(&row)
            .execute(c)
    })?;
    Ok(Outcome::of(rows))
}
