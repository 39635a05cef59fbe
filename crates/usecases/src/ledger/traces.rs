//! The events and audit rows of the ledger. What others read, they may rely on.

use huike_ledger::{AccountKey, HoldState};
use huike_persistence::{
    Db,
    events::{self, NewEvent},
    ledger::{
        adjustments::Adjustment,
        holds::HoldRow,
        transactions::{Leg, Transaction},
    },
};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change, Place},
};

/// A transaction was posted, and holds ended by it.
pub(super) fn posted<'h>(
    db: &mut Db,
    act: &Act<'_>,
    place: Place,
    (transaction, legs): (&Transaction, &[Leg]),
    captured: impl IntoIterator<Item = &'h HoldRow>,
) -> Result<(), UseCaseError> {
    let aggregate = Aggregate { kind: "ledger_transaction", id: transaction.id.as_uuid(), seq: 1 };
    let payload = json!({
        "source_kind": transaction.source.kind,
        "source_id": transaction.source.id,
        "reverses_id": transaction.reverses,
        "transfers": legs.iter().map(transfer).collect::<Vec<_>>(),
    });
    let mut happened = vec![record::event(act, place, aggregate, "ledger_posted", payload)];
    for row in captured {
        let aggregate = Aggregate { kind: "ledger_hold", id: row.hold.id.as_uuid(), seq: 2 };
        let payload = json!({ "account_id": row.hold.account, "transaction_id": transaction.id });
        happened.push(record::event(act, place, aggregate, "ledger_hold_captured", payload));
    }
    Ok(events::append(db, &happened)?)
}

fn transfer(leg: &Leg) -> Value {
    json!({
        "debit_account_id": leg.moved.debit,
        "credit_account_id": leg.moved.credit,
        "unit": leg.unit.to_string(),
        "amount": leg.unit.show(leg.moved.amount.get()),
        "reason": leg.reason,
    })
}

/// Holds were made.
pub(super) fn held(db: &mut Db, act: &Act<'_>, place: Place, rows: &[HoldRow]) -> Result<(), UseCaseError> {
    let happened: Vec<NewEvent> = rows
        .iter()
        .map(|row| {
            let aggregate = Aggregate { kind: "ledger_hold", id: row.hold.id.as_uuid(), seq: 1 };
            let payload = json!({
                "account_id": row.hold.account,
                "source_kind": row.source.kind,
                "source_id": row.source.id,
                "expires_at": row.hold.expires_at,
            });
            record::event(act, place, aggregate, "ledger_held", payload)
        })
        .collect();
    Ok(events::append(db, &happened)?)
}

/// A hold was let go.
pub(super) fn let_go(act: &Act<'_>, place: Place, (row, key): (&HoldRow, &AccountKey), state: HoldState) -> NewEvent {
    let aggregate = Aggregate { kind: "ledger_hold", id: row.hold.id.as_uuid(), seq: 2 };
    let kind = if state == HoldState::Expired { "ledger_hold_expired" } else { "ledger_hold_voided" };
    let payload = json!({
        "account_id": row.hold.account,
        "unit": key.unit().to_string(),
        "amount": key.unit().show(row.hold.amount.get()),
        "source_kind": row.source.kind,
        "source_id": row.source.id,
    });
    record::event(act, place, aggregate, kind, payload)
}

/// What an audit row says of a request for an adjustment.
pub(super) fn adjustment(it: &Adjustment, action: &'static str) -> Change {
    let after = json!({
        "account_id": it.account,
        "direction": it.direction,
        "amount": it.amount,
        "reason": it.reason,
        "state": it.state,
        "unreviewed": it.unreviewed,
        "requested_by": it.requested.0,
        "transaction_id": it.transaction,
    });
    Change { action, subject_kind: "ledger_adjustment", subject: it.id.to_string(), before: Value::Null, after }
}
