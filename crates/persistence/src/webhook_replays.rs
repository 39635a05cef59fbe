//! Windows of past events that are sent once more, chunk by chunk.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{EventId, NodeId, StaffId, WebhookEndpointId, WebhookReplayId};
use huike_webhooks::{EventType, ReplayState, ReplayWindow};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{event, webhook_replay},
    sql_types::{DbId, DbJson, DbTime},
};

/// How many shards events are spread over: [`crate::events::shard_of`]. A replay goes through them one after the other.
pub const SHARDS: i64 = 16;

/// A window that is sent once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: WebhookReplayId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// The endpoint's node.
    pub site: NodeId,
    /// When the events happened.
    pub window: ReplayWindow,
    /// Of which types; nothing means what the endpoint asks for.
    pub event_types: Vec<EventType>,
    /// Where it stands.
    pub state: ReplayState,
    /// How far it has come.
    pub reached: Reached,
    /// How many deliveries it has made.
    pub made: i64,
    /// Who wanted it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far a replay has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// The shard it is at; [`SHARDS`] when all are done.
    pub shard: i64,
    /// The last event of it that was looked at.
    pub last: Option<(DateTime<Utc>, EventId)>,
}

/// An event as a replay sees it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct PastEvent {
    /// Its id.
    pub id: EventId,
    /// Where it happened.
    pub site: NodeId,
    /// What happened.
    pub kind: String,
    /// To which aggregate.
    pub aggregate: Uuid,
    /// Its version after that.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_replay, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    endpoint_id: DbId,
    site_id: DbId,
    from_at: DbTime,
    until_at: DbTime,
    event_types: DbJson,
    state: String,
    shard: i64,
    last_at: Option<DbTime>,
    last_event_id: Option<DbId>,
    made: i64,
    created_by: DbId,
    created_at: DbTime,
    finished_at: Option<DbTime>,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("webhook_replay", what)
}

impl TryFrom<&Replay> for Row {
    type Error = StoreError;

    fn try_from(replay: &Replay) -> Result<Self, StoreError> {
        Ok(Self {
            id: replay.id.into(),
            endpoint_id: replay.endpoint.into(),
            site_id: replay.site.into(),
            from_at: replay.window.from.into(),
            until_at: replay.window.until.into(),
            event_types: DbJson::of(&replay.event_types).map_err(corrupt)?,
            state: replay.state.as_str().to_owned(),
            shard: replay.reached.shard,
            last_at: replay.reached.last.map(|(at, _)| at.into()),
            last_event_id: replay.reached.last.map(|(_, id)| id.into()),
            made: replay.made,
            created_by: replay.created_by.into(),
            created_at: replay.created_at.into(),
            finished_at: replay.finished_at.map(Into::into),
        })
    }
}

impl TryFrom<Row> for Replay {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let last = row.last_at.zip(row.last_event_id).map(|(at, id)| (at.into(), id.into()));
        Ok(Self {
            id: row.id.into(),
            endpoint: row.endpoint_id.into(),
            site: row.site_id.into(),
            window: ReplayWindow { from: row.from_at.into(), until: row.until_at.into() },
            event_types: row.event_types.parse().map_err(corrupt)?,
            state: row.state.parse().map_err(corrupt)?,
            reached: Reached { shard: row.shard, last },
            made: row.made,
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
            finished_at: row.finished_at.map(Into::into),
        })
    }
}

/// Adds a replay. Refused while another one to the same endpoint is running.
pub fn insert(db: &mut Db, new: &Replay) -> Result<Outcome, StoreError> {
    let row = Row::try_from(new)?;
    let rows =
        each!(db, |c| diesel::insert_into(webhook_replay::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// Writes down how far a running replay has come, and how it ended.
pub fn save(db: &mut Db, replay: &Replay) -> Result<Outcome, StoreError> {
    let last = replay.reached.last;
    let rows = diesel::update(webhook_replay::table.find(DbId::from(replay.id)))
        .filter(webhook_replay::state.eq(ReplayState::Running.as_str()))
        .set((
            webhook_replay::state.eq(replay.state.as_str()),
            webhook_replay::shard.eq(replay.reached.shard),
            webhook_replay::last_at.eq(last.map(|(at, _)| DbTime::from(at))),
            webhook_replay::last_event_id.eq(last.map(|(_, id)| DbId::from(id))),
            webhook_replay::made.eq(replay.made),
            webhook_replay::finished_at.eq(replay.finished_at.map(DbTime::from)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// The replay with that id.
pub fn find(db: &mut Db, id: WebhookReplayId) -> Result<Option<Replay>, StoreError> {
    let row: Option<Row> = webhook_replay::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Replay::try_from).transpose()
}

/// The replay with that id, kept for this transaction.
pub fn lock(db: &mut Db, id: WebhookReplayId) -> Result<Option<Replay>, StoreError> {
    let row: Option<Row> = lock_row!(db, webhook_replay::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Replay::try_from).transpose()
}

/// Replays to an endpoint, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    endpoint: WebhookEndpointId,
    before: Option<WebhookReplayId>,
    limit: i64,
) -> Result<Vec<Replay>, StoreError> {
    let mut query = webhook_replay::table
        .filter(webhook_replay::endpoint_id.eq(DbId::from(endpoint)))
        .order(webhook_replay::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(webhook_replay::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Replay::try_from).collect()
}

/// The next events of the shard in the window, of whatever kind and wherever, so that a chunk costs the same however few of them are
/// wanted.
pub fn list_events(
    db: &mut Db,
    window: ReplayWindow,
    reached: Reached,
    limit: i64,
) -> Result<Vec<PastEvent>, StoreError> {
    let mut query = event::table
        .filter(event::shard.eq(reached.shard))
        .filter(event::occurred_at.ge(DbTime::from(reached.last.map_or(window.from, |(at, _)| at))))
        .filter(event::occurred_at.lt(DbTime::from(window.until)))
        .order((event::occurred_at, event::id))
        .limit(limit)
        .select((event::id, event::site_id, event::kind, event::aggregate_id, event::seq, event::occurred_at))
        .into_boxed();
    if let Some((at, id)) = reached.last {
        query = query.filter(event::occurred_at.gt(DbTime::from(at)).or(event::id.gt(DbId::from(id))));
    }
    Ok(query.load(db)?)
}

/// Drops at most `limit` replays that ended before `before`; says how many.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<DbId> = webhook_replay::table
        .filter(webhook_replay::finished_at.lt(DbTime::from(before)).assume_not_null())
        .limit(limit)
        .select(webhook_replay::id)
        .load(db)?;
    Ok(diesel::delete(webhook_replay::table.filter(webhook_replay::id.eq_any(old))).execute(db)?)
}
