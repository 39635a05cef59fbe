//! Where customers' claims come in. They are gathered by template, so that a rush for one coupon costs a transaction for
//! many; and while a template has nothing to give, they are answered from a snapshot, so that the rush after the last
//! coupon costs no transaction at all.

use std::{sync::Arc, time::Duration};

use huike_kernel::{ChannelId, NodeId, TemplateId};
use huike_persistence::{
    DatabaseUrl, Db, OnceKey, Store, StoreError, StoreOptions,
    coalesce::{Coalescer, CoalescerOptions},
    idempotency::{self, Known},
};
use huike_usecases::{
    UseCaseError,
    claims::{Claimed, Claiming, Closed, Look, Looking, OnceClaim, closes, find_link},
};
use moka::sync::Cache;

/// How long a refusal that meets everybody sends others to look before they ask. They look at the present, so nobody
/// hears a stale answer; only the detour is remembered.
const CLOSED_FOR: Duration = Duration::from_secs(2);
const CLOSED_MAX: u64 = 10_000;

/// What a link leads to never changes; whether it is open is asked in the transaction.
const LINKS_MAX: u64 = 10_000;

/// Asks of one batch.
const BATCH_MAX: usize = 512;
/// Asks that may wait for one template: about what a machine serves in the time they may wait.
const LINE_MAX: usize = 8_192;
/// Asks that may wait for all templates together.
const WAITING_MAX: usize = 16_384;
/// Connections to PostgreSQL that are left to everybody else.
const OTHERS: u32 = 2;
/// On SQLite batches wait for the one writer, who commits them in groups.
const SQLITE_BATCHES_MAX: usize = 64;

/// The desk.
pub struct ClaimDesk {
    store: Store,
    claims: Coalescer<Claiming>,
    looks: Coalescer<Looking>,
    /// Templates, or templates at a site, of which a claim was refused that nobody else would have got either.
    closed: Cache<(TemplateId, Option<NodeId>), ()>,
    links: Cache<String, (TemplateId, ChannelId)>,
}

impl ClaimDesk {
    /// A desk over the store; with `gathers` off every claim has a transaction of its own.
    pub fn new(store: Store, gathers: bool) -> Self {
        let options = if gathers { gathering(store.url()) } else { one_by_one(store.url()) };
        Self {
            claims: Coalescer::new(store.clone(), Claiming, options),
            looks: Coalescer::new(store.clone(), Looking, gathering(store.url())),
            closed: Cache::builder().max_capacity(CLOSED_MAX).time_to_live(CLOSED_FOR).build(),
            links: Cache::builder().max_capacity(LINKS_MAX).build(),
            store,
        }
    }

    /// Claims one coupon of the template.
    pub async fn claim(&self, template: TemplateId, claim: OnceClaim) -> Result<Claimed, UseCaseError> {
        let (site, claim) = (claim.ask.site, Arc::new(claim));
        if self.is_closed(template, site) {
            match self.looks.submit(template, Arc::clone(&claim)).await? {
                Look::Answered(answer) => return answer.inspect_err(|refusal| self.note(template, site, refusal)),
                Look::Open => self.reopen(template, site),
            }
        }
        let answer = self.claims.submit(template, claim).await;
        answer.inspect_err(|refusal| self.note(template, site, refusal))
    }

    /// The template, and the channel to claim it through, that a link leads to. Where it leads nowhere, a key that
    /// was used for something else is the first thing to say.
    pub async fn follow(&self, link: String, once: &OnceKey) -> Result<(TemplateId, ChannelId), UseCaseError> {
        if let Some(found) = self.links.get(&link) {
            return Ok(found);
        }
        let (token, once) = (link.clone(), once.clone());
        let follow = move |db: &mut Db| match find_link(db, &token) {
            Err(nowhere) if idempotency::find_many(db, &[&once])?.contains(&Known::OfAnother) => {
                tracing::debug!(%nowhere, "a used key came with a link that leads nowhere");
                Err(StoreError::IdempotencyKeyReused.into())
            }
            found => found,
        };
        let found = self.store.read(follow).await?;
        self.links.insert(link, found);
        Ok(found)
    }

    /// How many claims wait for their batch.
    pub fn waiting(&self) -> usize {
        self.claims.waiting() + self.looks.waiting()
    }

    fn is_closed(&self, template: TemplateId, site: NodeId) -> bool {
        self.closed.contains_key(&(template, None)) || self.closed.contains_key(&(template, Some(site)))
    }

    fn note(&self, template: TemplateId, site: NodeId, refusal: &UseCaseError) {
        match closes(refusal) {
            Some(Closed::Everywhere) => self.closed.insert((template, None), ()),
            Some(Closed::AtSite) => self.closed.insert((template, Some(site)), ()),
            None => {}
        }
    }

    fn reopen(&self, template: TemplateId, site: NodeId) {
        self.closed.invalidate(&(template, None));
        self.closed.invalidate(&(template, Some(site)));
    }
}

/// One batch of a template at a time; the next gathers meanwhile.
fn gathering(url: &DatabaseUrl) -> CoalescerOptions {
    let batches_max = match url {
        DatabaseUrl::Sqlite(_) => SQLITE_BATCHES_MAX,
        DatabaseUrl::Postgres(_) => connections().saturating_sub(usize::try_from(OTHERS).unwrap_or(0)).max(1),
    };
    CoalescerOptions {
        batch_max: BATCH_MAX,
        line_max: LINE_MAX,
        waiting_max: WAITING_MAX,
        row_batches_max: 1,
        batches_max,
    }
}

/// As many claims of a template at a time as the database takes.
fn one_by_one(url: &DatabaseUrl) -> CoalescerOptions {
    let batches_max = match url {
        DatabaseUrl::Sqlite(_) => SQLITE_BATCHES_MAX,
        DatabaseUrl::Postgres(_) => connections(),
    };
    CoalescerOptions { batch_max: 1, row_batches_max: batches_max, batches_max, ..gathering(url) }
}

fn connections() -> usize {
    usize::try_from(StoreOptions::default().postgres_connections).unwrap_or(1)
}
