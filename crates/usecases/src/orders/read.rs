//! Reading orders.

use huike_access::Permission;
use huike_kernel::{CustomerId, OrderId};
use huike_persistence::{
    Db, StoreError,
    orders::{self, Allocation, Discount, Order, OrderLine, Tender},
};

use crate::{Caller, UseCaseError};

/// An order with all that belongs to it.
#[derive(Debug, Clone)]
pub struct ShownOrder {
    /// The order.
    pub order: Order,
    /// Its lines.
    pub lines: Vec<OrderLine>,
    /// What took something off.
    pub discounts: Vec<Discount>,
    /// What each of those took off each line.
    pub allocations: Vec<Allocation>,
    /// What of it is paid with stored value.
    pub tenders: Vec<Tender>,
}

/// Who looks.
#[derive(Debug, Clone, Copy)]
pub enum OrderSight {
    /// The customer, at their own.
    Own(CustomerId),
    /// Staff, at what lies in their reach.
    Staff,
}

/// The order, if the caller may know of it.
pub fn find_order(
    db: &mut Db,
    caller: &Caller,
    (id, sight): (OrderId, OrderSight),
) -> Result<ShownOrder, UseCaseError> {
    let order = orders::find(db, id)?.ok_or(UseCaseError::NotFound("order"))?;
    match sight {
        OrderSight::Own(customer) if order.customer != customer => return Err(UseCaseError::NotFound("order")),
        OrderSight::Own(_) => {}
        OrderSight::Staff => caller.reach(db, order.site, Permission::OrderRead, "order")?,
    }
    Ok(with_lines(db, order)?)
}

/// The order with its lines.
pub fn with_lines(db: &mut Db, order: Order) -> Result<ShownOrder, StoreError> {
    let id = order.id;
    Ok(ShownOrder {
        order,
        lines: orders::list_lines(db, id)?,
        discounts: orders::list_discounts(db, id)?,
        allocations: orders::list_allocations(db, id)?,
        tenders: orders::list_tenders(db, id)?,
    })
}
