//! The life of coupons against a model: random walks of commands over HTTP, on one template with random rules.
//!
//! The model says of every command whether it is lawful and, if not, why. A lawful one must succeed and a refused one
//! must be refused for that reason; after each, what the template counts and where the coupon stands must be what the
//! model says, so a refused command has changed nothing.

mod command;
mod model;
mod rules;
mod world;

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use tokio::sync::Mutex;

use self::{
    command::{Command, commands},
    rules::{Rules, Validity, rules},
    world::World,
};
use crate::support::{TestApp, brand::Brand};

/// Walks on each database.
const WALKS: u32 = 24;

/// The first walk, which meets everything once.
const FIRST: [Command; 21] = {
    use Command::{Claim, End, Enter, Issue, Kill, LiftKill, NewVersion, Pass, Print, Redeem, Resume, Undo, Void};
    [
        Print { count: 2 },
        Claim { shopper: 0 },
        Issue { shopper: 1 },
        Enter { shopper: 0, coupon: 0 },
        Enter { shopper: 1, coupon: 0 },
        Redeem { coupon: 2, store: 0 },
        Redeem { coupon: 2, store: 1 },
        Undo { coupon: 2, store: 1 },
        Undo { coupon: 2, store: 0 },
        Undo { coupon: 2, store: 0 },
        Void { coupon: 3 },
        Void { coupon: 3 },
        Kill,
        Redeem { coupon: 0, store: 0 },
        LiftKill,
        Resume,
        NewVersion { quantity: 9, days: 2 },
        Claim { shopper: 2 },
        Pass { hours: 49 },
        End,
        Redeem { coupon: 4, store: 1 },
    ]
};

/// What every run of the walks has to have met, or they prove nothing.
const MET: [&str; 13] = [
    "claim lawful",
    "issue lawful",
    "print lawful",
    "enter lawful",
    "enter code_not_claimable",
    "redeem lawful",
    "redeem coupon_already_redeemed",
    "undo lawful",
    "void lawful",
    "void coupon_state_refuses",
    "kill lawful",
    "new_version lawful",
    "expire lawful",
];

/// The brand all walks are in, and what they met.
type Shared = Mutex<(Brand, BTreeMap<String, usize>)>;

fn walk(app: TestApp) {
    let system = actix_web::rt::System::new();
    let config = Config { cases: WALKS, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let shared = Mutex::new((system.block_on(Brand::of(&app)), BTreeMap::new()));
    // The same walks every time, so that what they must have met is not left to luck.
    let budgeted = Rules {
        quantity: 8,
        validity: Validity::Days(1),
        per_customer: Some(3),
        per_day: None,
        per_store_day: None,
        budget: Some(75),
    };
    system.block_on(one((&app, &shared), budgeted, FIRST.to_vec())).unwrap();
    let walked = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
        .run(&(rules(), commands()), |(rules, commands)| {
            system.block_on(one((&app, &shared), rules, commands)).map_err(TestCaseError::fail)
        });
    match walked {
        Ok(()) => {}
        Err(TestError::Fail(why, (rules, commands))) => panic!("{why}\n{rules:?}\n{commands:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let (_brand, met) = shared.into_inner();
    let unmet: Vec<&str> = MET.into_iter().filter(|word| met.get(*word).is_none_or(|count| *count == 0)).collect();
    assert!(unmet.is_empty(), "the walks never met {unmet:?}: {met:#?}");
}

async fn one((app, shared): (&TestApp, &Shared), rules: Rules, commands: Vec<Command>) -> Result<(), String> {
    let mut shared = shared.lock().await;
    let (brand, met) = &mut *shared;
    let mut world = World::begin(app, brand, rules).await;
    for command in commands {
        world.step(command).await?;
    }
    for (word, count) in world.end().await? {
        *met.entry(word).or_default() += count;
    }
    Ok(())
}

mod no_walk_leaves_the_graph {
    use super::*;

    #[test]
    fn sqlite() {
        walk(TestApp::on_sqlite());
    }

    #[test]
    fn postgres() {
        if let Some(app) = TestApp::on_postgres() {
            walk(app);
        }
    }
}
