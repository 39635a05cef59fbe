//! Bodies that stand still until they are let through.

use std::{
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use huike_persistence::{Db, Store, StoreError};

use super::put;

#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<Passage>, Condvar)>);

#[derive(Default)]
struct Passage {
    is_open: bool,
    somebody_came: bool,
}

impl Gate {
    /// Lets everybody through, now and later.
    pub(crate) fn open(&self) {
        self.0.0.lock().unwrap().is_open = true;
        self.0.1.notify_all();
    }

    /// Whether a body has come to the gate.
    pub(crate) fn somebody_came(&self) -> bool {
        self.0.0.lock().unwrap().somebody_came
    }

    fn pass(&self) {
        let mut passage = self.0.0.lock().unwrap();
        passage.somebody_came = true;
        while !passage.is_open {
            passage = self.0.1.wait(passage).unwrap();
        }
    }

    /// A body that writes its row and then stands at the gate.
    pub(crate) fn body(
        &self,
        number: u128,
    ) -> impl Fn(&mut Db, DateTime<Utc>) -> Result<(), StoreError> + Send + use<> {
        let gate = self.clone();
        move |db, _now| {
            put(db, number)?;
            gate.pass();
            Ok(())
        }
    }

    /// Such a body as a job, once it stands there.
    pub(crate) fn hold(&self, store: &Store, number: u128) -> JoinHandle<Result<(), StoreError>> {
        let (store, body) = (store.clone(), self.body(number));
        let job = std::thread::spawn(move || store.write_blocking(body));
        poll(|| self.somebody_came());
        job
    }
}

/// A test that fails leaves nobody standing.
impl Drop for Gate {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.open();
        }
    }
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn poll(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to be so");
        std::thread::sleep(Duration::from_millis(2));
    }
}
