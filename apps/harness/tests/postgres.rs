//! The props themselves: a PostgreSQL that comes and goes, and a proxy that cuts where it says.
#![cfg(test)]

use huike_harness::{Moment, PostgresServer, Proxy, Stop};

const INSERT: &str = "BEGIN; INSERT INTO kept SELECT count(*) + 1 FROM kept; COMMIT";

fn kept(postgres: &PostgresServer) -> String {
    postgres.query("shop", "SELECT count(*) FROM kept")
}

#[test]
fn a_server_comes_back_with_what_was_committed() {
    let Some(mut postgres) = PostgresServer::start() else { return };
    let url = postgres.create_database("shop");
    postgres.query("shop", "CREATE TABLE kept (number BIGINT)");
    for (number, how) in [Stop::Immediate, Stop::Fast].into_iter().enumerate() {
        postgres.query("shop", INSERT);
        postgres.stop(how);
        assert!(!postgres.is_running() && postgres.try_query(&url, "SELECT 1").is_err());
        postgres.start_again();
        assert_eq!(kept(&postgres), (number + 1).to_string(), "after {how:?}");
    }
    assert_eq!(postgres.query("shop", "SHOW fsync"), "on");
}

#[test]
fn a_frozen_server_answers_nobody_until_it_thaws() {
    let Some(postgres) = PostgresServer::start() else { return };
    postgres.freeze();
    assert!(!postgres.is_ready());
    postgres.thaw();
    assert_eq!(postgres.query("postgres", "SELECT 1"), "1");
    postgres.freeze();
    // Dropping a frozen one ends it too.
}

#[test]
fn a_cut_before_commit_leaves_nothing_and_one_after_it_everything() {
    let Some(postgres) = PostgresServer::start() else { return };
    let proxy = Proxy::before(postgres.port());
    let url = proxy.url(&postgres.create_database("shop"));
    postgres.query("shop", "CREATE TABLE kept (number BIGINT)");

    proxy.cut_next(Moment::BeforeCommit, 1);
    assert!(postgres.try_query(&url, INSERT).is_err());
    assert_eq!(kept(&postgres), "0");

    proxy.cut_next(Moment::AfterCommit, 2);
    for expected in ["1", "2"] {
        assert!(postgres.try_query(&url, INSERT).is_err(), "it is never told");
        assert_eq!(kept(&postgres), expected);
    }
    assert_eq!((proxy.cuts(), proxy.cuts_left(), proxy.commits()), (3, 0, 3));
    assert!(postgres.try_query(&url, INSERT).is_ok(), "the plan is used up");
}

#[test]
fn cuts_by_chance_are_the_same_for_the_same_seed() {
    let Some(postgres) = PostgresServer::start() else { return };
    let proxy = Proxy::before(postgres.port());
    let url = proxy.url(&postgres.url());
    let play = |seed: u64| {
        proxy.cut_some(Moment::AfterCommit, 3, seed);
        (0..12).map(|_| postgres.try_query(&url, "BEGIN; COMMIT").is_err()).collect::<Vec<_>>()
    };
    let first = play(7);
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    assert_eq!(first, play(7));
    proxy.pass();
    assert!(postgres.try_query(&url, "BEGIN; COMMIT").is_ok());
}

#[test]
fn a_proxy_that_refuses_lets_nobody_through_until_it_passes_again() {
    let Some(postgres) = PostgresServer::start() else { return };
    let proxy = Proxy::before(postgres.port());
    let url = proxy.url(&postgres.url());
    proxy.refuse();
    assert!(postgres.try_query(&url, "SELECT 1").is_err());
    proxy.pass();
    assert_eq!(postgres.try_query(&url, "SELECT 1").unwrap(), "1");
}
