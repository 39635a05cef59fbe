//! Jobs: time-driven work as rows with a due time, taken under a lease and resumable after a kill.
//!
//! Every taking counts as an attempt, and the attempt's number is the right to write: a worker whose lease ran out and
//! whose job somebody else took can neither save progress nor end it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use huike_kernel::{JobId, NodeId};
use serde_json::Value;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::job,
    sql_types::{DbId, DbJson, DbTime},
};

const QUEUED: &str = "queued";
const DONE: &str = "done";
const FAILED: &str = "failed";
/// The longest error text that is kept.
const ERROR_CHARACTERS_MAX: usize = 500;

/// Work to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id; a second job with the same id is not added.
    pub id: JobId,
    /// The node it works for.
    pub site: NodeId,
    /// What is to be done, such as `code_batch.make`.
    pub kind: &'static str,
    /// With what. Ids, sealed codes and progress; never personal data in the clear.
    pub payload: Value,
    /// From when on.
    pub due_at: DateTime<Utc>,
}

/// A job that was taken and may be worked on until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The node it works for.
    pub site: NodeId,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub payload: Value,
    /// How often it was taken, this time included: the right to write to it.
    pub attempt: i64,
}

/// Adds a job. Refused when there is one with its id.
pub fn enqueue(db: &mut Db, new: &NewJob, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let row = (
        job::id.eq(DbId::from(new.id)),
        job::site_id.eq(DbId::from(new.site)),
        job::kind.eq(new.kind),
        job::payload.eq(DbJson(new.payload.clone())),
        job::state.eq(QUEUED),
        job::due_at.eq(DbTime::from(new.due_at)),
        job::attempts.eq(0_i64),
        job::created_at.eq(DbTime::from(now)),
    );
    let rows = each!(db, |c| { diesel::insert_into(job::table).values(row).on_conflict_do_nothing().execute(c) })?;
    Ok(Outcome::of(rows))
}

/// Takes the job that has been due longest and that nobody holds, for the length of the lease. On PostgreSQL several
/// workers pass each other by (SKIP LOCKED); SQLite has one writer.
pub fn take_due(db: &mut Db, now: DateTime<Utc>, lease: TimeDelta) -> Result<Option<Job>, StoreError> {
    let due = job::table
        .filter(job::state.eq(QUEUED))
        .filter(job::due_at.le(DbTime::from(now)))
        .filter(job::lease_until.is_null().or(job::lease_until.le(DbTime::from(now)).assume_not_null()))
        .order((job::due_at, job::id))
        .select((job::id, job::site_id, job::kind, job::payload, job::attempts));
    let row: Option<(JobId, NodeId, String, DbJson, i64)> = match db {
        Db::Sqlite(c) => due.first(c).optional(),
        Db::Postgres(c) => due.for_update().skip_locked().first(c).optional(),
    }?;
    let Some((id, site, kind, payload, attempts)) = row else {
        return Ok(None);
    };
    let attempt = attempts.saturating_add(1);
    diesel::update(job::table.find(DbId::from(id)))
        .set((job::attempts.eq(attempt), job::lease_until.eq(Some(DbTime::from(now + lease)))))
        .execute(db)?;
    Ok(Some(Job { id, site, kind, payload: payload.0, attempt }))
}

/// Whether the worker still holds the job; if so, for the length of the lease from now on. Refused when somebody else
/// took it meanwhile: whatever the worker does in this transaction must then not be kept.
pub fn hold(db: &mut Db, held: &Job, now: DateTime<Utc>, lease: TimeDelta) -> Result<Outcome, StoreError> {
    let rows = diesel::update(held_row(held))
        .filter(job::attempts.eq(held.attempt).and(job::state.eq(QUEUED)))
        .set(job::lease_until.eq(Some(DbTime::from(now + lease))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Writes down what is left to do, and keeps the job for the length of the lease from now on. Refused like [`hold`].
pub fn save(
    db: &mut Db,
    held: &Job,
    left: &Value,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(held_row(held))
        .filter(job::attempts.eq(held.attempt).and(job::state.eq(QUEUED)))
        .set((job::payload.eq(DbJson(left.clone())), job::lease_until.eq(Some(DbTime::from(now + lease)))))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// The job is done.
pub fn finish(db: &mut Db, held: &Job, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    end(db, held, DONE, None, now)
}

/// The job cannot be done; nobody tries it again.
pub fn fail(db: &mut Db, held: &Job, error: &str, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    end(db, held, FAILED, Some(shortened(error)), now)
}

/// Puts the job back, due at another time, with the error that sent it there, if any.
pub fn postpone(db: &mut Db, held: &Job, due_at: DateTime<Utc>, error: Option<&str>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(held_row(held))
        .filter(job::attempts.eq(held.attempt).and(job::state.eq(QUEUED)))
        .set((
            job::due_at.eq(DbTime::from(due_at)),
            job::lease_until.eq(None::<DbTime>),
            job::last_error.eq(error.map(shortened)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// A recurring job begins anew: due at another time, its attempts forgotten.
pub fn repeat(db: &mut Db, held: &Job, due_at: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(held_row(held))
        .filter(job::attempts.eq(held.attempt).and(job::state.eq(QUEUED)))
        .set((
            job::due_at.eq(DbTime::from(due_at)),
            job::attempts.eq(0_i64),
            job::lease_until.eq(None::<DbTime>),
            job::last_error.eq(None::<String>),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Makes those due now that are due, or held by somebody, beyond `latest`: nothing is put off so far, so a clock that was
/// ahead and has been set right left them there. Says how many there were.
pub fn recall(db: &mut Db, latest: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let too_late = job::due_at.gt(DbTime::from(latest));
    let held_too_long = job::lease_until.gt(DbTime::from(latest)).assume_not_null();
    let held_too_long = job::lease_until.is_not_null().and(held_too_long);
    Ok(diesel::update(job::table.filter(job::state.eq(QUEUED).and(too_late.or(held_too_long))))
        .set((job::due_at.eq(DbTime::from(now)), job::lease_until.eq(None::<DbTime>)))
        .execute(db)?)
}

/// Drops at most `limit` ended jobs that ended before `before`; says how many it dropped.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<DbId> = job::table
        .filter(job::state.ne(QUEUED))
        .filter(job::finished_at.lt(DbTime::from(before)).assume_not_null())
        .limit(limit)
        .select(job::id)
        .load(db)?;
    Ok(diesel::delete(job::table.filter(job::id.eq_any(old))).execute(db)?)
}

fn held_row(held: &Job) -> diesel::dsl::Find<job::table, DbId> {
    job::table.find(DbId::from(held.id))
}

fn end(
    db: &mut Db,
    held: &Job,
    state: &'static str,
    error: Option<String>,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(held_row(held))
        .filter(job::attempts.eq(held.attempt).and(job::state.eq(QUEUED)))
        .set((
            job::state.eq(state),
            job::lease_until.eq(None::<DbTime>),
            job::last_error.eq(error),
            job::finished_at.eq(Some(DbTime::from(now))),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use huike_kernel::{Clock as _, SystemClock};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::db_test;

    const LEASE: TimeDelta = TimeDelta::seconds(60);
    const PUT_OFF_MAX: TimeDelta = TimeDelta::hours(2);

    db_test! {
        /// A clock that was six days ahead put one job off and had another taken; then somebody set it right.
        fn jobs_that_a_clock_set_right_left_in_the_future_are_brought_back_and_no_others(database) {
            let now = SystemClock.now();
            let ahead = now + TimeDelta::days(6);
            let id = |number: u128| JobId::from_uuid(Uuid::from_u128(number));
            let took = database.store().write_blocking(move |db, _| {
                let due = [(1, now + TimeDelta::minutes(30)), (2, ahead), (3, now - TimeDelta::minutes(1)), (4, now)];
                for (number, due_at) in due {
                    let site = NodeId::from_uuid(Uuid::from_u128(9));
                    let new = NewJob { id: id(number), site, kind: "test", payload: json!({}), due_at };
                    assert_eq!(enqueue(db, &new, now)?, Outcome::Applied);
                }
                // The third was taken by the wrong clock, the fourth by the right one.
                let third = take_due(db, now - TimeDelta::seconds(30), LEASE)?.unwrap();
                assert_eq!(hold(db, &third, ahead, LEASE)?, Outcome::Applied);
                let fourth = take_due(db, now, LEASE)?.unwrap();
                assert_eq!((third.id, fourth.id), (id(3), id(4)));
                assert_eq!(take_due(db, now, LEASE)?, None);
                assert_eq!(recall(db, now + PUT_OFF_MAX, now)?, 2);
                assert_eq!(recall(db, now + PUT_OFF_MAX, now)?, 0, "they are back");
                let mut took = Vec::new();
                while let Some(job) = take_due(db, now, LEASE)? {
                    took.push(job);
                }
                // Whoever held the third one has lost it.
                assert_eq!(finish(db, &third, now)?, Outcome::Refused);
                assert_eq!(finish(db, &fourth, now)?, Outcome::Applied);
                Ok::<_, StoreError>(took)
            });
            assert_eq!(took.unwrap().iter().map(|job| (job.id, job.attempt)).collect::<Vec<_>>(), [(id(2), 1), (id(3), 2)]);
        }
    }
}
