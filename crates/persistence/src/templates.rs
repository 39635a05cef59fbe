//! Coupon templates and their versions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::{Look, TemplateRules, TemplateState, VersionState, template::Reason};
use huike_kernel::{NodeId, StaffId, TemplateId};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::{each, lock_row},
    schema::{coupon_template, coupon_template_version},
    sql_types::{DbId, DbJson, DbTime},
};

/// A template (券模板), without the rules, which are its versions'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// The node that owns it.
    pub site: NodeId,
    /// What staff call it.
    pub name: String,
    /// The kind of its effect.
    pub kind: String,
    /// Where it stands.
    pub state: TemplateState,
    /// The version coupons are issued under, once live.
    pub live_version: Option<i64>,
    /// The newest version; another than the live one while a change is being made.
    pub newest_version: i64,
    /// Since when and why the kill switch is on.
    pub killed: Option<(DateTime<Utc>, Reason)>,
    /// Counts the changes of this row.
    pub version: i64,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// One version of a template's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateVersion {
    /// The template.
    pub template: TemplateId,
    /// 1, 2, 3, ….
    pub number: i64,
    /// The node that owns the template.
    pub site: NodeId,
    /// The rules.
    pub rules: TemplateRules,
    /// The card's look.
    pub look: Look,
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
#[diesel(table_name = coupon_template, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: DbId,
    site_id: DbId,
    name: String,
    kind: String,
    state: String,
    live_version: Option<i64>,
    newest_version: i64,
    killed_at: Option<DbTime>,
    kill_reason: Option<String>,
    version: i64,
    created_by: DbId,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Template> for Row {
    fn from(template: &Template) -> Self {
        Self {
            id: template.id.into(),
            site_id: template.site.into(),
            name: template.name.clone(),
            kind: template.kind.clone(),
            state: template.state.as_str().to_owned(),
            live_version: template.live_version,
            newest_version: template.newest_version,
            killed_at: template.killed.as_ref().map(|(at, _)| DbTime::from(*at)),
            kill_reason: template.killed.as_ref().map(|(_, reason)| reason.to_string()),
            version: template.version,
            created_by: template.created_by.into(),
            created_at: template.created_at.into(),
            updated_at: template.updated_at.into(),
        }
    }
}

impl TryFrom<Row> for Template {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |what: &dyn std::fmt::Display| StoreError::corrupt("coupon_template", what);
        let killed = match (row.killed_at, row.kill_reason) {
            (Some(at), Some(reason)) => Some((at.into(), Reason::new(&reason).map_err(|e| corrupt(&e))?)),
            _ => None,
        };
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            name: row.name,
            kind: row.kind,
            state: row.state.parse().map_err(|e| corrupt(&e))?,
            live_version: row.live_version,
            newest_version: row.newest_version,
            killed,
            version: row.version,
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = coupon_template_version, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct VersionRow {
    template_id: DbId,
    number: i64,
    site_id: DbId,
    rules_version: i64,
    rules: DbJson,
    look: DbJson,
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
    StoreError::corrupt("coupon_template_version", what)
}

impl TryFrom<&TemplateVersion> for VersionRow {
    type Error = StoreError;

    fn try_from(version: &TemplateVersion) -> Result<Self, StoreError> {
        Ok(Self {
            template_id: version.template.into(),
            number: version.number,
            site_id: version.site.into(),
            rules_version: i64::from(huike_coupons::RULES_VERSION),
            rules: DbJson::of(&version.rules).map_err(corrupt_version)?,
            look: DbJson::of(&version.look).map_err(corrupt_version)?,
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

impl TryFrom<VersionRow> for TemplateVersion {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self, StoreError> {
        Ok(Self {
            template: row.template_id.into(),
            number: row.number,
            site: row.site_id.into(),
            rules: row.rules.parse().map_err(corrupt_version)?,
            look: row.look.parse().map_err(corrupt_version)?,
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

/// Adds a template with its first version.
pub fn insert(db: &mut Db, template: &Template, version: &TemplateVersion) -> Result<(), StoreError> {
    let row = Row::from(template);
    each!(db, |c| diesel::insert_into(coupon_template::table).values(&row).execute(c))?;
    insert_version(db, version)
}

/// Adds a version.
pub fn insert_version(db: &mut Db, version: &TemplateVersion) -> Result<(), StoreError> {
    let row = VersionRow::try_from(version)?;
    each!(db, |c| diesel::insert_into(coupon_template_version::table).values(&row).execute(c))?;
    Ok(())
}

/// The template, as it stands in this snapshot.
pub fn find(db: &mut Db, id: TemplateId) -> Result<Option<Template>, StoreError> {
    let row: Option<Row> = coupon_template::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Template::try_from).transpose()
}

/// The template, locked until the transaction ends: the root of every change to it or its versions.
pub fn lock(db: &mut Db, id: TemplateId) -> Result<Option<Template>, StoreError> {
    let row: Option<Row> = lock_row!(db, coupon_template::table.find(DbId::from(id)).select(Row::as_select()))?;
    row.map(Template::try_from).transpose()
}

/// One version.
pub fn find_version(db: &mut Db, id: TemplateId, number: i64) -> Result<Option<TemplateVersion>, StoreError> {
    let row: Option<VersionRow> = coupon_template_version::table
        .find((DbId::from(id), number))
        .select(VersionRow::as_select())
        .first(db)
        .optional()?;
    row.map(TemplateVersion::try_from).transpose()
}

/// A version that a row of ours refers to, so it must be there.
pub fn get_version(db: &mut Db, id: TemplateId, number: i64) -> Result<TemplateVersion, StoreError> {
    find_version(db, id, number)?.ok_or_else(|| corrupt_version(format!("{id} has no version {number}")))
}

/// Saves the template over the version of the row it was read from, which goes up by one.
/// Refused when somebody changed it since.
pub fn update(db: &mut Db, template: &mut Template) -> Result<Outcome, StoreError> {
    let read = template.version;
    template.version = read.saturating_add(1);
    let row = Row::from(&*template);
    let rows = each!(db, |c| {
        diesel::update(coupon_template::table.find(row.id))
            .filter(coupon_template::version.eq(read))
            .set(&row)
            .execute(c)
    })?;
    Ok(Outcome::of(rows))
}

/// Saves a version; the template's row is locked by the caller.
pub fn update_version(db: &mut Db, version: &TemplateVersion) -> Result<(), StoreError> {
    let row = VersionRow::try_from(version)?;
    let rows = each!(db, |c| {
        diesel::update(coupon_template_version::table.find((row.template_id, row.number))).set(&row).execute(c)
    })?;
    match Outcome::of(rows) {
        Outcome::Applied => Ok(()),
        Outcome::Refused => Err(corrupt_version("a version that was read is gone")),
    }
}
