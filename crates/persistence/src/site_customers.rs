//! What staff may see of customers: those who have been to a node of theirs, and what that node keeps of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_access::{Scope, Sight};
use huike_kernel::{CustomerId, NodeId, Phone};

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{customer, customer_tag, site_customer},
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// A customer of the brand, as staff see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRecord {
    /// Their id.
    pub id: CustomerId,
    /// Their phone number, unless they have none or were erased.
    pub phone: Option<Phone>,
    /// The name they gave.
    pub name: Option<String>,
    /// Why they are blocked in the whole brand, if they are.
    pub block_reason: Option<String>,
    /// Whether they were erased: what is left is a pseudonym.
    pub is_erased: bool,
    /// How often the row changed; guards against lost updates.
    pub version: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = customer)]
struct Row {
    id: CustomerId,
    phone: Option<String>,
    name: Option<String>,
    state: String,
    block_reason: Option<String>,
    version: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for CustomerRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let phone = row.phone.map(|text| text.parse()).transpose();
        Ok(Self {
            id: row.id,
            phone: phone.map_err(|error| StoreError::corrupt("customer", error))?,
            name: row.name,
            block_reason: row.block_reason,
            is_erased: row.state == "erased",
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// What a node keeps of a customer who has been there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteCustomer {
    /// The node.
    pub site: NodeId,
    /// The customer.
    pub customer: CustomerId,
    /// What brought them there first.
    pub source: String,
    /// Why they are blocked there, if they are.
    pub block_reason: Option<String>,
    /// Since when they are blocked.
    pub blocked_at: Option<DateTime<Utc>>,
    /// How often the row changed; guards against lost updates.
    pub version: i64,
    /// The first time.
    pub first_seen_at: DateTime<Utc>,
    /// The last time.
    pub last_seen_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = site_customer)]
struct SiteRow {
    site_id: NodeId,
    customer_id: CustomerId,
    source: String,
    block_reason: Option<String>,
    blocked_at: Option<DbTime>,
    version: i64,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
}

impl From<SiteRow> for SiteCustomer {
    fn from(row: SiteRow) -> Self {
        Self {
            site: row.site_id,
            customer: row.customer_id,
            source: row.source,
            block_reason: row.block_reason,
            blocked_at: row.blocked_at.map(Into::into),
            version: row.version,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
        }
    }
}

/// How a customer is looked for by phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneQuery {
    /// By the whole number.
    Full(Phone),
    /// By its last four digits.
    Tail(String),
}

/// What narrows a list of customers.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Only with this number.
    pub phone: Option<PhoneQuery>,
    /// Only with this tag, given by a node in scope.
    pub tag: Option<String>,
}

/// Customers who have been to a node at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &CustomerFilter,
    before: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<CustomerRecord>, StoreError> {
    let seen =
        site_customer::table.filter(site_customer::site_id.eq_any(subtree(roots))).select(site_customer::customer_id);
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = customer::table
            .filter(customer::id.eq_any(seen))
            .select(Row::as_select())
            .order(customer::id.desc())
            .limit(limit)
            .into_boxed();
        match &filter.phone {
            Some(PhoneQuery::Full(phone)) => query = query.filter(customer::phone.eq(phone.as_str())),
            Some(PhoneQuery::Tail(tail)) => query = query.filter(customer::phone_tail.eq(tail)),
            None => {}
        }
        if let Some(tag) = &filter.tag {
            let tagged = customer_tag::table.filter(customer_tag::tag.eq(tag));
            let tagged = tagged.filter(customer_tag::site_id.eq_any(subtree(roots)));
            query = query.filter(customer::id.eq_any(tagged.select(customer_tag::customer_id)));
        }
        if let Some(before) = before {
            query = query.filter(customer::id.lt(DbId::from(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(CustomerRecord::try_from).collect()
}

/// The customer with that id, whoever asks. What the asker may know is for [`sight`].
pub fn find(db: &mut Db, id: CustomerId) -> Result<Option<CustomerRecord>, StoreError> {
    let row = customer::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(CustomerRecord::try_from).transpose()
}

/// The customer with that id, kept for this transaction.
pub fn lock(db: &mut Db, id: CustomerId) -> Result<Option<CustomerRecord>, StoreError> {
    let row = lock_row!(db, customer::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(CustomerRecord::try_from).transpose()
}

/// What the caller may know of a customer: the most that one of the nodes allows where the customer has been.
pub fn sight(db: &mut Db, scope: &Scope, id: CustomerId) -> Result<Sight, StoreError> {
    if has_been(db, &scope.permitted, id)? {
        return Ok(Sight::Permitted);
    }
    Ok(if has_been(db, &scope.visible, id)? { Sight::Visible } else { Sight::Hidden })
}

fn has_been(db: &mut Db, roots: &[NodeId], id: CustomerId) -> Result<bool, StoreError> {
    let row: Option<NodeId> = site_customer::table
        .filter(site_customer::customer_id.eq(DbId::from(id)))
        .filter(site_customer::site_id.eq_any(subtree(roots)))
        .select(site_customer::site_id)
        .first(db)
        .optional()?;
    Ok(row.is_some())
}

/// The nodes at or below the roots where the customer has been, in the order they came.
pub fn list_sites(db: &mut Db, roots: &[NodeId], id: CustomerId) -> Result<Vec<SiteCustomer>, StoreError> {
    let rows: Vec<SiteRow> = site_customer::table
        .filter(site_customer::customer_id.eq(DbId::from(id)))
        .filter(site_customer::site_id.eq_any(subtree(roots)))
        .order((site_customer::first_seen_at, site_customer::site_id))
        .select(SiteRow::as_select())
        .load(db)?;
    Ok(rows.into_iter().map(SiteCustomer::from).collect())
}

/// What the node keeps of the customer, kept for this transaction. `None` if they have never been there.
pub fn lock_site(db: &mut Db, site: NodeId, id: CustomerId) -> Result<Option<SiteCustomer>, StoreError> {
    let key = (DbId::from(site), DbId::from(id));
    let row = lock_row!(db, site_customer::table.find(key).select(SiteRow::as_select()))?;
    Ok(row.map(SiteCustomer::from))
}

/// Blocks the customer at the node, or with `None` lifts that. Refused when the row changed since it was read.
pub fn set_site_block(
    db: &mut Db,
    read: &SiteCustomer,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(site_customer::table.find((DbId::from(read.site), DbId::from(read.customer))))
        .filter(site_customer::version.eq(read.version))
        .set((
            site_customer::block_reason.eq(reason),
            site_customer::blocked_at.eq(reason.map(|_| DbTime::from(now))),
            site_customer::version.eq(read.version + 1),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Blocks the customer in the whole brand, or with `None` lifts that. Refused when the row changed since it was read, or for one
/// who was erased.
pub fn set_brand_block(
    db: &mut Db,
    read: &CustomerRecord,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(customer::table.find(DbId::from(read.id)))
        .filter(customer::version.eq(read.version).and(customer::state.ne("erased")))
        .set((
            customer::state.eq(if reason.is_some() { "blocked" } else { "active" }),
            customer::block_reason.eq(reason),
            customer::version.eq(read.version + 1),
            customer::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}
