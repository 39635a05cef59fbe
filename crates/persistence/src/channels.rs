//! Channels (发放渠道): the ways a template is issued, each with a link, and some with a code that many people share.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::ChannelKind;
use huike_kernel::{ChannelId, NodeId, StaffId, TemplateId};

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::coupon_channel,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// A code that many people share, as it is stored: like any plain code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCode {
    /// HMAC of the canonical text.
    pub lookup: Vec<u8>,
    /// The code, encrypted with the channel's id as associated data.
    pub sealed: Vec<u8>,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// The node that runs it.
    pub site: NodeId,
    /// The node that owns the template.
    pub template_site: NodeId,
    /// The template.
    pub template: TemplateId,
    /// What it is.
    pub kind: ChannelKind,
    /// What staff call it.
    pub name: String,
    /// The unguessable part of its link.
    pub link_token: String,
    /// The code on the poster, where there is one.
    pub code: Option<SharedCode>,
    /// Whether it takes claims.
    pub open: bool,
    /// Who made it.
    pub created_by: StaffId,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Values of one query; SQLite bounds their number.
const LOOKUPS_MAX: usize = 500;
const ACTIVE: &str = "active";
const CLOSED: &str = "closed";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = coupon_channel, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    site_id: DbId,
    template_site_id: DbId,
    template_id: DbId,
    kind: String,
    name: String,
    link_token: String,
    code_lookup: Option<Vec<u8>>,
    code_sealed: Option<Vec<u8>>,
    state: String,
    created_by: DbId,
    created_at: DbTime,
}

impl From<&Channel> for Row {
    fn from(channel: &Channel) -> Self {
        Self {
            id: channel.id.into(),
            site_id: channel.site.into(),
            template_site_id: channel.template_site.into(),
            template_id: channel.template.into(),
            kind: channel.kind.as_str().to_owned(),
            name: channel.name.clone(),
            link_token: channel.link_token.clone(),
            code_lookup: channel.code.as_ref().map(|code| code.lookup.clone()),
            code_sealed: channel.code.as_ref().map(|code| code.sealed.clone()),
            state: if channel.open { ACTIVE } else { CLOSED }.to_owned(),
            created_by: channel.created_by.into(),
            created_at: channel.created_at.into(),
        }
    }
}

impl TryFrom<Row> for Channel {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let code = row.code_lookup.zip(row.code_sealed).map(|(lookup, sealed)| SharedCode { lookup, sealed });
        Ok(Self {
            id: row.id.into(),
            site: row.site_id.into(),
            template_site: row.template_site_id.into(),
            template: row.template_id.into(),
            kind: row.kind.parse().map_err(|error| StoreError::corrupt("coupon_channel", error))?,
            name: row.name,
            link_token: row.link_token,
            code,
            open: row.state == ACTIVE,
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
        })
    }
}

/// Adds a channel. Refused when its link or its code is taken.
pub fn insert(db: &mut Db, channel: &Channel) -> Result<Outcome, StoreError> {
    let row = Row::from(channel);
    let rows =
        each!(db, |c| diesel::insert_into(coupon_channel::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// The channel with that id.
pub fn find(db: &mut Db, id: ChannelId) -> Result<Option<Channel>, StoreError> {
    let row = coupon_channel::table.find(DbId::from(id)).select(Row::as_select()).first(db).optional()?;
    row.map(Channel::try_from).transpose()
}

/// Those of the channels that there are.
pub fn find_many(db: &mut Db, ids: &BTreeSet<ChannelId>) -> Result<Vec<Channel>, StoreError> {
    let rows: Vec<Row> =
        coupon_channel::table.filter(coupon_channel::id.eq_any(DbId::list(ids))).select(Row::as_select()).load(db)?;
    rows.into_iter().map(Channel::try_from).collect()
}

/// The channel that a link leads to.
pub fn find_by_link(db: &mut Db, link_token: &str) -> Result<Option<Channel>, StoreError> {
    let query = coupon_channel::table.filter(coupon_channel::link_token.eq(link_token)).select(Row::as_select());
    query.first(db).optional()?.map(Channel::try_from).transpose()
}

/// The channel that a shared code belongs to.
pub fn find_by_code(db: &mut Db, lookup: &[u8]) -> Result<Option<Channel>, StoreError> {
    let query = coupon_channel::table.filter(coupon_channel::code_lookup.eq(lookup)).select(Row::as_select());
    query.first(db).optional()?.map(Channel::try_from).transpose()
}

/// Those of the lookups that are the shared codes of channels.
pub fn list_shared(db: &mut Db, lookups: &[&[u8]]) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let mut shared = BTreeSet::new();
    for chunk in lookups.chunks(LOOKUPS_MAX) {
        let query = coupon_channel::table.filter(coupon_channel::code_lookup.eq_any(chunk.to_vec()));
        let found: Vec<Vec<u8>> = query.select(coupon_channel::code_lookup.assume_not_null()).load(db)?;
        shared.extend(found);
    }
    Ok(shared)
}

/// Channels of a template that nodes at or below the roots run, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    template: TemplateId,
    roots: &[NodeId],
    before: Option<ChannelId>,
    limit: i64,
) -> Result<Vec<Channel>, StoreError> {
    let mut query = coupon_channel::table
        .filter(coupon_channel::template_id.eq(DbId::from(template)))
        .filter(coupon_channel::site_id.eq_any(subtree(roots)))
        .select(Row::as_select())
        .order(coupon_channel::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(coupon_channel::id.lt(DbId::from(before)));
    }
    let rows: Vec<Row> = query.load(db)?;
    rows.into_iter().map(Channel::try_from).collect()
}

/// The names of the channels, by id.
pub fn list_names(db: &mut Db, ids: &[ChannelId]) -> Result<BTreeMap<ChannelId, String>, StoreError> {
    let names = coupon_channel::table
        .filter(coupon_channel::id.eq_any(DbId::list(ids)))
        .select((coupon_channel::id, coupon_channel::name));
    Ok(names.load::<(ChannelId, String)>(db)?.into_iter().collect())
}

/// Closes a channel for good. Refused when it was closed before.
pub fn close(db: &mut Db, id: ChannelId) -> Result<Outcome, StoreError> {
    let rows = diesel::update(coupon_channel::table.find(DbId::from(id)))
        .filter(coupon_channel::state.eq(ACTIVE))
        .set(coupon_channel::state.eq(CLOSED))
        .execute(db)?;
    Ok(Outcome::of(rows))
}
