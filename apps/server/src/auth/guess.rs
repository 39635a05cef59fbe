//! A limit on guessing, in memory: so many wrong tries for one key in a window, then "come again later".

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use crate::problem::Refusal;

/// More keys than this at once are not watched; the oldest are forgotten first.
const KEYS_MAX: u64 = 100_000;

/// Counts wrong tries. A try counts when it begins and is given back when it turns out right, so that many at once do
/// not slip through while the first is still being checked.
#[derive(Clone)]
pub struct GuessLimit<K: Hash + Eq + Send + Sync + 'static> {
    wrong: Cache<K, Arc<AtomicU32>>,
    wrong_max: u32,
    window: Duration,
}

/// A try that is being checked.
#[must_use]
pub struct Try(Arc<AtomicU32>);

impl Try {
    /// It was right, so it does not count.
    pub fn was_right(self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> GuessLimit<K> {
    /// At most so many wrong tries per key in a window that begins with the first.
    pub fn new(wrong_max: u32, window: Duration) -> Self {
        Self { wrong: Cache::builder().max_capacity(KEYS_MAX).time_to_live(window).build(), wrong_max, window }
    }

    /// Begins a try, or refuses it.
    pub fn begin(&self, key: K) -> Result<Try, Refusal> {
        let count = self.wrong.get_with(key, Arc::default);
        if count.fetch_add(1, Ordering::Relaxed) >= self.wrong_max {
            count.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::TooManyTries {
                retry_after_seconds: u32::try_from(self.window.as_secs()).unwrap_or(u32::MAX),
            });
        }
        Ok(Try(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_run_out_and_right_ones_do_not() {
        let limit = GuessLimit::new(3, Duration::from_secs(60));
        for _ in 0..10 {
            limit.begin("a").unwrap().was_right();
        }
        for _ in 0..3 {
            let _wrong = limit.begin("a").unwrap();
        }
        assert!(limit.begin("a").is_err());
        assert!(limit.begin("b").is_ok());
    }
}
