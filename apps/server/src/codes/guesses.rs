//! Counts of wrong codes: held in memory, written down each second, loaded when a subject is seen first.
//!
//! A try counts when it begins and is given back unless it turns out wrong, so that many at once do not slip through
//! while the first is still being looked up. Where only such open tries fill a cap, the next one waits for them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use actix_web::rt::time::sleep;
use chrono::{DateTime, Utc};
use huike_coupons::codes::{CodeError, CodeShape, GuessPolicy, GuessSubject, GuessWindow, decide_guess};
use huike_persistence::{
    Store, StoreError,
    guesses::{self, GuessKey},
};

use crate::problem::{Problem, Refusal};

/// More subjects at once than this are not remembered: those whose counts are written down go first.
const SUBJECTS_MAX: usize = 100_000;

/// How long a try waits for others to end, and how often it looks.
const CROWD_WAIT_MAX: Duration = Duration::from_secs(2);
const CROWD_PAUSE: Duration = Duration::from_millis(2);

/// The counts of this process.
pub struct GuessBook {
    store: Store,
    policy: GuessPolicy,
    counts: Mutex<HashMap<GuessKey, Count>>,
}

/// Wrong codes of one subject in one window.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// As the database had it last.
    stored: i64,
    /// Wrong since then.
    pending: i64,
    /// Being looked up.
    open: i64,
}

impl Count {
    /// Wrong ones alone, or with those that are still being looked up.
    fn wrong(self, with_open: bool) -> u32 {
        let open = if with_open { self.open } else { 0 };
        u32::try_from(self.stored + self.pending + open).unwrap_or(u32::MAX)
    }
}

/// Whether a try may begin.
enum Entry {
    /// It has begun.
    Open,
    /// It may when others turn out right.
    Crowded,
    /// It may not.
    Refused(CodeError),
}

/// A try whose end is not known yet. Dropped, it counts for nothing.
#[must_use]
pub struct Guess {
    book: Arc<GuessBook>,
    keys: Vec<GuessKey>,
}

impl GuessBook {
    /// An empty book over the database's counts.
    pub fn new(store: Store, policy: GuessPolicy) -> Arc<Self> {
        Arc::new(Self { store, policy, counts: Mutex::default() })
    }

    /// Begins a try of a code of that shape, unless one of the subjects has had too many wrong ones. Where it is only
    /// tries of others that might still turn out wrong, it waits for them: a crowd behind one address is no guesser.
    pub async fn begin(
        self: &Arc<Self>,
        subjects: &[(GuessSubject, String)],
        shape: CodeShape,
        now: DateTime<Utc>,
    ) -> Result<Guess, Problem> {
        let window_start = self.policy.window_at(now);
        let key = |(subject, who): &(GuessSubject, String)| GuessKey {
            subject_kind: subject.as_str(),
            subject: who.clone(),
            window_start,
        };
        let keys: Vec<GuessKey> = subjects.iter().map(key).collect();
        self.load(&keys).await?;
        let asked: Vec<(GuessSubject, GuessKey)> =
            subjects.iter().map(|(subject, _)| *subject).zip(keys.iter().cloned()).collect();
        let deadline = Instant::now() + CROWD_WAIT_MAX;
        loop {
            match self.enter(&asked, shape, now) {
                Entry::Open => return Ok(Guess { book: Arc::clone(self), keys }),
                Entry::Refused(refused) => return Err(too_many(refused)),
                Entry::Crowded if Instant::now() >= deadline => return Err(Refusal::Busy.into()),
                Entry::Crowded => sleep(CROWD_PAUSE).await,
            }
        }
    }

    /// Counts a try as open, if there is room for it.
    fn enter(&self, asked: &[(GuessSubject, GuessKey)], shape: CodeShape, now: DateTime<Utc>) -> Entry {
        let mut counts = self.counts();
        for with_open in [false, true] {
            for (subject, key) in asked {
                let wrong = counts.get(key).copied().unwrap_or_default().wrong(with_open);
                let window = GuessWindow { subject: *subject, starts_at: key.window_start, wrong };
                match decide_guess(&self.policy, shape, &window, now) {
                    Ok(()) => {}
                    Err(_full) if with_open => return Entry::Crowded,
                    Err(refused) => return Entry::Refused(refused),
                }
            }
        }
        for (_, key) in asked {
            counts.entry(key.clone()).or_default().open += 1;
        }
        Entry::Open
    }

    /// Reads the counts of subjects that are new to this process.
    async fn load(&self, keys: &[GuessKey]) -> Result<(), Problem> {
        let unknown: Vec<GuessKey> = {
            let counts = self.counts();
            keys.iter().filter(|key| !counts.contains_key(*key)).cloned().collect()
        };
        if unknown.is_empty() {
            return Ok(());
        }
        let asked = unknown.clone();
        let found = self
            .store
            .read(move |db| asked.iter().map(|key| guesses::find(db, key)).collect::<Result<Vec<i64>, StoreError>>());
        let found = found.await?;
        let mut counts = self.counts();
        for (key, stored) in unknown.into_iter().zip(found) {
            counts.entry(key).or_insert(Count { stored, ..Count::default() });
        }
        Ok(())
    }

    /// Writes down what was counted since the last time, and learns what other instances counted.
    pub fn flush(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let due: Vec<(GuessKey, i64)> = {
            let counts = self.counts();
            counts
                .iter()
                .filter(|(_, count)| count.pending > 0)
                .map(|(key, count)| (key.clone(), count.pending))
                .collect()
        };
        let written = due.clone();
        let totals = match due.is_empty() {
            true => Vec::new(),
            false => self.store.write_blocking(move |db, _now| guesses::add(db, &written))?,
        };
        let mut counts = self.counts();
        for (key, added) in due {
            counts.entry(key).or_default().pending -= added;
        }
        for (key, total) in totals {
            counts.entry(key).or_default().stored = total;
        }
        let current = self.policy.window_at(now);
        let crowded = counts.len() > SUBJECTS_MAX;
        counts.retain(|key, count| {
            let busy = count.pending > 0 || count.open > 0;
            busy || (key.window_start >= current && !crowded)
        });
        Ok(())
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<GuessKey, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many(refused: CodeError) -> Problem {
    let seconds = match refused {
        CodeError::TooManyGuesses { retry_after_seconds } => u32::try_from(retry_after_seconds).unwrap_or(u32::MAX),
        _ => 1,
    };
    Problem::from(refused).retry_after(seconds)
}

impl Guess {
    /// It was wrong, so it counts.
    pub fn was_wrong(mut self) {
        let keys = std::mem::take(&mut self.keys);
        let mut counts = self.book.counts();
        for key in keys {
            let count = counts.entry(key).or_default();
            count.open -= 1;
            count.pending += 1;
        }
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        let mut counts = self.book.counts();
        for key in &self.keys {
            if let Some(count) = counts.get_mut(key) {
                count.open -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use huike_persistence::testing::TestDatabase;

    use super::*;

    fn subjects() -> Vec<(GuessSubject, String)> {
        vec![(GuessSubject::Account, "customer:1".to_owned())]
    }

    fn noon() -> DateTime<Utc> {
        "2026-06-02T04:00:00Z".parse().unwrap()
    }

    async fn wrong(book: &Arc<GuessBook>, times: u32) {
        for _ in 0..times {
            book.begin(&subjects(), CodeShape::Plain, noon()).await.unwrap().was_wrong();
        }
    }

    #[actix_web::test]
    async fn the_cap_holds_also_while_tries_are_being_looked_up() {
        let database = TestDatabase::sqlite();
        let book = GuessBook::new(database.store(), GuessPolicy::default());
        let mut open = Vec::new();
        for _ in 0..5 {
            open.push(book.begin(&subjects(), CodeShape::Plain, noon()).await.unwrap());
        }
        let next = |book: &Arc<GuessBook>| {
            let book = Arc::clone(book);
            actix_web::rt::spawn(async move { book.begin(&subjects(), CodeShape::Plain, noon()).await })
        };
        let waiting = next(&book);
        sleep(CROWD_PAUSE * 5).await;
        assert!(!waiting.is_finished(), "five are being looked up, so the sixth waits");
        drop(open.pop());
        open.push(waiting.await.unwrap().unwrap());
        let waiting = next(&book);
        open.into_iter().for_each(Guess::was_wrong);
        let refused = waiting.await.unwrap().err().unwrap();
        assert_eq!((refused.status().as_u16(), refused.code()), (429, "code_too_many_guesses"));
        assert!(book.begin(&subjects(), CodeShape::Signed, noon()).await.is_ok(), "signed codes have a wider cap");
    }

    #[actix_web::test]
    async fn counts_outlive_the_process_and_meet_those_of_others() {
        let database = TestDatabase::sqlite();
        let store = database.store();
        let (here, there) =
            (GuessBook::new(store.clone(), GuessPolicy::default()), GuessBook::new(store, GuessPolicy::default()));
        wrong(&here, 2).await;
        wrong(&there, 2).await;
        let flush = |book: &Arc<GuessBook>| {
            let book = Arc::clone(book);
            std::thread::spawn(move || book.flush(noon()).unwrap()).join().unwrap();
        };
        flush(&here);
        flush(&there);
        wrong(&there, 1).await;
        assert!(there.begin(&subjects(), CodeShape::Plain, noon()).await.is_err(), "2 here and 3 there");
        flush(&there);
        let restarted = GuessBook::new(database.store(), GuessPolicy::default());
        assert!(restarted.begin(&subjects(), CodeShape::Plain, noon()).await.is_err());
    }
}
