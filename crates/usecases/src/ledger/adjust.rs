//! Manual adjustments (手工调账): asked for by one person of finance, approved by another where there is one.

use huike_access::{Permission, ReviewOutcome, decide_second_person};
use huike_kernel::{LedgerAccountId, LedgerAdjustmentId, LedgerTransactionId, Text};
use huike_ledger::{
    AccountKey, AccountKind, AdjustmentState, Direction, Owner, Posting, Reason, Source, Transfer,
    adjustment::decide_adjust,
};
use huike_persistence::{
    Db, Outcome, StoreError, holders,
    ledger::{
        accounts::{self, Account},
        adjustments::{self, Adjustment},
    },
};

use super::{post, traces};
use crate::{Act, UseCaseError, ends::Zones, record};

const PERMISSION: Permission = Permission::LedgerAdjust;

/// What the first person asks.
#[derive(Debug, Clone)]
pub struct AdjustAsk {
    /// The account.
    pub account: LedgerAccountId,
    /// Which way.
    pub direction: Direction,
    /// How much, as people write it: `12.50`, or `1250` points.
    pub amount: String,
    /// Why.
    pub reason: Text<200>,
}

/// Asks for an adjustment. Nothing moves before it is approved.
pub fn request(db: &mut Db, act: &Act<'_>, ask: &AdjustAsk) -> Result<Adjustment, UseCaseError> {
    let by = act.staff(PERMISSION)?;
    let account = accounts::find(db, ask.account)?.ok_or(UseCaseError::NotFound("account"))?;
    act.reach(db, account.key.node(), PERMISSION, "account")?;
    decide_adjust(account.key.kind())?;
    let made = Adjustment {
        id: act.new_id(),
        site: account.key.node(),
        account: account.id,
        direction: ask.direction,
        amount: account.key.unit().read_amount(&ask.amount)?,
        reason: ask.reason.to_string(),
        state: AdjustmentState::Open,
        unreviewed: false,
        requested: (by, act.now),
        decided: None,
        transaction: None,
    };
    adjustments::insert(db, &made)?;
    record::audit(db, act, made.site, traces::adjustment(&made, "ledger_adjustment.create"))?;
    Ok(made)
}

/// Approves a request, and posts it under its own id: it cannot be posted twice. Whoever asked approves only while nobody
/// else could, and that is recorded.
pub fn approve(db: &mut Db, act: &Act<'_>, id: LedgerAdjustmentId) -> Result<Adjustment, UseCaseError> {
    let by = act.staff(PERMISSION)?;
    let open = lock_open(db, act, id)?;
    let others_able = holders::count_others(db, PERMISSION, open.site, open.requested.0)?;
    let outcome = decide_second_person(open.requested.0, by, others_able)?;
    let account = accounts::find(db, open.account)?
        .ok_or_else(|| StoreError::corrupt("ledger_adjustment", "its account is gone"))?;
    let transaction = LedgerTransactionId::from(open.id.as_uuid());
    let place = Zones::default().place(db, open.site)?;
    post(db, act, place, &posting(&open, &account, transaction)?)?;
    let approved = Adjustment {
        state: AdjustmentState::Approved,
        unreviewed: outcome == ReviewOutcome::Unreviewed,
        decided: Some((by, act.now)),
        transaction: Some(transaction),
        ..open
    };
    decide(db, act, approved, "ledger_adjustment.approve")
}

/// Turns a request down. Whoever asked may take it back in the same way.
pub fn reject(db: &mut Db, act: &Act<'_>, id: LedgerAdjustmentId) -> Result<Adjustment, UseCaseError> {
    let by = act.staff(PERMISSION)?;
    let open = lock_open(db, act, id)?;
    let rejected = Adjustment { state: AdjustmentState::Rejected, decided: Some((by, act.now)), ..open };
    decide(db, act, rejected, "ledger_adjustment.reject")
}

/// The request, locked, while nobody has decided it. Whoever decides must hold the role at this moment.
fn lock_open(db: &mut Db, act: &Act<'_>, id: LedgerAdjustmentId) -> Result<Adjustment, UseCaseError> {
    let found = adjustments::lock(db, id)?.ok_or(UseCaseError::NotFound("adjustment"))?;
    act.reach_afresh(db, found.site, PERMISSION, "adjustment")?;
    found.state.decide_open()?;
    Ok(found)
}

fn decide(db: &mut Db, act: &Act<'_>, decided: Adjustment, action: &'static str) -> Result<Adjustment, UseCaseError> {
    if adjustments::decide(db, &decided)? == Outcome::Refused {
        return Err(StoreError::corrupt("ledger_adjustment", "a locked request was decided").into());
    }
    record::audit(db, act, decided.site, traces::adjustment(&decided, action))?;
    Ok(decided)
}

/// What an adjustment moves: between the account and the house's account for what is put right by hand.
fn posting(it: &Adjustment, account: &Account, id: LedgerTransactionId) -> Result<Posting, UseCaseError> {
    let key = account.key;
    let house = AccountKey::new(AccountKind::ClearingAdjustment, Owner::House, key.node(), key.unit())?;
    let (debit, credit) = match it.direction {
        Direction::Credit => (house, key),
        Direction::Debit => (key, house),
    };
    let transfer = Transfer { debit, credit, amount: it.amount, reason: Reason::Adjust };
    let source = Source { kind: "ledger_adjustment".to_owned(), id: it.id.as_uuid() };
    Ok(Posting { id, source, captures: Vec::new(), transfers: vec![transfer] })
}
