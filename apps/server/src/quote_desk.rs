//! Where carts come to be priced. Offers come from the shelf and places from memory, so a cart without a customer costs
//! no query; a customer's coupons are read in one snapshot.

use std::{sync::Arc, time::Duration};

use huike_coupons::calendar::HolidayCalendar;
use huike_kernel::{Clock, CustomerId, NodeId};
use huike_persistence::{Store, standing};
use huike_usecases::{
    UseCaseError,
    quotes::{self, CartAsk, Occasion, PricePlace, Purse, Quoted},
};
use moka::sync::Cache;

use crate::offer_shelf::OfferShelf;

/// How long a place is believed: the same two seconds in which an approved offer is in every quote.
const PLACES_FOR: Duration = Duration::from_secs(2);
const PLACES_MAX: u64 = 10_000;

/// The desk.
pub struct QuoteDesk {
    store: Store,
    clock: Arc<dyn Clock>,
    calendar: Arc<HolidayCalendar>,
    shelf: Arc<OfferShelf>,
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

impl QuoteDesk {
    /// A desk.
    pub fn new(store: Store, clock: Arc<dyn Clock>, calendar: Arc<HolidayCalendar>, shelf: Arc<OfferShelf>) -> Self {
        let places = Cache::builder().max_capacity(PLACES_MAX).time_to_live(PLACES_FOR).build();
        Self { store, clock, calendar, shelf, places }
    }

    /// The place of a node, as it was in the last two seconds.
    pub async fn place(&self, node: NodeId) -> Result<Arc<PricePlace>, UseCaseError> {
        if let Some(place) = self.places.get(&node) {
            return Ok(place);
        }
        let place = Arc::new(self.store.read(move |db| PricePlace::load(db, node)).await?);
        self.places.insert(node, Arc::clone(&place));
        Ok(place)
    }

    /// Prices a cart.
    pub async fn quote(&self, place: Arc<PricePlace>, buyer: Buyer, ask: &CartAsk) -> Result<Quoted, UseCaseError> {
        place.decide_open()?;
        let now = self.clock.now();
        let purse = match buyer {
            Buyer::Unknown => None,
            Buyer::Own(customer) => Some(self.purse(&place, (customer, None), ask).await?),
            Buyer::SeenBelow(customer, node) => Some(self.purse(&place, (customer, Some(node)), ask).await?),
        };
        let offers = self.shelf.at(&place).await?;
        quotes::price(&offers, (&place, now), purse, ask)
    }

    async fn purse(
        &self,
        place: &Arc<PricePlace>,
        (customer, seen_below): (CustomerId, Option<NodeId>),
        ask: &CartAsk,
    ) -> Result<Purse, UseCaseError> {
        let (place, calendar, now) = (Arc::clone(place), Arc::clone(&self.calendar), self.clock.now());
        let wanted = ask.coupons.clone();
        let read = self.store.read(move |db| {
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
