//! What is given up is as if it had never been.

use huike_coupons::CouponState;
use huike_kernel::{Actor, Clock};
use huike_orders::order::{CloseReason, OrderState};
use huike_persistence::db_test;
use huike_usecases::orders::{CancelAsk, Delivery, PlaceAsk, cancel_order, deliver_order};

use crate::{
    shop::{budget, rules},
    till::{Till, code_of, uses, yuan},
};

/// An order with a coupon that has a limit and a budget, partly paid with stored value.
fn full_order(till: &Till) -> (PlaceAsk, huike_kernel::CouponId, huike_kernel::TemplateId) {
    let mut rules = rules(10);
    (rules.limits, rules.budget) = (vec![uses(1)], budget("1000", None));
    let template = till.shop.template(rules);
    let customer = till.shop.customer();
    let coupon = till.shop.claim(template, customer).unwrap().coupon;
    till.top_up(customer, 100, 20);
    let mut ask = till.ask(customer, 2);
    ask.stored_value = yuan(50);
    (ask, coupon, template)
}

db_test! {
    fn a_cancelled_order_gives_back_everything_it_touched(database) {
        let till = Till::open(database);
        let (ask, coupon, template) = full_order(&till);
        let before = till.everything(ask.customer, Some(template));
        for _ in 0..2 {
            // The limit allows one use: without giving back the second order would be refused.
            let placed = till.place(&ask).unwrap();
            assert_ne!(till.everything(ask.customer, Some(template)), before);
            let done = till.cancel(ask.customer, placed.order).unwrap();
            assert_eq!(done.state, OrderState::Cancelled);
            assert_eq!(till.cancel(ask.customer, placed.order).unwrap(), done, "to cancel twice is to cancel");
            assert_eq!(till.everything(ask.customer, Some(template)), before);
            assert_eq!(till.coupon(coupon).state, CouponState::Issued);
        }
    }

    fn an_order_that_nobody_pays_closes_by_itself_and_not_before_its_time(database) {
        let till = Till::open(database);
        let (ask, coupon, template) = full_order(&till);
        let before = till.everything(ask.customer, Some(template));
        let placed = till.place(&ask).unwrap();
        till.pass_minutes(29);
        assert_eq!((till.expire(), till.expire_one(placed.order).unwrap()), (0, false));
        till.pass_minutes(1);
        assert_eq!((till.expire(), till.expire()), (1, 0));
        assert_eq!(till.everything(ask.customer, Some(template)), before);
        let order = till.order(placed.order);
        assert_eq!(order.closed, Some((till.shop.clock.now(), CloseReason::Expired)));
        assert_eq!(till.coupon(coupon).state, CouponState::Issued);
    }

    fn a_hold_that_ended_before_its_order_keeps_nobody_from_closing_it(database) {
        let till = Till::open(database);
        let (ask, _, template) = full_order(&till);
        let before = till.everything(ask.customer, Some(template));
        let placed = till.place(&ask).unwrap();
        till.pass_minutes(2 * 24 * 60);
        till.write(Actor::System, |db, act| huike_usecases::ledger::expire_chunk(db, act, 10)).unwrap();
        assert!(till.expire_one(placed.order).unwrap());
        assert_eq!(till.everything(ask.customer, Some(template)), before);
    }

    fn nobody_cancels_what_is_not_theirs_and_staff_is_recorded(database) {
        let till = Till::open(database);
        let (ask, _, _) = full_order(&till);
        let placed = till.place(&ask).unwrap();
        assert_eq!(code_of(&till.cancel(till.shop.customer(), placed.order)), "not_found");
        let staff = Actor::Staff(till.shop.marketer);
        let ask = CancelAsk { order: placed.order };
        till.write(staff, move |db, act| cancel_order(db, act, ask)).unwrap();
        assert_eq!(till.order(placed.order).closed.unwrap().1, CloseReason::Staff);
    }

    fn a_paid_order_is_handed_over_and_then_complete(database) {
        let till = Till::open(database);
        let customer = till.shop.customer();
        till.top_up(customer, 120, 0);
        let mut ask = till.ask(customer, 1);
        let waiting = till.place(&ask).unwrap().order;
        let staff = Actor::Staff(till.shop.marketer);
        let step = |id, delivery| till.write(staff, move |db, act| deliver_order(db, act, (id, delivery)));
        assert_eq!(code_of(&step(waiting, Delivery::Fulfil)), "order_state_unfit");
        ask.stored_value = yuan(120);
        let paid = till.place(&ask).unwrap().order;
        assert_eq!(code_of(&step(paid, Delivery::Complete)), "order_state_unfit");
        assert_eq!(step(paid, Delivery::Fulfil).unwrap().state, OrderState::Fulfilled);
        assert_eq!(step(paid, Delivery::Complete).unwrap().state, OrderState::Completed);
    }
}
