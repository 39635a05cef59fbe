//! Orders (订单): placed, paid, given up.
//!
//! Placing takes everything in one transaction or nothing: goods, coupons with their limits, uses of offers, stored value.
//! Locks are taken in the one order: the order, coupons by id, the customer, limit counters, stock, accounts, what is left of
//! templates and offers, events.

mod close;
mod coupons;
mod deliver;
mod goods;
mod pay;
mod payments;
mod place;
mod read;
mod stored_value;
mod written;

pub use close::{CancelAsk, Stepped, cancel_order, expire_order};
pub use deliver::{Delivery, deliver_order};
pub use goods::Goods;
pub use payments::{Begun, Told, begin_payment, is_gone, take_notice};
pub use place::{PlaceAsk, Placed, place_order};
pub use read::{OrderSight, ShownOrder, find_order, with_lines};

use huike_kernel::OrderId;
use huike_orders::stock::HolderKind;
use huike_persistence::{Outcome, StoreError, orders::Order, stock_reservations::Holder};
use serde_json::{Value, json};

use crate::record::Aggregate;

/// What an order is called in the ledger, the stock and the record.
const ORDER: &str = "order";

fn aggregate(order: &Order) -> Aggregate {
    Aggregate { kind: ORDER, id: order.id.as_uuid(), seq: order.version }
}

fn source(order: OrderId) -> huike_ledger::Source {
    huike_ledger::Source { kind: ORDER.to_owned(), id: order.as_uuid() }
}

/// The order as a holder of goods.
fn holder(order: OrderId) -> Holder {
    Holder { kind: HolderKind::Order, id: order.as_uuid() }
}

/// What events say of an order.
fn told(order: &Order) -> Value {
    json!({
        "customer_id": order.customer,
        "state": order.life.state,
        "payable_fen": order.sums.payable.fen(),
        "stored_value_fen": order.sums.stored_value.fen(),
        "due_fen": order.sums.due().fen(),
        "expires_at": order.expires_at,
        "close_reason": order.closed.map(|(_, reason)| reason),
    })
}

/// The order is locked, so what belongs to it stands where it should; a guard that refuses means that the books do not add up.
fn moved(outcome: Outcome, what: &'static str) -> Result<(), StoreError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(StoreError::corrupt("customer_order", what)),
    }
}
