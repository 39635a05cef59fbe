//! Offers that people manage, and their versions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_kernel::{LifeState, NodeId, OfferId, StaffId, VersionState};
use huike_pricing::{OfferRules, offer::OFFER_VERSION};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{offer, offer_version},
    sql_types::{DbId, DbJson, DbTime},
};

/// An offer (优惠活动), without the rules, which are its versions'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedOffer {
    /// Its id.
    pub id: OfferId,
    /// The node that owns it.
    pub site: NodeId,
    /// What staff call it.
    pub name: String,
    /// What it reduces.
    pub class: String,
    /// The kind of its effect.
    pub kind: String,
    /// Where it stands.
    pub state: LifeState,
    /// The version in force, once live.
    pub live_version: Option<i64>,
    /// The newest version; another than the live one while a change is being made.
    pub newest_version: i64,
    /// Counts the changes of this row.
    pub version: i64,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// One version of an offer's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferVersion {
    /// The offer.
    pub offer: OfferId,
    /// 1, 2, 3, ….
    pub number: i64,
    /// The node that owns the offer.
    pub site: NodeId,
    /// The rules.
    pub rules: OfferRules,
    /// Where it stands.
    pub state: VersionState,
    /// Let pass without a second person (未经复核).
    pub unreviewed: bool,
    /// Everybody who wrote on it.
    pub makers: Vec<StaffId>,
    /// Who began it, and when.
    pub created: (StaffId, DateTime<Utc>),
    /// Who handed it in for review, and when.
    pub submitted: Option<(StaffId, DateTime<Utc>)>,
    /// Who reviewed it, and when.
    pub reviewed: Option<(StaffId, DateTime<Utc>)>,
    /// Why it was rejected, the last time.
    pub reject_reason: Option<String>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = offer, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: DbId,
    site_id: DbId,
    name: String,
    class: String,
    kind: String,
    state: String,
    live_version: Option<i64>,
    newest_version: i64,
    version: i64,
    created_by: DbId,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&ManagedOffer> for Row {
    fn from(offer: &ManagedOffer) -> Self {
        Self {
            id: offer.id.into(),
            site_id: offer.site.into(),
            name: offer.name.clone(),
            class: offer.class.clone(),
            kind: offer.kind.clone(),
            state: offer.state.as_str().to_owned(),
            live_version: offer.live_version,
            newest_version: offer.newest_version,
            version: offer.version,
            created_by: offer.created_by.into(),
            created_at: offer.created_at.into(),
            updated_at: offer.updated_at.into(),
        }
    }
}

impl TryFrom<Row> for ManagedOffer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            name: row.name,
            class: row.class,
            kind: row.kind,
            state: row.state.parse().map_err(|e| StoreError::corrupt("offer", e))?,
            live_version: row.live_version,
            newest_version: row.newest_version,
            version: row.version,
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = offer_version, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct VersionRow {
    offer_id: DbId,
    number: i64,
    site_id: DbId,
    rules_version: i64,
    rules: DbJson,
    review_state: String,
    unreviewed: bool,
    makers: DbJson,
    created_by: DbId,
    created_at: DbTime,
    submitted_by: Option<DbId>,
    submitted_at: Option<DbTime>,
    reviewed_by: Option<DbId>,
    reviewed_at: Option<DbTime>,
    reject_reason: Option<String>,
}

fn corrupt_version(what: impl ToString) -> StoreError {
    StoreError::corrupt("offer_version", what)
}

impl TryFrom<&OfferVersion> for VersionRow {
    type Error = StoreError;

    fn try_from(version: &OfferVersion) -> Result<Self, StoreError> {
        Ok(Self {
            offer_id: version.offer.into(),
            number: version.number,
            site_id: version.site.into(),
            rules_version: i64::from(OFFER_VERSION),
            rules: DbJson::of(&version.rules).map_err(corrupt_version)?,
            review_state: version.state.as_str().to_owned(),
            unreviewed: version.unreviewed,
            makers: DbJson::of(&version.makers).map_err(corrupt_version)?,
            created_by: version.created.0.into(),
            created_at: version.created.1.into(),
            submitted_by: version.submitted.map(|(by, _)| by.into()),
            submitted_at: version.submitted.map(|(_, at)| at.into()),
            reviewed_by: version.reviewed.map(|(by, _)| by.into()),
            reviewed_at: version.reviewed.map(|(_, at)| at.into()),
            reject_reason: version.reject_reason.clone(),
        })
    }
}

fn pair(by: Option<DbId>, at: Option<DbTime>) -> Option<(StaffId, DateTime<Utc>)> {
    by.zip(at).map(|(by, at)| (by.into(), at.into()))
}

impl TryFrom<VersionRow> for OfferVersion {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self, StoreError> {
        Ok(Self {
            offer: row.offer_id.into(),
            number: row.number,
            site: row.site_id.into(),
            rules: row.rules.parse().map_err(corrupt_version)?,
            state: row.review_state.parse().map_err(corrupt_version)?,
            unreviewed: row.unreviewed,
            makers: row.makers.parse::<Vec<Uuid>>().map_err(corrupt_version)?.into_iter().map(Into::into).collect(),
            created: (row.created_by.into(), row.created_at.into()),
            submitted: pair(row.submitted_by, row.submitted_at),
            reviewed: pair(row.reviewed_by, row.reviewed_at),
            reject_reason: row.reject_reason,
        })
    }
}

/// Adds an offer with its first version.
pub fn insert(db: &mut Db, managed: &ManagedOffer, version: &OfferVersion) -> Result<(), StoreError> {
    let row = Row::from(managed);
    each!(db, |c| diesel::insert_into(offer::table).values(&row).execute(c))?;
    insert_version(db, version)
}

/// Adds a version.
pub fn insert_version(db: &mut Db, version: &OfferVersion) -> Result<(), StoreError> {
    let row = VersionRow::try_from(version)?;
    each!(db, |c| diesel::insert_into(offer_version::table).values(&row).execute(c))?;
    Ok(())
}

/// The offer, as it stands in this snapshot.
pub fn find(db: &mut Db, id: OfferId) -> Result<Option<ManagedOffer>, StoreError> {
    let row: Option<Row> = offer::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(ManagedOffer::try_from).transpose()
}

/// The offer, locked until the transaction ends: the root of every change to it or its versions.
pub fn lock(db: &mut Db, id: OfferId) -> Result<Option<ManagedOffer>, StoreError> {
    let row: Option<Row> = lock_row!(db, offer::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(ManagedOffer::try_from).transpose()
}

/// One version.
pub fn find_version(db: &mut Db, id: OfferId, number: i64) -> Result<Option<OfferVersion>, StoreError> {
    let row: Option<VersionRow> =
        offer_version::table.find((DbId::from(id), number)).select(VersionRow::as_select()).first(db).optional()?;
    row.map(OfferVersion::try_from).transpose()
}

/// A version that a row of ours refers to, so it must be there.
pub fn get_version(db: &mut Db, id: OfferId, number: i64) -> Result<OfferVersion, StoreError> {
    find_version(db, id, number)?.ok_or_else(|| corrupt_version(format!("{id} has no version {number}")))
}

/// Saves the offer over the version of the row it was read from, which goes up by one. Refused when somebody changed it
/// since.
pub fn update(db: &mut Db, managed: &mut ManagedOffer) -> Result<Outcome, StoreError> {
    let read = managed.version;
    managed.version = read.saturating_add(1);
    let row = Row::from(&*managed);
    let rows = each!(db, |c| {
        diesel::update(offer::table.find(row.id)).filter(offer::version.eq(read)).set(&row).execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Saves a version; the offer's row is locked by the caller.
pub fn update_version(db: &mut Db, version: &OfferVersion) -> Result<(), StoreError> {
    let row = VersionRow::try_from(version)?;
    let rows =
        each!(db, |c| { diesel::update(offer_version::table.find((row.offer_id, row.number))).set(&row).execute(c) })?;
    match Outcome::of(rows) {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(corrupt_version("a version that was read is gone")),
    }
}
