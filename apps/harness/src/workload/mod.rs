//! Load that can be played again: customers, clerks, marketers and tills, each with dice of its own from one seed.

mod actor;
mod census;
mod counter;
mod desk;
mod world;

use std::sync::{Arc, atomic::Ordering};

use tokio::task::JoinSet;

use self::{actor::Actor, world::World};
use crate::{
    Home, Server,
    journal::{Census, Journal},
};

/// Who takes part. The same plan throws the same dice; what comes of them also depends on who is faster.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What all dice are made of. It is printed, and taken from `HUIKE_FAULT_SEED` where that is set.
    pub seed: u64,
    /// Customers, who claim.
    pub customers: usize,
    /// Clerks, who redeem and undo.
    pub clerks: usize,
    /// Marketers, who issue, edit templates, set slogans and write notes.
    pub marketers: usize,
    /// Tills, which claim for customers.
    pub tills: usize,
    /// One in so many requests is sent twice at the same time.
    pub twice_in: u32,
    /// One in so many requests is repeated after it was answered.
    pub again_in: u32,
}

/// A seed that is used where no other is named.
const SEED: u64 = 20_261_122;

impl Default for Plan {
    fn default() -> Self {
        let named = std::env::var("HUIKE_FAULT_SEED").ok();
        let seed = named.map_or(SEED, |seed| seed.parse().unwrap_or_else(|_| panic!("HUIKE_FAULT_SEED={seed}")));
        Self { seed, customers: 10, clerks: 4, marketers: 2, tills: 2, twice_in: 10, again_in: 10 }
    }
}

/// A brand with its people, ready to work.
#[derive(Debug)]
pub struct Workload {
    plan: Plan,
    world: Arc<World>,
}

impl Workload {
    /// Builds a brand on a server and signs everybody in.
    pub async fn prepare(server: &Server, plan: Plan) -> Self {
        eprintln!("workload with the seed {} (HUIKE_FAULT_SEED={0} plays it again)", plan.seed);
        let world = Arc::new(World::build(server, &plan).await);
        Self { plan, world }
    }

    /// What was asked and answered so far.
    pub fn journal(&self) -> &Journal {
        &self.world.journal
    }

    /// Lets everybody work, through whatever happens to the server, until [`Running::stop`].
    pub fn start(&self) -> Running {
        let mut tasks = JoinSet::new();
        for actor in Actor::all(&self.plan, &self.world) {
            tasks.spawn(actor.work());
        }
        Running { tasks, world: Arc::clone(&self.world) }
    }

    /// Everything that is there now, as the public API shows it.
    pub async fn census(&self, server: &Server) -> Census {
        census::take(&self.world, server).await
    }

    /// After the work: asks again for what is unknown, repeats some of what is done, and demands that what is there is
    /// what was promised and that the books add up.
    pub async fn settle(&self, home: &Home, server: &Server) {
        self.journal().settle().await;
        self.journal().repeat(REPEAT_ONE_IN).await;
        let census = self.census(server).await;
        eprintln!("{}; {} things are there", self.journal(), census.len());
        self.journal().demand(&census);
        home.verify();
    }
}

/// Of what is done, one in so many is asked for once more in the end.
const REPEAT_ONE_IN: usize = 20;

/// Everybody at work.
#[derive(Debug)]
pub struct Running {
    tasks: JoinSet<()>,
    world: Arc<World>,
}

impl Running {
    /// Lets everybody end what they are doing; whoever waits for a server waits no longer.
    pub async fn stop(mut self) {
        self.world.stopping.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            // A panic of an actor is a defect of the test or of the server: it is the test's to fail with.
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        self.world.stopping.store(false, Ordering::SeqCst);
    }
}
