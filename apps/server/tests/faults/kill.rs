//! Servers that are killed while everybody writes.

use std::time::{Duration, Instant};

use huike_harness::{Home, Plan, Server, Workload};
use tokio::time::sleep;

use crate::each_home;

/// Kills of one run; `HUIKE_FAULT_ROUNDS` asks for more.
const ROUNDS: usize = 20;
/// Between two kills so many requests are done, at least and at most.
const DONE_BETWEEN: std::ops::Range<usize> = 15..45;
/// How long that may take on a machine that does other things as well.
const ROUND_MAX: Duration = Duration::from_secs(60);

each_home! {
    /// Every acknowledged write is there, once; every effect has a request; a repeat under the same key gets the first
    /// answer; the books add up after kills, with and without a server; and no hand is needed to start again.
    async fn what_was_acknowledged_outlives_every_kill(home) {
        let began = Instant::now();
        let mut server = Server::start(home, &[]).await;
        let workload = Workload::prepare(&server, Plan::default()).await;
        let working = workload.start();
        let mut slowest = Duration::ZERO;
        for round in 0..rounds() {
            let wanted = DONE_BETWEEN.start + round * 7 % DONE_BETWEEN.len();
            until_done(&workload, workload.journal().figures().done + wanted).await;
            let ended = server.stop_dead();
            assert_eq!((ended.code, ended.faults(&[])), (None, Vec::new()), "round {round}");
            // By turns before anybody has opened the database again, and beside the next server at work.
            if round % 4 == 0 {
                home.verify();
            }
            server = Server::start(home, &[]).await;
            slowest = slowest.max(server.ready_in);
            if round % 4 == 2 {
                verify_beside(home).await;
            }
        }
        working.stop().await;
        workload.settle(home, &server).await;
        let ended = server.stop();
        assert_eq!((ended.code, ended.faults(&[])), (Some(0), Vec::new()));
        let (rounds, took) = (rounds(), began.elapsed());
        eprintln!("{rounds} kills in {took:.1?}; ready again after {slowest:.1?} at the latest; {}", workload.journal());
    }
}

fn rounds() -> usize {
    let asked = std::env::var("HUIKE_FAULT_ROUNDS").ok();
    asked.map_or(ROUNDS, |rounds| rounds.parse().unwrap_or_else(|_| panic!("HUIKE_FAULT_ROUNDS={rounds}")))
}

async fn until_done(workload: &Workload, done: usize) {
    let deadline = Instant::now() + ROUND_MAX;
    while workload.journal().figures().done < done {
        assert!(Instant::now() < deadline, "the work does not go on: {}", workload.journal());
        sleep(Duration::from_millis(1)).await;
    }
}

/// `verify` takes as long as it takes: on a thread of its own, so that the work goes on meanwhile.
async fn verify_beside(home: &Home) {
    let mut verify = home.huike(&["verify"]);
    let ran = tokio::task::spawn_blocking(move || verify.output().unwrap()).await.unwrap();
    assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
}
