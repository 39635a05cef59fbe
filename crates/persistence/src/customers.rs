//! Customers: one per brand, known by what sign-in providers say of them, seen by staff through the sites they visit.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    pg::PgConnection,
    prelude::*,
    sql_query,
    sql_types::{Array, Text},
};
use huike_kernel::{CustomerId, NodeId, Phone};

use crate::{
    Db, Outcome, StoreError,
    cached::Cached,
    db::each,
    schema::{customer, customer_identity, site_customer},
    sql_types::{DbId, DbTime, Id, Micros},
};

/// When a customer was last seen is kept to the hour: whoever signs in and claims is one visit, and one write.
const SAME_VISIT: TimeDelta = TimeDelta::hours(1);

/// What a sign-in provider vouches for. The subject is hashed with a key: an openid or a phone number never lies in
/// the table in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider, such as `dev` or `wechat`.
    pub provider: &'static str,
    /// An HMAC of the provider's name for the person.
    pub subject_hash: [u8; 32],
    /// The phone number, where the provider has checked it.
    pub phone: Option<Phone>,
}

/// The customer with that identity.
pub fn find_by_identity(db: &mut Db, identity: &Identity) -> Result<Option<CustomerId>, StoreError> {
    let row = customer_identity::table
        .find((identity.provider, identity.subject_hash.as_slice()))
        .select(customer_identity::customer_id)
        .first(db)
        .optional()?;
    Ok(row)
}

/// The customer with that phone number.
pub fn find_by_phone(db: &mut Db, phone: &Phone) -> Result<Option<CustomerId>, StoreError> {
    Ok(customer::table.filter(customer::phone.eq(phone.as_str())).select(customer::id).first(db).optional()?)
}

/// Adds a customer of the brand. Refused when somebody else took the phone number in the meantime.
pub fn insert(
    db: &mut Db,
    id: CustomerId,
    head: NodeId,
    phone: Option<&Phone>,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let row = (
        customer::id.eq(DbId::from(id)),
        customer::site_id.eq(DbId::from(head)),
        customer::phone.eq(phone.map(Phone::as_str)),
        customer::phone_tail.eq(phone.map(Phone::tail)),
        customer::state.eq("active"),
        customer::active_redemptions.eq(0),
        customer::version.eq(1),
        customer::created_at.eq(DbTime::from(now)),
        customer::updated_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| {
        diesel::insert_into(customer::table).values(row).on_conflict(customer::phone).do_nothing().execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Ties an identity to a customer. Refused when it was tied in the meantime.
pub fn insert_identity(
    db: &mut Db,
    identity: &Identity,
    id: CustomerId,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let row = (
        customer_identity::provider.eq(identity.provider),
        customer_identity::subject_hash.eq(identity.subject_hash.to_vec()),
        customer_identity::customer_id.eq(DbId::from(id)),
        customer_identity::created_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| {
        diesel::insert_into(customer_identity::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Notes that the customer visits the site, the first time with where they came from.
pub fn note_visit(
    db: &mut Db,
    site: NodeId,
    id: CustomerId,
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    note_visits(db, &BTreeSet::from([(site, id)]), source, now)
}

/// Keys of the statements that note visits.
struct NoteOnSqlite;
struct NoteOnPostgres;

/// Notes several visits, in one order, so that nobody waits for somebody who waits for them. Who was seen there less than
/// an hour ago is left as they are.
pub fn note_visits(
    db: &mut Db,
    visits: &BTreeSet<(NodeId, CustomerId)>,
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let before = DbTime::from(now - SAME_VISIT);
    match db {
        Db::Postgres(c) => note_on_postgres(c, visits, source, (now, before))?,
        Db::Sqlite(c) => {
            use diesel::query_dsl::methods::FilterDsl;
            for (site, id) in visits {
                let row = (
                    site_customer::site_id.eq(DbId::from(site)),
                    site_customer::customer_id.eq(DbId::from(id)),
                    site_customer::source.eq(source),
                    site_customer::version.eq(1),
                    site_customer::first_seen_at.eq(DbTime::from(now)),
                    site_customer::last_seen_at.eq(DbTime::from(now)),
                );
                let upsert = diesel::insert_into(site_customer::table)
                    .values(row)
                    .on_conflict((site_customer::site_id, site_customer::customer_id))
                    .do_update()
                    .set(site_customer::last_seen_at.eq(DbTime::from(now)));
                // Named in full: the prelude's `filter` is for queries only.
                let upsert = FilterDsl::filter(upsert, site_customer::last_seen_at.lt(before));
                let _: Vec<i64> = Cached::new(NoteOnSqlite, upsert.returning(site_customer::version)).load(c)?;
            }
        }
    }
    Ok(())
}

fn note_on_postgres(
    c: &mut PgConnection,
    visits: &BTreeSet<(NodeId, CustomerId)>,
    source: &str,
    (now, before): (DateTime<Utc>, DbTime),
) -> QueryResult<()> {
    if visits.is_empty() {
        return Ok(());
    }
    // Left out beforehand: an upsert locks what it finds, and a lock is a write.
    let upsert = sql_query(
        "INSERT INTO site_customer (site_id, customer_id, source, version, first_seen_at, last_seen_at) \
         SELECT *, $3, 1, $4, $4 FROM unnest($1, $2) AS visit (site_id, customer_id) \
         WHERE NOT EXISTS (SELECT 1 FROM site_customer AS known WHERE known.site_id = visit.site_id \
         AND known.customer_id = visit.customer_id AND known.last_seen_at >= $5) \
         ON CONFLICT (site_id, customer_id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
    )
    .bind::<Array<Id>, _>(visits.iter().map(|(site, _)| DbId::from(site)).collect::<Vec<_>>())
    .bind::<Array<Id>, _>(visits.iter().map(|(_, id)| DbId::from(id)).collect::<Vec<_>>())
    .bind::<Text, _>(source)
    .bind::<Micros, _>(DbTime::from(now))
    .bind::<Micros, _>(before);
    Cached::new(NoteOnPostgres, upsert).execute(c)?;
    Ok(())
}

/// What a customer sees of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// Their phone number, unless they have none or were erased.
    pub phone: Option<Phone>,
    /// The name they gave.
    pub name: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

type Row = (CustomerId, Option<String>, Option<String>, DateTime<Utc>);

/// The customer with that id.
pub fn find(db: &mut Db, id: CustomerId) -> Result<Option<Customer>, StoreError> {
    let row: Option<Row> = customer::table
        .find(DbId::from(id))
        .select((customer::id, customer::phone, customer::name, customer::created_at))
        .first(db)
        .optional()?;
    row.map(|(id, phone, name, created_at)| {
        let phone =
            phone.map(|text| text.parse()).transpose().map_err(|error| StoreError::corrupt("customer", error))?;
        Ok(Customer { id, phone, name, created_at })
    })
    .transpose()
}
