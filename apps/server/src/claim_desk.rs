//! Where claims come in: of customers, by links and codes too, and of other systems for them. They are gathered by template, so that a rush for one coupon costs a transaction for
//! many; and while a template has nothing to give, they are answered from a snapshot, so that the rush after the last
//! coupon costs no transaction at all.

use std::{sync::Arc, time::Duration};

use huike_kernel::{ChannelId, DomainError, NodeId, TemplateId};
use huike_persistence::{
    DatabaseUrl, Db, OnceKey, Store, StoreError, StoreOptions, TxError,
    coalesce::{Coalescer, CoalescerOptions},
    idempotency::{self, Known},
};
use huike_usecases::{
    Caller, UseCaseError,
    claims::{
        ClaimAsk, Claimed, Claiming, Closed, CodeClaimAsk, Look, Looking, OnceClaim, claim_by_code, closes, find_link,
        find_shared, hide_what_exists,
    },
    codes::{EnteredCode, FreshCode},
    issues::{Recipient, find_recipient},
};
use moka::sync::Cache;

use crate::jobs::ExhaustedTemplates;

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
    links: Cache<String, Way>,
    shared_codes: Cache<Vec<u8>, Way>,
    exhausted: Arc<ExhaustedTemplates>,
}

/// A template, and the channel to claim it through.
type Way = (TemplateId, ChannelId);

/// A claim of another system, for a customer it names.
pub struct ClaimFor {
    /// The identity of the ask.
    pub once: OnceKey,
    /// The system.
    pub caller: Caller,
    /// What is claimed, and where.
    pub place: (TemplateId, NodeId),
    /// For whom.
    pub recipient: Recipient,
    /// The code the coupon gets.
    pub code: FreshCode,
}

/// What was found before a claim is handed in.
enum Found<T> {
    /// What was looked for.
    New(T),
    /// It is there no more, but the key has had its answer.
    Before(Claimed),
}

impl ClaimDesk {
    /// A desk over the store; with `gathers` off every claim has a transaction of its own.
    pub fn new(store: Store, exhausted: Arc<ExhaustedTemplates>, gathers: bool) -> Self {
        let options = if gathers { gathering(store.url()) } else { one_by_one(store.url()) };
        Self {
            claims: Coalescer::new(store.clone(), Claiming, options),
            looks: Coalescer::new(store.clone(), Looking, gathering(store.url())),
            closed: Cache::builder().max_capacity(CLOSED_MAX).time_to_live(CLOSED_FOR).build(),
            links: Cache::builder().max_capacity(LINKS_MAX).build(),
            shared_codes: Cache::builder().max_capacity(LINKS_MAX).build(),
            exhausted,
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
    pub async fn follow(&self, link: String, once: &OnceKey) -> Result<Way, UseCaseError> {
        if let Some(found) = self.links.get(&link) {
            return Ok(found);
        }
        let token = link.clone();
        match self.find(once, move |db| find_link(db, &token)).await? {
            Found::New(found) => {
                self.links.insert(link, found);
                Ok(found)
            }
            // Links are never taken away: nothing was ever claimed through one that is not there.
            Found::Before(_) => Err(UseCaseError::NotFound("channel")),
        }
    }

    /// Claims by a code that a customer entered. A shared one leads to a rush as a link does, and is gathered; a printed
    /// one is a row of its own.
    pub async fn claim_code(&self, once: OnceKey, caller: Caller, ask: CodeClaimAsk) -> Result<Claimed, UseCaseError> {
        if let Some((template, channel)) = self.find_shared(&ask.entered).await? {
            let claim = OnceClaim { once, caller, ask: ask.through(channel) };
            return self.claim(template, claim).await.map_err(hide_what_exists);
        }
        let done = self.store.write_once(once, move |db, now| claim_by_code(db, &caller.act(now), &ask));
        Ok(done.await?.value)
    }

    async fn find_shared(&self, entered: &EnteredCode) -> Result<Option<Way>, UseCaseError> {
        let lookup = entered.lookup.to_vec();
        if let Some(found) = self.shared_codes.get(&lookup) {
            return Ok(Some(found));
        }
        let entered = entered.clone();
        let found = self.store.read(move |db| find_shared(db, &entered)).await?;
        if let Some(found) = found {
            self.shared_codes.insert(lookup, found);
        }
        Ok(found)
    }

    /// Claims one coupon for the customer that another system names.
    pub async fn claim_for(&self, asked: ClaimFor) -> Result<Claimed, UseCaseError> {
        let ClaimFor { once, caller, place, recipient, code } = asked;
        let who = caller.clone();
        match self.find(&once, move |db| find_recipient(db, &who, place, &recipient)).await? {
            Found::New(customer) => {
                let ask = ClaimAsk { customer, site: place.1, channel: None, code };
                self.claim(place.0, OnceClaim { once, caller, ask }).await
            }
            Found::Before(claimed) => Ok(claimed),
        }
    }

    /// Looks for what a claim needs before it is handed in. Where that refuses, a key that was used has the first word.
    async fn find<T: Send + 'static>(
        &self,
        once: &OnceKey,
        find: impl Fn(&mut Db) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<Found<T>, UseCaseError> {
        let once = once.clone();
        let look = move |db: &mut Db| {
            let refusal = match find(db) {
                Ok(found) => return Ok(Found::New(found)),
                Err(error) if error.store().is_some() => return Err(error),
                Err(refusal) => refusal,
            };
            match idempotency::find_many(db, &[&once])?.pop() {
                Some(Known::OfAnother) => Err(StoreError::IdempotencyKeyReused.into()),
                Some(Known::Done(outcome)) => {
                    let claimed = serde_json::from_value(outcome).map_err(|e| StoreError::corrupt("idempotency", e))?;
                    Ok(Found::Before(claimed))
                }
                Some(Known::Nothing) | None => Err(refusal),
            }
        };
        self.store.read(look).await
    }

    /// How many claims wait for their batch.
    pub fn waiting(&self) -> usize {
        self.claims.waiting() + self.looks.waiting()
    }

    fn is_closed(&self, template: TemplateId, site: NodeId) -> bool {
        self.closed.contains_key(&(template, None)) || self.closed.contains_key(&(template, Some(site)))
    }

    fn note(&self, template: TemplateId, site: NodeId, refusal: &UseCaseError) {
        self.exhausted.note(template, refusal.code());
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
