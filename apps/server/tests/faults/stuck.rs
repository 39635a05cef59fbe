//! SQLite's one writer is stuck: somebody holds the file, or the disk stands still for as long.

use std::time::Duration;

use huike_persistence::testing::hold_sqlite;
use tokio::time::sleep;

use crate::{
    homes,
    scene::{Scene, aside},
};

const HELD: Duration = Duration::from_secs(8);

#[actix_web::test]
async fn a_file_that_somebody_holds_keeps_nobody_waiting_and_reads_go_on() {
    let home = homes::on_sqlite();
    let file = home.path().join("data/huike.db");
    let scene = Scene::begin(home).await;
    let holding = actix_web::rt::spawn(aside(file, |file| hold_sqlite(file, HELD)));
    let metrics = async || scene.server.stranger().get("/metrics").await.text();
    let mut stuck = false;
    while !holding.is_finished() {
        let told = metrics().await;
        stuck |= told.contains("huike_store_stuck{lane=\"write\"} 1");
        assert!(told.contains("huike_store_stuck{lane=\"read\"} 0"));
        sleep(Duration::from_millis(100)).await;
    }
    holding.await.unwrap();
    assert!(stuck, "nothing was held up");
    scene.end("held for eight seconds").await;
}
