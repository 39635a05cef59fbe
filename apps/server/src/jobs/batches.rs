//! Jobs of code batches.

use huike_coupons::codes::Pattern;
use huike_kernel::CodeBatchId;
use huike_persistence::{
    StoreError, code_batches,
    jobs::{self, Job},
    nodes,
};
use huike_usecases::{
    UseCaseError,
    batches::{self, Chunk, ChunkFate, IMPORT_JOB, MAKE_JOB},
    codes::FreshCode,
};
use serde_json::Value;

use super::{Bench, JobError, refusal_code};

/// Codes of one chunk: what the writer of SQLite does in well under 20 ms.
const CHUNK: i64 = 200;
/// Chunks in a row of which every code existed already: then the pattern is full in truth, whatever the arithmetic said.
const EMPTY_CHUNKS_MAX: u32 = 20;
/// The refusal that is over tomorrow.
const TOMORROW: &str = "coupon_daily_budget_exhausted";

/// Makes a batch, chunk by chunk.
pub(super) fn make(bench: &Bench, job: &Job) -> Result<(), JobError> {
    let id = batch_of(job)?;
    let batch = bench.work.store.read_blocking(move |db| code_batches::find(db, id))?;
    let Some(batch) = batch else {
        return bench.end(job, |db, job, now| jobs::fail(db, job, "its batch is gone", now));
    };
    let pattern: Option<Pattern> =
        batch.pattern.map(|text| text.parse()).transpose().map_err(|e| StoreError::corrupt("code_batch", e))?;
    let (mut size, mut empty) = (CHUNK, 0);
    loop {
        if bench.is_stopping() {
            return Err(JobError::Stopping);
        }
        let wanted = bench.work.store.read_blocking(move |db| batches::wanted(db, id))?;
        if wanted == 0 {
            return bench.end(job, jobs::finish);
        }
        let count = size.min(wanted);
        match make_chunk(bench, job, id, &fresh(bench, pattern.as_ref(), count)?) {
            Ok(Chunk { fate: ChunkFate::Ended, .. }) => return bench.end(job, jobs::finish),
            Ok(Chunk { made, .. }) => empty = if made.is_empty() { empty + 1 } else { 0 },
            Err(error) => match refusal_code(&error) {
                None => return Err(error.into()),
                // Perhaps not so many, but some: the last code is made too.
                Some(_) if count > 1 => size = count / 2,
                Some(TOMORROW) => return tomorrow(bench, job, id),
                Some(reason) => {
                    bench.work.exhausted.note(batch.template, reason);
                    return give_up(bench, job, id, reason);
                }
            },
        }
        if empty >= EMPTY_CHUNKS_MAX {
            return give_up(bench, job, id, "code_pattern_too_small");
        }
    }
}

fn fresh(bench: &Bench, pattern: Option<&Pattern>, count: i64) -> Result<Vec<FreshCode>, JobError> {
    let one = |_| match pattern {
        Some(pattern) => bench.work.mint.patterned(pattern),
        None => bench.work.mint.signed(),
    };
    Ok((0..count).map(one).collect::<Result<_, _>>()?)
}

fn make_chunk(bench: &Bench, job: &Job, id: CodeBatchId, codes: &[FreshCode]) -> Result<Chunk, UseCaseError> {
    let (caller, held, codes) = (bench.caller(), job.clone(), codes.to_vec());
    bench.work.store.write_blocking(move |db, now| batches::make_chunk(db, &caller.act(now), (&held, id), &codes))
}

/// Adds one part of an imported file, all at once where it fits.
pub(super) fn import(bench: &Bench, job: &Job) -> Result<(), JobError> {
    let (mut held, mut size) = (job.clone(), usize::MAX);
    loop {
        if bench.is_stopping() {
            return Err(JobError::Stopping);
        }
        let (id, left) = batches::import_of(&held)?;
        let count = size.min(left);
        match import_part(bench, &held, count) {
            Ok(None) => return Ok(()),
            Ok(Some(rest)) => held = rest,
            Err(error) => match refusal_code(&error) {
                None => return Err(error.into()),
                // Perhaps not so many, but some.
                Some(_) if count > 1 => size = count / 2,
                Some(TOMORROW) => return tomorrow(bench, job, id),
                Some(reason) => return give_up(bench, job, id, reason),
            },
        }
    }
}

fn import_part(bench: &Bench, job: &Job, count: usize) -> Result<Option<Job>, UseCaseError> {
    let (caller, held) = (bench.caller(), job.clone());
    bench.work.store.write_blocking(move |db, now| batches::import_part(db, &caller.act(now), &held, count))
}

/// Makes the unclaimed codes of a batch void, chunk by chunk.
pub(super) fn void(bench: &Bench, job: &Job) -> Result<(), JobError> {
    loop {
        if bench.is_stopping() {
            return Err(JobError::Stopping);
        }
        let (caller, held) = (bench.caller(), job.clone());
        let chunk =
            bench.work.store.write_blocking(move |db, now| batches::void_chunk(db, &caller.act(now), &held, CHUNK))?;
        if i64::try_from(chunk).unwrap_or(i64::MAX) < CHUNK {
            return Ok(());
        }
    }
}

/// A batch whose job is given up for good does not stay running.
pub(super) fn note_failure(bench: &Bench, job: &Job) {
    if let (MAKE_JOB | IMPORT_JOB, Ok(id)) = (job.kind.as_str(), batch_of(job))
        && let Err(error) = bench.work.store.write_blocking(move |db, _now| batches::fail_batch(db, id, "internal"))
    {
        tracing::error!(%error, batch.id = %id, "a failed batch could not be marked: {error}");
    }
}

fn batch_of(job: &Job) -> Result<CodeBatchId, JobError> {
    let id = job.payload.get("batch_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    Ok(id.ok_or_else(|| StoreError::corrupt("job", "it names no batch"))?)
}

fn give_up(bench: &Bench, job: &Job, id: CodeBatchId, reason: &'static str) -> Result<(), JobError> {
    tracing::warn!(reason, batch.id = %id, "a batch of codes could not be made to its end: {reason}");
    let (caller, held) = (bench.caller(), job.clone());
    bench.work.store.write_blocking(move |db, now| batches::give_up(db, &caller.act(now), (&held, id), reason))?;
    Ok(())
}

/// Goes on when the local day of the batch's node is over.
fn tomorrow(bench: &Bench, job: &Job, id: CodeBatchId) -> Result<(), JobError> {
    bench.end(job, move |db, job, now| {
        let batch = code_batches::find(db, id)?.ok_or_else(|| StoreError::corrupt("job", "its batch is gone"))?;
        let node = nodes::find(db, batch.site)?.ok_or_else(|| StoreError::corrupt("code_batch", "its site is gone"))?;
        jobs::repeat(db, job, node.zone.end_of_day(node.zone.local(now).day))
    })
}
