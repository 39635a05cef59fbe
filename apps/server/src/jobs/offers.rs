//! Keeps the shelf of offers up with the database. On a thread of its own: a long job must not keep an approved offer, or
//! one that was paused, from the carts.

use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::offer_shelf::OfferShelf;

/// How often: so that a change is in force everywhere within two seconds, on a busy machine too.
const EVERY: Duration = Duration::from_millis(500);

/// The running thread.
pub(super) struct ShelfKeeper {
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ShelfKeeper {
    pub(super) fn start(shelf: Arc<OfferShelf>) -> std::io::Result<Self> {
        let (wake, told) = mpsc::channel();
        let thread =
            std::thread::Builder::new().name("huike-offers".to_owned()).spawn(move || keep_fresh(&shelf, &told))?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }
}

impl Drop for ShelfKeeper {
    fn drop(&mut self) {
        self.wake.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the shelf of offers panicked");
        }
    }
}

fn keep_fresh(shelf: &OfferShelf, told: &Receiver<()>) {
    let mut fails = false;
    while told.recv_timeout(EVERY) != Err(RecvTimeoutError::Disconnected) {
        match shelf.refresh() {
            Ok(_swapped) => fails = false,
            // Once, not twice a second for as long as the database is away.
            Err(error) if !fails => {
                fails = true;
                tracing::warn!(%error, "offers cannot be read; carts are priced with those known: {error}");
            }
            Err(_) => {}
        }
    }
}
