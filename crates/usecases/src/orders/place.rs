//! Placing an order (下单): the price is made anew under the locks, and must be the one the customer has seen.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use huike_coupons::calendar::HolidayCalendar;
use huike_kernel::{CouponId, CustomerId, Money, NodeId, OrderId};
use huike_orders::{
    OrderError, StockError,
    order::{Item, OrderLife, OrderState, check_stored_value, decide_price},
};
use huike_persistence::{
    Db, Outcome, StoreError, customer_redemptions, offer_stock,
    orders::{self, Order, OrderSums},
};
use huike_pricing::{CompiledOffers, Quote};
use serde::{Deserialize, Serialize};

use super::{
    Goods, aggregate,
    coupons::{self, HeldCoupons},
    holder, pay, stored_value, told,
    written::Written,
};
use crate::{
    Act, UseCaseError,
    quotes::{CartAsk, Occasion, PricePlace, Purse, Quoted, Told, price},
    record::{self, Place},
    stock::reserve::{self, StockLine},
};

/// What a customer orders.
#[derive(Clone)]
pub struct PlaceAsk {
    /// Where.
    pub place: Arc<PricePlace>,
    /// The automatic offers in force there.
    pub offers: Arc<CompiledOffers>,
    /// Public holidays.
    pub calendar: Arc<HolidayCalendar>,
    /// Who.
    pub customer: CustomerId,
    /// What.
    pub items: Vec<Item>,
    /// What is said of the order: the same as when it was quoted.
    pub told: Told,
    /// The coupons to use; those that make the price lowest without it.
    pub coupons: Option<Vec<CouponId>>,
    /// How much of it is paid with stored value.
    pub stored_value: Money,
    /// The hash of the quote that the customer has seen.
    pub seen: Vec<u8>,
}

/// An order as it was placed; what a repeat is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The order.
    pub order: OrderId,
    /// Where.
    pub site: NodeId,
    /// Where it stood then: what costs nothing more is paid at once.
    pub state: OrderState,
    /// What it costs.
    pub payable: Money,
    /// What of it is paid with stored value.
    pub stored_value: Money,
    /// What is left to pay.
    pub due: Money,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// Until when everything is kept for it.
    pub expires_at: DateTime<Utc>,
}

/// Places an order: takes everything that it needs, or nothing. What costs nothing more is paid at once.
pub fn place_order(db: &mut Db, act: &Act<'_>, ask: &PlaceAsk) -> Result<Placed, UseCaseError> {
    ask.place.decide_open()?;
    if !ask.place.is_depot {
        return Err(StockError::NodeUnfit.into());
    }
    let goods = Goods::load(db, &ask.items)?;
    let held = choose_coupons(db, act, ask, &goods)?;
    if customer_redemptions::lock(db, ask.customer)? == Outcome::Refused {
        return Err(UseCaseError::NotFound("customer"));
    }
    let quoted = quote(db, act, ask, (&goods, Some(held.ids())))?;
    let payable = quoted.quote.totals.due;
    decide_price(&ask.seen, &quoted.quote.hash(), payable)?;
    check_stored_value(ask.stored_value, payable)?;

    let order = order_of(act, ask, &quoted.quote);
    let written = Written::of(db, (&goods, &held), &quoted.quote)?;
    if customer_redemptions::add(db, ask.customer, false)? == Outcome::Refused {
        return Err(StoreError::corrupt("customer", "a locked customer is gone").into());
    }
    orders::insert(db, &order, (&written.lines, &written.discounts, &written.allocations))?;
    held.take(db, act, (&ask.place, &order), &written.discounts)?;
    let kept: Vec<StockLine> = written.stock(order.site).collect();
    reserve::reserve(db, act, holder(order.id), (&kept, order.expires_at))?;
    stored_value::hold(db, act, &ask.place, &order)?;
    take_offers(db, &written, payable)?;
    finish(db, act, &ask.place, order)
}

/// The coupons of the order, locked. Where the customer leaves the choice to us, a first look says which they are.
fn choose_coupons(db: &mut Db, act: &Act<'_>, ask: &PlaceAsk, goods: &Goods) -> Result<HeldCoupons, UseCaseError> {
    let wanted = match &ask.coupons {
        Some(named) => named.clone(),
        None => coupons::applied(&quote(db, act, ask, (goods, None))?.quote),
    };
    HeldCoupons::lock(db, ask.customer, &wanted)
}

fn quote(
    db: &mut Db,
    act: &Act<'_>,
    ask: &PlaceAsk,
    (goods, coupons): (&Goods, Option<Vec<CouponId>>),
) -> Result<Quoted, UseCaseError> {
    let occasion = Occasion { place: &ask.place, now: act.now, calendar: &ask.calendar };
    let purse = Purse::load(db, ask.customer, &occasion, coupons.as_deref())?;
    let cart = CartAsk { cart: goods.cart.clone(), told: ask.told.clone(), coupons, points_worth: None };
    price(&ask.offers, (&ask.place, act.now), Some(purse), &cart)
}

fn order_of(act: &Act<'_>, ask: &PlaceAsk, quote: &Quote) -> Order {
    let (local, totals) = (ask.place.zone.local(act.now), &quote.totals);
    let wait = TimeDelta::minutes(i64::from(ask.place.orders.unpaid_minutes));
    Order {
        id: act.new_id(),
        site: ask.place.node,
        customer: ask.customer,
        life: OrderLife::new(),
        version: 1,
        quote_hash: quote.hash().to_vec(),
        policy: quote.policy.clone(),
        tier: ask.told.tier.clone(),
        channel: ask.told.channel.clone(),
        delivery_area: ask.told.delivery_area.clone(),
        sums: OrderSums {
            list: totals.list,
            subtotal: totals.subtotal,
            discount: totals.discount,
            payable: totals.due,
            stored_value: ask.stored_value,
        },
        paid: Money::ZERO,
        placed_at: act.now,
        expires_at: act.now.checked_add_signed(wait).unwrap_or(act.now),
        paid_at: None,
        closed: None,
        day: local.day,
        hour: local.hour,
    }
}

/// Takes a use of each automatic offer that applies. What is used up or over by now gives nothing any more, so the price is
/// another.
fn take_offers(db: &mut Db, written: &Written, payable: Money) -> Result<(), UseCaseError> {
    let mut uses: Vec<_> = written.discounts.iter().filter(|it| it.coupon.is_none()).collect();
    uses.sort_by_key(|it| it.offer);
    for it in uses {
        if offer_stock::take(db, it.offer, it.discount)? == Outcome::Refused {
            return Err(OrderError::PriceChanged { payable }.into());
        }
    }
    Ok(())
}

/// Tells of the order, and pays what costs nothing more.
fn finish(db: &mut Db, act: &Act<'_>, place: &PricePlace, mut order: Order) -> Result<Placed, UseCaseError> {
    let here = Place { site: order.site, zone: place.zone };
    record::emit(db, act, here, aggregate(&order), ("order_placed", told(&order)))?;
    if order.sums.due().is_zero() {
        pay::settle(db, act, here, &mut order)?;
    }
    Ok(Placed {
        order: order.id,
        site: order.site,
        state: order.life.state,
        payable: order.sums.payable,
        stored_value: order.sums.stored_value,
        due: order.sums.due(),
        placed_at: order.placed_at,
        expires_at: order.expires_at,
    })
}
