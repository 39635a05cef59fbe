//! Posting: a transaction happens whole, and once for its id.

use std::collections::{BTreeMap, BTreeSet};

use huike_kernel::{LedgerAccountId, LedgerHoldId, LedgerTransactionId};
use huike_ledger::{AccountKey, AccountKind, Amount, Capture, LedgerError, PostedLeg, Posting, Unit, net};
use huike_persistence::{
    Db, Outcome, StoreError,
    ledger::{
        accounts::{self, Account},
        holds::{self, HoldRow},
        transactions::{self, Leg, Transaction},
    },
};

use super::{
    movement::{apply_all, find_or_open, get},
    traces,
};
use crate::{Act, UseCaseError, record::Place};

/// A transaction that stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Its id.
    pub transaction: LedgerTransactionId,
    /// It had been posted before, with the same content: nothing moved this time.
    pub again: bool,
}

/// Posts a transaction: every capture and every transfer, with its event. The same id with the same content is answered
/// with what stands; with another content it is refused.
pub fn post(db: &mut Db, act: &Act<'_>, place: Place, posting: &Posting) -> Result<Posted, UseCaseError> {
    posting.check().map_err(UseCaseError::from)?;
    let transaction = Transaction {
        id: posting.id,
        site: place.site,
        reverses: None,
        source: posting.source.clone(),
        actor: act.actor(),
        posted_at: act.now,
    };
    if transactions::insert(db, &transaction, place.zone.local(act.now))? == Outcome::Refused {
        return answer_again(db, place, posting);
    }
    let held = lock_captured(db, act, &posting.captures)?;
    let keyed = find_or_open(db, act, &keys_of(posting))?;
    let accounts = with_held(db, &keyed, &held)?;
    let legs = legs_of(posting, &held, &keyed, &accounts)?;

    let moved = legs.iter().map(|leg| {
        let released = captured_hold(posting, leg.moved.number).and_then(|hold| held.get(&hold));
        (leg.moved.debit, leg.moved.credit, leg.moved.amount, released.map(|row| row.hold.amount))
    });
    let changes = net(moved).map_err(UseCaseError::from)?;
    let kinds: BTreeMap<LedgerAccountId, AccountKind> =
        accounts.iter().map(|(id, account)| (*id, account.key.kind())).collect();
    apply_all(db, posting.id, &changes, &kinds)?;
    transactions::insert_legs(db, &transaction, &legs)?;
    for (capture, leg) in posting.captures.iter().zip(&legs) {
        let by = (posting.id, leg.moved.number);
        if holds::capture(db, capture.hold, capture.amount, by, act.now)? == Outcome::Refused {
            return Err(StoreError::corrupt("ledger_hold", "a locked hold ended").into());
        }
    }
    traces::posted(db, act, place, (&transaction, &legs), held.values())?;
    Ok(Posted { transaction: posting.id, again: false })
}

fn captured_hold(posting: &Posting, leg: i64) -> Option<LedgerHoldId> {
    let place = usize::try_from(leg).ok()?;
    posting.captures.get(place).map(|capture| capture.hold)
}

fn keys_of(posting: &Posting) -> BTreeSet<AccountKey> {
    let transfers = posting.transfers.iter().flat_map(|it| [it.debit, it.credit]);
    transfers.chain(posting.captures.iter().map(|it| it.credit)).collect()
}

/// The holds that are captured, locked by id, each decided.
fn lock_captured(
    db: &mut Db,
    act: &Act<'_>,
    captures: &[Capture],
) -> Result<BTreeMap<LedgerHoldId, HoldRow>, UseCaseError> {
    if captures.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<LedgerHoldId> = captures.iter().map(|capture| capture.hold).collect();
    let held: BTreeMap<_, _> = holds::lock(db, &ids)?.into_iter().map(|row| (row.hold.id, row)).collect();
    for capture in captures {
        let row = held.get(&capture.hold).ok_or(UseCaseError::NotFound("hold"))?;
        row.hold.decide_capture(capture.amount, act.now)?;
    }
    Ok(held)
}

/// The accounts by their ids, those that holds are on with them.
fn with_held(
    db: &mut Db,
    keyed: &BTreeMap<AccountKey, Account>,
    held: &BTreeMap<LedgerHoldId, HoldRow>,
) -> Result<BTreeMap<LedgerAccountId, Account>, UseCaseError> {
    let mut accounts: BTreeMap<LedgerAccountId, Account> = keyed.values().map(|it| (it.id, *it)).collect();
    let further: Vec<LedgerAccountId> =
        held.values().map(|row| row.hold.account).filter(|id| !accounts.contains_key(id)).collect();
    if !further.is_empty() {
        accounts.extend(accounts::find_all(db, &further)?);
    }
    Ok(accounts)
}

/// The transfers between accounts, captures first, numbered from zero.
fn legs_of(
    posting: &Posting,
    held: &BTreeMap<LedgerHoldId, HoldRow>,
    keyed: &BTreeMap<AccountKey, Account>,
    accounts: &BTreeMap<LedgerAccountId, Account>,
) -> Result<Vec<Leg>, UseCaseError> {
    let mut legs = Vec::with_capacity(posting.captures.len() + posting.transfers.len());
    for capture in &posting.captures {
        let row = held.get(&capture.hold).ok_or(UseCaseError::NotFound("hold"))?;
        let (from, to) = (get(accounts, &row.hold.account)?, get(keyed, &capture.credit)?);
        if from.id == to.id || from.key.unit() != to.key.unit() {
            return Err(LedgerError::TransferMalformed("what is held goes to another account of its unit").into());
        }
        legs.push((from.id, to.id, from.key.unit(), capture.amount, capture.reason));
    }
    for transfer in &posting.transfers {
        let (from, to) = (get(keyed, &transfer.debit)?, get(keyed, &transfer.credit)?);
        legs.push((from.id, to.id, from.key.unit(), transfer.amount, transfer.reason));
    }
    let leg = |(number, (debit, credit, unit, amount, reason)): (i64, (_, _, Unit, Amount, _))| {
        let moved = PostedLeg { number, debit, credit, amount, reversed: 0 };
        Leg { moved, unit, reason }
    };
    Ok((0..).zip(legs).map(leg).collect())
}

/// The transaction is there already: the same one, or another under its id.
fn answer_again(db: &mut Db, place: Place, posting: &Posting) -> Result<Posted, UseCaseError> {
    let known = transactions::find(db, posting.id)?;
    let same_head = known
        .is_some_and(|known| known.site == place.site && known.reverses.is_none() && known.source == posting.source);
    if !same_head {
        return Err(LedgerError::IdReused.into());
    }
    let mut held = BTreeMap::new();
    for (leg, capture) in (0_i64..).zip(&posting.captures) {
        let row = holds::find(db, capture.hold)?.filter(|row| row.moved_by == Some((posting.id, leg)));
        held.insert(capture.hold, row.ok_or(LedgerError::IdReused)?);
    }
    let keyed = accounts::find_by_keys(db, &keys_of(posting))?;
    if keyed.len() < keys_of(posting).len() {
        return Err(LedgerError::IdReused.into());
    }
    let accounts = with_held(db, &keyed, &held)?;
    let content = |leg: &Leg| (leg.moved.debit, leg.moved.credit, leg.moved.amount, leg.unit, leg.reason);
    let asked: Vec<_> = legs_of(posting, &held, &keyed, &accounts)?.iter().map(content).collect();
    let stands: Vec<_> = transactions::list_legs(db, posting.id)?.iter().map(content).collect();
    let captured = holds::count_captured(db, posting.id)?;
    if asked != stands || captured != posting.captures.len() {
        return Err(LedgerError::IdReused.into());
    }
    Ok(Posted { transaction: posting.id, again: true })
}
