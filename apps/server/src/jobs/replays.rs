//! Jobs that send past events to webhook endpoints once more.

use chrono::TimeDelta;
use huike_persistence::jobs::{self, Job};
use huike_usecases::webhooks::{REPLAY_JOB, ReplayFate, replay_chunk, stop_replay};

use serde_json::Value;

use super::{Bench, JobError};

/// Events that one transaction looks at.
const CHUNK: i64 = 200;
/// How long to wait for what was made to be sent.
const WAIT: TimeDelta = TimeDelta::seconds(5);

/// Replays a window, chunk by chunk. When enough is waiting to be sent, other jobs have their turn.
pub(super) fn replay(bench: &Bench, job: &Job) -> Result<(), JobError> {
    loop {
        if bench.is_stopping() {
            return Err(JobError::Stopping);
        }
        let (caller, held) = (bench.caller(), job.clone());
        let fate = bench.work.store.write_blocking(move |db, now| replay_chunk(db, &caller.act(now), &held, CHUNK))?;
        match fate {
            ReplayFate::More => {}
            ReplayFate::Waiting => return bench.end(job, |db, job, now| jobs::repeat(db, job, now + WAIT)),
            ReplayFate::Ended => return Ok(()),
        }
    }
}

/// A replay whose job is given up for good does not stay running: another could not be begun.
pub(super) fn note_failure(bench: &Bench, job: &Job) {
    let replay = job.payload.get("replay_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    if let (REPLAY_JOB, Some(id)) = (job.kind.as_str(), replay)
        && let Err(error) = bench.work.store.write_blocking(move |db, now| stop_replay(db, id, now))
    {
        tracing::error!(%error, webhook.replay.id = %id, "a replay could not be stopped: {error}");
    }
}
