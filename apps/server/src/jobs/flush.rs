//! Wrong-code counts on their way to the database. On a thread of its own: a long job must not keep other instances, and a
//! restart, from learning them.

use std::{sync::Arc, time::Duration};

use huike_kernel::Clock;

use super::ticker::{Outage, Ticker};
use crate::codes::GuessBook;

/// How often counts are written down.
const EVERY: Duration = Duration::from_secs(1);

/// Writes them down from now on; dropping what it gives writes the last ones down.
pub(super) fn keep_flushing(guesses: Arc<GuessBook>, clock: Arc<dyn Clock>) -> std::io::Result<Ticker> {
    let outage = Outage::default();
    Ticker::start("huike-guesses", EVERY, move || match guesses.flush(clock.now()) {
        Ok(_) if outage.ends() => tracing::info!("wrong-code counts are written down again"),
        Err(error) if outage.begins() => {
            tracing::warn!(%error, "wrong-code counts could not be written down, and are tried again each second: {error}");
        }
        Ok(_) | Err(_) => {}
    })
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
            let flusher = keep_flushing(Arc::clone(&book), Arc::new(SystemClock)).unwrap();
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
