//! Every fault by turns and by chance, one after the other, while everybody works.

use std::time::Duration;

use huike_harness::{Moment, Plan, PostgresServer, Proxy, Stop};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use super::home_behind;
use crate::scene::{Scene, aside};

/// Faults of one run; `HUIKE_FAULT_ROUNDS` asks for more, `HUIKE_FAULT_SEED` for others.
const ROUNDS: usize = 6;

#[actix_web::test]
async fn in_a_storm_of_faults_everybody_is_answered_nothing_is_lost_and_nothing_twice() {
    let Some(mut postgres) = PostgresServer::start() else { return };
    let proxy = Proxy::before(postgres.port());
    let scene = Scene::begin(home_behind(&proxy, &postgres)).await;
    let mut dice = StdRng::seed_from_u64(Plan::default().seed);
    let mut slowest = Duration::ZERO;
    for round in 0..rounds() {
        let lasts = Duration::from_millis(dice.random_range(50..1_500));
        // Each of them once before any comes again.
        match round % 6 {
            0 => proxy.cut_some(Moment::AfterCommit, dice.random_range(1..8), dice.random()),
            1 => proxy.cut_some(Moment::BeforeCommit, dice.random_range(1..8), dice.random()),
            2 => postgres.freeze(),
            3 => proxy.refuse(),
            4 => postgres = aside(postgres, |it| it.restart(Stop::Immediate)).await,
            _ => postgres = aside(postgres, |it| it.restart(Stop::Fast)).await,
        }
        sleep(lasts).await;
        proxy.pass();
        postgres.thaw();
        slowest = slowest.max(scene.recovered().await);
        scene.worked(20).await;
    }
    let what = format!("{} faults, {} commits cut, recovered within {slowest:.2?}", rounds(), proxy.cuts());
    scene.end(&what).await;
}

fn rounds() -> usize {
    let asked = std::env::var("HUIKE_FAULT_ROUNDS").ok();
    asked.map_or(ROUNDS, |rounds| rounds.parse().unwrap_or_else(|_| panic!("HUIKE_FAULT_ROUNDS={rounds}")))
}
