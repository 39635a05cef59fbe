//! Lists of orders.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use huike_kernel::{CustomerId, NodeId, OrderId};
use huike_orders::order::OrderState;

use super::{Order, Row};
use crate::{
    Db, StoreError,
    schema::customer_order,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// What narrows a list of orders.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderFilter {
    /// Only of this customer.
    pub customer: Option<CustomerId>,
    /// Only at or below this node.
    pub under: Option<NodeId>,
    /// Only in this state.
    pub state: Option<OrderState>,
    /// Only placed at this moment or later.
    pub placed_from: Option<DateTime<Utc>>,
    /// Only placed before this moment.
    pub placed_before: Option<DateTime<Utc>>,
}

/// Orders, newest first, `limit` of them before `before`; with `roots` only those at or below them.
pub fn list(
    db: &mut Db,
    roots: Option<&[NodeId]>,
    filter: &OrderFilter,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    let mut query =
        customer_order::table.order(customer_order::id.desc()).limit(limit).select(Row::as_select()).into_boxed();
    if let Some(roots) = roots {
        query = query.filter(customer_order::site_id.eq_any(subtree(roots)));
    }
    if let Some(customer) = filter.customer {
        query = query.filter(customer_order::customer_id.eq(DbId::from(customer)));
    }
    if let Some(node) = filter.under {
        query = query.filter(customer_order::site_id.eq_any(subtree(&[node])));
    }
    if let Some(state) = filter.state {
        query = query.filter(customer_order::state.eq(state.as_str()));
    }
    if let Some(from) = filter.placed_from {
        query = query.filter(customer_order::placed_at.ge(DbTime::from(from)));
    }
    if let Some(end) = filter.placed_before {
        query = query.filter(customer_order::placed_at.lt(DbTime::from(end)));
    }
    if let Some(before) = before {
        query = query.filter(customer_order::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Order::try_from).collect()
}

/// Orders that wait for a payment past their time, the longest waiting first, `limit` of them. To act on one, lock it.
pub fn list_due(db: &mut Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<OrderId>, StoreError> {
    // The word is written out: only then the database sees that the index of unpaid orders serves.
    Ok(customer_order::table
        .filter(sql::<Bool>("state = 'created'"))
        .filter(customer_order::expires_at.le(DbTime::from(now)))
        .order((customer_order::expires_at, customer_order::id))
        .limit(limit)
        .select(customer_order::id)
        .load(db)?)
}
