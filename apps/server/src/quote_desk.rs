//! Where carts come to be priced. Offers come from the shelf and places from memory, so a cart without a customer costs
//! no query; a customer's coupons are read in one snapshot.

use std::{sync::Arc, time::Duration};

use huike_coupons::calendar::HolidayCalendar;
use huike_kernel::{Clock, CustomerId, NodeId};
use huike_orders::order::Item;
use huike_persistence::{Store, standing};
use huike_pricing::{Cart, CompiledOffers};
use huike_usecases::{
    UseCaseError,
    cart_log::SeenCart,
    orders::Goods,
    quotes::{self, CartAsk, Occasion, PricePlace, Purse, Quoted},
};
use moka::sync::Cache;

use crate::{cart_log::CartLog, offer_shelf::OfferShelf};

/// How long a place is believed: the same two seconds in which an approved offer is in every quote.
const PLACES_FOR: Duration = Duration::from_secs(2);
const PLACES_MAX: u64 = 10_000;

/// What the desk works with.
pub struct QuoteParts {
    /// The database.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Public holidays.
    pub calendar: Arc<HolidayCalendar>,
    /// The offers in force.
    pub shelf: Arc<OfferShelf>,
    /// Where carts that were priced go.
    pub carts: Arc<CartLog>,
}

/// The desk.
pub struct QuoteDesk {
    parts: QuoteParts,
    places: Cache<NodeId, Arc<PricePlace>>,
}

/// Whose coupons come into it.
#[derive(Debug, Clone, Copy)]
pub enum Buyer {
    /// Nobody's.
    Unknown,
    /// The customer's, who asks themselves.
    Own(CustomerId),
    /// The customer's, if they were seen at or below the node.
    SeenBelow(CustomerId, NodeId),
}

impl Buyer {
    const fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Unknown => None,
            Self::Own(customer) | Self::SeenBelow(customer, _) => Some(customer),
        }
    }
}

impl QuoteDesk {
    /// A desk.
    pub fn new(parts: QuoteParts) -> Self {
        let places = Cache::builder().max_capacity(PLACES_MAX).time_to_live(PLACES_FOR).build();
        Self { parts, places }
    }

    /// The place of a node, as it was in the last two seconds.
    pub async fn place(&self, node: NodeId) -> Result<Arc<PricePlace>, UseCaseError> {
        if let Some(place) = self.places.get(&node) {
            return Ok(place);
        }
        let place = Arc::new(self.parts.store.read(move |db| PricePlace::load(db, node)).await?);
        self.places.insert(node, Arc::clone(&place));
        Ok(place)
    }

    /// Prices a cart, and hands it to the log.
    pub async fn quote(&self, place: Arc<PricePlace>, buyer: Buyer, ask: CartAsk) -> Result<Quoted, UseCaseError> {
        place.decide_open()?;
        let now = self.parts.clock.now();
        let purse = match buyer {
            Buyer::Unknown => None,
            Buyer::Own(customer) => Some(self.purse(&place, (customer, None), &ask).await?),
            Buyer::SeenBelow(customer, node) => Some(self.purse(&place, (customer, Some(node)), &ask).await?),
        };
        let offers = self.parts.shelf.at(&place).await?;
        let quoted = quotes::price(&offers, (&place, now), purse, &ask)?;
        let (customer, completed_orders) = (buyer.customer(), quoted.completed_orders);
        self.parts.carts.record(SeenCart { place, customer, quoted_at: now, completed_orders, ask });
        Ok(quoted)
    }

    /// Goods of the catalogue as a cart, at the catalogue's own prices.
    pub async fn goods(&self, items: Vec<Item>) -> Result<Cart, UseCaseError> {
        self.parts.store.read(move |db| Ok(Goods::load(db, &items)?.cart)).await
    }

    /// What an order at the place is priced under: the offers in force, and public holidays.
    pub async fn terms(&self, place: &PricePlace) -> Result<(Arc<CompiledOffers>, Arc<HolidayCalendar>), UseCaseError> {
        Ok((self.parts.shelf.at(place).await?, Arc::clone(&self.parts.calendar)))
    }

    async fn purse(
        &self,
        place: &Arc<PricePlace>,
        (customer, seen_below): (CustomerId, Option<NodeId>),
        ask: &CartAsk,
    ) -> Result<Purse, UseCaseError> {
        let (place, calendar, now) = (Arc::clone(place), Arc::clone(&self.parts.calendar), self.parts.clock.now());
        let wanted = ask.coupons.clone();
        let read = self.parts.store.read(move |db| {
            if let Some(node) = seen_below
                && standing::seen_below(db, &[node], &[customer])?.is_empty()
            {
                return Err(UseCaseError::NotFound("customer"));
            }
            Purse::load(db, customer, &Occasion { place: &place, now, calendar: &calendar }, wanted.as_deref())
        });
        read.await
    }
}
