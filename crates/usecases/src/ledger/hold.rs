//! Holding value, and letting it go.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use huike_kernel::{LedgerAccountId, LedgerHoldId};
use huike_ledger::{AccountKey, Amount, Change, Hold, HoldState, LedgerError, Source, hold::decide_hold};
use huike_persistence::{
    Db, Outcome, StoreError,
    ledger::{
        accounts, balances,
        holds::{self, HoldRow},
    },
};

use super::{
    movement::{get, refusal},
    traces,
};
use crate::{Act, UseCaseError, ends::Zones, record::Place};

/// What is to be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldAsk {
    /// The hold's id, from the caller: the same id again is the same hold, not another.
    pub id: LedgerHoldId,
    /// The account.
    pub account: AccountKey,
    /// How much.
    pub amount: Amount,
    /// The first moment at which it counts no more.
    pub expires_at: DateTime<Utc>,
    /// What it follows from.
    pub source: Source,
}

/// Holds value of one or several accounts: all of it, or none. A hold that stands already is left as it is, whatever became
/// of it.
pub fn hold(db: &mut Db, act: &Act<'_>, place: Place, asks: &[HoldAsk]) -> Result<(), UseCaseError> {
    let keys: BTreeSet<AccountKey> = asks.iter().map(|ask| ask.account).collect();
    let keyed = accounts::find_by_keys(db, &keys)?;
    let mut sorted: Vec<&HoldAsk> = asks.iter().collect();
    sorted.sort_by_key(|ask| ask.id);

    let (mut made, mut changes) = (Vec::new(), BTreeMap::new());
    for ask in sorted {
        // Of an account that was never opened there is nothing to hold.
        let account = keyed.get(&ask.account).ok_or_else(|| refusal(ask.account.kind()))?;
        let row = HoldRow {
            hold: Hold {
                id: ask.id,
                account: account.id,
                amount: ask.amount,
                state: HoldState::Open,
                expires_at: ask.expires_at,
            },
            site: place.site,
            source: ask.source.clone(),
            captured: 0,
            moved_by: None,
            created_at: act.now,
        };
        if holds::insert(db, &row)? == Outcome::Refused {
            decide_same(db, &row)?;
            continue;
        }
        decide_hold(ask.account.kind(), ask.expires_at, act.now)?;
        *changes.entry(account.id).or_insert(0_i64) += ask.amount.get();
        made.push(row);
    }
    for (account, held) in &changes {
        if balances::apply(db, *account, 0, Change { posted: 0, held: *held })? == Outcome::Refused {
            let refused = keyed.values().find(|it| it.id == *account);
            let refused = refused.ok_or_else(|| StoreError::corrupt("ledger_account", "an account is gone"))?;
            return Err(refusal(refused.key.kind()).into());
        }
    }
    traces::held(db, act, place, &made)
}

/// Goes on if the hold that stands under the id is the one that was asked for.
fn decide_same(db: &mut Db, asked: &HoldRow) -> Result<(), UseCaseError> {
    let content =
        |row: &HoldRow| (row.site, row.source.clone(), row.hold.account, row.hold.amount, row.hold.expires_at);
    match holds::find(db, asked.hold.id)? {
        Some(known) if content(&known) == content(asked) => Ok(()),
        _ => Err(LedgerError::IdReused.into()),
    }
}

/// Lets holds go. Refused when one of them ended before.
pub fn void(db: &mut Db, act: &Act<'_>, ids: &[LedgerHoldId]) -> Result<(), UseCaseError> {
    let rows = holds::lock(db, ids)?;
    if rows.len() < ids.iter().collect::<BTreeSet<_>>().len() {
        return Err(UseCaseError::NotFound("hold"));
    }
    for row in &rows {
        row.hold.decide_void()?;
    }
    let_go(db, act, &rows, HoldState::Voided)
}

/// Lets so many of the holds go whose time is over; says how many it found.
pub fn expire_chunk(db: &mut Db, act: &Act<'_>, limit: i64) -> Result<usize, UseCaseError> {
    let rows = holds::lock_due(db, act.now, limit)?;
    let_go(db, act, &rows, HoldState::Expired)?;
    Ok(rows.len())
}

/// Ends locked, open holds without a movement: the holds, then the accounts by id, then the events.
fn let_go(db: &mut Db, act: &Act<'_>, rows: &[HoldRow], state: HoldState) -> Result<(), UseCaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<LedgerHoldId> = rows.iter().map(|row| row.hold.id).collect();
    if holds::let_go(db, &ids, state, act.now)? == Outcome::Refused {
        return Err(StoreError::corrupt("ledger_hold", "a locked hold ended").into());
    }
    let mut changes: BTreeMap<LedgerAccountId, i64> = BTreeMap::new();
    for row in rows {
        *changes.entry(row.hold.account).or_default() -= row.hold.amount.get();
    }
    for (account, held) in changes {
        if balances::apply(db, account, 0, Change { posted: 0, held })? == Outcome::Refused {
            return Err(StoreError::corrupt("ledger_balance", "less is held than its holds hold").into());
        }
    }
    let mut zones = Zones::default();
    let accounts = accounts::find_all(db, &rows.iter().map(|row| row.hold.account).collect::<Vec<_>>())?;
    let mut happened = Vec::with_capacity(rows.len());
    for row in rows {
        let place = zones.place(db, row.site)?;
        let key = get(&accounts, &row.hold.account)?.key;
        happened.push(traces::let_go(act, place, (row, &key), state));
    }
    Ok(huike_persistence::events::append(db, &happened)?)
}
