//! Goods on their way from one site or store to another (调拨).

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_kernel::{NodeId, SkuId, StaffId, StockTransferId, Text};
use huike_orders::stock::{TransferLine, TransferState};
use huike_persistence::{
    Db, OnceKey, Store,
    stock_transfers::{self, Transfer, TransferFilter},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    stock::{self, StatedLines, TransferAsk, TransferCancel, find_transfer},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{stock_goods::StockLineRequest, transact};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{IdempotencyKey, Listing, Page, Path, Valid},
    problem::Problem,
};

/// A transfer.
#[derive(Serialize, ToSchema)]
#[schema(as = StockTransferView)]
pub struct TransferView {
    /// Its id.
    id: StockTransferId,
    /// Where the goods come from.
    from_site_id: NodeId,
    /// Where they go.
    to_site_id: NodeId,
    /// Where it stands.
    state: TransferState,
    /// What was said when they were asked for.
    note: Option<String>,
    /// Why fewer arrived than were sent, or why it was given up.
    reason: Option<String>,
    /// Counts the changes.
    version: i64,
    /// What.
    lines: Vec<TransferLineView>,
    /// Who asked.
    requested_by: StaffId,
    /// When.
    requested_at: DateTime<Utc>,
    /// Who sent.
    sent_by: Option<StaffId>,
    /// When.
    sent_at: Option<DateTime<Utc>>,
    /// Who received, or gave up.
    ended_by: Option<StaffId>,
    /// When.
    ended_at: Option<DateTime<Utc>>,
}

/// A line of a transfer.
#[derive(Serialize, ToSchema)]
pub struct TransferLineView {
    /// What.
    sku_id: SkuId,
    /// How many were asked for.
    requested: i64,
    /// How many left.
    sent: Option<i64>,
    /// How many arrived.
    received: Option<i64>,
    /// How many left and did not arrive.
    difference: Option<i64>,
}

impl From<Transfer> for TransferView {
    fn from(it: Transfer) -> Self {
        let line = |line: &TransferLine| {
            let TransferLine { sku, requested, sent, received } = *line;
            TransferLineView { sku_id: sku, requested, sent, received, difference: line.difference() }
        };
        Self {
            id: it.id,
            from_site_id: it.from,
            to_site_id: it.to,
            state: it.state,
            note: it.note,
            reason: it.reason,
            version: it.version,
            lines: it.lines.iter().map(line).collect(),
            requested_by: it.requested.0,
            requested_at: it.requested.1,
            sent_by: it.sent.map(|(by, _)| by),
            sent_at: it.sent.map(|(_, at)| at),
            ended_by: it.ended.map(|(by, _)| by),
            ended_at: it.ended.map(|(_, at)| at),
        }
    }
}

/// Goods that are asked for.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from_site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "to_site_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f02",
    "lines": [{ "sku_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01", "quantity": 6 }], "note": "周末活动备货"
}))]
pub struct TransferRequest {
    /// Where they come from: a site or a store.
    from_site_id: NodeId,
    /// Where they go. Whoever asks answers for both.
    to_site_id: NodeId,
    /// What, at most 200 lines, each SKU once.
    #[validate(length(min = 1, max = 200))]
    lines: Vec<StockLineRequest>,
    /// What is said about it, up to 200 characters.
    note: Option<Text<200>>,
}

/// What is stated when goods leave or arrive: of every line, and of no other SKU.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "lines": [{ "sku_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f01", "quantity": 6 }] }))]
pub struct StatedRequest {
    /// How many of each; none where it says 0.
    #[validate(length(min = 1, max = 200))]
    lines: Vec<StockLineRequest>,
    /// Why fewer arrived than were sent, up to 200 characters; required then.
    reason: Option<Text<200>>,
}

/// An end with its reason.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "改由供应商直送" }))]
pub struct CancelTransferRequest {
    /// Why, up to 200 characters.
    reason: Text<200>,
}

/// What narrows the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TransferQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<TransferState>,
    /// Only from or to this node or one below it.
    #[param(value_type = Option<uuid::Uuid>)]
    site_id: Option<NodeId>,
}

fn lines_of(lines: Vec<StockLineRequest>) -> Vec<(SkuId, i64)> {
    lines.into_iter().map(|it| (it.sku_id, it.quantity)).collect()
}

/// `GET /stock-transfers`
pub async fn list(
    who: Staff<may::StockRead>,
    store: Data<Store>,
    listing: Listing<TransferQuery>,
) -> Result<Json<Page<TransferView>>, Problem> {
    let Listing { page, filter: TransferQuery { state, site_id } } = listing;
    let (roots, before, limit) = (who.scope.permitted.clone(), page.after()?, page.fetch());
    let filter = TransferFilter { state, under: site_id };
    let rows = store.read(move |db| stock_transfers::list(db, &roots, &filter, before, limit)).await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, TransferView::from)))
}

/// `GET /stock-transfers/{transfer_id}`
pub async fn show(
    who: Staff<may::StockRead>,
    store: Data<Store>,
    path: Path<StockTransferId>,
) -> Result<Json<TransferView>, Problem> {
    let (caller, id) = (who.caller(), *path);
    let found = store.read(move |db| find_transfer(db, &caller, id)).await?;
    Ok(Json(found.into()))
}

/// `POST /stock-transfers`
pub async fn request(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    body: Valid<TransferRequest>,
) -> Result<Created<TransferView>, Problem> {
    let once = key.once(&who, &body);
    let TransferRequest { from_site_id, to_site_id, lines, note } = body.into_inner();
    let ask = TransferAsk { from: from_site_id, to: to_site_id, lines: lines_of(lines), note };
    let made = act_once(&store, who.caller(), once, move |db, act| stock::request_transfer(db, act, &ask)).await?;
    Ok(Created(made.into()))
}

/// `POST /stock-transfers/{transfer_id}/send`
pub async fn send(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<StockTransferId>,
    body: Valid<StatedRequest>,
) -> Result<Json<TransferView>, Problem> {
    let once = key.once(&who, &body);
    let StatedRequest { lines, reason } = body.into_inner();
    let ask = StatedLines { transfer: *path, lines: lines_of(lines), reason };
    let done = act_once(&store, who.caller(), once, move |db, act| stock::send_transfer(db, act, &ask)).await?;
    Ok(Json(done.into()))
}

/// `POST /stock-transfers/{transfer_id}/receive`
pub async fn receive(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<StockTransferId>,
    body: Valid<StatedRequest>,
) -> Result<Json<TransferView>, Problem> {
    let once = key.once(&who, &body);
    let StatedRequest { lines, reason } = body.into_inner();
    let ask = StatedLines { transfer: *path, lines: lines_of(lines), reason };
    let done = act_once(&store, who.caller(), once, move |db, act| stock::receive_transfer(db, act, &ask)).await?;
    Ok(Json(done.into()))
}

/// `POST /stock-transfers/{transfer_id}/cancel`
pub async fn cancel(
    who: Staff<may::StockMove>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<StockTransferId>,
    body: Valid<CancelTransferRequest>,
) -> Result<Json<TransferView>, Problem> {
    let once = key.once(&who, &body);
    let ask = TransferCancel { transfer: *path, reason: body.into_inner().reason };
    let done = act_once(&store, who.caller(), once, move |db, act| stock::cancel_transfer(db, act, &ask)).await?;
    Ok(Json(done.into()))
}

/// One act on a transfer, once for its key; a repeat is answered with the transfer as it is by then.
async fn act_once(
    store: &Store,
    caller: Caller,
    once: OnceKey,
    body: impl Fn(&mut Db, &Act<'_>) -> Result<Transfer, UseCaseError> + Send + 'static,
) -> Result<Transfer, Problem> {
    transact::create(store, caller, Some(once), body, (|it: &Transfer| it.id, find_transfer)).await
}
