//! Of those who come at once, as many win as there is something to win.

use huike_coupons::CouponState;
use huike_orders::order::OrderState;
use huike_persistence::db_test;

use crate::{
    shop::{at_once, rules, successes},
    till::{Till, code_of, yuan},
};

db_test! {
    fn of_fifty_who_order_the_last_piece_one_gets_it(database) {
        let till = Till::open(database);
        let (customers, sku) = (till.shop.customers(50), till.skus[0]);
        let asks: Vec<_> = customers.iter().map(|customer| till.ask(*customer, 10)).collect();
        let answers = at_once(50, |number| till.place(&asks[number]));
        assert_eq!(successes(&answers, "stock_short"), 1);
        assert_eq!(till.level(sku), (10, 10));
    }

    fn one_coupon_in_five_orders_at_once_is_used_by_one(database) {
        let till = Till::open(database);
        let template = till.shop.template(rules(10));
        let customer = till.shop.customer();
        let coupon = till.shop.claim(template, customer).unwrap().coupon;
        let mut ask = till.ask(customer, 2);
        ask.coupons = Some(vec![coupon]);
        let answers = at_once(5, |_| till.place(&ask));
        assert_eq!(successes(&answers, "coupon_locked"), 1);
        assert_eq!(till.coupon(coupon).state, CouponState::Locked);
        assert_eq!(till.level(till.skus[0]), (10, 2));
    }

    fn of_two_checkouts_on_one_balance_one_wins(database) {
        let till = Till::open(database);
        let customer = till.shop.customer();
        till.top_up(customer, 10, 0);
        let mut ask = till.ask(customer, 1);
        ask.stored_value = yuan(10);
        let answers = at_once(2, |_| till.place(&ask));
        assert_eq!(successes(&answers, "balance_insufficient"), 1);
        assert_eq!(till.level(till.skus[0]), (10, 1));
    }

    fn cancelling_and_expiring_at_once_frees_once(database) {
        let till = Till::open(database);
        let template = till.shop.template(rules(10));
        let customer = till.shop.customer();
        till.shop.claim(template, customer).unwrap();
        till.top_up(customer, 10, 10);
        let mut ask = till.ask(customer, 2);
        ask.stored_value = yuan(15);
        let before = till.everything(customer, Some(template));
        let order = till.place(&ask).unwrap().order;
        till.pass_minutes(30);
        let answers = at_once(8, |number| match number % 2 {
            0 => till.cancel(customer, order).map(|_| ()),
            _ => till.expire_one(order).map(|_| ()),
        });
        assert!(answers.iter().all(|answer| code_of(answer) == "ok"));
        assert_eq!(till.order(order).life.state, OrderState::Cancelled);
        assert_eq!(till.everything(customer, Some(template)), before);
    }

    fn orders_that_cross_each_other_all_end(database) {
        let till = Till::open(database);
        let customers = till.shop.customers(8);
        let items = |number: usize| {
            let mut skus = till.skus.clone();
            skus.rotate_left(number % 2);
            skus.into_iter().map(|sku_id| huike_orders::order::Item { sku_id, quantity: 1 }).collect::<Vec<_>>()
        };
        let asks: Vec<_> = customers.iter().enumerate().map(|(number, it)| till.ask_of(*it, items(number))).collect();
        let answers = at_once(8, |number| {
            let placed = till.place(&asks[number])?;
            if number % 3 == 0 { till.cancel(customers[number], placed.order)?; }
            Ok(placed)
        });
        assert_eq!(successes(&answers, "none is refused"), 8);
        assert_eq!(till.level(till.skus[0]), (10, 5));
    }
}
