//! Replays of a window: past events sent once more, whether they were sent before or not, by a job that makes them chunk by chunk.

use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_kernel::{NodeId, WebhookEndpointId, WebhookReplayId};
use huike_persistence::{
    Db, Outcome, StoreError,
    jobs::{self, Job, NewJob},
    scope,
    webhook_deliveries::{self, NewDelivery, NewOrigin},
    webhook_endpoints::{self, Endpoint},
    webhook_replays::{self, PastEvent, Reached, Replay, SHARDS},
};
use huike_webhooks::{EventType, ReplayState, ReplayWindow, WebhookError, asks_for, decide_send};
use serde_json::{Value, json};

use super::{audit, lock};
use crate::{Act, UseCaseError, batches::still_held, jobs::LEASE};

/// The kind of the job that replays.
pub const REPLAY_JOB: &str = "webhook.replay";
/// While so many replays of an endpoint wait to be sent no more are made: what happens now must get through between them.
const WAITING_MAX: i64 = 1_000;

/// A window to send once more.
#[derive(Debug, Clone)]
pub struct ReplayAsk {
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until before when.
    pub until: DateTime<Utc>,
    /// Of which types; nothing means what the endpoint asks for.
    pub event_types: Vec<EventType>,
}

/// How a chunk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayFate {
    /// There is more to make.
    More,
    /// There is more to make when what was made is sent.
    Waiting,
    /// All is made, or the endpoint takes no more; the job is over.
    Ended,
}

/// Wants a window sent once more.
pub fn begin_replay(db: &mut Db, act: &Act<'_>, ask: &ReplayAsk) -> Result<Replay, UseCaseError> {
    let created_by = act.staff(Permission::WebhookManage)?;
    let endpoint = lock(db, act, ask.endpoint)?;
    decide_send(endpoint.state)?;
    let replay = Replay {
        id: act.new_id(),
        endpoint: endpoint.id,
        site: endpoint.site,
        window: ReplayWindow::decide(ask.from, ask.until, act.now)?,
        event_types: ask.event_types.clone(),
        state: ReplayState::Running,
        reached: Reached::default(),
        made: 0,
        created_by,
        created_at: act.now,
        finished_at: None,
    };
    if webhook_replays::insert(db, &replay)? == Outcome::Refused {
        return Err(WebhookError::ReplayRunning.into());
    }
    let payload = json!({ "replay_id": replay.id });
    let job = NewJob { id: act.new_id(), site: endpoint.site, kind: REPLAY_JOB, payload, due_at: act.now };
    if jobs::enqueue(db, &job, act.now)? == Outcome::Refused {
        return Err(StoreError::corrupt("job", "its id is taken").into());
    }
    let after = json!({
        "replay_id": replay.id,
        "from": ask.from,
        "until": ask.until,
        "event_types": ask.event_types,
    });
    audit(db, act, &endpoint, ("webhook_endpoint.replay", Value::Null, after))?;
    Ok(replay)
}

/// Looks at so many events of the window and makes the deliveries that are wanted of them.
pub fn replay_chunk(db: &mut Db, act: &Act<'_>, held: &Job, limit: i64) -> Result<ReplayFate, UseCaseError> {
    still_held(jobs::hold(db, held, act.now, LEASE)?)?;
    let id = replay_of(held)?;
    let mut replay = webhook_replays::lock(db, id)?.ok_or(UseCaseError::NotFound("webhook replay"))?;
    let endpoint = webhook_endpoints::find(db, replay.endpoint)?.ok_or(UseCaseError::NotFound("webhook endpoint"))?;
    if decide_send(endpoint.state).is_err() {
        replay.state = ReplayState::Stopped;
        return end(db, act, held, replay);
    }
    let waiting = webhook_deliveries::count_replays(db, endpoint.id, WAITING_MAX)?;
    if i64::try_from(waiting).unwrap_or(i64::MAX) >= WAITING_MAX {
        return Ok(ReplayFate::Waiting);
    }
    let events = webhook_replays::list_events(db, replay.window, replay.reached, limit)?;
    let wanted = wanted(db, act, (&replay, &endpoint), &events)?;
    let made = webhook_deliveries::insert_many(db, &wanted)?;
    replay.made = replay.made.saturating_add(i64::try_from(made).unwrap_or(i64::MAX));
    let is_last = i64::try_from(events.len()).unwrap_or(i64::MAX) < limit;
    replay.reached = match events.last() {
        Some(last) if !is_last => Reached { last: Some((last.at, last.id)), ..replay.reached },
        _ => Reached { shard: replay.reached.shard.saturating_add(1), last: None },
    };
    if replay.reached.shard >= SHARDS {
        replay.state = ReplayState::Done;
        return end(db, act, held, replay);
    }
    save(db, &replay)?;
    Ok(ReplayFate::More)
}

/// The deliveries of those events that happened in the endpoint's reach and are of the types that were asked for.
fn wanted(
    db: &mut Db,
    act: &Act<'_>,
    (replay, endpoint): (&Replay, &Endpoint),
    events: &[PastEvent],
) -> Result<Vec<NewDelivery>, UseCaseError> {
    let types = if replay.event_types.is_empty() { &endpoint.event_types } else { &replay.event_types };
    let mut sites: Vec<NodeId> = events.iter().map(|event| event.site).collect();
    sites.sort_unstable();
    sites.dedup();
    let reached = scope::below(db, endpoint.site, &sites)?;
    let asked = events.iter().filter(|event| reached.contains(&event.site) && asks_for(types, &event.kind));
    Ok(asked
        .map(|event| NewDelivery {
            id: act.new_id(),
            endpoint: endpoint.id,
            site: endpoint.site,
            origin: NewOrigin::Window(event.id, replay.id),
            aggregate: event.aggregate,
            seq: event.seq,
            kind: event.kind.clone(),
            created_at: act.now,
        })
        .collect())
}

fn end(db: &mut Db, act: &Act<'_>, held: &Job, mut replay: Replay) -> Result<ReplayFate, UseCaseError> {
    replay.finished_at = Some(act.now);
    save(db, &replay)?;
    still_held(jobs::finish(db, held, act.now)?)?;
    Ok(ReplayFate::Ended)
}

/// Stops a replay whose job was given up.
pub fn stop_replay(db: &mut Db, id: WebhookReplayId, now: DateTime<Utc>) -> Result<(), UseCaseError> {
    let replay = webhook_replays::lock(db, id)?.filter(|replay| replay.state == ReplayState::Running);
    if let Some(replay) = replay {
        save(db, &Replay { state: ReplayState::Stopped, finished_at: Some(now), ..replay })?;
    }
    Ok(())
}

fn save(db: &mut Db, replay: &Replay) -> Result<(), UseCaseError> {
    if webhook_replays::save(db, replay)? == Outcome::Refused {
        return Err(StoreError::corrupt("webhook_replay", "it is over, and its job is not").into());
    }
    Ok(())
}

fn replay_of(held: &Job) -> Result<WebhookReplayId, StoreError> {
    let id = held.payload.get("replay_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.ok_or_else(|| StoreError::corrupt("job", "it names no replay"))
}
