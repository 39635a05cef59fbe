//! Every change of what is on hand, append-only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{Actor, LocalTime, NodeId, SkuId, StockMovementId};
use huike_orders::stock::MovementKind;
use uuid::Uuid;

use crate::{
    Db, StoreError,
    db::each,
    schema::stock_movement,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// Rows of one insert; SQLite bounds the number of bound values.
const ROWS_MAX: usize = 500;

/// One change of a stock (库存流水).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Its id.
    pub id: StockMovementId,
    /// Of what.
    pub sku: SkuId,
    /// Where.
    pub site: NodeId,
    /// The number of the movement of this stock, from one.
    pub seq: i64,
    /// Why.
    pub kind: MovementKind,
    /// How many came, or left where it is below zero.
    pub quantity: i64,
    /// What was on hand then.
    pub on_hand_after: i64,
    /// What was said about it.
    pub reason: Option<String>,
    /// What it belongs to: a transfer, an order.
    pub source: Option<(String, Uuid)>,
    /// Who.
    pub actor: Actor,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The place's local day and hour.
    pub local: (String, i64),
}

impl Movement {
    /// The local day and hour, as columns keep them.
    pub fn local_of(time: LocalTime) -> (String, i64) {
        (time.day.to_string(), i64::from(time.hour))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_movement, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    sku_id: DbId,
    site_id: DbId,
    seq: i64,
    kind: String,
    quantity: i64,
    on_hand_after: i64,
    reason: Option<String>,
    source_kind: Option<String>,
    source_id: Option<DbId>,
    actor_kind: String,
    actor_id: Option<DbId>,
    occurred_at: DbTime,
    local_day: String,
    local_hour: i64,
}

impl From<&Movement> for Row {
    fn from(it: &Movement) -> Self {
        Self {
            id: it.id.into(),
            sku_id: it.sku.into(),
            site_id: it.site.into(),
            seq: it.seq,
            kind: it.kind.as_str().to_owned(),
            quantity: it.quantity,
            on_hand_after: it.on_hand_after,
            reason: it.reason.clone(),
            source_kind: it.source.as_ref().map(|(kind, _)| kind.clone()),
            source_id: it.source.as_ref().map(|(_, id)| DbId(*id)),
            actor_kind: it.actor.kind().to_owned(),
            actor_id: it.actor.id().map(DbId),
            occurred_at: it.occurred_at.into(),
            local_day: it.local.0.clone(),
            local_hour: it.local.1,
        }
    }
}

impl TryFrom<Row> for Movement {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::corrupt("stock_movement", what);
        Ok(Self {
            id: row.id.into(),
            sku: row.sku_id.into(),
            site: row.site_id.into(),
            seq: row.seq,
            kind: row.kind.parse().map_err(|_word| corrupt("kind"))?,
            quantity: row.quantity,
            on_hand_after: row.on_hand_after,
            reason: row.reason,
            source: row.source_kind.zip(row.source_id.map(|id| id.0)),
            actor: Actor::read(&row.actor_kind, row.actor_id.map(|id| id.0)).ok_or_else(|| corrupt("actor"))?,
            occurred_at: row.occurred_at.into(),
            local: (row.local_day, row.local_hour),
        })
    }
}

/// Appends movements.
pub fn append(db: &mut Db, movements: &[Movement]) -> Result<(), StoreError> {
    for chunk in movements.chunks(ROWS_MAX) {
        let rows: Vec<Row> = chunk.iter().map(Row::from).collect();
        each!(db, |c| diesel::insert_into(stock_movement::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// What narrows a list of movements.
#[derive(Debug, Clone, Copy, Default)]
pub struct MovementFilter {
    /// Only at or below this node.
    pub under: Option<NodeId>,
    /// Only of this SKU.
    pub sku: Option<SkuId>,
    /// Only for this reason.
    pub kind: Option<MovementKind>,
}

/// Movements at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    filter: &MovementFilter,
    before: Option<StockMovementId>,
    limit: i64,
) -> Result<Vec<Movement>, StoreError> {
    let mut query = stock_movement::table
        .filter(stock_movement::site_id.eq_any(subtree(roots)))
        .order(stock_movement::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(node) = filter.under {
        query = query.filter(stock_movement::site_id.eq_any(subtree(&[node])));
    }
    if let Some(sku) = filter.sku {
        query = query.filter(stock_movement::sku_id.eq(DbId::from(sku)));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(stock_movement::kind.eq(kind.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(stock_movement::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Movement::try_from).collect()
}
