//! Recurring jobs: one row each, put off to its next time when it is done.

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::JobId;
use huike_persistence::{
    Db, StoreError, guesses, idempotency,
    jobs::{self, Job, NewJob},
    quoted_carts, sessions, webhook_deliveries, webhook_endpoints, webhook_replays, webhook_secrets,
};
use huike_usecases::{UseCaseError, cart_log::CARTS_KEPT, expiry, jobs::LEASE, ledger, templates};
use serde_json::json;
use uuid::Uuid;

use super::{
    Bench, JobError,
    orders::{EXPIRE_ORDERS_JOB, RETURN_JOB},
};

/// Expires coupons whose validity has passed.
pub(super) const EXPIRE_JOB: &str = "coupon.expire";
/// Looks for templates that spend too fast.
pub(super) const SPENDING_JOB: &str = "coupon.watch_spending";
/// Lets holds of the ledger go whose time is over.
pub(super) const HOLDS_JOB: &str = "ledger.expire_holds";
/// Drops what is kept for a while only.
pub(super) const PURGE_JOB: &str = "upkeep.purge";

const EXPIRE_EVERY: TimeDelta = TimeDelta::seconds(30);
const HOLDS_EVERY: TimeDelta = TimeDelta::seconds(30);
const SPENDING_EVERY: TimeDelta = TimeDelta::minutes(1);
const PURGE_EVERY: TimeDelta = TimeDelta::hours(1);
/// Coupons of one transaction.
const EXPIRE_CHUNK: i64 = 200;
/// Holds of one transaction.
const HOLDS_CHUNK: i64 = 100;
/// Rows of one transaction.
const PURGE_CHUNK: i64 = 500;

/// How long each thing is kept.
const IDEMPOTENCY_KEPT: TimeDelta = TimeDelta::days(7);
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);
const GUESSES_KEPT: TimeDelta = TimeDelta::days(2);
const JOBS_KEPT: TimeDelta = TimeDelta::days(30);
const WEBHOOKS_KEPT: TimeDelta = TimeDelta::days(30);

/// Longer than anything is ever put off, by more than the clocks of two instances differ.
const PUT_OFF_MAX: TimeDelta = TimeDelta::hours(2);

/// Adds the recurring jobs that are not there yet, and brings back those that a clock set right left in the future. Their
/// ids are fixed, so that there is one of each.
pub(super) fn ensure(bench: &Bench) -> Result<(), StoreError> {
    let head = bench.work.head;
    bench.work.store.write_blocking(move |db, now| {
        for (number, kind) in [
            (1, EXPIRE_JOB),
            (2, PURGE_JOB),
            (3, SPENDING_JOB),
            (6, HOLDS_JOB),
            (7, EXPIRE_ORDERS_JOB),
            (8, RETURN_JOB),
        ] {
            let id = JobId::from_uuid(Uuid::from_u128(number));
            // Refused: it is there already, as it should be.
            let _known = jobs::enqueue(db, &NewJob { id, site: head, kind, payload: json!({}), due_at: now }, now)?;
        }
        let recalled = jobs::recall(db, now + PUT_OFF_MAX, now)?;
        if recalled > 0 {
            tracing::warn!(recalled, "{recalled} jobs waited for a time that is far away: was the clock set back?");
        }
        Ok(())
    })
}

/// Expires what has run out, chunk by chunk.
pub(super) fn expire(bench: &Bench, job: &Job) -> Result<(), JobError> {
    loop {
        let caller = bench.caller();
        let chunk = bench.work.store.write_blocking(move |db, now| {
            Ok::<_, UseCaseError>((expiry::expire_chunk(db, &caller.act(now), EXPIRE_CHUNK)?, now))
        });
        let (found, looked_at) = chunk?;
        if i64::try_from(found).unwrap_or(i64::MAX) < EXPIRE_CHUNK {
            // Counted from the look, not from the end: what ran out in between is not left for longer than the rest.
            return bench.end(job, move |db, job, _now| jobs::repeat(db, job, looked_at + EXPIRE_EVERY));
        }
        go_on(bench, job)?;
    }
}

/// Lets holds go that have run out, chunk by chunk.
pub(super) fn expire_holds(bench: &Bench, job: &Job) -> Result<(), JobError> {
    loop {
        let caller = bench.caller();
        let chunk = bench.work.store.write_blocking(move |db, now| {
            Ok::<_, UseCaseError>((ledger::expire_chunk(db, &caller.act(now), HOLDS_CHUNK)?, now))
        });
        let (found, looked_at) = chunk?;
        if i64::try_from(found).unwrap_or(i64::MAX) < HOLDS_CHUNK {
            return bench.end(job, move |db, job, _now| jobs::repeat(db, job, looked_at + HOLDS_EVERY));
        }
        go_on(bench, job)?;
    }
}

/// Raises an alarm of every template that spends too fast.
pub(super) fn watch_spending(bench: &Bench, job: &Job) -> Result<(), JobError> {
    let now = bench.work.clock.now();
    for fast in bench.work.store.read_blocking(move |db| templates::list_fast(db, now))? {
        let caller = bench.caller();
        let raised =
            bench.work.store.write_blocking(move |db, now| templates::raise_alarm(db, &caller.act(now), &fast))?;
        if let Some(alarm) = raised {
            tracing::warn!(template.id = %alarm.template, cause = %alarm.cause, "a template spends too fast");
        }
        go_on(bench, job)?;
    }
    bench.end(job, |db, job, now| jobs::repeat(db, job, now + SPENDING_EVERY))
}

/// A purge: drops at most so many rows older than that, and says how many it dropped.
type Purge = fn(&mut Db, DateTime<Utc>, i64) -> Result<usize, StoreError>;

/// Drops what is past its time, chunk by chunk.
pub(super) fn purge(bench: &Bench, job: &Job) -> Result<(), JobError> {
    let purges: [(Purge, TimeDelta); 9] = [
        (idempotency::purge, IDEMPOTENCY_KEPT),
        (sessions::purge, SESSIONS_KEPT),
        (|db, before, _limit| guesses::purge(db, before).map(|_| 0), GUESSES_KEPT),
        (jobs::purge, JOBS_KEPT),
        (quoted_carts::purge, CARTS_KEPT),
        (webhook_deliveries::purge, WEBHOOKS_KEPT),
        (webhook_replays::purge, WEBHOOKS_KEPT),
        (webhook_endpoints::purge, WEBHOOKS_KEPT),
        (webhook_secrets::purge, TimeDelta::zero()),
    ];
    for (purge, kept) in purges {
        loop {
            let dropped = bench.work.store.write_blocking(move |db, now| purge(db, now - kept, PURGE_CHUNK))?;
            if i64::try_from(dropped).unwrap_or(i64::MAX) < PURGE_CHUNK {
                break;
            }
            go_on(bench, job)?;
        }
    }
    bench.end(job, |db, job, now| jobs::repeat(db, job, now + PURGE_EVERY))
}

/// A sign of life between two chunks, unless the server is to stop.
pub(super) fn go_on(bench: &Bench, job: &Job) -> Result<(), JobError> {
    if bench.is_stopping() {
        return Err(JobError::Stopping);
    }
    bench.end(job, |db, job, now| jobs::hold(db, job, now, LEASE))
}
