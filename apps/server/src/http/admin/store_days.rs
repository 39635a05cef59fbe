//! Days of stores: their totals, their sign-off (日结), and whether the books agree (对账).

use actix_web::web::{Data, Json};
use chrono::{DateTime, NaiveDate, Utc};
use huike_access::Permission;
use huike_kernel::{Money, NodeId, StaffId};
use huike_persistence::{
    Store,
    reconciliation::{self, Days, Difference},
    store_days::{self, DayFilter, StoreDay, Totals},
};
use huike_usecases::{UseCaseError, redeem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::{
    auth::{Staff, may},
    extract::{IdempotencyKey, Listing, Page, Path, Query},
    problem::Problem,
};

/// The most days that are reconciled at once.
const DAYS_MAX: i64 = 31;

/// What is booked on a day. Amounts are net of the undos booked on it, so they can fall below zero.
#[derive(Serialize, ToSchema)]
pub struct TotalsView {
    /// Redemptions, undone ones included.
    redemptions: i64,
    /// Undos booked on the day.
    undos: i64,
    /// Order amounts, net of undos.
    order_amount: Money,
    /// Discounts, net of undos.
    discount: Money,
}

impl From<Totals> for TotalsView {
    fn from(totals: Totals) -> Self {
        Self {
            redemptions: totals.redemptions,
            undos: totals.reversals,
            order_amount: totals.order_amount,
            discount: totals.discount,
        }
    }
}

/// A store's local day.
#[derive(Serialize, ToSchema)]
pub struct StoreDayView {
    /// The store.
    store_id: NodeId,
    /// The day.
    local_day: NaiveDate,
    /// What is booked on it.
    totals: TotalsView,
    /// Who signed it; null while it is open.
    signed_by: Option<StaffId>,
    /// When.
    signed_at: Option<DateTime<Utc>>,
}

impl From<StoreDay> for StoreDayView {
    fn from(day: StoreDay) -> Self {
        Self {
            store_id: day.store,
            local_day: day.day,
            totals: day.totals.into(),
            signed_by: day.signed.map(|(by, _)| by),
            signed_at: day.signed.map(|(_, at)| at),
        }
    }
}

/// A store's local day beside what its redemptions add up to.
#[derive(Serialize, ToSchema)]
pub struct StoreDayCheck {
    /// The day, as booked.
    day: StoreDayView,
    /// What its redemptions add up to.
    counted: TotalsView,
    /// Whether both are the same, as they should be.
    agrees: bool,
}

/// A day whose totals are not what its redemptions add up to.
#[derive(Serialize, ToSchema)]
pub struct DifferenceView {
    /// The store.
    store_id: NodeId,
    /// The day.
    local_day: NaiveDate,
    /// What is booked.
    booked: TotalsView,
    /// What the redemptions add up to.
    counted: TotalsView,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        Self {
            store_id: difference.store,
            local_day: difference.day,
            booked: difference.booked.into(),
            counted: difference.counted.into(),
        }
    }
}

/// The days that do not agree; none, unless something was changed by hand.
#[derive(Serialize, ToSchema)]
pub struct DifferenceList {
    /// The differences, by day and store.
    items: Vec<DifferenceView>,
}

/// What narrows a list of days.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StoreDayQuery {
    /// Only of stores at or below this node.
    #[param(value_type = Option<Uuid>)]
    node_id: Option<NodeId>,
    /// From this day on.
    first: Option<NaiveDate>,
    /// Up to this day, included.
    last: Option<NaiveDate>,
    /// Only signed ones (`true`), or only open ones (`false`).
    signed: Option<bool>,
}

/// Which days are reconciled.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[validate(schema(function = check_days))]
pub struct DifferenceQuery {
    /// The first day.
    first: NaiveDate,
    /// The last day, included; at most 31 days in all.
    last: NaiveDate,
}

fn check_days(query: &DifferenceQuery) -> Result<(), ValidationError> {
    let days = query.last.signed_duration_since(query.first).num_days();
    if (0..DAYS_MAX).contains(&days) { Ok(()) } else { Err(ValidationError::new("days")) }
}

/// `GET /store-days`
pub async fn list(
    who: Staff<may::StoreDayRead>,
    store: Data<Store>,
    listing: Listing<StoreDayQuery>,
) -> Result<Json<Page<StoreDayView>>, Problem> {
    let Listing { page, filter } = listing;
    let (after, limit) = (page.after()?, page.fetch());
    let roots = who.scope.permitted.clone();
    let filter = DayFilter { under: filter.node_id, first: filter.first, last: filter.last, signed: filter.signed };
    let rows = store.read(move |db| store_days::list(db, &roots, &filter, after, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| (row.day, row.store), StoreDayView::from)))
}

/// `GET /store-days/differences`
pub async fn differences(
    who: Staff<may::StoreDayRead>,
    store: Data<Store>,
    query: Query<DifferenceQuery>,
) -> Result<Json<DifferenceList>, Problem> {
    let days = Days { first: query.first, last: query.last };
    let roots = who.scope.permitted.clone();
    let found = store.read(move |db| reconciliation::list_differences(db, &roots, days)).await?;
    Ok(Json(DifferenceList { items: found.into_iter().map(DifferenceView::from).collect() }))
}

/// `GET /stores/{store_id}/days/{local_day}`
pub async fn show(
    who: Staff<may::StoreDayRead>,
    store: Data<Store>,
    path: Path<(NodeId, NaiveDate)>,
) -> Result<Json<StoreDayCheck>, Problem> {
    let (caller, (at, day)) = (who.caller(), *path);
    let read = store.read(move |db| {
        caller.reach(db, at, Permission::StoreDayRead, "store")?;
        let quiet = StoreDay { store: at, day, totals: Totals::default(), signed: None };
        let booked = store_days::find(db, at, day)?.unwrap_or(quiet);
        Ok::<_, UseCaseError>((booked, reconciliation::recount(db, at, day)?))
    });
    let (booked, counted) = read.await?;
    let agrees = booked.totals == counted;
    Ok(Json(StoreDayCheck { day: booked.into(), counted: counted.into(), agrees }))
}

/// `POST /stores/{store_id}/days/{local_day}/sign`
pub async fn sign(
    who: Staff<may::StoreDaySign>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<(NodeId, NaiveDate)>,
) -> Result<Json<StoreDayView>, Problem> {
    let (once, caller, (at, day)) = (key.once(&who, &()), who.caller(), *path);
    let done = store.write_once(once, move |db, now| redeem::sign_day(db, &caller.act(now), at, day)).await?;
    Ok(Json(StoreDay::from(done.value).into()))
}
