//! PostgreSQL is stopped, restarted, or falls over, under load.

use std::time::Duration;

use huike_harness::{PostgresServer, Stop};
use tokio::time::sleep;

use super::home_on;
use crate::scene::{Scene, aside};

/// Long enough for connections, retries and patience to run out.
const AWAY: Duration = Duration::from_secs(4);

async fn away_for_a_while(how: Stop) {
    let Some(postgres) = PostgresServer::start() else { return };
    let scene = Scene::begin(home_on(&postgres)).await;
    let postgres = aside(postgres, move |it| it.stop(how)).await;
    scene.unready().await;
    sleep(AWAY).await;
    let _postgres = aside(postgres, PostgresServer::start_again).await;
    let took = scene.recovered().await;
    scene.end(&format!("stopped ({how:?}), recovered {took:.2?} after it was there again")).await;
}

#[actix_web::test]
async fn stopped_in_good_order_everybody_is_told_later_and_served_when_it_is_back() {
    away_for_a_while(Stop::Fast).await;
}

#[actix_web::test]
async fn fallen_over_everybody_is_told_later_and_served_when_it_is_back() {
    away_for_a_while(Stop::Immediate).await;
}

#[actix_web::test]
async fn restarted_again_and_again_nothing_is_lost_and_nothing_twice() {
    let Some(mut postgres) = PostgresServer::start() else { return };
    let scene = Scene::begin(home_on(&postgres)).await;
    let mut slowest = Duration::ZERO;
    for how in [Stop::Fast, Stop::Immediate, Stop::Fast, Stop::Immediate] {
        postgres = aside(postgres, move |it| it.restart(how)).await;
        slowest = slowest.max(scene.recovered().await);
        scene.worked(50).await;
    }
    scene.end(&format!("restarted four times, recovered within {slowest:.2?}")).await;
}

#[actix_web::test]
async fn where_we_may_have_fewer_connections_than_threads_those_there_are_serve_everybody() {
    let Some(postgres) = PostgresServer::start() else { return };
    let home = home_on(&postgres);
    // No superuser either, as it should be in production.
    postgres.query("shop", "CREATE ROLE few LOGIN CONNECTION LIMIT 3");
    postgres.query("shop", "ALTER DATABASE shop OWNER TO few");
    let its_own = home.database_url().replace("huike@", "few@");
    let scene = Scene::begin_as(home, &its_own).await;
    scene.worked(200).await;
    assert!(postgres.log().contains("too many connections for role"), "there were enough:\n{}", postgres.log());
    let used = postgres.query("shop", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'few'");
    scene.end(&format!("{used} connections for eight threads")).await;
}
