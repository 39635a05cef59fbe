//! An order that is paid: what was kept for it is used up.

use huike_orders::{
    order::{OrderState, OrderStep, UseState},
    stock::ReservationEnd,
};
use huike_persistence::{
    Db, Outcome,
    orders::{self, Order},
};

use super::{aggregate, coupons, holder, moved, stored_value, told};
use crate::{
    Act, UseCaseError,
    record::{self, Place},
    stock::reserve,
};

/// Makes a locked order a paid one: coupons are redeemed, goods leave the stock, stored value moves. Of one that was given up and
/// taken again the goods have left already.
pub(super) fn settle(db: &mut Db, act: &Act<'_>, here: Place, order: &mut Order) -> Result<(), UseCaseError> {
    let is_again = order.life.state == OrderState::Cancelled;
    order.life = order.life.step(if is_again { OrderStep::Reinstate } else { OrderStep::Pay })?;
    let discounts = orders::list_discounts(db, order.id)?;
    let tenders = orders::list_tenders(db, order.id)?;
    let spent = coupons::redeem(db, act, (here, order), &discounts)?;
    if !is_again {
        reserve::end(db, act, (holder(order.id), ReservationEnd::Commit))?;
    }
    stored_value::capture(db, act, here, (order, &tenders))?;
    coupons::spend(db, spent)?;
    let uses = (UseState::Held, UseState::Used);
    moved(orders::move_discounts(db, order.id, uses, discounts.len())?, "a discount was not held")?;
    order.paid = order.sums.payable;
    (order.paid_at, order.closed) = (Some(act.now), None);
    if orders::update(db, order)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    Ok(record::emit(db, act, here, aggregate(order), ("order_paid", told(order)))?)
}
