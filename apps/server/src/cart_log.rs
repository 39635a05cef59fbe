//! Carts on their way into the record of quoted carts, which dry runs of offers look at. A quote never waits for it: carts
//! are gathered here, and written down each second (`jobs::carts`).
//!
//! The record is a sample. Each site has room for so many of an hour, so that it holds the evening too when the morning was
//! busy; what comes beyond that, or while too many wait, is let go and counted.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use huike_kernel::{IdSource, NodeId};
use huike_persistence::{
    Store, StoreError,
    quoted_carts::{self, QuotedCart},
};
use huike_usecases::cart_log::SeenCart;

/// Carts that may wait to be written down.
const WAITING_MAX: usize = 1_000;
/// Longer carts are not kept: few people have them, and they take the room of many others.
const LINES_MAX: usize = 50;
/// Carts that are kept of one hour and one site.
const SITE_HOUR_MAX: u32 = 100;
/// Carts that are kept of one hour.
const HOUR_MAX: u32 = 5_000;

/// The log.
#[derive(Debug, Default)]
pub struct CartLog {
    page: Mutex<Page>,
    beyond: AtomicU64,
    lost: AtomicU64,
}

/// What waits, and how much room there is.
#[derive(Debug, Default)]
struct Page {
    waiting: Vec<SeenCart>,
    rooms: Rooms,
}

/// How many carts of this hour were taken.
#[derive(Debug, Default)]
struct Rooms {
    hour: i64,
    of_sites: HashMap<NodeId, u32>,
    of_all: u32,
}

impl Rooms {
    /// Takes a place for a cart of the site; false where there is none left.
    fn take(&mut self, site: NodeId, at: DateTime<Utc>) -> bool {
        let hour = at.timestamp().div_euclid(3_600);
        if hour != self.hour {
            *self = Self { hour, ..Self::default() };
        }
        let of_site = self.of_sites.entry(site).or_default();
        let has_room = *of_site < SITE_HOUR_MAX && self.of_all < HOUR_MAX;
        if has_room {
            *of_site = of_site.saturating_add(1);
            self.of_all = self.of_all.saturating_add(1);
        }
        has_room
    }
}

impl CartLog {
    /// Takes a cart that was quoted. Never waits for the database, and never fails.
    pub fn record(&self, seen: SeenCart) {
        if seen.ask.cart.lines.is_empty() || seen.ask.cart.lines.len() > LINES_MAX {
            return;
        }
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        if page.waiting.len() >= WAITING_MAX {
            self.lost.fetch_add(1, Ordering::Relaxed);
        } else if page.rooms.take(seen.place.site, seen.quoted_at) {
            page.waiting.push(seen);
        } else {
            self.beyond.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes down what waits: how many carts. What cannot be written is let go.
    pub fn flush(&self, store: &Store, ids: &dyn IdSource) -> Result<usize, StoreError> {
        let waiting = std::mem::take(&mut self.page.lock().unwrap_or_else(PoisonError::into_inner).waiting);
        if waiting.is_empty() {
            return Ok(0);
        }
        let carts: Vec<QuotedCart> = waiting.into_iter().map(|seen| seen.into_record(ids.next_uuid())).collect();
        let count = carts.len();
        let written = store.write_blocking(move |db, _now| quoted_carts::insert_many(db, &carts));
        if written.is_err() {
            self.lost.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        written.map(|()| count)
    }

    /// Carts that were let go since the start: beyond their site's room, and because they could not be written.
    pub fn let_go(&self) -> (u64, u64) {
        (self.beyond.load(Ordering::Relaxed), self.lost.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn site(number: u128) -> NodeId {
        NodeId::from_uuid(Uuid::from_u128(number))
    }

    fn taken(rooms: &mut Rooms, site: NodeId, at: &str) -> usize {
        let at = at.parse().unwrap();
        (0..=SITE_HOUR_MAX).filter(|_| rooms.take(site, at)).count()
    }

    #[test]
    fn each_site_has_room_for_so_many_of_an_hour_and_no_more() {
        let (mut rooms, most) = (Rooms::default(), usize::try_from(SITE_HOUR_MAX).unwrap());
        assert_eq!(taken(&mut rooms, site(1), "2026-06-02T02:10:00Z"), most);
        assert_eq!(taken(&mut rooms, site(1), "2026-06-02T02:59:59Z"), 0);
        assert_eq!(taken(&mut rooms, site(2), "2026-06-02T02:59:59Z"), most, "another site has room of its own");
        assert_eq!(taken(&mut rooms, site(1), "2026-06-02T03:00:00Z"), most, "another hour too");
    }

    #[test]
    fn all_sites_together_have_room_for_so_many() {
        let (mut rooms, at) = (Rooms::default(), "2026-06-02T02:10:00Z".parse().unwrap());
        let taken = (0..2 * u128::from(HOUR_MAX)).filter(|number| rooms.take(site(*number), at)).count();
        assert_eq!(taken, usize::try_from(HOUR_MAX).unwrap());
    }
}
