//! Claims as the work of a coalescer: whoever asks for the same template at the same time shares a transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use huike_kernel::TemplateId;
use huike_persistence::{
    Db,
    coalesce::{Answers, Work, mark},
};

use super::{Claimed, Look, OnceClaim, claim_once_each, look_each};
use crate::UseCaseError;

/// Claims: [`claim_once_each`].
pub struct Claiming;

/// Looks before a claim: [`look_each`].
pub struct Looking;

/// No two asks of one customer or under one key in a batch: the later one has to see what the earlier one did.
fn marks(claim: &OnceClaim) -> Vec<u64> {
    vec![mark(&("customer", claim.ask.customer)), mark(&("key", &claim.once.principal, &claim.once.key))]
}

impl Work for Claiming {
    type Row = TemplateId;
    type Ask = Arc<OnceClaim>;
    type Answer = Claimed;
    type Error = UseCaseError;
    const READS_ONLY: bool = false;

    fn marks(&self, ask: &Self::Ask) -> Vec<u64> {
        marks(ask)
    }

    fn run(&self, db: &mut Db, now: DateTime<Utc>, row: &TemplateId, asks: &[&Self::Ask]) -> Answers<Self> {
        claim_once_each(db, now, *row, &asks.iter().map(|ask| ask.as_ref()).collect::<Vec<_>>())
    }
}

impl Work for Looking {
    type Row = TemplateId;
    type Ask = Arc<OnceClaim>;
    type Answer = Look;
    type Error = UseCaseError;
    const READS_ONLY: bool = true;

    /// Looks change nothing for each other.
    fn marks(&self, _ask: &Self::Ask) -> Vec<u64> {
        Vec::new()
    }

    fn run(&self, db: &mut Db, now: DateTime<Utc>, row: &TemplateId, asks: &[&Self::Ask]) -> Answers<Self> {
        let asks: Vec<&OnceClaim> = asks.iter().map(|ask| ask.as_ref()).collect();
        Ok(look_each(db, now, *row, &asks)?.into_iter().map(Ok).collect())
    }
}
