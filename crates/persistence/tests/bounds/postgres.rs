//! PostgreSQL alone: several writers, and a server that lives by itself.

use diesel::{PgConnection, connection::SimpleConnection, prelude::*};
use huike_persistence::{DatabaseUrl, testing::POSTGRES_VARIABLE};

use super::*;

fn url_of(database: &TestDatabase) -> String {
    match database.url() {
        DatabaseUrl::Postgres(url) => url.clone(),
        DatabaseUrl::Sqlite(_) => unreachable!(),
    }
}

/// The name of the test's own database.
fn name_of(url: &str) -> &str {
    url.split('?').next().unwrap().rsplit('/').next().unwrap()
}

/// The superuser, in a database that is nobody's.
fn admin() -> PgConnection {
    PgConnection::establish(&std::env::var(POSTGRES_VARIABLE).unwrap()).unwrap()
}

/// COMMIT takes that long, because of a check that is made only then.
fn slow_down_commits(database: &TestDatabase, seconds: f64) {
    let mut connection = PgConnection::establish(&url_of(database)).unwrap();
    let function = format!(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON limit_counter DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION dawdle();"
    );
    connection.batch_execute(&function).unwrap();
}

#[test]
fn who_leaves_during_the_commit_is_told_that_nobody_knows() {
    let Some(database) = TestDatabase::postgres() else { return };
    slow_down_commits(&database, 1.5);
    let options = StoreOptions { wait_max: Duration::from_secs(2), ..StoreOptions::default() };
    let store = database.store_with(&options, Arc::new(SystemClock));
    let (answer, waited) = answered(store.write_once(key("k", 1), |db, _now| {
        put(db, 1)?;
        // The commit begins before the caller leaves, and ends afterwards.
        std::thread::sleep(Duration::from_secs(1));
        Ok::<_, StoreError>(())
    }));
    assert_eq!(answer.unwrap_err().code(), "outcome_unknown", "after {waited:?}");
    let again = store.write_once_blocking(key("k", 1), |db, _now| put(db, 1)).unwrap();
    assert!(again.replayed, "whoever asks again learns that it was done");
    assert_eq!(rows(&database), [1]);
}

#[test]
fn who_waits_for_a_twin_is_told_so_before_it_would_leave() {
    let Some(database) = TestDatabase::postgres() else { return };
    let (store, gate) = (store_of(&database, 2), Gate::default());
    let (here, body) = (store.clone(), gate.body(1));
    let twin = std::thread::spawn(move || here.write_once_blocking(key("k", 1), body));
    poll(|| gate.somebody_came());
    let (answer, _) = answered(store.write_once(key("k", 1), |db, _now| put(db, 1)));
    assert_eq!(answer.unwrap_err().code(), "idempotency_in_progress");
    gate.open();
    assert!(!twin.join().unwrap().unwrap().replayed);
    assert_eq!(rows(&database), [1]);
}

#[test]
fn a_statement_ends_when_nobody_waits_for_it_any_more_but_that_of_a_job_does_not() {
    let Some(database) = TestDatabase::postgres() else { return };
    let store = store(&database);
    let dawdle = |db: &mut Db| {
        diesel::sql_query("SELECT pg_sleep(0.9)").execute(db)?;
        put(db, 1)
    };
    is_unavailable(answered(store.write(move |db, _now| dawdle(db))).0);
    poll(|| !store.is_stuck().1);
    assert_eq!(rows(&database), []);
    store.write_blocking(move |db, _now| dawdle(db)).unwrap();
    assert_eq!(rows(&database), [1]);
}

#[test]
fn a_server_that_only_reads_is_unavailable_and_written_again_when_it_may_be() {
    let Some(database) = TestDatabase::postgres() else { return };
    let url = url_of(&database);
    let read_only = |value: &str| {
        let sql = format!("ALTER DATABASE {} SET default_transaction_read_only = {value}", name_of(&url));
        admin().batch_execute(&sql).unwrap();
    };
    read_only("on");
    let store = store(&database);
    is_unavailable(answered(store.write(|db, _now| put(db, 1))).0);
    assert!(
        answered(store.read(|db| Ok::<_, StoreError>(limit_counter::table.count().get_result::<i64>(db)?))).0.is_ok()
    );
    read_only("off");
    answered(store.write(|db, _now| put(db, 2))).0.unwrap();
    assert_eq!(rows(&database), [2]);
}

#[test]
fn where_connections_are_few_those_that_can_be_had_serve_everybody() {
    let Some(database) = TestDatabase::postgres() else { return };
    let url = url_of(&database);
    let role = format!("{}_few", name_of(&url));
    let mut own = PgConnection::establish(&url).unwrap();
    // Not a superuser either: it cannot choose the language of messages, and does not have to here.
    own.batch_execute(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'few' CONNECTION LIMIT 2; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
    ))
    .unwrap();
    let (scheme, rest) = url.split_once("://").unwrap();
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let few: DatabaseUrl = format!("{scheme}://{role}:few@{place}").parse().unwrap();
    let store = Store::open(&few, &StoreOptions::default(), Arc::new(SystemClock)).unwrap();

    std::thread::scope(|scope| {
        let ask = |number| {
            let store = &store;
            scope.spawn(move || answered(store.write(move |db, _now| put(db, number))).0)
        };
        let hands: Vec<_> = (1..=40).map(ask).collect();
        hands.into_iter().for_each(|hand| hand.join().unwrap().unwrap());
    });
    assert_eq!(rows(&database).len(), 40);
    drop(store);
    drop(own.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")));
}

#[test]
fn a_cut_connection_is_no_defect_and_the_body_is_run_again() {
    let Some(database) = TestDatabase::postgres() else { return };
    let store = store(&database);
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> \
               pg_backend_pid()";
    answered(store.write(|db, _now| put(db, 1))).0.unwrap();
    for number in 2..=5 {
        PgConnection::establish(&url_of(&database)).unwrap().batch_execute(cut).unwrap();
        answered(store.write(move |db, _now| put(db, number))).0.unwrap();
    }
    assert_eq!(rows(&database), [1, 2, 3, 4, 5]);
}
