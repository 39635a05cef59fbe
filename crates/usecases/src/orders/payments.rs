//! Payments through providers: begun by the customer, decided on when the provider tells. Nothing here calls a provider: money
//! that goes back is taken down, and sent by a job.

use huike_kernel::{CustomerId, Money, OrderId, PaymentId};
use huike_orders::order::{
    OrderStep, PaymentDecision, PaymentFacts, PaymentNotice, PaymentState, Provider, UseState, decide_payment,
};
use huike_persistence::{
    Db, Outcome, StoreError, customer_redemptions, nodes,
    orders::{self, Order},
    payments::{self, Notice, Payment, Return},
};
use serde::{Deserialize, Serialize};

use super::{close::take_offers_again, coupons, moved, pay, stored_value};
use crate::{Act, UseCaseError, record::Place, stock::reserve};

/// A payment that was begun; what a repeat is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The payment.
    pub payment: PaymentId,
    /// What is to be paid.
    pub due: Money,
}

/// What a provider tells, once it is certain who tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The provider.
    pub provider: Provider,
    /// Its number of the notice.
    pub notice: String,
    /// Our number of the payment.
    pub payment: PaymentId,
    /// Its number of the payment, and what was paid; nothing where it failed.
    pub paid: Option<(String, Money)>,
}

/// Begins a payment of what is left of an order. One that is under way with the provider is gone on with.
pub fn begin_payment(
    db: &mut Db,
    act: &Act<'_>,
    (customer, id, provider): (CustomerId, OrderId, Provider),
) -> Result<Begun, UseCaseError> {
    let order = orders::lock(db, id)?.filter(|order| order.customer == customer);
    let order = order.ok_or(UseCaseError::NotFound("order"))?;
    order.life.step(OrderStep::Pay)?;
    if let Some(pending) = payments::find_pending(db, id, provider)? {
        return Ok(Begun { payment: pending.id, due: pending.due });
    }
    let new = Payment {
        id: act.new_id(),
        site: order.site,
        order: id,
        provider,
        due: order.sums.due(),
        state: PaymentState::Pending,
        received: Money::ZERO,
        kept: Money::ZERO,
        provider_ref: None,
        created_at: act.now,
        ended_at: None,
    };
    payments::insert(db, &new)?;
    Ok(Begun { payment: new.id, due: new.due })
}

/// Decides on what a provider tells, once. `reinstate` tries to take an order that was given up again: when something of it is
/// not free any more that is an error, nothing is kept, and the caller asks again without it.
pub fn take_notice(
    db: &mut Db,
    act: &Act<'_>,
    (told, reinstate): (&Told, bool),
) -> Result<PaymentDecision, UseCaseError> {
    let known = payments::find(db, told.payment)?.filter(|it| it.provider == told.provider);
    let known = known.ok_or(UseCaseError::NotFound("payment"))?;
    let mut order = orders::lock(db, known.order)?.ok_or(UseCaseError::NotFound("order"))?;
    let mut payment = payments::lock(db, told.payment)?.ok_or(UseCaseError::NotFound("payment"))?;
    let facts = PaymentFacts {
        state: order.life.state,
        due: payment.due,
        recorded: payment.state != PaymentState::Pending,
        still_free: reinstate,
    };
    let amount = told.paid.as_ref().map(|(_, amount)| *amount);
    let decision = decide_payment(&facts, amount.map_or(PaymentNotice::NotPaid, PaymentNotice::Paid));
    let notice = Notice {
        provider: told.provider,
        id: &told.notice,
        payment: payment.id,
        paid: amount,
        decision: decision.word(),
        received_at: act.now,
    };
    if payments::note(db, &notice)? == Outcome::Refused {
        return Ok(PaymentDecision::Ignore);
    }
    if let (Some((number, amount)), false) = (&told.paid, decision == PaymentDecision::Ignore) {
        receive(db, act, &mut payment, (number, *amount, decision))?;
    }
    match decision {
        PaymentDecision::Ignore | PaymentDecision::ReturnAll(_) => {}
        PaymentDecision::Confirm | PaymentDecision::ConfirmAndReturn(_) => {
            let here = place(db, &order)?;
            pay::settle(db, act, here, &mut order)?;
        }
        PaymentDecision::Reinstate(_) => take_again(db, act, &mut order)?,
    }
    Ok(decision)
}

/// Takes down what came in, and what of it goes back.
fn receive(
    db: &mut Db,
    act: &Act<'_>,
    payment: &mut Payment,
    (number, amount, decision): (&str, Money, PaymentDecision),
) -> Result<(), UseCaseError> {
    let is_kept = !matches!(decision, PaymentDecision::ReturnAll(_));
    payment.state = if is_kept { PaymentState::Paid } else { PaymentState::Returned };
    payment.kept = if is_kept { payment.due } else { Money::ZERO };
    payment.received = amount;
    payment.provider_ref = Some(number.to_owned());
    payment.ended_at = Some(act.now);
    moved(payments::end(db, payment)?, "a locked payment ended")?;
    if let Some(amount) = decision.goes_back() {
        payments::ask_return(db, &Return { id: act.new_id(), payment: payment.id, amount }, act.now)?;
    }
    Ok(())
}

/// Takes everything of an order that was given up again, and pays it.
fn take_again(db: &mut Db, act: &Act<'_>, order: &mut Order) -> Result<(), UseCaseError> {
    let here = place(db, order)?;
    let discounts = orders::list_discounts(db, order.id)?;
    coupons::take_again(db, act, (here, order), &discounts)?;
    if customer_redemptions::add(db, order.customer, false)? == Outcome::Refused {
        return Err(StoreError::corrupt("customer", "the customer of an order is gone").into());
    }
    let lines = orders::list_lines(db, order.id)?;
    let mut goods = std::collections::BTreeMap::new();
    for line in &lines {
        *goods.entry(line.sku).or_insert(0_i64) += line.quantity;
    }
    let goods: Vec<_> = goods.into_iter().collect();
    reserve::sell(db, act, (here, (super::ORDER, order.id.as_uuid())), &goods)?;
    stored_value::hold_again(db, act, here, order)?;
    take_offers_again(db, &discounts)?;
    let uses = (UseState::Released, UseState::Held);
    moved(orders::move_discounts(db, order.id, uses, discounts.len())?, "a discount was not let go")?;
    pay::settle(db, act, here, order)
}

/// Whether another look without reinstating is due: the order was given up, and what it had is not free any more.
pub fn is_gone(error: &UseCaseError) -> bool {
    !matches!(error, UseCaseError::Store(_) | UseCaseError::NotFound(_))
}

fn place(db: &mut Db, order: &Order) -> Result<Place, UseCaseError> {
    let zone = nodes::find(db, order.site)?.ok_or(UseCaseError::NotFound("node"))?.zone;
    Ok(Place { site: order.site, zone })
}
