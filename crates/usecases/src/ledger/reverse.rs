//! Taking a transaction back, whole or in parts.

use std::collections::{BTreeMap, BTreeSet};

use huike_kernel::{LedgerAccountId, LedgerTransactionId};
use huike_ledger::{AccountKind, LedgerError, Part, PostedLeg, Reason, Source, decide_reversal, net};
use huike_persistence::{
    Db, Outcome, StoreError,
    ledger::{
        accounts,
        transactions::{self, Leg, Transaction},
    },
};

use super::{Posted, movement::apply_all, traces};
use crate::{Act, UseCaseError, record::Place};

/// What is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseAsk {
    /// The id of the reversal, from the caller: the same id again is the same reversal, not another.
    pub id: LedgerTransactionId,
    /// The transaction it takes back.
    pub of: LedgerTransactionId,
    /// How much of which transfer; all that is left where nothing is said.
    pub parts: Option<Vec<Part>>,
    /// Why: a refund, a reversal.
    pub reason: Reason,
    /// What it follows from.
    pub source: Source,
}

/// Takes a transaction back by a new one. Refused when more would be taken back than was posted, or when somebody has
/// spent it since.
pub fn reverse(db: &mut Db, act: &Act<'_>, place: Place, ask: &ReverseAsk) -> Result<Posted, UseCaseError> {
    let transaction = Transaction {
        id: ask.id,
        site: place.site,
        reverses: Some(ask.of),
        source: ask.source.clone(),
        actor: act.actor(),
        posted_at: act.now,
    };
    let original = transactions::lock(db, ask.of)?.ok_or(UseCaseError::NotFound("transaction"))?;
    if transactions::insert(db, &transaction, place.zone.local(act.now))? == Outcome::Refused {
        return answer_again(db, place, ask);
    }
    let legs = transactions::list_legs(db, ask.of)?;
    let posted: Vec<PostedLeg<LedgerAccountId>> = legs.iter().map(|leg| leg.moved).collect();
    let moved = decide_reversal(&posted, ask.parts.as_deref(), original.reverses.is_some())?;
    let back: Vec<Leg> = moved.iter().filter_map(|moved| turned(&legs, *moved, ask.reason)).collect();
    for leg in &back {
        let of = posted.iter().find(|of| of.number == leg.moved.number).ok_or(LedgerError::ReversalLegUnknown)?;
        if transactions::take_back(db, ask.of, of, leg.moved.amount)? == Outcome::Refused {
            return Err(LedgerError::ReversalExceeds.into());
        }
    }
    let changes = net(back.iter().map(|leg| (leg.moved.debit, leg.moved.credit, leg.moved.amount, None)))?;
    let ids: BTreeSet<LedgerAccountId> = changes.keys().copied().collect();
    let known = accounts::find_all(db, &ids.into_iter().collect::<Vec<_>>())?;
    let kinds: BTreeMap<LedgerAccountId, AccountKind> =
        known.iter().map(|(id, account)| (*id, account.key.kind())).collect();
    apply_all(db, ask.id, &changes, &kinds)?;
    transactions::insert_legs(db, &transaction, &back)?;
    traces::posted(db, act, place, (&transaction, &back), [])?;
    Ok(Posted { transaction: ask.id, again: false })
}

fn turned(legs: &[Leg], moved: PostedLeg<LedgerAccountId>, reason: Reason) -> Option<Leg> {
    let of = legs.iter().find(|leg| leg.moved.number == moved.number)?;
    Some(Leg { moved, unit: of.unit, reason })
}

/// The reversal is there already: the same one, or something else under its id. "All that is left" was what was left then.
fn answer_again(db: &mut Db, place: Place, ask: &ReverseAsk) -> Result<Posted, UseCaseError> {
    let known = transactions::find(db, ask.id)?
        .ok_or_else(|| StoreError::corrupt("ledger_transaction", "a transaction is gone"))?;
    let stands: Vec<Part> = transactions::list_legs(db, ask.id)?
        .iter()
        .map(|leg| Part { leg: leg.moved.number, amount: leg.moved.amount })
        .collect();
    let mut asked = ask.parts.clone().unwrap_or_else(|| stands.clone());
    asked.sort_by_key(|part| part.leg);
    let same = known.site == place.site && known.reverses == Some(ask.of) && known.source == ask.source;
    if !same || asked != stands {
        return Err(LedgerError::IdReused.into());
    }
    Ok(Posted { transaction: ask.id, again: true })
}
