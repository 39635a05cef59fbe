//! What finance asks and sees of the ledger. Amounts are strings in the account's unit: yuan with two decimals, or points.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use huike_kernel::{LedgerAccountId, LedgerTransactionId, NodeId};
use huike_ledger::{AccountKind, Balance, Reason, TrialRow, Unit, UnitTotal, totals};
use huike_persistence::ledger::{
    accounts::Account,
    transactions::{Leg, Transaction},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// An account and what it has.
#[derive(Serialize, ToSchema)]
pub struct LedgerAccountView {
    /// Its id.
    pub(super) id: LedgerAccountId,
    /// The node that keeps it.
    node_id: NodeId,
    /// What it is for.
    kind: AccountKind,
    /// Whose it is: `house`, `customer` or `card`.
    #[schema(example = "customer")]
    owner_kind: &'static str,
    /// The node, the customer or the card.
    owner_id: Uuid,
    /// What it counts: `cny`, or `points:` with the id of a pool.
    #[schema(example = "cny")]
    unit: String,
    /// What was credited less what was debited.
    #[schema(example = "445.00")]
    posted: String,
    /// What open holds speak for.
    #[schema(example = "0.00")]
    held: String,
    /// What may be spent.
    #[schema(example = "445.00")]
    available: String,
    /// When something first moved on it.
    opened_at: DateTime<Utc>,
}

impl LedgerAccountView {
    pub(super) fn new(account: &Account, balance: Balance) -> Self {
        let (key, unit) = (account.key, account.key.unit());
        Self {
            id: account.id,
            node_id: key.node(),
            kind: key.kind(),
            owner_kind: key.owner().kind(),
            owner_id: key.owner().id(key.node()),
            unit: unit.to_string(),
            posted: unit.show(balance.posted),
            held: unit.show(balance.held),
            available: unit.show(balance.available()),
            opened_at: account.opened_at,
        }
    }
}

/// What narrows a list of accounts.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LedgerAccountQuery {
    /// Only at or below this node.
    #[param(value_type = Option<Uuid>)]
    pub(super) node_id: Option<NodeId>,
    /// Only for this.
    #[param(inline)]
    pub(super) kind: Option<AccountKind>,
    /// Only of this customer, card or node.
    pub(super) owner_id: Option<Uuid>,
    /// Only those that count this: `cny`, or `points:` with the id of a pool.
    #[validate(length(min = 1, max = 60))]
    #[param(min_length = 1, max_length = 60, example = "cny")]
    pub(super) unit: Option<String>,
}

/// A transaction with its transfers.
#[derive(Serialize, ToSchema)]
pub struct TransactionView {
    /// Its id.
    id: LedgerTransactionId,
    /// Where it happened.
    node_id: NodeId,
    /// What kind of thing it follows from.
    #[schema(example = "order")]
    source_kind: String,
    /// Which one.
    source_id: Uuid,
    /// Who did it: `staff`, `customer`, `integration` or `system`.
    #[schema(example = "staff")]
    actor_kind: &'static str,
    /// Which one; Huike itself has no id.
    actor_id: Option<Uuid>,
    /// When.
    posted_at: DateTime<Utc>,
    /// The transaction that it takes back.
    reverses_id: Option<LedgerTransactionId>,
    /// Those that take it back, whole or in part.
    reversed_by: Vec<LedgerTransactionId>,
    /// What moved.
    transfers: Vec<TransferView>,
}

/// One movement: two entries, of which one leaves and one arrives.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerTransferView)]
pub struct TransferView {
    /// Its number in the transaction, from zero.
    number: i64,
    /// What it left.
    debit: EntryView,
    /// Where it arrived.
    credit: EntryView,
    /// What is counted.
    #[schema(example = "cny")]
    unit: String,
    /// Why.
    reason: Reason,
    /// How much of it was taken back.
    #[schema(example = "0.00")]
    reversed: String,
}

/// One side of a movement.
#[derive(Serialize, ToSchema)]
pub struct EntryView {
    /// The account.
    account_id: LedgerAccountId,
    /// What the account is for.
    account_kind: Option<AccountKind>,
    /// How much; below zero where it left.
    #[schema(example = "-100.00")]
    amount: String,
}

impl TransactionView {
    pub(super) fn new(
        it: Transaction,
        legs: &[Leg],
        accounts: &BTreeMap<LedgerAccountId, Account>,
        reversed_by: Vec<LedgerTransactionId>,
    ) -> Self {
        let entry = |account: LedgerAccountId, unit: Unit, amount: i64| EntryView {
            account_id: account,
            account_kind: accounts.get(&account).map(|account| account.key.kind()),
            amount: unit.show(amount),
        };
        let transfer = |leg: &Leg| TransferView {
            number: leg.moved.number,
            debit: entry(leg.moved.debit, leg.unit, leg.moved.amount.get().saturating_neg()),
            credit: entry(leg.moved.credit, leg.unit, leg.moved.amount.get()),
            unit: leg.unit.to_string(),
            reason: leg.reason,
            reversed: leg.unit.show(leg.moved.reversed),
        };
        Self {
            id: it.id,
            node_id: it.site,
            source_kind: it.source.kind,
            source_id: it.source.id,
            actor_kind: it.actor.kind(),
            actor_id: it.actor.id(),
            posted_at: it.posted_at,
            reverses_id: it.reverses,
            reversed_by,
            transfers: legs.iter().map(transfer).collect(),
        }
    }
}

/// The trial balance: all accounts in scope by what they are for. In the whole brand both columns are the same; of a part of
/// it they need not be, because value moves between the parts.
#[derive(Serialize, ToSchema)]
pub struct TrialBalanceView {
    /// One row for each unit and kind of account.
    rows: Vec<TrialRowView>,
    /// One for each unit.
    totals: Vec<UnitTotalView>,
}

/// All accounts of one kind that count the same.
#[derive(Serialize, ToSchema)]
pub struct TrialRowView {
    /// What they count.
    #[schema(example = "cny")]
    unit: String,
    /// What they are for.
    kind: AccountKind,
    /// How many there are.
    accounts: i64,
    /// What those below zero come to.
    #[schema(example = "0.00")]
    debit: String,
    /// What those above zero come to.
    #[schema(example = "445.00")]
    credit: String,
    /// What open holds speak for.
    #[schema(example = "0.00")]
    held: String,
}

/// Both columns of one unit.
#[derive(Serialize, ToSchema)]
pub struct UnitTotalView {
    /// What is counted.
    #[schema(example = "cny")]
    unit: String,
    /// Of all debit balances.
    #[schema(example = "605.00")]
    debit: String,
    /// Of all credit balances.
    #[schema(example = "605.00")]
    credit: String,
    /// Whether both are the same.
    is_balanced: bool,
}

impl From<Vec<TrialRow>> for TrialBalanceView {
    fn from(rows: Vec<TrialRow>) -> Self {
        let total = |it: UnitTotal| UnitTotalView {
            unit: it.unit.to_string(),
            debit: it.unit.show(it.debit),
            credit: it.unit.show(it.credit),
            is_balanced: it.is_balanced(),
        };
        let row = |it: &TrialRow| TrialRowView {
            unit: it.unit.to_string(),
            kind: it.kind,
            accounts: it.accounts,
            debit: it.unit.show(it.debit),
            credit: it.unit.show(it.credit),
            held: it.unit.show(it.held),
        };
        Self { rows: rows.iter().map(row).collect(), totals: totals(&rows).into_iter().map(total).collect() }
    }
}

/// What narrows the trial balance.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrialBalanceQuery {
    /// Only accounts at or below this node.
    #[param(value_type = Option<Uuid>)]
    pub(super) node_id: Option<NodeId>,
}
