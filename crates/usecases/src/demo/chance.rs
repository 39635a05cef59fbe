//! Chance with a seed: the same seed plays the same ninety days. No floats, and nothing secret: codes, keys and passwords
//! come from the machine's own source.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use huike_kernel::IdSource;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use uuid::{Builder, Uuid};

/// A seeded source of chance.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number from 0 up to the bound, which is excluded.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let scaled = (u64::from(self.0.next_u32()) * u64::from(bound)) >> 32;
        u32::try_from(scaled).unwrap_or(0)
    }

    /// A number between the two, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u32::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + i64::from(self.below(span.saturating_add(1)))
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of the list.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.below(u32::try_from(list.len()).unwrap_or(0));
        list.get(usize::try_from(index).unwrap_or(0))
    }

    /// The index of one of the weights, each as likely as it is heavy.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> Option<usize> {
        let total: u32 = weights.clone().sum();
        let mut left = self.below(total);
        weights.enumerate().filter(|(_, weight)| *weight > 0).find_map(|(index, weight)| {
            let here = left < weight;
            left = left.saturating_sub(weight);
            here.then_some(index)
        })
    }

    /// The list in another order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(u32::try_from(last + 1).unwrap_or(1));
            list.swap(last, usize::try_from(other).unwrap_or(0));
        }
    }
}

/// Ids of the moment that is being played, in the order they are asked for.
pub(super) struct PlayedIds(Mutex<Source>);

struct Source {
    rng: ChaCha8Rng,
    millis: u64,
    /// Ids handed out in this millisecond; keeps them in order, as a parent must come before its children.
    count: u16,
}

impl PlayedIds {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(Source { rng: ChaCha8Rng::seed_from_u64(!seed), millis: 0, count: 0 }))
    }

    /// Sets the moment.
    pub(super) fn set(&self, now: DateTime<Utc>) {
        let mut source = self.source();
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        if source.millis != millis {
            (source.millis, source.count) = (millis, 0);
        }
    }

    /// A panic elsewhere does not make the source worse.
    fn source(&self) -> std::sync::MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl IdSource for PlayedIds {
    fn next_uuid(&self) -> Uuid {
        let mut source = self.source();
        let mut bytes = [0; 10];
        source.rng.fill_bytes(&mut bytes);
        source.count = source.count.wrapping_add(1);
        // Twelve bits follow the time before the variant does.
        let [high, low] = source.count.to_be_bytes();
        let [first, second, ..] = &mut bytes;
        (*first, *second) = (high & 0x0f, low);
        Builder::from_unix_timestamp_millis(source.millis, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| (0..50).map(move |_| 0).scan(Chance::new(seed), |chance, _| Some(chance.below(1_000)));
        assert_eq!(draw(7).collect::<Vec<_>>(), draw(7).collect::<Vec<_>>());
        assert_ne!(draw(7).collect::<Vec<_>>(), draw(8).collect::<Vec<_>>());
    }

    #[test]
    fn what_weighs_nothing_is_never_drawn() {
        let mut chance = Chance::new(1);
        let mut drawn = [0; 3];
        for _ in 0..1_000 {
            drawn[chance.weighted([1, 0, 3].into_iter()).unwrap()] += 1;
        }
        assert_eq!(drawn[1], 0);
        assert!(drawn[2] > 2 * drawn[0], "{drawn:?}");
        assert_eq!(chance.weighted([0, 0].into_iter()), None);
    }

    #[test]
    fn ids_of_one_moment_keep_their_order_and_lie_in_it() {
        let ids = PlayedIds::new(1);
        ids.set("2026-06-02T02:00:00Z".parse().unwrap());
        let made: Vec<Uuid> = (0..100).map(|_| ids.next_uuid()).collect();
        assert!(made.is_sorted());
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        ids.set("2026-06-02T01:59:59Z".parse().unwrap());
        assert!(ids.next_uuid() < made[0]);
    }
}
