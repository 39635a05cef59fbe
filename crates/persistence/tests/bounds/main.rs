//! Nobody waits for ever: callers leave, what nobody waits for never takes effect, and what is said about it is true.
#![cfg(test)]

mod gate;
#[path = "../support/numbered.rs"]
mod numbered;
mod postgres;
mod sqlite;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::prelude::*;
use huike_kernel::{DomainError, SystemClock};
use huike_persistence::{
    Db, Store, StoreError, StoreOptions, db_test, schema::limit_counter, sql_types::DbId, testing::TestDatabase,
};

use gate::{Gate, poll};
use numbered::{key, put};

const WAIT_MAX: Duration = Duration::from_millis(400);
const STUCK_AFTER: Duration = Duration::from_millis(200);
/// What a machine that does other things as well may add.
const SLACK: Duration = Duration::from_secs(2);

/// One thread to write, so that one body can hold up everybody.
fn store(database: &TestDatabase) -> Store {
    store_of(database, 1)
}

fn store_of(database: &TestDatabase, postgres_connections: u32) -> Store {
    let options =
        StoreOptions { postgres_connections, wait_max: WAIT_MAX, stuck_after: STUCK_AFTER, ..StoreOptions::default() };
    database.store_with(&options, Arc::new(SystemClock))
}

/// The rows that are there, by their numbers.
fn rows(database: &TestDatabase) -> Vec<u128> {
    let ids: Vec<DbId> = database
        .store()
        .read_blocking(|db| {
            let query = limit_counter::table.select(limit_counter::owner_id).order(limit_counter::owner_id);
            Ok::<_, StoreError>(query.load(db)?)
        })
        .unwrap();
    ids.into_iter().map(|id| id.0.as_u128()).collect()
}

/// Waits for an answer as a handler does.
fn answered<T>(answer: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let answer = runtime.block_on(answer);
    (answer, started.elapsed())
}

#[track_caller]
fn is_unavailable<T>(answer: Result<T, StoreError>) -> StoreError {
    let error = answer.err().expect("it was answered as done");
    assert_eq!(error.code(), "store_unavailable", "{error}");
    error
}

db_test! {
    fn who_waits_too_long_in_the_queue_leaves_and_the_body_never_runs(database) {
        let (store, gate) = (store(database), Gate::default());
        let holding = gate.hold(&store, 1);
        let (answer, waited) = answered(store.write(|db, _now| put(db, 2)));
        is_unavailable(answer);
        assert!(waited < WAIT_MAX + SLACK, "{waited:?}");
        gate.open();
        holding.join().unwrap().unwrap();
        poll(|| store.write_blocking(|db, _now| put(db, 3)).is_ok());
        assert_eq!(rows(database), [1, 3]);
    }

    fn while_everybody_is_stuck_asks_are_answered_at_once(database) {
        let (store, gate) = (store(database), Gate::default());
        let holding = gate.hold(&store, 1);
        poll(|| store.is_stuck().1);
        let (answer, waited) = answered(store.write(|db, _now| put(db, 2)));
        assert!(is_unavailable(answer).to_string().contains("does not answer"));
        assert!(waited < WAIT_MAX, "nobody waited: {waited:?}");
        gate.open();
        holding.join().unwrap().unwrap();
        poll(|| !store.is_stuck().1);
        answered(store.write(|db, _now| put(db, 3))).0.unwrap();
        assert_eq!(rows(database), [1, 3]);
    }

    fn a_body_whose_caller_left_is_undone(database) {
        let (store, gate) = (store(database), Gate::default());
        let body = gate.body(1);
        is_unavailable(answered(store.write(body)).0);
        gate.open();
        // The same thread serves both, so the first is over when the second is answered.
        poll(|| store.write_blocking(|db, _now| put(db, 2)).is_ok());
        assert_eq!(rows(database), [2]);
    }

    fn an_ask_that_was_left_may_be_asked_again_under_its_key(database) {
        let (store, gate) = (store(database), Gate::default());
        let body = gate.body(1);
        is_unavailable(answered(store.write_once(key("k", 1), body)).0);
        gate.open();
        poll(|| !store.is_stuck().1);
        let (again, _) = answered(store.write_once(key("k", 1), |db, _now| put(db, 1)));
        assert!(!again.unwrap().replayed, "the first left nothing");
        assert_eq!(rows(database), [1]);
    }

    fn a_job_may_take_its_time(database) {
        let (store, gate) = (store(database), Gate::default());
        let holding = gate.hold(&store, 1);
        std::thread::sleep(WAIT_MAX * 2);
        gate.open();
        holding.join().unwrap().unwrap();
        assert_eq!(rows(database), [1]);
    }

    fn a_thread_that_is_stuck_does_not_keep_the_store_from_closing(database) {
        let (store, gate) = (store(database), Gate::default());
        let body = gate.body(1);
        is_unavailable(answered(store.write(body)).0);
        let started = Instant::now();
        drop(store);
        assert!(started.elapsed() < Duration::from_secs(5) + SLACK, "{:?}", started.elapsed());
        gate.open();
    }
}
