//! Giving an order up that was not paid (取消订单): by its customer, by staff, or because its time is over. Everything that was
//! kept for it is free again.

use huike_access::Permission;
use huike_kernel::{Actor, OrderId};
use huike_orders::{
    OrderError,
    order::{CloseReason, OrderState, OrderStep, UseState},
    stock::ReservationEnd,
};
use huike_persistence::{
    Db, Outcome, StoreError, customer_redemptions, nodes, offer_stock,
    orders::{self, Discount, Order},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{aggregate, coupons, holder, moved, stored_value, told};
use crate::{
    Act, UseCaseError,
    record::{self, Change, Place},
    stock::reserve,
};

/// What is to be given up.
#[derive(Debug, Clone, Copy)]
pub struct CancelAsk {
    /// The order.
    pub order: OrderId,
}

/// An order that went a step; what a repeat is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stepped {
    /// The order.
    pub order: OrderId,
    /// Where it stands.
    pub state: OrderState,
    /// Counts its steps.
    pub version: i64,
}

/// Gives an order up: a customer their own, staff what lies in their reach. To cancel twice is to cancel.
pub fn cancel_order(db: &mut Db, act: &Act<'_>, ask: CancelAsk) -> Result<Stepped, UseCaseError> {
    let mut order = orders::lock(db, ask.order)?.ok_or(UseCaseError::NotFound("order"))?;
    let reason = match act.actor() {
        Actor::Customer(id) if id == order.customer => CloseReason::Customer,
        Actor::Customer(_) => return Err(UseCaseError::NotFound("order")),
        Actor::Staff(_) | Actor::Integration(_) | Actor::System => {
            act.reach(db, order.site, Permission::OrderManage, "order")?;
            CloseReason::Staff
        }
    };
    if order.life.state != OrderState::Cancelled {
        let before = order.life.state;
        close(db, act, &mut order, reason)?;
        if reason == CloseReason::Staff {
            let change = Change {
                action: "order.cancel",
                subject_kind: "order",
                subject: order.id.to_string(),
                before: json!({ "state": before }),
                after: json!({ "state": order.life.state }),
            };
            record::audit(db, act, order.site, change)?;
        }
    }
    Ok(Stepped { order: order.id, state: order.life.state, version: order.version })
}

/// Gives an order up whose time is over. `false` where somebody paid or closed it meanwhile.
pub fn expire_order(db: &mut Db, act: &Act<'_>, id: OrderId) -> Result<bool, UseCaseError> {
    let Some(mut order) = orders::lock(db, id)? else { return Ok(false) };
    if order.life.state != OrderState::Created || act.now < order.expires_at {
        return Ok(false);
    }
    close(db, act, &mut order, CloseReason::Expired)?;
    Ok(true)
}

/// Frees everything that a locked order keeps.
fn close(db: &mut Db, act: &Act<'_>, order: &mut Order, reason: CloseReason) -> Result<(), UseCaseError> {
    order.life = order.life.step(OrderStep::Cancel)?;
    let zone = nodes::find(db, order.site)?.ok_or(UseCaseError::NotFound("node"))?.zone;
    let here = Place { site: order.site, zone };
    let discounts = orders::list_discounts(db, order.id)?;
    let tenders = orders::list_tenders(db, order.id)?;
    let taken = coupons::release(db, act, (here, order), &discounts)?;
    moved(customer_redemptions::take_back(db, order.customer)?, "the customer's count does not hold it")?;
    coupons::give_back(db, taken)?;
    let end = match reason {
        CloseReason::Expired => ReservationEnd::Expire,
        CloseReason::Customer | CloseReason::Staff => ReservationEnd::Release,
    };
    reserve::end(db, act, (holder(order.id), end))?;
    stored_value::release(db, act, (order, &tenders))?;
    give_offers_back(db, &discounts)?;
    let uses = (UseState::Held, UseState::Released);
    moved(orders::move_discounts(db, order.id, uses, discounts.len())?, "a discount was not held")?;
    order.closed = Some((act.now, reason));
    if orders::update(db, order)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    Ok(record::emit(db, act, here, aggregate(order), ("order_cancelled", told(order)))?)
}

/// Takes the uses of offers again that an order had let go. Refused where one is used up or over by now.
pub(super) fn take_offers_again(db: &mut Db, discounts: &[Discount]) -> Result<(), UseCaseError> {
    let mut uses: Vec<&Discount> = discounts.iter().filter(|it| it.coupon.is_none()).collect();
    uses.sort_by_key(|it| it.offer);
    for it in uses {
        if offer_stock::take(db, it.offer, it.discount)? == Outcome::Refused {
            return Err(OrderError::StateUnfit { state: OrderState::Cancelled }.into());
        }
    }
    Ok(())
}

fn give_offers_back(db: &mut Db, discounts: &[Discount]) -> Result<(), StoreError> {
    let mut uses: Vec<&Discount> = discounts.iter().filter(|it| it.coupon.is_none()).collect();
    uses.sort_by_key(|it| it.offer);
    for it in uses {
        moved(offer_stock::give_back(db, it.offer, it.discount)?, "an offer counts less than was taken from it")?;
    }
    Ok(())
}
