//! One step: an offer is applied to a state, or is found not to apply.

use huike_kernel::OfferClass;

use crate::{
    apply::{self, Taken},
    condition::Miss,
    offer::Effect,
    play::{Field, Play},
    quote::RejectionCode,
    table::State,
};

/// Reckons what the play takes off in this state; the miss when it does not apply. What it takes off is in `taken`.
pub(crate) fn reckon(field: &Field<'_>, play: &Play<'_>, state: &State, taken: &mut Taken) -> Result<(), Miss> {
    if play.is_dynamic {
        field.check(play.offer, state)?;
    }
    apply::reckon(field.table, field.target(play), state, taken);
    if play.offer.budget_left.is_some_and(|left| taken.total > left.fen()) {
        return Err(Miss { code: RejectionCode::Budget, gap: None });
    }
    if taken.total == 0 && !play.is_moneyless() {
        return Err(Miss { code: why_nothing(play), gap: None });
    }
    Ok(())
}

/// Lines are there and the condition holds, yet nothing comes off: too few units, or nothing left to take.
fn why_nothing(play: &Play<'_>) -> RejectionCode {
    match play.offer.effect {
        Effect::Tiers { .. } | Effect::NthItem { .. } | Effect::BuyGet { .. } | Effect::BundlePrice { .. } => {
            RejectionCode::Threshold
        }
        _ => RejectionCode::WorseThan,
    }
}

/// Takes the parts off the state.
pub(crate) fn take_off(play: &Play<'_>, parts: &[(usize, i64)], state: &mut State) {
    shift(play, parts, state, i64::saturating_sub);
}

/// Puts the parts back on.
pub(crate) fn put_back(play: &Play<'_>, parts: &[(usize, i64)], state: &mut State) {
    shift(play, parts, state, i64::saturating_add);
}

fn shift(play: &Play<'_>, parts: &[(usize, i64)], state: &mut State, change: fn(i64, i64) -> i64) {
    let amounts = if play.offer.class == OfferClass::Shipping { &mut state.fees } else { &mut state.amounts };
    for (index, fen) in parts {
        if let Some(amount) = amounts.get_mut(*index) {
            *amount = change(*amount, *fen);
            state.payable = change(state.payable, *fen);
        }
    }
}
