//! Every notice of a provider has its end, and no money stays where it does not belong.

use huike_coupons::CouponState;
use huike_kernel::{Actor, Money, PaymentId};
use huike_ledger::AccountKind;
use huike_orders::order::{OrderState, PaymentDecision, Provider};
use huike_persistence::{db_test, payments};
use huike_usecases::{
    UseCaseError,
    orders::{PlaceAsk, Placed, Told, begin_payment, is_gone, take_notice},
};

use crate::{
    shop::{at_once, budget, rules},
    till::{Till, code_of, uses, yuan},
};

fn begin(till: &Till, ask: &PlaceAsk, placed: &Placed) -> PaymentId {
    let (customer, order) = (ask.customer, placed.order);
    let begun =
        till.write(Actor::Customer(customer), move |db, act| begin_payment(db, act, (customer, order, Provider::Test)));
    begun.unwrap().payment
}

fn paid(payment: PaymentId, notice: &str, amount: Money) -> Told {
    let number = format!("T{payment}");
    Told { provider: Provider::Test, notice: notice.to_owned(), payment, paid: Some((number, amount)) }
}

/// What the server does with a notice.
fn tell(till: &Till, told: &Told) -> Result<PaymentDecision, UseCaseError> {
    let once = |reinstate| {
        let told = told.clone();
        till.write(Actor::System, move |db, act| take_notice(db, act, (&told, reinstate)))
    };
    once(true).or_else(|error| if is_gone(&error) { once(false) } else { Err(error) })
}

/// What is still to go back.
fn returns(till: &Till) -> Vec<i64> {
    let open = till.shop.store.read_blocking(|db| payments::list_returns(db, 10)).unwrap();
    open.iter().map(|(it, _)| it.amount.fen()).collect()
}

/// An order over 240.00 with a coupon of 30.00 off and 50.00 of stored value: 160.00 are left to pay.
fn order(till: &Till) -> (PlaceAsk, Placed, huike_kernel::CouponId) {
    let mut rules = rules(10);
    (rules.limits, rules.budget) = (vec![uses(1)], budget("1000", None));
    let template = till.shop.template(rules);
    let customer = till.shop.customer();
    let coupon = till.shop.claim(template, customer).unwrap().coupon;
    till.top_up(customer, 100, 20);
    let mut ask = till.ask(customer, 2);
    ask.stored_value = yuan(50);
    let placed = till.place(&ask).unwrap();
    assert_eq!(placed.due, yuan(160));
    (ask, placed, coupon)
}

db_test! {
    fn what_is_paid_confirms_the_order_once_however_often_it_is_told(database) {
        let till = Till::open(database);
        let (ask, placed, coupon) = order(&till);
        let payment = begin(&till, &ask, &placed);
        assert_eq!(begin(&till, &ask, &placed), payment, "one that is under way is gone on with");
        let failed = Told { paid: None, ..paid(payment, "n0", yuan(1)) };
        assert_eq!(tell(&till, &failed).unwrap(), PaymentDecision::Ignore);
        assert_eq!(tell(&till, &paid(payment, "n1", yuan(160))).unwrap(), PaymentDecision::Confirm);
        for told in [paid(payment, "n1", yuan(160)), paid(payment, "n2", yuan(160)), Told { paid: None, ..paid(payment, "n3", yuan(1)) }] {
            assert_eq!(tell(&till, &told).unwrap(), PaymentDecision::Ignore, "{told:?}");
        }
        let order = till.order(placed.order);
        assert_eq!((order.life.state, order.paid), (OrderState::Paid, yuan(210)));
        assert_eq!(till.level(till.skus[0]), (8, 0));
        assert_eq!(till.coupon(coupon).state, CouponState::Redeemed);
        assert_eq!(till.balance(AccountKind::StoredValuePrincipal, ask.customer), (7_000, 7_000));
        assert_eq!(returns(&till), Vec::<i64>::new());
    }

    fn too_little_goes_back_whole_and_too_much_in_part(database) {
        let till = Till::open(database);
        let (ask, placed, _) = order(&till);
        let short = begin(&till, &ask, &placed);
        assert_eq!(tell(&till, &paid(short, "n1", yuan(159))).unwrap(), PaymentDecision::ReturnAll(yuan(159)));
        assert_eq!((till.order(placed.order).life.state, returns(&till)), (OrderState::Created, vec![15_900]));
        let second = begin(&till, &ask, &placed);
        assert_ne!(second, short);
        assert_eq!(tell(&till, &paid(second, "n2", yuan(170))).unwrap(), PaymentDecision::ConfirmAndReturn(yuan(10)));
        assert_eq!((till.order(placed.order).paid, returns(&till)), (yuan(210), vec![15_900, 1_000]));
        let back = till.shop.store.read_blocking(|db| payments::list_returns(db, 1)).unwrap()[0].0.id;
        let finish = || till.shop.store.write_blocking(move |db, now| payments::finish_return(db, back, now)).unwrap();
        assert_eq!([finish(), finish()], [huike_persistence::Outcome::Applied, huike_persistence::Outcome::Refused]);
        assert_eq!(returns(&till), [1_000]);
    }

    fn who_pays_too_late_has_the_order_again_where_all_of_it_is_still_free(database) {
        let till = Till::open(database);
        let (ask, placed, coupon) = order(&till);
        let payment = begin(&till, &ask, &placed);
        till.pass_minutes(30);
        assert_eq!(till.expire(), 1);
        assert_eq!(tell(&till, &paid(payment, "n1", yuan(160))).unwrap(), PaymentDecision::Reinstate(Money::ZERO));
        let order = till.order(placed.order);
        assert_eq!((order.life.state, order.closed), (OrderState::Paid, None));
        assert_eq!(till.coupon(coupon).state, CouponState::Redeemed);
        assert_eq!(till.level(till.skus[0]), (8, 0));
        assert_eq!(returns(&till), Vec::<i64>::new());
    }

    fn who_pays_too_late_gets_the_money_back_where_something_is_gone(database) {
        let till = Till::open(database);
        let (ask, placed, coupon) = order(&till);
        let payment = begin(&till, &ask, &placed);
        till.cancel(ask.customer, placed.order).unwrap();
        let other = till.shop.customer();
        till.place(&till.ask(other, 9)).unwrap();
        let before = till.everything(ask.customer, None);
        assert_eq!(tell(&till, &paid(payment, "n1", yuan(160))).unwrap(), PaymentDecision::ReturnAll(yuan(160)));
        assert_eq!(till.everything(ask.customer, None), before, "nothing else moved");
        assert_eq!(till.order(placed.order).life.state, OrderState::Cancelled);
        assert_eq!(till.coupon(coupon).state, CouponState::Issued);
        assert_eq!(returns(&till), [16_000]);
        assert_eq!(tell(&till, &paid(payment, "n2", yuan(160))).unwrap(), PaymentDecision::Ignore);
        assert_eq!(returns(&till), [16_000]);
    }

    fn nobody_pays_for_the_order_of_another_or_for_one_that_is_over(database) {
        let till = Till::open(database);
        let (ask, placed, _) = order(&till);
        let begin_as = |customer| till.write(Actor::Customer(customer), move |db, act| {
            begin_payment(db, act, (customer, placed.order, Provider::Test))
        });
        assert_eq!(code_of(&begin_as(till.shop.customer())), "not_found");
        till.cancel(ask.customer, placed.order).unwrap();
        assert_eq!(code_of(&begin_as(ask.customer)), "order_state_unfit");
        let unknown = paid(till.shop.id(), "n1", yuan(160));
        assert_eq!(code_of(&tell(&till, &unknown)), "not_found");
    }

    fn a_payment_and_the_expiry_at_once_end_in_one_of_two_ways(database) {
        let till = Till::open(database);
        let (ask, placed, _) = order(&till);
        let payment = begin(&till, &ask, &placed);
        till.pass_minutes(30);
        let answers = at_once(8, |number| match number % 2 {
            0 => tell(&till, &paid(payment, &format!("n{}", number % 4), yuan(160))).map(|_| ()),
            _ => till.expire_one(placed.order).map(|_| ()),
        });
        assert!(answers.iter().all(|answer| code_of(answer) == "ok"), "{answers:?}");
        let (order, open) = (till.order(placed.order), returns(&till));
        assert_eq!((order.life.state, order.paid, open), (OrderState::Paid, yuan(210), vec![]), "all of it was still free");
        let kept = till.shop.store.read_blocking(move |db| payments::find(db, payment)).unwrap();
        assert_eq!(kept.unwrap().kept, yuan(160));
    }
}
