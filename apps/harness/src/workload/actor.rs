//! One person at work: what they share with all others, and when they repeat themselves.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Plan, counter, desk, world::World};
use crate::{answer::Answer, client::NoAnswer, journal::Ask};

/// Between two tries while the server is away.
const AWAY: Duration = Duration::from_millis(10);

/// What somebody does all day.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trade {
    Customer(usize),
    Clerk(usize),
    Marketer(usize),
    Till,
}

/// Somebody with dice of their own.
pub(super) struct Actor {
    pub world: Arc<World>,
    pub dice: ChaCha8Rng,
    pub trade: Trade,
    /// Marks what they write, so that it is found again.
    pub written: u32,
    /// How often a request is sent twice, and repeated.
    twice_in: u32,
    again_in: u32,
}

impl Actor {
    /// Everybody of a plan.
    pub(super) fn all(plan: &Plan, world: &Arc<World>) -> Vec<Self> {
        let customers = (0..plan.customers).map(Trade::Customer);
        let clerks = (0..plan.clerks).map(Trade::Clerk);
        let marketers = (0..plan.marketers).map(Trade::Marketer);
        let tills = (0..plan.tills).map(|_| Trade::Till);
        let all = customers.chain(clerks).chain(marketers).chain(tills);
        let actor = |(stream, trade): (u64, Trade)| {
            let mut dice = ChaCha8Rng::seed_from_u64(plan.seed);
            dice.set_stream(stream);
            // Who works a second time does not write the same notes again.
            let written = u32::try_from(world.journal.figures().asked).unwrap_or_default();
            let (twice_in, again_in) = (plan.twice_in, plan.again_in);
            Self { world: Arc::clone(world), dice, trade, written, twice_in, again_in }
        };
        (0..).zip(all).map(actor).collect()
    }

    /// Works until everybody is told to stop.
    pub(super) async fn work(mut self) {
        while !self.is_stopping() {
            match self.trade {
                Trade::Customer(number) => counter::claim(&mut self, number).await,
                Trade::Clerk(number) => counter::serve(&mut self, number).await,
                Trade::Marketer(number) => desk::work(&mut self, number).await,
                Trade::Till => counter::claim_at_till(&mut self).await,
            }
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.world.stopping.load(Ordering::SeqCst)
    }

    /// One in so many times.
    pub(super) fn chance(&mut self, one_in: u32) -> bool {
        one_in > 0 && self.dice.random_range(0..one_in) == 0
    }

    /// One of them, if there are any.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.dice.random_range(0..from.len())) }
    }

    /// Asks under a key, as clients do: sometimes twice at once, sometimes again after the answer, and again when there
    /// is no answer. Now and then somebody gives up; the journal asks for them in the end.
    pub(super) async fn ask(&mut self, ask: Ask) -> Option<Answer> {
        let journal = self.world.journal.clone();
        let (number, mut answer) =
            if self.chance(self.twice_in) { journal.ask_twice(ask).await } else { journal.ask(ask).await };
        if answer.is_ok() && self.chance(self.again_in) {
            drop(journal.ask_again(number).await);
        }
        let gives_up = self.chance(4);
        while is_open(&answer) && !gives_up && !self.is_stopping() {
            tokio::time::sleep(AWAY).await;
            answer = journal.ask_again(number).await;
        }
        self.wait_if_away(&answer).await;
        answer.ok().filter(|answer| answer.status < 300)
    }

    /// Asks once, without a key.
    pub(super) async fn ask_plainly(&mut self, ask: Ask) -> Option<Answer> {
        let (_, answer) = self.world.journal.ask(ask).await;
        self.wait_if_away(&answer).await;
        answer.ok().filter(|answer| answer.status < 300)
    }

    async fn wait_if_away(&self, answer: &Result<Answer, NoAnswer>) {
        if is_open(answer) {
            tokio::time::sleep(AWAY).await;
        }
    }
}

/// Whether it is worth asking again.
fn is_open(answer: &Result<Answer, NoAnswer>) -> bool {
    answer.as_ref().map_or(true, |answer| matches!(answer.status, 408 | 503))
}
