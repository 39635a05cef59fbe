//! Requests for a late undo: asked for by one person of finance, confirmed or rejected by another.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use huike_coupons::redeem::RequestState;
use huike_kernel::{NodeId, RedemptionId, StaffId};
use uuid::Uuid;

use crate::{
    Db, Outcome, StoreError,
    db::each,
    schema::unredeem_request,
    scope::subtree,
    sql_types::{DbId, DbTime},
};

/// One request for a late undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnredeemRequest {
    /// Its id.
    pub id: Uuid,
    /// The redemption to undo.
    pub redemption: RedemptionId,
    /// The store that redeemed.
    pub store: NodeId,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub state: RequestState,
    /// Who asked, and when.
    pub requested: (StaffId, DateTime<Utc>),
    /// Who decided, and when.
    pub decided: Option<(StaffId, DateTime<Utc>)>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = unredeem_request, treat_none_as_default_value = false)]
struct Row {
    id: DbId,
    redemption_id: DbId,
    site_id: DbId,
    reason: String,
    state: String,
    requested_by: DbId,
    requested_at: DbTime,
    decided_by: Option<DbId>,
    decided_at: Option<DbTime>,
}

impl TryFrom<Row> for UnredeemRequest {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.0,
            redemption: row.redemption_id.into(),
            store: row.site_id.into(),
            reason: row.reason,
            state: row.state.parse().map_err(|error| StoreError::corrupt("unredeem_request", error))?,
            requested: (row.requested_by.into(), row.requested_at.into()),
            decided: row.decided_by.zip(row.decided_at).map(|(by, at)| (by.into(), at.into())),
        })
    }
}

/// Adds an open request. Refused when the redemption has one already.
pub fn insert(db: &mut Db, new: &UnredeemRequest) -> Result<Outcome, StoreError> {
    let row = Row {
        id: DbId(new.id),
        redemption_id: new.redemption.into(),
        site_id: new.store.into(),
        reason: new.reason.clone(),
        state: new.state.as_str().to_owned(),
        requested_by: new.requested.0.into(),
        requested_at: new.requested.1.into(),
        decided_by: None,
        decided_at: None,
    };
    let rows =
        each!(db, |c| diesel::insert_into(unredeem_request::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(Outcome::of(rows))
}

/// The request with that id.
pub fn find(db: &mut Db, id: Uuid) -> Result<Option<UnredeemRequest>, StoreError> {
    let row: Option<Row> = unredeem_request::table.find(DbId(id)).select(Row::as_select()).first(db).optional()?;
    row.map(UnredeemRequest::try_from).transpose()
}

/// Decides a request. Refused when it was decided before.
pub fn decide(
    db: &mut Db,
    id: Uuid,
    state: RequestState,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<Outcome, StoreError> {
    let rows = diesel::update(unredeem_request::table.find(DbId(id)))
        .filter(unredeem_request::state.eq(RequestState::Open.as_str()))
        .set((
            unredeem_request::state.eq(state.as_str()),
            unredeem_request::decided_by.eq(Some(DbId::from(by))),
            unredeem_request::decided_at.eq(Some(DbTime::from(now))),
        ))
        .execute(db)?;
    Ok(Outcome::of(rows))
}

/// Requests about stores at or below the roots, newest first, `limit` of them before `before`.
pub fn list(
    db: &mut Db,
    roots: &[NodeId],
    state: Option<RequestState>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<UnredeemRequest>, StoreError> {
    let rows: Vec<Row> = each!(db, |c| {
        let mut query = unredeem_request::table
            .filter(unredeem_request::site_id.eq_any(subtree(roots)))
            .order(unredeem_request::id.desc())
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(state) = state {
            query = query.filter(unredeem_request::state.eq(state.as_str()));
        }
        if let Some(before) = before {
            query = query.filter(unredeem_request::id.lt(DbId(before)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(UnredeemRequest::try_from).collect()
}
