//! Where offers are tried before anybody is given them. What is needed is read in one snapshot, and then priced outside of
//! any transaction, one dry run at a time and for a bounded time: thousands of prices must not take the cores from those who
//! wait at a till.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use huike_access::Scope;
use huike_kernel::{Clock, NodeId};
use huike_persistence::Store;
use huike_usecases::{
    UseCaseError,
    offers::{self, Tested, Trial, TrialAsk, Tried},
    quotes::CartAsk,
};

use crate::{problem::Problem, turns::Turns};

/// Whoever comes when so many wait is sent away.
const WAITING_MAX: usize = 16;
/// How long one dry run looks at carts.
const RUN_MAX: Duration = Duration::from_millis(1_500);

/// The desk.
pub struct TrialDesk {
    store: Store,
    clock: Arc<dyn Clock>,
    turns: Turns,
}

impl TrialDesk {
    /// A desk.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, turns: Turns::new(WAITING_MAX) }
    }

    /// Reads what the dry run needs; carts of so many days back, where any are wanted.
    pub async fn prepare(
        &self,
        reach: Scope,
        (site, tried): (NodeId, Tried),
        days: Option<TimeDelta>,
    ) -> Result<Trial, UseCaseError> {
        let since = days.and_then(|days| self.clock.now().checked_sub_signed(days));
        let ask = TrialAsk { site, tried, since };
        self.store.read(move |db| offers::prepare(db, &reach, &ask)).await
    }

    /// Prices; a cart that is given at the moment that is said, or now.
    pub async fn run(&self, trial: Trial, cart: Option<(CartAsk, Option<DateTime<Utc>>)>) -> Result<Tested, Problem> {
        let now = self.clock.now();
        let tested = self.turns.take(move || {
            let begun = Instant::now();
            let cart = cart.as_ref().map(|(cart, at)| (cart, at.unwrap_or(now)));
            trial.run(now, cart, &|| begun.elapsed() < RUN_MAX)
        });
        // All that can be wrong by now is the cart.
        tested.await?.map_err(|error| Problem::from(error).below("/cart"))
    }
}
