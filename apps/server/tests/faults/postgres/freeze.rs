//! PostgreSQL stands still: its connections are open, new ones are taken by the system, and nobody answers.

use std::time::{Duration, Instant};

use huike_harness::{PostgresServer, Server};
use serde_json::json;
use tokio::time::sleep;

use super::home_on;
use crate::scene::Scene;

const FROZEN: Duration = Duration::from_secs(10);
/// When all threads are known to be stuck.
const KNOWN_AFTER: Duration = Duration::from_secs(4);
/// Nobody waits for what cannot be: well below the two seconds of somebody who does.
const AT_ONCE: Duration = Duration::from_secs(1);

#[actix_web::test]
async fn frozen_for_ten_seconds_everybody_is_told_later_and_it_goes_on_by_itself() {
    let Some(postgres) = PostgresServer::start() else { return };
    let scene = Scene::begin(home_on(&postgres)).await;
    let frozen = Instant::now();
    postgres.freeze();
    scene.unready().await;
    sleep(KNOWN_AFTER.saturating_sub(frozen.elapsed())).await;
    let mut slowest = Duration::ZERO;
    while frozen.elapsed() < FROZEN {
        let asked = Instant::now();
        let sign_in = json!({ "provider": "dev", "phone": "13912345678" });
        scene.server.stranger().post("/app/v1/sessions", &sign_in).await.problem(503, "store_unavailable");
        slowest = slowest.max(asked.elapsed());
        assert!(!scene.server.is_ready().await);
        scene.server.stranger().get("/healthz").await.ok();
        let metrics = scene.server.stranger().get("/metrics").await.text();
        assert!(metrics.contains("huike_store_stuck{lane=\"write\"} 1"), "{metrics}");
        sleep(Duration::from_millis(100)).await;
    }
    assert!(slowest < AT_ONCE, "while it is known to be stuck nobody should wait, and somebody waited {slowest:.1?}");
    postgres.thaw();
    let took = scene.recovered().await;
    scene.end(&format!("frozen, refused after {slowest:.2?} once known, recovered {took:.2?} after the thaw")).await;
}

#[actix_web::test]
async fn frozen_for_moments_again_and_again_nothing_is_lost_and_nothing_twice() {
    let Some(postgres) = PostgresServer::start() else { return };
    let scene = Scene::begin(home_on(&postgres)).await;
    for milliseconds in [300, 1_500, 2_500, 700, 3_500, 2_100] {
        postgres.freeze();
        sleep(Duration::from_millis(milliseconds)).await;
        postgres.thaw();
        scene.recovered().await;
        scene.worked(30).await;
    }
    scene.end("frozen six times").await;
}

#[actix_web::test]
async fn a_server_that_is_told_to_stop_does_so_though_its_database_stands_still() {
    let Some(postgres) = PostgresServer::start() else { return };
    let home = home_on(&postgres);
    let server = Server::start(&home, &[]).await;
    postgres.freeze();
    // Jobs are stuck by now, and so is whoever asks.
    let (here, sign_in) = (server.stranger(), json!({ "provider": "dev", "phone": "13912345678" }));
    for _ in 0..10 {
        here.post("/app/v1/sessions", &sign_in).await.problem(503, "store_unavailable");
    }
    let told = Instant::now();
    let ended = server.stop();
    let took = told.elapsed();
    eprintln!("stopped after {took:.1?} while PostgreSQL stood still, with {:?}", ended.code);
    assert!(took < Duration::from_secs(30), "{took:?}");
    postgres.thaw();
    home.verify();
}
