//! Another budget for an offer that was approved: one row, and no new version. What it may cost is what was reviewed, so
//! the same people decide it: a maker alone only as far as the review policy lets them.

use huike_access::Permission;
use huike_kernel::Money;
use huike_persistence::{Db, StoreError, offer_lists::ListedOffer, offer_stock, offers};
use huike_pricing::{
    OfferRules,
    managed::{OfferEvent, decide_budget},
};
use serde_json::{Value, json};

use super::{Held, OfferAsk, RIGHTS, applied, hold, save, show};
use crate::{
    Act, UseCaseError, record,
    review::{Work, judge},
};

/// What it may cost and how often it may be used from now on.
#[derive(Debug, Clone, Copy)]
pub struct BudgetChange {
    /// Which offer.
    pub ask: OfferAsk,
    /// In all, with what is spent already; none: whatever it takes.
    pub budget: Option<Money>,
    /// In all, with the uses there were already; none: as often as it happens.
    pub uses: Option<i64>,
}

/// Changes the budget of an offer that was published.
pub fn change_budget(db: &mut Db, act: &Act<'_>, change: &BudgetChange) -> Result<ListedOffer, UseCaseError> {
    let mut held = hold(db, act, change.ask, Permission::OfferApprove)?;
    let reviewer = act.staff(Permission::OfferApprove)?;
    let id = held.offer.id;
    let Some(number) = held.offer.live_version else {
        let state = held.offer.state;
        return Err(huike_pricing::OfferError::Life(huike_kernel::LifeError::NotLive(state)).into());
    };
    let live = offers::get_version(db, id, number)?;
    let stock = offer_stock::lock(db, id)?.ok_or_else(|| StoreError::corrupt("offer_stock", "it is gone"))?;
    let changed = OfferRules { budget: change.budget, uses: change.uses, ..live.rules };
    decide_budget(held.life(), &changed, stock.used())?;
    let work = Work { owner: held.offer.site, makers: &live.makers, worst_case: changed.worst_case_total() };
    let _recorded = judge(db, &work, reviewer, RIGHTS)?;
    applied(offer_stock::set_totals(db, id, change.budget, change.uses)?)?;
    save(db, act, &mut held)?;
    leave_traces(db, act, &held, (stock.budget_fen.map(Money::from_fen), stock.uses_max), change)?;
    offer_stock::note_change(db, held.offer.site)?;
    show(db, id)
}

fn leave_traces(
    db: &mut Db,
    act: &Act<'_>,
    held: &Held,
    (budget, uses): (Option<Money>, Option<i64>),
    change: &BudgetChange,
) -> Result<(), UseCaseError> {
    let said = |budget: Option<Money>, uses: Option<i64>| -> Value { json!({ "budget": budget, "uses": uses }) };
    let (before, after) = (said(budget, uses), said(change.budget, change.uses));
    let kind = OfferEvent::BudgetChanged.as_str();
    record::emit(db, act, held.place, held.aggregate(), (kind, after.clone()))?;
    record::audit(db, act, held.place.site, held.change("offer.change_budget", before, after))?;
    Ok(())
}
