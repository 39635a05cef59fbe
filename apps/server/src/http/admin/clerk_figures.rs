//! Figures of clerks (店员): what each redeemed, and what in that is odd beside the others. As a list and as a file.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use chrono::{Days as Span, NaiveDate};
use huike_coupons::clerk_figures::{ClerkFigures, ClerkFlag};
use huike_kernel::{Clock, NodeId, Rate, StaffId, format_row};
use huike_persistence::{
    Db, Store, StoreError,
    clerk_figures::{ClerkSlice, list_names},
    nodes,
    tracking::Days,
};
use huike_usecases::clerk_figures::{self, ClerkRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{CsvFile, CsvPage, CsvPages, Reading},
    auth::{Staff, may},
    extract::{Listing, Page, Query},
    problem::{FieldError, Problem},
};

/// Days counted when nobody says, besides the last one.
const DAYS_DEFAULT: u64 = 29;
/// The most days after the first one.
const DAYS_MAX: i64 = 92;
/// The columns of the file.
const COLUMNS: [&str; 12] = [
    "staff_id",
    "name",
    "flags",
    "redemptions",
    "undone",
    "undone_late",
    "near_expiry",
    "near_expiry_share",
    "just_claimed",
    "customers",
    "top_customer",
    "top_customer_share",
];

/// Where and when; the last thirty days when not said.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClerkFiguresQuery {
    /// Only redemptions in stores at or below this node; clerks are compared with each other within it.
    #[param(value_type = Option<Uuid>)]
    node_id: Option<NodeId>,
    /// From this local day of the stores on.
    #[param(example = "2026-11-01")]
    first: Option<NaiveDate>,
    /// Up to this day, included; at most 93 days in all.
    #[param(example = "2026-11-22")]
    last: Option<NaiveDate>,
}

/// What one clerk redeemed. Shares, and all counts but the first three, are of redemptions that stand.
#[derive(Serialize, ToSchema)]
pub struct ClerkFiguresView {
    /// Who.
    staff_id: StaffId,
    /// What they are called; null for somebody of a node above.
    #[schema(example = "小李")]
    name: Option<String>,
    /// What is odd beside the other clerks: a reason to look, no verdict.
    flags: Vec<ClerkFlagView>,
    /// Redemptions, undone ones included.
    redemptions: i64,
    /// Those that were undone.
    undone: i64,
    /// Those that took two people to undo.
    undone_late: i64,
    /// In the last 24 hours before the coupon's expiry.
    near_expiry: i64,
    /// Their share.
    near_expiry_share: Option<Rate>,
    /// Within ten minutes of the claim.
    just_claimed: i64,
    /// Different customers.
    customers: i64,
    /// Redemptions of the customer who had most of them.
    top_customer: i64,
    /// Their share.
    top_customer_share: Option<Rate>,
}

/// Something odd.
#[derive(Serialize, ToSchema)]
pub struct ClerkFlagView {
    /// Its word.
    code: ClerkFlag,
    /// What it says, in Chinese.
    text_zh: &'static str,
    /// The same in English.
    text_en: &'static str,
}

type Names = BTreeMap<StaffId, String>;

impl ClerkFiguresView {
    fn new(row: ClerkRow, names: &Names) -> Self {
        let ClerkFigures { redemptions, undone, undone_late, near_expiry, just_claimed, customers, top_customer } =
            row.figures;
        let flag = |flag: &ClerkFlag| ClerkFlagView { code: *flag, text_zh: flag.zh(), text_en: flag.en() };
        Self {
            staff_id: row.clerk,
            name: names.get(&row.clerk).cloned(),
            flags: row.flags.iter().map(flag).collect(),
            redemptions,
            undone,
            undone_late,
            near_expiry,
            near_expiry_share: row.figures.near_expiry_share(),
            just_claimed,
            customers,
            top_customer,
            top_customer_share: row.figures.top_customer_share(),
        }
    }
}

impl ClerkFiguresQuery {
    /// What is counted; days are counted back from today at the node asked for, or at the caller's own.
    async fn slice(&self, store: &Store, clock: &dyn Clock, roots: &[NodeId]) -> Result<ClerkSlice, Problem> {
        let place = self.node_id.or_else(|| roots.first().copied());
        let node = store.read(move |db| place.map(|id| nodes::find(db, id)).transpose()).await?.flatten();
        let today = node.map(|node| node.zone).unwrap_or_default().local(clock.now()).day;
        let last = self.last.unwrap_or(today);
        let first = self.first.unwrap_or_else(|| last.checked_sub_days(Span::new(DAYS_DEFAULT)).unwrap_or(last));
        if !(0..=DAYS_MAX).contains(&last.signed_duration_since(first).num_days()) {
            let detail = format!("the first day is not after the last, and at most {DAYS_MAX} days before it");
            return Err(Problem::invalid(vec![FieldError::new("?first", "span_invalid", detail)]));
        }
        Ok(ClerkSlice { roots: roots.to_vec(), under: self.node_id, days: Days { first, last } })
    }
}

/// `GET /clerk-figures`
pub async fn list(
    who: Staff<may::StoreDayRead>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    listing: Listing<ClerkFiguresQuery>,
) -> Result<Json<Page<ClerkFiguresView>>, Problem> {
    let Listing { page, filter } = listing;
    let (after, limit) = (page.after()?, usize::try_from(page.fetch()).unwrap_or_default());
    let slice = filter.slice(&store, &**clock, &who.scope.permitted).await?;
    let (rows, names) = store
        .read(move |db| {
            let rows = clerk_figures::list(db, &slice)?;
            let rows: Vec<ClerkRow> =
                rows.into_iter().filter(|row| after.is_none_or(|after| row.key() > after)).take(limit).collect();
            with_names(db, &slice, rows)
        })
        .await?;
    Ok(Json(Page::cut(rows, &page, ClerkRow::key, |row| ClerkFiguresView::new(row, &names))))
}

fn with_names(db: &mut Db, slice: &ClerkSlice, rows: Vec<ClerkRow>) -> Result<(Vec<ClerkRow>, Names), StoreError> {
    let mut names = Names::new();
    for part in rows.chunks(500) {
        let clerks: Vec<StaffId> = part.iter().map(|row| row.clerk).collect();
        names.extend(list_names(db, &slice.roots, &clerks)?);
    }
    Ok((rows, names))
}

/// `GET /clerk-figures/export`
pub async fn export(
    who: Staff<may::StoreDayRead>,
    store: Data<Store>,
    clock: Data<dyn Clock>,
    query: Query<ClerkFiguresQuery>,
) -> Result<CsvFile<ClerkPages>, Problem> {
    let slice = query.slice(&store, &**clock, &who.scope.permitted).await?;
    Ok(CsvFile { name: "clerk-figures.csv".to_owned(), pages: ClerkPages { store, slice } })
}

/// The rows of a file. One page: each clerk is measured beside all others.
pub struct ClerkPages {
    store: Data<Store>,
    slice: ClerkSlice,
}

impl CsvPages for ClerkPages {
    type Key = ();

    fn header(&self) -> String {
        format_row(&COLUMNS)
    }

    fn read(&self, _after: Option<()>) -> Reading<()> {
        let (store, slice) = (self.store.clone(), self.slice.clone());
        Box::pin(async move {
            let (rows, names) = store
                .read(move |db| {
                    let rows = clerk_figures::list(db, &slice)?;
                    with_names(db, &slice, rows)
                })
                .await?;
            Ok(CsvPage { rows: rows.iter().map(|row| csv_row(row, &names)).collect(), next: None })
        })
    }
}

fn csv_row(row: &ClerkRow, names: &Names) -> String {
    let figures = &row.figures;
    let share = |share: Option<Rate>| share.map(|share| share.to_string()).unwrap_or_default();
    format_row(&[
        &row.clerk.to_string(),
        names.get(&row.clerk).map(String::as_str).unwrap_or_default(),
        &row.flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>().join(" "),
        &figures.redemptions.to_string(),
        &figures.undone.to_string(),
        &figures.undone_late.to_string(),
        &figures.near_expiry.to_string(),
        &share(figures.near_expiry_share()),
        &figures.just_claimed.to_string(),
        &figures.customers.to_string(),
        &figures.top_customer.to_string(),
        &share(figures.top_customer_share()),
    ])
}
