//! Exactly once, whatever the concurrency.

use std::sync::Arc;

use huike_access::Permission;
use huike_coupons::CouponState;
use huike_kernel::DomainError;
use huike_persistence::{OnceKey, db_test, site_customers};
use huike_usecases::{
    UseCaseError,
    redeem::{RedeemAsk, Shown, redeem_at_counter},
};
use serde_json::json;

use crate::{
    brand::{Brand, at_once, noon},
    cards::amount_off,
};

db_test! {
    fn of_fifty_clerks_with_one_code_one_redeems_and_the_others_are_told_when_and_where(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "200"));
        let card = brand.card(&offer, Some(brand.customer()));
        let answers = at_once(50, |number| {
            let (clerk, store) =
                if number % 2 == 0 { (brand.clerk, brand.store_a) } else { (brand.clerk_a2, brand.store_a2) };
            brand.redeem(clerk, store, &card, Some("250"))
        });
        let winners: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(winners.len(), 1);
        let winner = winners[0];
        let name = if winner.store == brand.store_a { "天河店" } else { "越秀店" };
        let told = json!({ "redeemed_at": noon(), "store_id": winner.store, "store_name": name });
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!((error.code(), error.details()), ("coupon_already_redeemed", Some(told.clone())));
        }
        assert_eq!(brand.state(&card), CouponState::Redeemed);
        brand.books_balance();
    }

    fn a_customer_who_was_served_is_known_to_the_store_from_then_on(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "0"));
        let customer = brand.customer();
        let seen = |store| brand.read(move |db| Ok(site_customers::list_sites(db, &[store], customer)?));
        assert_eq!(seen(brand.store_a), []);
        brand.redeem(brand.clerk, brand.store_a, &brand.card(&offer, Some(customer)), None).unwrap();
        brand.redeem(brand.clerk, brand.store_a, &brand.card(&offer, None), None).unwrap();
        let (here, there) = (seen(brand.store_a), seen(brand.store_a2));
        assert_eq!((here.len(), here[0].source.as_str(), there.len()), (1, "redeem", 0));
    }

    fn fifty_retries_under_one_key_are_one_redemption_with_one_answer(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "200")), Some(brand.customer()));
        let answers = at_once(50, |_| {
            let (caller, counter) = (brand.caller(brand.clerk, Permission::CouponRedeem), Arc::clone(&brand.counter));
            let ask = RedeemAsk {
                store: brand.store_a,
                shown: Shown::Code(card.code.clone()),
                order_amount: Some("250".parse().unwrap()),
            };
            let key = OnceKey { principal: caller.actor.principal(), key: "k".to_owned(), request_hash: [1; 32] };
            brand
                .store
                .write_once_blocking(key, move |db, now| redeem_at_counter(db, &caller.act(now), &counter, &ask))
                .map_err(|error: UseCaseError| error.to_string())
        });
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().all(|once| once.value == answers[0].value));
        assert_eq!(answers.iter().filter(|once| !once.replayed).count(), 1);
        brand.books_balance();
    }

    fn fifty_coupons_of_one_template_are_all_redeemed_at_once(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "200"));
        let cards: Vec<_> = (0..50).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        let answers = at_once(50, |number| brand.redeem(brand.clerk, brand.store_a, &cards[number], Some("250")));
        assert!(answers.iter().all(Result::is_ok));
        brand.books_balance();
    }

    fn of_fifty_undos_of_one_redemption_one_counts(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "200")), Some(brand.customer()));
        let receipt = brand.redeem(brand.clerk, brand.store_a, &card, Some("250")).unwrap();
        let answers = at_once(50, |_| brand.undo(brand.manager, brand.store_a, receipt.redemption));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(error.code(), "redemption_undone");
        }
        brand.books_balance();
    }

    fn a_printed_code_is_redeemed_once_without_an_owner(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "0")), None);
        let answers = at_once(20, |_| brand.redeem(brand.clerk, brand.store_a, &card, None));
        let receipts: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
        assert_eq!((receipts.len(), receipts[0].customer), (1, None));
        brand.undo(brand.manager, brand.store_a, receipts[0].redemption).unwrap();
        assert_eq!(brand.state(&card), CouponState::Unclaimed);
        brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap();
        brand.books_balance();
    }
}
