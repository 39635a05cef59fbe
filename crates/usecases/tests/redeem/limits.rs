//! Limits of use, and who is new.

use huike_coupons::limits::{LimitCap, LimitRule, Metric, Period, Subject};
use huike_kernel::DomainError;
use huike_persistence::db_test;

use crate::{
    brand::{Brand, at_once, code_of, yuan},
    cards::amount_off,
};

fn limit(metric: Metric, subject: Subject, period: Period, cap: LimitCap) -> LimitRule {
    LimitRule { metric, subject, period, cap }
}

db_test! {
    fn fifty_clerks_redeem_no_more_than_the_stores_limit_of_the_day(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "200");
        rules.limits = vec![limit(Metric::Uses, Subject::Store, Period::Day, LimitCap::Count(10))];
        let offer = brand.offer(rules);
        let cards: Vec<_> = (0..50).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        let answers = at_once(50, |number| brand.redeem(brand.clerk, brand.store_a, &cards[number], Some("250")));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(error.code(), "coupon_limit_reached");
        }
        let refused = answers.iter().position(Result::is_err).unwrap();
        brand.redeem(brand.clerk_a2, brand.store_a2, &cards[refused], Some("250")).unwrap();
        brand.books_balance();
    }

    fn an_undo_gives_the_use_back_to_the_day_it_was_taken_from(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "200");
        rules.limits = vec![
            limit(Metric::Uses, Subject::Customer, Period::Day, LimitCap::Count(1)),
            limit(Metric::Uses, Subject::Site, Period::Month, LimitCap::Count(2)),
        ];
        let offer = brand.offer(rules);
        let customer = brand.customer();
        let cards: Vec<_> = (0..2).map(|_| brand.card(&offer, Some(customer))).collect();
        let receipt = brand.redeem(brand.clerk, brand.store_a, &cards[0], Some("250")).unwrap();
        let second = brand.redeem(brand.clerk, brand.store_a, &cards[1], Some("250"));
        assert_eq!(code_of(&second), "coupon_limit_reached");
        brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
        brand.redeem(brand.clerk, brand.store_a, &cards[1], Some("250")).unwrap();
        brand.books_balance();
    }

    fn discounts_and_order_amounts_are_limited_in_money(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "200");
        rules.limits = vec![
            limit(Metric::Discount, Subject::Template, Period::Ever, LimitCap::Amount(yuan("100"))),
            limit(Metric::OrderValue, Subject::Store, Period::Day, LimitCap::Amount(yuan("500"))),
        ];
        let offer = brand.offer(rules);
        let cards: Vec<_> = (0..20).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        let answers = at_once(20, |number| {
            let (clerk, store) =
                if number % 2 == 0 { (brand.clerk, brand.store_a) } else { (brand.clerk_a2, brand.store_a2) };
            brand.redeem(clerk, store, &cards[number], Some("250"))
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "three of thirty fit in a hundred");
        brand.books_balance();
    }

    fn of_two_coupons_for_new_customers_one_is_redeemed(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("10", "0");
        rules.audience.new_customer_only = true;
        let offers = [brand.offer(rules.clone()), brand.offer(rules)];
        for _ in 0..5 {
            let customer = brand.customer();
            let cards = [brand.card(&offers[0], Some(customer)), brand.card(&offers[1], Some(customer))];
            let answers = at_once(2, |number| brand.redeem(brand.clerk, brand.store_a, &cards[number], None));
            let won = answers.iter().position(Result::is_ok).unwrap();
            assert_eq!(code_of(&answers[1 - won]), "coupon_new_customers_only");
            let receipt = answers[won].as_ref().unwrap();
            brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
            brand.redeem(brand.clerk, brand.store_a, &cards[1 - won], None).unwrap();
        }
        brand.books_balance();
    }

    fn an_ordinary_redemption_ends_being_new(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("10", "0");
        rules.audience.new_customer_only = true;
        let customer = brand.customer();
        let for_new = brand.card(&brand.offer(rules), Some(customer));
        let ordinary = brand.card(&brand.offer(amount_off("5", "0")), Some(customer));
        brand.redeem(brand.clerk, brand.store_a, &ordinary, None).unwrap();
        let refused = brand.redeem(brand.clerk, brand.store_a, &for_new, None);
        assert_eq!(code_of(&refused), "coupon_new_customers_only");
        brand.books_balance();
    }
}
