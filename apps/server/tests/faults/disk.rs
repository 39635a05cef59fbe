//! A disk that is full: writes are told so, reads go on, nothing is lost, and space alone brings the writes back.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use huike_harness::{Client, Disk, Home, Plan, PostgresServer, Running, Server, Workload, brand::ten_off};
use serde_json::{Value, json};

use crate::homes::BINARY;

/// How long each step may take on a machine that does other things as well.
const STEP_MAX: Duration = Duration::from_secs(60);
/// Lines of the log that tell of the full disk itself, which whoever runs the server should read.
const EXCUSED: [&str; 4] = ["a commit failed", "a commit was refused", "full", "No space left"];

/// A server with people at work, and somebody who looks on.
struct Scene<'a> {
    home: &'a Home,
    server: Server,
    workload: Workload,
    working: Running,
    owner: Client,
}

impl<'a> Scene<'a> {
    async fn begin(home: &'a Home, server: Server) -> Self {
        let plan = Plan { customers: 4, clerks: 2, marketers: 1, tills: 1, ..Plan::default() };
        let workload = Workload::prepare(&server, plan).await;
        let working = workload.start();
        let owner = server.owner().await;
        let scene = Self { home, server, workload, working, owner };
        scene.until("work goes on", || scene.done() >= 30).await;
        scene
    }

    fn done(&self) -> usize {
        self.workload.journal().figures().done
    }

    async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + STEP_MAX;
        while !is_so() {
            assert!(Instant::now() < deadline, "{what}: not so; {}\n{}", self.workload.journal(), self.server.log());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Writes are refused with 503 and the time to come back; hands on what the refusal says.
    async fn until_writes_are_refused(&self) -> Value {
        let deadline = Instant::now() + STEP_MAX;
        let head = self.owner.get("/admin/v1/me").await.ok()["roles"][0]["site_id"].clone();
        let draft = json!({ "site_id": head, "name": "备货", "rules": ten_off(1) });
        loop {
            let answer = self.owner.post("/admin/v1/coupon-templates", &draft).await;
            if answer.status == 503 {
                assert!(!answer.header("retry-after").is_empty());
                return answer.json();
            }
            assert_eq!(answer.status, 201, "{}", answer.text());
            assert!(Instant::now() < deadline, "nothing is ever refused");
        }
    }

    /// Everything that only reads is answered.
    async fn reads_go_on(&self) {
        for path in
            ["/readyz", "/admin/v1/me", "/admin/v1/redemptions", "/admin/v1/coupon-templates", "/admin/v1/nodes"]
        {
            assert_eq!(self.owner.get(path).await.status, 200, "{path}");
        }
    }

    /// Nobody restarts anything: with the space come the writes.
    async fn recovers(self, what: &str) {
        let (freed, before) = (Instant::now(), self.done());
        self.until("writes come back", || self.done() > before).await;
        let back = freed.elapsed();
        self.until("work goes on", || self.done() > before + 30).await;
        self.working.stop().await;
        self.workload.settle(self.home, &self.server).await;
        let ended = self.server.stop();
        ended.ok();
        assert_eq!(ended.faults(&EXCUSED), [""; 0]);
        eprintln!("{what}: the first write {back:.2?} after there was space again");
    }
}

fn on_disk(disk: &Disk) -> Home {
    Home::on(BINARY, format!("sqlite://{}/huike.db", disk.path().display()))
}

async fn fills_up(home: &Home, disk: &Disk, what: &str) {
    let scene = Scene::begin(home, Server::start(home, &[]).await).await;
    disk.fill();
    let refusal = scene.until_writes_are_refused().await;
    assert_eq!(refusal["code"], "store_unavailable", "{refusal}");
    scene.reads_go_on().await;
    // What is full stays full, however often it is asked, and those who ask are answered.
    let turned_away = scene.workload.journal().figures().tries;
    scene.until("everybody is answered", || scene.workload.journal().figures().tries > turned_away + 30).await;
    scene.reads_go_on().await;
    disk.empty();
    scene.recovers(what).await;
}

#[actix_web::test]
async fn sqlite_on_a_full_disk_reads_on_and_writes_again_when_there_is_space() {
    let Some(disk) = Disk::of_mebibytes(64) else { return };
    let home = on_disk(&disk);
    fills_up(&home, &disk, "SQLite, full disk").await;
}

#[actix_web::test]
async fn postgresql_whose_tables_have_no_room_reads_on_and_writes_again_when_there_is_space() {
    let Some(disk) = Disk::of_mebibytes(192) else { return };
    let Some(postgres) = PostgresServer::start_on(&disk, &[]) else { return };
    let home = Home::on(BINARY, postgres.create_database("shop"));
    fills_up(&home, &disk, "PostgreSQL, full disk of tables").await;
}

#[actix_web::test]
async fn sqlite_that_was_killed_on_a_full_disk_says_so_or_serves_and_keeps_everything() {
    let Some(disk) = Disk::of_mebibytes(64) else { return };
    let home = on_disk(&disk);
    let scene = Scene::begin(&home, Server::start(&home, &[]).await).await;
    disk.fill();
    scene.until_writes_are_refused().await;
    let Scene { server, workload, working, owner, .. } = scene;
    assert_eq!(server.stop_dead().code, None);
    let server = match Server::try_spawn(Server::command(&home, &[])).await {
        Ok(server) => server,
        Err(ran) => {
            eprintln!("on a full disk it says: {}", ran.refused());
            assert!(ran.err.contains("disk") || ran.err.contains("space"), "{ran:?}");
            disk.empty();
            Server::start(&home, &[]).await
        }
    };
    let scene = Scene { home: &home, server, workload, working, owner };
    disk.empty();
    scene.recovers("SQLite, killed on a full disk").await;
}

/// Where no disk can be mounted this still shows what happens when a file cannot grow; the error is another one
/// (`EFBIG`), after which SQLite is less sure of itself.
#[actix_web::test]
async fn sqlite_whose_files_may_not_grow_reads_on_and_writes_again_when_they_may() {
    let home = crate::homes::on_sqlite();
    let server = Server::spawn(Server::command_that_survives_limits(&home, &[])).await;
    let scene = Scene::begin(&home, server).await;
    scene.server.limit_files(Some(64 * 1_024));
    let refusal = scene.until_writes_are_refused().await;
    assert!(["store_unavailable", "outcome_unknown"].contains(&refusal["code"].as_str().unwrap()), "{refusal}");
    scene.reads_go_on().await;
    scene.server.limit_files(None);
    scene.recovers("SQLite, files that may not grow").await;
}
