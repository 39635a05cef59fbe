//! Paying with stored value (储值支付): held when the order is placed, moved when it is paid, let go when it is given up.

use chrono::TimeDelta;
use huike_kernel::{LedgerHoldId, Money, NodeId};
use huike_ledger::{
    AccountKey, AccountKind, Amount, Capture, HoldState, LedgerError, Owner, Posting, Reason, Unit,
    stored_value::{Parts, SpendOrder, split},
};
use huike_orders::order::TenderState;
use huike_persistence::{
    Db, StoreError,
    ledger::{accounts, balances, holds},
    orders::{self, Order, Tender},
};

use super::{moved, source};
use crate::{
    Act, UseCaseError,
    ledger::{self, HoldAsk},
    quotes::PricePlace,
    record::Place,
};

/// A hold outlives its order by so much: who lets it go is the order, whenever its end is noticed.
const GRACE: TimeDelta = TimeDelta::days(1);

const KINDS: [AccountKind; 2] = [AccountKind::StoredValuePrincipal, AccountKind::StoredValueBonus];

/// Holds what the customer pays with stored value: the bonus first, of the nearest node that keeps any of theirs. The holds
/// decide; what is read before says only how to split it.
pub(super) fn hold(db: &mut Db, act: &Act<'_>, place: &PricePlace, order: &Order) -> Result<(), UseCaseError> {
    let wanted = order.sums.stored_value;
    if wanted.is_zero() {
        return Ok(());
    }
    let short = LedgerError::BalanceInsufficient { kind: AccountKind::StoredValuePrincipal };
    let Some((keeper, there)) = find(db, place, order)? else { return Err(short.into()) };
    let taken = split(SpendOrder::BonusFirst, there, wanted).map_err(|_more_than_there_is| short)?;
    let expires_at = order.expires_at.checked_add_signed(GRACE).unwrap_or(order.expires_at);
    let (mut asks, mut tenders) = (Vec::new(), Vec::new());
    for (kind, amount) in KINDS.into_iter().zip([taken.principal, taken.bonus]) {
        if amount.is_zero() {
            continue;
        }
        let (id, account) = (act.new_id(), key(kind, order, keeper)?);
        asks.push(HoldAsk { id, account, amount: Amount::try_from(amount)?, expires_at, source: source(order.id) });
        let state = TenderState::Held;
        tenders.push(Tender { kind, account_site: keeper, amount, state, hold: id, transaction: None });
    }
    ledger::hold(db, act, Place { site: order.site, zone: place.zone }, &asks)?;
    Ok(orders::insert_tenders(db, order.id, &tenders)?)
}

/// Holds once more what an order had let go.
pub(super) fn hold_again(db: &mut Db, act: &Act<'_>, place: Place, order: &Order) -> Result<(), UseCaseError> {
    let tenders = orders::list_tenders(db, order.id)?;
    if tenders.is_empty() {
        return Ok(());
    }
    let expires_at = act.now.checked_add_signed(GRACE).unwrap_or(act.now);
    let mut asks = Vec::with_capacity(tenders.len());
    for tender in &tenders {
        let (account, amount) = (key(tender.kind, order, tender.account_site)?, Amount::try_from(tender.amount)?);
        asks.push(HoldAsk { id: act.new_id(), account, amount, expires_at, source: source(order.id) });
    }
    ledger::hold(db, act, place, &asks)?;
    for (tender, ask) in tenders.iter().zip(&asks) {
        moved(orders::hold_tender_again(db, order.id, tender.kind, ask.id)?, "a tender was not let go")?;
    }
    Ok(())
}

/// Moves what was held: the principal is earned, the bonus goes back to where it came from.
pub(super) fn capture(
    db: &mut Db,
    act: &Act<'_>,
    place: Place,
    (order, tenders): (&Order, &[Tender]),
) -> Result<(), UseCaseError> {
    if tenders.is_empty() {
        return Ok(());
    }
    let mut captures = Vec::with_capacity(tenders.len());
    for tender in tenders {
        let to = match tender.kind {
            AccountKind::StoredValueBonus => AccountKind::IssuerBonus,
            _ => AccountKind::ClearingSales,
        };
        let credit = AccountKey::new(to, Owner::House, tender.account_site, Unit::Cny)?;
        captures.push(Capture {
            hold: tender.hold,
            credit,
            amount: Amount::try_from(tender.amount)?,
            reason: Reason::Spend,
        });
    }
    let posting = Posting { id: act.new_id(), source: source(order.id), captures, transfers: Vec::new() };
    ledger::post(db, act, place, &posting)?;
    let captured = orders::capture_tenders(db, order.id, posting.id, tenders.len())?;
    Ok(moved(captured, "a tender was not held")?)
}

/// Lets go what was held, as far as nothing else did.
pub(super) fn release(db: &mut Db, act: &Act<'_>, (order, tenders): (&Order, &[Tender])) -> Result<(), UseCaseError> {
    if tenders.is_empty() {
        return Ok(());
    }
    let ids: Vec<LedgerHoldId> = tenders.iter().map(|tender| tender.hold).collect();
    let open: Vec<LedgerHoldId> = holds::lock(db, &ids)?
        .into_iter()
        .filter(|row| row.hold.state == HoldState::Open)
        .map(|row| row.hold.id)
        .collect();
    if !open.is_empty() {
        ledger::void(db, act, &open)?;
    }
    Ok(moved(orders::release_tenders(db, order.id, tenders.len())?, "a tender was not held")?)
}

fn key(kind: AccountKind, order: &Order, keeper: NodeId) -> Result<AccountKey, LedgerError> {
    AccountKey::new(kind, Owner::Customer(order.customer), keeper, Unit::Cny)
}

/// What the customer has, at the nearest node that keeps anything of theirs.
fn find(db: &mut Db, place: &PricePlace, order: &Order) -> Result<Option<(NodeId, Parts)>, UseCaseError> {
    let mut keys = std::collections::BTreeSet::new();
    for node in &place.path {
        for kind in KINDS {
            keys.insert(key(kind, order, *node)?);
        }
    }
    let found = accounts::find_by_keys(db, &keys)?;
    let ids: Vec<_> = found.values().map(|account| account.id).collect();
    let balances = balances::list(db, &ids)?;
    let available = |kind, node| -> Result<Money, UseCaseError> {
        let account = found.get(&key(kind, order, node)?);
        let balance = account.and_then(|account| balances.get(&account.id));
        let fen = balance.map_or(0, |balance| balance.available());
        Ok(Money::try_from_fen(fen).ok_or_else(|| StoreError::corrupt("ledger_balance", "beyond all money"))?)
    };
    for node in place.path.iter().rev() {
        let there = Parts {
            principal: available(AccountKind::StoredValuePrincipal, *node)?,
            bonus: available(AccountKind::StoredValueBonus, *node)?,
        };
        if there != Parts::default() {
            return Ok(Some((*node, there)));
        }
    }
    Ok(None)
}
