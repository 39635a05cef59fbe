//! A money budget stays exact to the fen.

use huike_coupons::{Effect, TemplateRules, rules::Budget};
use huike_kernel::Money;
use huike_persistence::{
    db_test,
    stock::{self, Take},
};

use crate::{
    brand::{Brand, at_once, code_of, yuan},
    cards::amount_off,
};

/// A tenth off, at most 20, within a budget.
fn tenth_off(total: &str) -> TemplateRules {
    let mut rules = amount_off("1", "0");
    rules.effect =
        Effect::PercentOff { rate_off: "0.1".parse().unwrap(), threshold: Money::ZERO, cap: Some(yuan("20")) };
    rules.budget = Some(Budget { total: yuan(total), daily: None });
    rules
}

db_test! {
    fn promised_money_becomes_spent_money_and_the_rest_is_free_again(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(tenth_off("100"));
        let cards: Vec<_> = (0..5).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        assert_eq!(brand.stock(&offer).committed_fen, 10000);
        let receipt = brand.redeem(brand.clerk, brand.store_a, &cards[0], Some("123.45")).unwrap();
        assert_eq!(receipt.discount, yuan("12.34"), "half a fen is rounded down");
        let stock = brand.stock(&offer);
        assert_eq!((stock.committed_fen, stock.spent_fen), (8000, 1234));
        brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
        let stock = brand.stock(&offer);
        assert_eq!((stock.committed_fen, stock.spent_fen), (10000, 0));
        brand.books_balance();
    }

    fn redeeming_and_undoing_by_many_hands_keeps_the_budget_exact(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(tenth_off("400"));
        let cards: Vec<_> = (0..20).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        let ends = at_once(20, |number| {
            let mut last = None;
            for round in 0..3 {
                let amount = format!("{}.{}", 50 + number * 7, round);
                let receipt = brand.redeem(brand.clerk, brand.store_a, &cards[number], Some(&amount)).unwrap();
                if round < 2 {
                    brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
                }
                last = Some(receipt.discount.fen());
            }
            last.unwrap()
        });
        let stock = brand.stock(&offer);
        assert_eq!((stock.committed_fen, stock.spent_fen), (0, ends.iter().sum()));
        brand.books_balance();
    }

    fn an_undo_promises_at_least_what_was_spent_when_others_took_the_rest(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(tenth_off("20"));
        let card = brand.card(&offer, Some(brand.customer()));
        let receipt = brand.redeem(brand.clerk, brand.store_a, &card, Some("50")).unwrap();
        // Another redemption's worth of promises takes the 15 that came free.
        let template = offer.id;
        let take = Take { issued: 0, claimed: 0, committed: yuan("15") };
        let _ = brand.write(move |db, _now| Ok(stock::take(db, template, take)?));
        brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
        let stock = brand.stock(&offer);
        assert_eq!((stock.committed_fen, stock.spent_fen), (2000, 0));

        let dear = brand.redeem(brand.clerk, brand.store_a, &card, Some("60"));
        assert_eq!(code_of(&dear), "coupon_budget_exhausted", "the budget is never overspent");
        brand.redeem(brand.clerk, brand.store_a, &card, Some("50")).unwrap();
        assert_eq!(brand.stock(&offer).spent_fen, 500);
    }
}
