//! What staff do with a paid order: hand it over, and call it over and done.

use huike_access::Permission;
use huike_kernel::OrderId;
use huike_orders::order::OrderStep;
use huike_persistence::{Db, Outcome, nodes, orders};
use serde_json::json;

use super::{Stepped, aggregate, told};
use crate::{
    Act, UseCaseError,
    record::{self, Change, Place},
};

/// What staff do with a paid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Hand it over, or send it (发货).
    Fulfil,
    /// The customer has it, and the time for returns is over (完成).
    Complete,
}

impl Delivery {
    const fn words(self) -> (OrderStep, &'static str, &'static str) {
        match self {
            Self::Fulfil => (OrderStep::Fulfil, "order_fulfilled", "order.fulfil"),
            Self::Complete => (OrderStep::Complete, "order_completed", "order.complete"),
        }
    }
}

/// Leads an order in the caller's reach on.
pub fn deliver_order(db: &mut Db, act: &Act<'_>, (id, delivery): (OrderId, Delivery)) -> Result<Stepped, UseCaseError> {
    let mut order = orders::lock(db, id)?.ok_or(UseCaseError::NotFound("order"))?;
    act.reach(db, order.site, Permission::OrderManage, "order")?;
    let (step, event, action) = delivery.words();
    let before = order.life.state;
    order.life = order.life.step(step)?;
    if orders::update(db, &mut order)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    let zone = nodes::find(db, order.site)?.ok_or(UseCaseError::NotFound("node"))?.zone;
    let here = Place { site: order.site, zone };
    record::emit(db, act, here, aggregate(&order), (event, told(&order)))?;
    let change = Change {
        action,
        subject_kind: "order",
        subject: id.to_string(),
        before: json!({ "state": before }),
        after: json!({ "state": order.life.state }),
    };
    record::audit(db, act, order.site, change)?;
    Ok(Stepped { order: id, state: order.life.state, version: order.version })
}
