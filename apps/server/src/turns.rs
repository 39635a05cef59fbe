//! Turns for work that takes a core for a while: one at a time, on a thread that answers nobody else, so that a crowd with
//! such asks does not take the cores from everybody.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::web;
use tokio::sync::Semaphore;

use crate::problem::{Problem, Refusal};

/// A queue.
#[derive(Clone)]
pub struct Turns {
    turn: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
}

impl Turns {
    /// A queue; whoever comes when so many wait is sent away.
    pub fn new(waiting_max: usize) -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), waiting: Arc::default(), waiting_max }
    }

    /// Does the work when its turn comes.
    pub async fn take<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _place = Place::take(&self.waiting, self.waiting_max)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_closed| Refusal::Busy)?;
        let done = web::block(move || {
            let done = work();
            // Held by the work itself: a caller who goes away does not let the next one in early.
            drop(turn);
            done
        });
        done.await.map_err(|_cancelled| Refusal::Busy.into())
    }
}

/// A place in the queue, given back when the wait is over or given up.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, waiting_max: usize) -> Result<Self, Refusal> {
        let place = Self(Arc::clone(waiting));
        if waiting.fetch_add(1, Ordering::Relaxed) >= waiting_max {
            return Err(Refusal::Busy);
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_to_a_full_queue_is_sent_away() {
        let waiting = Arc::default();
        let places: Vec<_> = (0..64).map(|_| Place::take(&waiting, 64).unwrap()).collect();
        assert!(Place::take(&waiting, 64).is_err());
        drop(places);
        assert!(Place::take(&waiting, 64).is_ok());
    }

    #[actix_web::test]
    async fn work_is_done_one_at_a_time() {
        let (turns, inside) = (Turns::new(8), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let inside = Arc::clone(&inside);
            let turns = turns.clone();
            actix_web::rt::spawn(async move {
                let others = move || {
                    let others = inside.fetch_add(1, Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    others
                };
                turns.take(others).await
            })
        };
        for begun in [work(), work(), work(), work()] {
            assert_eq!(begun.await.unwrap().unwrap(), 0, "nobody else was at work");
        }
    }
}
