//! Blueprints that sites are launched from (建站模板). They belong to the head.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{BlueprintId, NodeId};
use huike_sites::{Blueprint, SiteLook};

use crate::{
    Db, Outcome, StoreError,
    db::lock_row,
    schema::blueprint,
    sql_types::{DbId, DbJson, DbTime},
};

const ACTIVE: &str = "active";
const CLOSED: &str = "closed";

/// A blueprint as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlueprint {
    /// Its id.
    pub id: BlueprintId,
    /// The node it belongs to: the head.
    pub site: NodeId,
    /// What it says.
    pub blueprint: Blueprint,
    /// Whether it was closed: kept for the record, no longer offered.
    pub is_closed: bool,
    /// How often it changed; guards against lost updates.
    pub version: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = blueprint)]
struct Row {
    id: BlueprintId,
    site_id: NodeId,
    name: String,
    content: DbJson,
    state: String,
    version: i64,
}

impl TryFrom<Row> for StoredBlueprint {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let name = row.name.as_str().try_into().map_err(|error| StoreError::corrupt("blueprint", error))?;
        let look = row.content.parse().map_err(|error| StoreError::corrupt("blueprint", error))?;
        Ok(Self {
            id: row.id,
            site: row.site_id,
            blueprint: Blueprint { name, look },
            is_closed: row.state == CLOSED,
            version: row.version,
        })
    }
}

/// Adds a blueprint.
pub fn insert(db: &mut Db, new: &StoredBlueprint, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::insert_into(blueprint::table)
        .values((
            blueprint::id.eq(DbId::from(new.id)),
            blueprint::site_id.eq(DbId::from(new.site)),
            blueprint::name.eq(new.blueprint.name.as_str()),
            blueprint::content.eq(document(&new.blueprint.look)?),
            blueprint::state.eq(word(new.is_closed)),
            blueprint::version.eq(new.version),
            blueprint::created_at.eq(DbTime::from(now)),
            blueprint::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(())
}

/// The blueprint with that id.
pub fn find(db: &mut Db, id: BlueprintId) -> Result<Option<StoredBlueprint>, StoreError> {
    let row = blueprint::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(StoredBlueprint::try_from).transpose()
}

/// The blueprint with that id, kept for this transaction.
pub fn lock(db: &mut Db, id: BlueprintId) -> Result<Option<StoredBlueprint>, StoreError> {
    let row = lock_row!(db, blueprint::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(StoredBlueprint::try_from).transpose()
}

/// The blueprints of a node, newest first, `limit` of them before `before`; closed ones only where asked for.
pub fn list(
    db: &mut Db,
    site: NodeId,
    with_closed: bool,
    before: Option<BlueprintId>,
    limit: i64,
) -> Result<Vec<StoredBlueprint>, StoreError> {
    let mut query = blueprint::table
        .filter(blueprint::site_id.eq(DbId::from(site)))
        .select(Row::as_select())
        .order(blueprint::id.desc())
        .limit(limit)
        .into_boxed();
    if !with_closed {
        query = query.filter(blueprint::state.eq(ACTIVE));
    }
    if let Some(before) = before {
        query = query.filter(blueprint::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(StoredBlueprint::try_from).collect()
}

/// Writes a changed blueprint. Refused unless it still has the version before.
pub fn update(db: &mut Db, next: &StoredBlueprint, now: DateTime<Utc>) -> Result<Outcome, StoreError> {
    let rows = diesel::update(blueprint::table.find(DbId::from(next.id)))
        .filter(blueprint::version.eq(next.version - 1))
        .set((
            blueprint::name.eq(next.blueprint.name.as_str()),
            blueprint::content.eq(document(&next.blueprint.look)?),
            blueprint::state.eq(word(next.is_closed)),
            blueprint::version.eq(next.version),
            blueprint::updated_at.eq(DbTime::from(now)),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

fn word(is_closed: bool) -> &'static str {
    if is_closed { CLOSED } else { ACTIVE }
}

fn document(look: &SiteLook) -> Result<DbJson, StoreError> {
    DbJson::of(look).map_err(|error| StoreError::corrupt("blueprint", error))
}
