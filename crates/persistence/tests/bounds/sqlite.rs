//! SQLite alone: one writer, one file.

use diesel::{SqliteConnection, connection::SimpleConnection, prelude::*};
use huike_kernel::DomainError;
use huike_persistence::{DatabaseUrl, testing::TestDatabase};

use super::*;

/// A second process that holds the file, such as a tool, or a disk that stands still for as long.
fn holder(database: &TestDatabase) -> SqliteConnection {
    let DatabaseUrl::Sqlite(path) = database.url() else { unreachable!() };
    let mut holder = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    holder
}

#[test]
fn a_file_that_somebody_holds_bounds_the_wait_and_is_written_again_afterwards() {
    let database = TestDatabase::sqlite();
    let store = store(&database);
    let mut holder = holder(&database);
    let (answer, waited) = answered(store.write(|db, _now| put(db, 1)));
    is_unavailable(answer);
    assert!(waited < WAIT_MAX + SLACK, "{waited:?}");
    let (answer, waited) = answered(store.write(|db, _now| put(db, 2)));
    is_unavailable(answer);
    assert!(waited < WAIT_MAX, "nobody waited: {waited:?}");
    assert!(
        answered(store.read(|db| Ok::<_, StoreError>(limit_counter::table.count().get_result::<i64>(db)?))).0.is_ok()
    );
    holder.batch_execute("ROLLBACK").unwrap();
    poll(|| !store.is_stuck().1);
    answered(store.write(|db, _now| put(db, 3))).0.unwrap();
    assert_eq!(rows(&database), [3]);
}

#[test]
fn who_leaves_when_its_savepoint_is_released_is_told_that_nobody_knows() {
    let database = TestDatabase::sqlite();
    let (store, first, second) = (store(&database), Gate::default(), Gate::default());
    // While the first stands at its gate, one and its neighbour queue up behind it. They make one group, and the
    // neighbour holds up its commit.
    let holding = first.hold(&store, 1);
    let (here, body) = (store.clone(), second.body(3));
    let (answer, neighbour) = std::thread::scope(|scope| {
        let asked = scope.spawn(|| answered(store.write_once(key("k", 1), |db, _now| put(db, 2))).0);
        poll(|| store.queue_depth().1 == 1);
        let neighbour = std::thread::spawn(move || here.write_blocking(body));
        poll(|| store.queue_depth().1 == 2);
        first.open();
        (asked.join().unwrap(), neighbour)
    });
    assert!(second.somebody_came(), "the neighbour was not in the group yet");
    assert_eq!(answer.unwrap_err().code(), "outcome_unknown");
    second.open();
    holding.join().unwrap().unwrap();
    neighbour.join().unwrap().unwrap();
    assert_eq!(rows(&database), [1, 2, 3]);
    let again = store.write_once_blocking(key("k", 1), |db, _now| put(db, 2)).unwrap();
    assert!(again.replayed, "whoever asks again learns that it was done");
}
