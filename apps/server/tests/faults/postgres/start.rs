//! PostgreSQL is not there when the server starts.

use std::time::{Duration, Instant};

use huike_harness::{Home, PostgresServer, Server, Stop};
use tokio::time::sleep;

use super::home_on;
use crate::homes::BINARY;

#[actix_web::test]
async fn a_server_that_is_started_first_waits_for_its_database() {
    let Some(mut postgres) = PostgresServer::start() else { return };
    let home = home_on(&postgres);
    postgres.stop(Stop::Fast);
    let starting = actix_web::rt::spawn(Server::spawn(Server::command(&home, &[])));
    sleep(Duration::from_secs(2)).await;
    assert!(!starting.is_finished(), "it did not wait");
    postgres.start_again();
    let server = starting.await.unwrap();
    assert!(server.log().contains("cannot be reached yet"), "{}", server.log());
    server.stop().ok();
}

#[actix_web::test]
async fn a_server_whose_database_never_comes_says_why_and_ends() {
    let Some(mut postgres) = PostgresServer::start() else { return };
    let url = postgres.create_database("shop").replace("huike@", "huike:s3cret@");
    postgres.stop(Stop::Fast);
    let home = Home::on(BINARY, url).with("HUIKE_DATABASE_WAIT_SECONDS", "1");
    let ended = home.run(&["serve", "--profile", "dev", "--listen", "127.0.0.1:0"]);
    let why = ended.refused();
    assert!(why.contains("Connection refused") && why.contains("127.0.0.1"), "{why}");
    assert!(!why.contains("s3cret"), "{why}");
}

#[actix_web::test]
async fn a_database_that_is_not_there_at_all_is_told_at_once() {
    let Some(postgres) = PostgresServer::start() else { return };
    let home = Home::on(BINARY, postgres.url_of("nowhere"));
    let started = Instant::now();
    let ended = home.run(&["serve", "--profile", "dev", "--listen", "127.0.0.1:0"]);
    assert!(ended.refused().contains("\"nowhere\" does not exist"), "{ended:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
