//! Carts that were quoted, kept for a while so that an offer can be tried on them. No names, no phones and no birthdays:
//! a customer is an id, which says nothing once they are erased.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use huike_kernel::{AreaCode, CustomerId, NodeId};
use huike_pricing::Cart;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    schema::quoted_cart::{self, dsl},
    scope::subtree,
    sql_types::{DbId, DbJson, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// A cart as it was quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedCart {
    /// Its id.
    pub id: Uuid,
    /// The site or store that quoted it.
    pub site: NodeId,
    /// Whose it was, if that was known.
    pub customer: Option<CustomerId>,
    /// When.
    pub quoted_at: DateTime<Utc>,
    /// The day there.
    pub local_day: NaiveDate,
    /// What was known of the order and of how the customer stands.
    pub told: ToldThen,
    /// What was in it, and how it was shipped.
    pub cart: Cart,
}

/// What was known of an order when it was quoted, as far as offers ask for it. A birthday is not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToldThen {
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The district the goods go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_area: Option<AreaCode>,
    /// How it would be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// The tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The segments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Orders completed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_orders: Option<u32>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = quoted_cart, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    customer_id: Option<DbId>,
    quoted_at: DbTime,
    local_day: String,
    told: DbJson,
    cart: DbJson,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("quoted_cart", what)
}

impl TryFrom<&QuotedCart> for Row {
    type Error = StoreError;

    fn try_from(cart: &QuotedCart) -> Result<Self, StoreError> {
        Ok(Self {
            id: cart.id.into(),
            site_id: cart.site.into(),
            customer_id: cart.customer.map(Into::into),
            quoted_at: cart.quoted_at.into(),
            local_day: cart.local_day.to_string(),
            told: DbJson::of(&cart.told).map_err(corrupt)?,
            cart: DbJson::of(&cart.cart).map_err(corrupt)?,
        })
    }
}

impl TryFrom<Row> for QuotedCart {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            customer: row.customer_id.map(Into::into),
            quoted_at: row.quoted_at.into(),
            local_day: row.local_day.parse().map_err(corrupt)?,
            told: row.told.parse().map_err(corrupt)?,
            cart: row.cart.parse().map_err(corrupt)?,
        })
    }
}

/// Adds carts.
pub fn insert_many(db: &mut Db, carts: &[QuotedCart]) -> Result<(), StoreError> {
    for chunk in carts.chunks(ROWS_MAX) {
        let rows: Vec<Row> = chunk.iter().map(Row::try_from).collect::<Result<_, _>>()?;
        each!(db, |c| diesel::insert_into(quoted_cart::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Carts quoted at or below a node from then on, the newest first: so many, after the last one of those before.
pub fn list_since(
    db: &mut Db,
    (node, since): (NodeId, DateTime<Utc>),
    after: Option<&QuotedCart>,
    limit: i64,
) -> Result<Vec<QuotedCart>, StoreError> {
    let mut query = dsl::quoted_cart
        .filter(dsl::site_id.eq_any(subtree(&[node])))
        .filter(dsl::quoted_at.ge(DbTime::from(since)))
        .order((dsl::quoted_at.desc(), dsl::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(last) = after {
        let (at, id) = (last.quoted_at, DbId::from(last.id));
        let earlier = dsl::quoted_at.lt(DbTime::from(at));
        query = query.filter(dsl::quoted_at.le(DbTime::from(at))).filter(earlier.or(dsl::id.lt(id)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(QuotedCart::try_from).collect()
}

/// Drops carts quoted before then, at most so many; says how many.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let due: Vec<DbId> =
        dsl::quoted_cart.filter(dsl::quoted_at.lt(DbTime::from(before))).limit(limit).select(dsl::id).load(db)?;
    Ok(diesel::delete(dsl::quoted_cart.filter(dsl::id.eq_any(due))).execute(db)?)
}
