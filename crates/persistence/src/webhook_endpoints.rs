//! Endpoints that integrations are told of events at.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, exists, not, sql},
    prelude::*,
    sql_types::Bool,
};
use huike_kernel::{NodeId, StaffId, WebhookEndpointId};
use huike_webhooks::{DisabledReason, EndpointState, EventType, asks_for};

use crate::{
    Db, Outcome, StoreError,
    db::lock_row,
    schema::{node_closure, webhook_delivery, webhook_endpoint, webhook_replay},
    scope::subtree,
    sql_types::{DbId, DbJson, DbTime},
};

/// An endpoint (推送地址).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// The node it listens to, with all that is below.
    pub site: NodeId,
    /// What staff call it.
    pub name: String,
    /// Where it is. It may hold a secret of the receiver.
    pub url: String,
    /// What it asks for; nothing means everything.
    pub event_types: Vec<EventType>,
    /// Whether it is sent anything.
    pub state: EndpointState,
    /// Why not.
    pub disabled_reason: Option<DisabledReason>,
    /// Bumped by every change.
    pub version: i64,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Endpoint {
    /// Whether it wants to hear of that kind.
    pub fn asks_for(&self, kind: &str) -> bool {
        asks_for(&self.event_types, kind)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_endpoint)]
struct Row {
    id: WebhookEndpointId,
    site_id: NodeId,
    name: String,
    url: String,
    event_types: DbJson,
    state: String,
    disabled_reason: Option<String>,
    version: i64,
    created_by: StaffId,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

fn corrupt(what: impl ToString) -> StoreError {
    StoreError::corrupt("webhook_endpoint", what)
}

impl TryFrom<Row> for Endpoint {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            site: row.site_id,
            name: row.name,
            url: row.url,
            event_types: row.event_types.parse().map_err(corrupt)?,
            state: row.state.parse().map_err(corrupt)?,
            disabled_reason: row.disabled_reason.map(|word| word.parse()).transpose().map_err(corrupt)?,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Adds an endpoint.
pub fn insert(db: &mut Db, new: &Endpoint) -> Result<(), StoreError> {
    diesel::insert_into(webhook_endpoint::table)
        .values((
            webhook_endpoint::id.eq(DbId::from(new.id)),
            webhook_endpoint::site_id.eq(DbId::from(new.site)),
            webhook_endpoint::name.eq(&new.name),
            webhook_endpoint::url.eq(&new.url),
            webhook_endpoint::event_types.eq(DbJson::of(&new.event_types).map_err(corrupt)?),
            webhook_endpoint::state.eq(new.state.as_str()),
            webhook_endpoint::disabled_reason.eq(new.disabled_reason.map(DisabledReason::as_str)),
            webhook_endpoint::version.eq(new.version),
            webhook_endpoint::created_by.eq(DbId::from(new.created_by)),
            webhook_endpoint::created_at.eq(DbTime::from(new.created_at)),
            webhook_endpoint::updated_at.eq(DbTime::from(new.updated_at)),
        ))
        .execute(db)?;
    Ok(())
}

/// Writes an endpoint that was changed, over the version before. Refused when somebody else changed it meanwhile.
pub fn update(db: &mut Db, next: &Endpoint) -> Result<Outcome, StoreError> {
    let rows = diesel::update(webhook_endpoint::table.find(DbId::from(next.id)))
        .filter(webhook_endpoint::version.eq(next.version.saturating_sub(1)))
        .set((
            webhook_endpoint::name.eq(&next.name),
            webhook_endpoint::url.eq(&next.url),
            webhook_endpoint::event_types.eq(DbJson::of(&next.event_types).map_err(corrupt)?),
            webhook_endpoint::state.eq(next.state.as_str()),
            webhook_endpoint::disabled_reason.eq(next.disabled_reason.map(DisabledReason::as_str)),
            webhook_endpoint::version.eq(next.version),
            webhook_endpoint::updated_at.eq(DbTime::from(next.updated_at)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// The endpoint with that id, also one that was removed.
pub fn find(db: &mut Db, id: WebhookEndpointId) -> Result<Option<Endpoint>, StoreError> {
    let row: Option<Row> =
        webhook_endpoint::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Endpoint::try_from).transpose()
}

/// The endpoint with that id, kept for this transaction.
pub fn lock(db: &mut Db, id: WebhookEndpointId) -> Result<Option<Endpoint>, StoreError> {
    let row: Option<Row> = lock_row!(db, webhook_endpoint::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Endpoint::try_from).transpose()
}

/// How many endpoints a node has. Whoever counts before adding one locks the node.
pub fn count_at(db: &mut Db, site: NodeId) -> Result<i64, StoreError> {
    Ok(webhook_endpoint::table
        .filter(webhook_endpoint::site_id.eq(DbId::from(site)))
        .filter(webhook_endpoint::state.ne(EndpointState::Removed.as_str()))
        .select(count_star())
        .first(db)?)
}

/// Endpoints at or below the roots, newest first, `limit` of them before `before`; those that were removed only where they are asked for.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    state: Option<EndpointState>,
    before: Option<WebhookEndpointId>,
    limit: i64,
) -> Result<Vec<Endpoint>, StoreError> {
    let mut query = webhook_endpoint::table
        .filter(webhook_endpoint::site_id.eq_any(subtree(roots)))
        .order(webhook_endpoint::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    query = match state {
        Some(state) => query.filter(webhook_endpoint::state.eq(state.as_str())),
        None => query.filter(webhook_endpoint::state.ne(EndpointState::Removed.as_str())),
    };
    if let Some(before) = before {
        query = query.filter(webhook_endpoint::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Endpoint::try_from).collect()
}

/// Enabled endpoints at or above each of the sites: who is told what happens there.
pub fn list_listening(db: &mut Db, sites: &[NodeId]) -> Result<Vec<(NodeId, Endpoint)>, StoreError> {
    let rows: Vec<(NodeId, Row)> = node_closure::table
        .inner_join(webhook_endpoint::table.on(webhook_endpoint::site_id.eq(node_closure::ancestor_id)))
        .filter(node_closure::node_id.eq_any(DbId::list(sites.iter().copied())))
        .filter(sql::<Bool>("webhook_endpoint.state = 'enabled'"))
        .order((node_closure::node_id, webhook_endpoint::id))
        .select((node_closure::node_id, Row::as_select()))
        .load(db)?;
    rows.into_iter().map(|(site, row)| Ok((site, row.try_into()?))).collect()
}

/// Drops at most `limit` endpoints that were removed before `before` and of which no delivery and no replay is left; says how
/// many.
pub fn purge(db: &mut Db, before: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    let deliveries = webhook_delivery::table.filter(webhook_delivery::endpoint_id.eq(webhook_endpoint::id));
    let replays = webhook_replay::table.filter(webhook_replay::endpoint_id.eq(webhook_endpoint::id));
    let old: Vec<DbId> = webhook_endpoint::table
        .filter(webhook_endpoint::state.eq(EndpointState::Removed.as_str()))
        .filter(webhook_endpoint::updated_at.lt(DbTime::from(before)))
        .filter(not(exists(deliveries)).and(not(exists(replays))))
        .limit(limit)
        .select(webhook_endpoint::id)
        .load(db)?;
    Ok(diesel::delete(webhook_endpoint::table.filter(webhook_endpoint::id.eq_any(old))).execute(db)?)
}
