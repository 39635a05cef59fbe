//! Manual adjustments (手工调账): one person of finance asks, another approves.

use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use huike_access::Permission;
use huike_kernel::{LedgerAccountId, LedgerAdjustmentId, LedgerTransactionId, NodeId, StaffId, Text};
use huike_ledger::{AdjustmentState, Direction};
use huike_persistence::{
    Db, Store, StoreError,
    ledger::{
        accounts,
        adjustments::{self, Adjustment},
    },
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    ledger::{self, AdjustAsk},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::transact::{self, transact};
use crate::{
    api::Created,
    auth::{Staff, may},
    extract::{IdempotencyKey, Listing, Page, Path, Valid},
    problem::Problem,
};

/// What is to be put right.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "account_id": "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00", "direction": "credit", "amount": "5.00", "reason": "门店漏记充值，凭小票补录"
}))]
pub struct AdjustmentRequest {
    /// The account; not one of the house's own.
    account_id: LedgerAccountId,
    /// `credit`: it has more afterwards; `debit`: less.
    direction: Direction,
    /// How much, in the account's unit.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_length = 1, max_length = 20)]
    amount: String,
    /// Why, for the second person and for good.
    reason: Text<200>,
}

/// A request for an adjustment.
#[derive(Serialize, ToSchema)]
pub struct AdjustmentView {
    /// Its id.
    id: LedgerAdjustmentId,
    /// The account.
    account_id: LedgerAccountId,
    /// The node that keeps it.
    node_id: NodeId,
    /// Which way.
    direction: Direction,
    /// How much, in the account's unit.
    #[schema(example = "5.00")]
    amount: String,
    /// What the account counts.
    #[schema(example = "cny")]
    unit: String,
    /// Why.
    #[schema(example = "门店漏记充值，凭小票补录")]
    reason: String,
    /// Where it stands.
    state: AdjustmentState,
    /// Whoever asked approved it too, because nobody else could.
    unreviewed: bool,
    /// Who asked.
    requested_by: StaffId,
    /// When.
    requested_at: DateTime<Utc>,
    /// Who decided.
    decided_by: Option<StaffId>,
    /// When.
    decided_at: Option<DateTime<Utc>>,
    /// What was posted, once it is approved.
    transaction_id: Option<LedgerTransactionId>,
}

impl AdjustmentView {
    fn load(db: &mut Db, it: Adjustment) -> Result<Self, StoreError> {
        let gone = || StoreError::corrupt("ledger_adjustment", "its account is gone");
        let unit = accounts::find(db, it.account)?.ok_or_else(gone)?.key.unit();
        Ok(Self {
            id: it.id,
            account_id: it.account,
            node_id: it.site,
            direction: it.direction,
            amount: unit.show(it.amount.get()),
            unit: unit.to_string(),
            reason: it.reason,
            state: it.state,
            unreviewed: it.unreviewed,
            requested_by: it.requested.0,
            requested_at: it.requested.1,
            decided_by: it.decided.map(|(by, _)| by),
            decided_at: it.decided.map(|(_, at)| at),
            transaction_id: it.transaction,
        })
    }
}

/// What narrows a list of requests.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdjustmentQuery {
    /// Only in this state.
    #[param(inline)]
    state: Option<AdjustmentState>,
}

fn reload(db: &mut Db, caller: &Caller, id: LedgerAdjustmentId) -> Result<AdjustmentView, UseCaseError> {
    let found = adjustments::find(db, id)?.ok_or(UseCaseError::NotFound("adjustment"))?;
    caller.reach(db, found.site, Permission::LedgerAdjust, "adjustment")?;
    Ok(AdjustmentView::load(db, found)?)
}

/// `POST /ledger/adjustments`
pub async fn create(
    who: Staff<may::LedgerAdjust>,
    store: Data<Store>,
    key: IdempotencyKey,
    body: Valid<AdjustmentRequest>,
) -> Result<Created<AdjustmentView>, Problem> {
    let once = key.once(&who, &body);
    let AdjustmentRequest { account_id, direction, amount, reason } = body.into_inner();
    let ask = AdjustAsk { account: account_id, direction, amount, reason };
    let make = move |db: &mut Db, act: &Act<'_>| {
        let made = ledger::request(db, act, &ask)?;
        Ok(AdjustmentView::load(db, made)?)
    };
    let id_of = |made: &AdjustmentView| made.id;
    Ok(Created(transact::create(&store, who.caller(), Some(once), make, (id_of, reload)).await?))
}

/// `GET /ledger/adjustments`
pub async fn list(
    who: Staff<may::LedgerAdjust>,
    store: Data<Store>,
    listing: Listing<AdjustmentQuery>,
) -> Result<Json<Page<AdjustmentView>>, Problem> {
    let Listing { page, filter } = listing;
    let (before, limit) = (page.after()?, page.fetch());
    let roots = who.scope.permitted.clone();
    let rows = store
        .read(move |db| {
            let rows = adjustments::list(db, &roots, filter.state, before, limit)?;
            rows.into_iter().map(|row| AdjustmentView::load(db, row)).collect::<Result<Vec<_>, StoreError>>()
        })
        .await?;
    Ok(Json(Page::cut(rows, &page, |row| row.id, |row| row)))
}

/// `POST /ledger/adjustments/{adjustment_id}/approve`
pub async fn approve(
    who: Staff<may::LedgerAdjust>,
    store: Data<Store>,
    key: IdempotencyKey,
    path: Path<LedgerAdjustmentId>,
) -> Result<Json<AdjustmentView>, Problem> {
    let (once, id) = (key.once(&who, &()), *path);
    let make = move |db: &mut Db, act: &Act<'_>| {
        let approved = ledger::approve(db, act, id)?;
        Ok(AdjustmentView::load(db, approved)?)
    };
    let id_of = |made: &AdjustmentView| made.id;
    Ok(Json(transact::create(&store, who.caller(), Some(once), make, (id_of, reload)).await?))
}

/// `POST /ledger/adjustments/{adjustment_id}/reject`
pub async fn reject(
    who: Staff<may::LedgerAdjust>,
    store: Data<Store>,
    path: Path<LedgerAdjustmentId>,
) -> Result<Json<AdjustmentView>, Problem> {
    let id = *path;
    let decided = transact(&store, who.caller(), move |db, act| {
        let rejected = ledger::reject(db, act, id)?;
        Ok::<_, UseCaseError>(AdjustmentView::load(db, rejected)?)
    });
    Ok(Json(decided.await?))
}
