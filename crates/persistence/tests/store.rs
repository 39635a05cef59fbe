//! What the three doors promise, on both databases: one body harms nobody else, nothing answered is lost, one key
//! takes effect once.
#![cfg(test)]

#[path = "support/numbered.rs"]
mod numbered;

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use diesel::prelude::*;
use huike_kernel::{DomainError, SystemClock};
use huike_persistence::{
    OnceKey, Store, StoreError, StoreOptions, db_test, schema::limit_counter, testing::TestDatabase,
};
use numbered::{key, put};

fn count(store: &Store) -> i64 {
    store.read_blocking(|db| Ok::<_, StoreError>(limit_counter::table.count().get_result(db)?)).unwrap()
}

/// Runs so many asks at once, each on its own thread, and hands their answers back.
fn at_once<T: Send>(many: u128, ask: impl Fn(u128) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(usize::try_from(many).unwrap());
    std::thread::scope(|scope| {
        let hands: Vec<_> = (1..=many)
            .map(|number| {
                let (start, ask) = (&start, &ask);
                scope.spawn(move || {
                    start.wait();
                    ask(number)
                })
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    })
}

db_test! {
    fn a_body_that_panics_harms_only_itself(database) {
        let store = database.store();
        let answers = at_once(40, |number| {
            store.write_blocking(move |db, _now| {
                put(db, number)?;
                assert!(number % 4 != 0, "a defect in a use case");
                Ok::<_, StoreError>(())
            })
        });
        assert_eq!(answers.iter().filter(|a| matches!(a, Err(StoreError::Panicked))).count(), 10);
        assert_eq!(answers.iter().filter(|a| a.is_ok()).count(), 30);
        assert_eq!(count(&store), 30);
    }

    fn a_constraint_that_fails_undoes_its_body_alone(database) {
        let store = database.store();
        store.write_blocking(|db, _now| put(db, 1_000)).unwrap();
        let answers = at_once(40, |number| {
            store.write_blocking(move |db, _now| {
                put(db, number)?;
                if number % 2 == 0 { put(db, 1_000) } else { Ok(()) }
            })
        });
        assert_eq!(answers.iter().filter(|a| a.is_ok()).count(), 20);
        assert_eq!(count(&store), 21);
    }

    fn a_body_that_swallows_a_failed_statement_is_never_acknowledged_without_its_rows(database) {
        let store = database.store();
        let answer = store.write_blocking(|db, _now| {
            put(db, 1)?;
            let second = put(db, 1);
            assert!(second.is_err());
            Ok::<_, StoreError>(())
        });
        // SQLite keeps the first row and says so; PostgreSQL lost the transaction and must not say otherwise.
        assert_eq!(count(&store), i64::from(answer.is_ok()));
    }

    fn fifty_parallel_retries_of_one_key_take_effect_once(database) {
        let store = database.store();
        let runs = Arc::new(AtomicU32::new(0));
        let answers = at_once(50, |_| {
            let runs = Arc::clone(&runs);
            store.write_once_blocking(key("k", 1), move |db, _now| {
                let run = runs.fetch_add(1, Ordering::SeqCst);
                put(db, 7)?;
                Ok::<_, StoreError>(run)
            })
        });
        let values: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert!(values.iter().all(|once| once.value == values[0].value));
        assert_eq!(values.iter().filter(|once| !once.replayed).count(), 1);
        assert_eq!(count(&store), 1);
    }

    fn another_request_under_a_used_key_is_refused(database) {
        let store = database.store();
        store.write_once_blocking(key("k", 1), |db, _now| put(db, 1)).unwrap();
        let other = store.write_once_blocking(key("k", 2), |db, _now| put(db, 2)).unwrap_err();
        assert_eq!(other.code(), "idempotency_key_reused");
        let stranger = OnceKey { principal: "staff:2".to_owned(), ..key("k", 2) };
        store.write_once_blocking(stranger, |db, _now| put(db, 2)).unwrap();
        assert_eq!(count(&store), 2);
    }

    fn a_refused_ask_leaves_nothing_and_may_be_asked_again(database) {
        let store = database.store();
        let refused = store.write_once_blocking(key("k", 1), |db, _now| {
            put(db, 1)?;
            Err::<(), _>(StoreError::Unavailable("a refusal"))
        });
        assert!(refused.is_err());
        assert_eq!(count(&store), 0);
        let again = store.write_once_blocking(key("k", 1), |db, _now| put(db, 1)).unwrap();
        assert!(!again.replayed);
    }

    fn one_read_sees_one_snapshot(database) {
        let store = database.store();
        let (other, here) = (database.store(), store.clone());
        let seen = here.read_blocking(move |db| {
            let before: i64 = limit_counter::table.count().get_result(db)?;
            other.write_blocking(|db, _now| put(db, 1))?;
            let after: i64 = limit_counter::table.count().get_result(db)?;
            Ok::<_, StoreError>((before, after))
        });
        assert_eq!(seen.unwrap(), (0, 0));
        assert_eq!(count(&store), 1);
    }

    fn a_read_cannot_write(database) {
        let store = database.store();
        assert!(store.read_blocking(|db| put(db, 1)).is_err());
        assert_eq!(count(&store), 0);
    }

    fn what_was_acknowledged_is_there_after_the_store_is_dropped_in_the_middle_of_work(database) {
        let store = database.store();
        let waiting: Vec<_> = (1..=30_u128)
            .map(|number| {
                let store = store.clone();
                std::thread::spawn(move || store.write_blocking(move |db, _now| put(db, number)))
            })
            .collect();
        drop(store);
        let kept = waiting.into_iter().filter_map(|hand| hand.join().unwrap().ok()).count();
        assert_eq!(count(&database.store()), i64::try_from(kept).unwrap());
        assert_eq!(kept, 30);
    }

    fn a_full_queue_answers_at_once(database) {
        let options = StoreOptions { queue_max: 4, postgres_connections: 1, ..StoreOptions::default() };
        let store = database.store_with(&options, Arc::new(SystemClock));
        let answers = at_once(30, |number| {
            store.write_blocking(move |db, _now| {
                std::thread::sleep(Duration::from_millis(30));
                put(db, number)
            })
        });
        let kept = answers.iter().filter(|a| a.is_ok()).count();
        let busy = answers.iter().filter(|a| matches!(a, Err(StoreError::Unavailable(_)))).count();
        assert_eq!(kept + busy, 30);
        assert!(busy > 0 && kept > 0);
        assert_eq!(count(&store), i64::try_from(kept).unwrap());
    }
}

#[test]
fn a_full_disk_fails_the_whole_group_and_nothing_already_answered() {
    let database = TestDatabase::sqlite();
    let before = database.store();
    before.write_blocking(|db, _now| put(db, 1)).unwrap();
    let pages = before
        .read_blocking(|db| {
            #[derive(QueryableByName)]
            struct Pages {
                #[diesel(sql_type = diesel::sql_types::BigInt)]
                page_count: i64,
            }
            Ok::<_, StoreError>(diesel::sql_query("PRAGMA page_count").get_result::<Pages>(db)?.page_count)
        })
        .unwrap();
    drop(before);
    let options = StoreOptions { sqlite_page_count_max: Some(u32::try_from(pages).unwrap() + 2), ..Default::default() };
    let store = database.store_with(&options, Arc::new(SystemClock));
    let answers = at_once(30, |number| {
        store.write_blocking(move |db, _now| {
            for row in 0..20 {
                put(db, number * 1_000 + row)?;
            }
            Ok::<_, StoreError>(())
        })
    });
    let kept = answers.iter().filter(|a| a.is_ok()).count();
    assert!(answers.iter().filter_map(|a| a.as_ref().err()).all(|e| e.code() == "store_unavailable"));
    assert!(kept < 30, "the disk was never full");
    assert_eq!(count(&store), 1 + 20 * i64::try_from(kept).unwrap());
    // The connection was opened anew: a small write that fits is served again.
    assert!(count(&database.store()) > 0);
}
