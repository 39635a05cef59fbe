//! Keeps the shelf of offers up with the database. On a thread of its own: a long job must not keep an approved offer, or
//! one that was paused, from the carts.

use std::{sync::Arc, time::Duration};

use super::ticker::{Outage, Ticker};
use crate::offer_shelf::OfferShelf;

/// How often: so that a change is in force everywhere within two seconds, on a busy machine too.
const EVERY: Duration = Duration::from_millis(500);

pub(super) fn keep_shelf_fresh(shelf: Arc<OfferShelf>) -> std::io::Result<Ticker> {
    let outage = Outage::default();
    Ticker::start("huike-offers", EVERY, move || match shelf.refresh() {
        Ok(_swapped) => {
            if outage.ends() {
                tracing::info!("offers are read again");
            }
        }
        Err(error) => {
            if outage.begins() {
                tracing::warn!(%error, "offers cannot be read; carts are priced with those known: {error}");
            }
        }
    })
}
