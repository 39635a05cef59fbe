//! Wrong-code counts on their way to the database. On a thread of its own: a long job must not keep other instances, and a
//! restart, from learning them.

use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

use huike_kernel::Clock;

use crate::codes::GuessBook;

/// How often counts are written down.
const EVERY: Duration = Duration::from_secs(1);

/// The running thread; dropping it writes the last counts down.
pub(super) struct Flusher {
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    pub(super) fn start(guesses: Arc<GuessBook>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (wake, told) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("huike-guesses".to_owned())
            .spawn(move || keep_flushing(&guesses, &*clock, &told))?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.wake.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the wrong-code counts panicked");
        }
    }
}

fn keep_flushing(guesses: &GuessBook, clock: &dyn Clock, told: &Receiver<()>) {
    loop {
        let stops = told.recv_timeout(EVERY) == Err(RecvTimeoutError::Disconnected);
        if let Err(error) = guesses.flush(clock.now()) {
            tracing::warn!(%error, "wrong-code counts could not be written down: {error}");
        }
        if stops {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use huike_coupons::codes::{CodeShape, GuessPolicy, GuessSubject};
    use huike_kernel::SystemClock;
    use huike_persistence::db_test;

    use super::*;

    db_test! {
        fn wrong_codes_are_written_down_within_seconds_whatever_jobs_are_doing(database) {
            let store = database.store();
            let subject = [(GuessSubject::Account, "customer:1".to_owned())];
            let try_once = async |book: &Arc<GuessBook>| book.begin(&subject, CodeShape::Plain, SystemClock.now()).await;
            let book = GuessBook::new(store.clone(), GuessPolicy::default());
            let flusher = Flusher::start(Arc::clone(&book), Arc::new(SystemClock)).unwrap();
            actix_web::rt::System::new().block_on(async {
                for _ in 0..5 {
                    try_once(&book).await.unwrap().was_wrong();
                }
                for _ in 0..100 {
                    // A process that starts now knows of them.
                    let other = GuessBook::new(store.clone(), GuessPolicy::default());
                    if try_once(&other).await.is_err() {
                        return;
                    }
                    actix_web::rt::time::sleep(Duration::from_millis(100)).await;
                }
                panic!("the counts were not written down");
            });
            drop(flusher);
        }
    }
}
