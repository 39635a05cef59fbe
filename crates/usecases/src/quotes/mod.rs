//! Prices of carts: offers of the site, coupons of the customer, and the cart engine between them. Nothing is written
//! and nothing is taken: what a quote promises, an order or a counter takes by guarded writes.

pub mod coupon_offer;
mod error;
mod place;
mod purse;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use huike_kernel::{AreaCode, CouponId, Money};
use huike_pricing::{
    Ask, Cart, CompiledOffers, CouponChoice, Facts, OfferId, PointsOff, Quote, quote::Source, quote_holding,
};

pub use error::QuoteError;
pub use place::PricePlace;
pub use purse::{IN_HAND_MAX, NamedTemplate, Occasion, Purse};

use crate::UseCaseError;

/// What whoever asks says of the customer and the order. Nothing said is nothing known.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The channel the order comes through.
    pub channel: Option<String>,
    /// Where the goods go.
    pub delivery_area: Option<AreaCode>,
    /// How it will be paid.
    pub payment_method: Option<String>,
    /// The customer's tier.
    pub tier: Option<String>,
    /// The segments the customer is in.
    pub segments: Vec<String>,
    /// How many orders the customer has completed; before what Huike knows.
    pub completed_orders: Option<u32>,
    /// The customer's birthday as (month, day).
    pub birthday: Option<(u32, u32)>,
}

/// A cart to be priced.
#[derive(Debug, Clone, Default)]
pub struct CartAsk {
    /// The cart.
    pub cart: Cart,
    /// What is said of the order.
    pub told: Told,
    /// The coupons to use; the best without it.
    pub coupons: Option<Vec<CouponId>>,
    /// What the points are worth that may be spent.
    pub points_worth: Option<Money>,
}

/// A quote, with the names of the templates in it.
#[derive(Debug)]
pub struct Quoted {
    /// The quote.
    pub quote: Quote,
    /// When it was made.
    pub quoted_at: DateTime<Utc>,
    /// The orders that the customer was known to have completed.
    pub completed_orders: Option<u32>,
    /// The templates behind the coupons.
    pub templates: BTreeMap<OfferId, NamedTemplate>,
}

impl CartAsk {
    /// The coupons that are named.
    pub fn named_coupons(&self) -> &[CouponId] {
        self.coupons.as_deref().unwrap_or_default()
    }
}

/// Prices a cart. Whatever came from a database was read before.
pub fn price(
    offers: &CompiledOffers,
    (place, now): (&PricePlace, DateTime<Utc>),
    purse: Option<Purse>,
    ask: &CartAsk,
) -> Result<Quoted, UseCaseError> {
    if purse.is_none() && !ask.named_coupons().is_empty() {
        return Err(QuoteError::CustomerNeeded.into());
    }
    let facts = facts_of(place, now, &ask.told, purse.as_ref().map(|purse| purse.orders));
    price_knowing(offers, (place, &facts), purse, ask)
}

/// [`price`], of somebody of whom this is known.
pub(crate) fn price_knowing(
    offers: &CompiledOffers,
    (place, facts): (&PricePlace, &Facts),
    purse: Option<Purse>,
    ask: &CartAsk,
) -> Result<Quoted, UseCaseError> {
    let Purse { offers: of_coupons, held, refused, templates, .. } = purse.unwrap_or_else(Purse::empty);
    let choice = ask.coupons.as_ref().map_or(CouponChoice::Best, |wanted| {
        CouponChoice::Chosen(wanted.iter().copied().filter(|id| held.iter().any(|it| it.coupon == *id)).collect())
    });
    let points_off = ask.points_worth.map(|worth| PointsOff { worth, share_max: place.points_share_max });
    let ask = Ask { cart: &ask.cart, facts, held: &held, choice: &choice, points_off };
    let mut quote = quote_holding((offers, &of_coupons), &place.policy, &ask)?;
    quote.rejected.extend(refused);
    quote.rejected.sort_by_key(|rejected| match rejected.source {
        Source::Coupon { coupon, .. } => (false, coupon.as_uuid()),
        Source::Offer { offer } => (true, offer.as_uuid()),
        Source::Points => (true, uuid::Uuid::max()),
    });
    Ok(Quoted { quote, quoted_at: facts.now, completed_orders: facts.completed_orders, templates })
}

/// What is known at a moment, of somebody who has so many orders as far as Huike knows.
pub(crate) fn facts_of(place: &PricePlace, now: DateTime<Utc>, told: &Told, orders: Option<u32>) -> Facts {
    Facts {
        now,
        local: place.zone.local(now),
        tier: told.tier.clone(),
        segments: told.segments.clone(),
        completed_orders: told.completed_orders.or(orders),
        birthday: told.birthday,
        places: place.path.clone(),
        channel: told.channel.clone(),
        delivery_area: told.delivery_area.clone(),
        payment_method: told.payment_method.clone(),
    }
}
