//! Undo at the store.

use chrono::TimeDelta;
use huike_coupons::{CouponState, rules::UnredeemWindow};
use huike_kernel::RedemptionId;
use huike_persistence::{
    db_test,
    settings::{self, Written},
};
use huike_sites::SettingKey;
use serde_json::json;

use crate::{
    brand::{Brand, code_of, noon},
    cards::amount_off,
};

db_test! {
    fn redeem_undo_and_redeem_again_stays_exact(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "200")), Some(brand.customer()));
        for _ in 0..3 {
            let receipt = brand.redeem(brand.clerk, brand.store_a, &card, Some("250")).unwrap();
            let undone = brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
            assert_eq!((undone.coupon_state, undone.coupon), (CouponState::Issued, card.id));
            brand.books_balance();
        }
        let last = brand.redeem(brand.clerk_a2, brand.store_a2, &card, Some("250")).unwrap();
        assert_eq!(last.store, brand.store_a2);
        brand.books_balance();
    }

    fn an_old_redemption_is_not_undone_in_place_of_the_present_one(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "0")), Some(brand.customer()));
        let old = brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap().redemption;
        brand.undo(brand.manager, brand.store_a, old).unwrap();
        brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap();
        assert_eq!(code_of(&brand.undo(brand.manager, brand.store_a, old)), "redemption_undone");
        assert_eq!(brand.state(&card), CouponState::Redeemed);
    }

    fn an_undo_after_validity_leads_on_to_expired(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "0");
        rules.unredeem_window = UnredeemWindow::Minutes { minutes: 60 * 24 * 31 };
        let card = brand.card(&brand.offer(rules), Some(brand.customer()));
        brand.after(TimeDelta::days(30) - TimeDelta::seconds(1));
        let receipt = brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap();
        brand.after(TimeDelta::days(30));
        let undone = brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
        assert_eq!(undone.coupon_state, CouponState::Expired);
        let again = brand.redeem(brand.clerk, brand.store_a, &card, None);
        assert_eq!(code_of(&again), "coupon_expired");
        brand.books_balance();
    }

    fn the_window_is_the_stores_local_day_unless_a_setting_or_the_rules_say_otherwise(database) {
        let brand = Brand::new(database);
        let plain = brand.offer(amount_off("30", "0"));
        let mut rules = amount_off("30", "0");
        rules.unredeem_window = UnredeemWindow::Minutes { minutes: 30 };
        let strict = brand.offer(rules);
        let redeemed = |offer| {
            let card = brand.card(offer, Some(brand.customer()));
            brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap().redemption
        };
        let receipts: Vec<RedemptionId> = [&plain, &plain, &strict, &strict, &plain].map(redeemed).to_vec();
        let undo = |number: usize| brand.undo(brand.manager, brand.store_a, receipts[number]);

        brand.after(TimeDelta::minutes(30) - TimeDelta::seconds(1));
        assert!(undo(2).is_ok());
        brand.after(TimeDelta::minutes(30));
        assert_eq!(code_of(&undo(3)), "coupon_unredeem_window_over", "the rules have a window of their own");
        brand.after(TimeDelta::hours(12) - TimeDelta::seconds(1));
        assert!(undo(0).is_ok(), "23:59:59 on the wall");
        brand.after(TimeDelta::hours(12));
        assert_eq!(code_of(&undo(1)), "coupon_unredeem_window_over", "midnight");

        let site = brand.site_a;
        let window = SettingKey::UnredeemWindow.read(&json!({ "kind": "minutes", "minutes": 1000 })).unwrap();
        brand.write(move |db, now| {
            Ok(settings::put(db, site, (SettingKey::UnredeemWindow, &window), Written { by: None, at: now })?)
        });
        assert!(undo(1).is_ok(), "the site allows a thousand minutes");
        assert_eq!(code_of(&undo(3)), "coupon_unredeem_window_over");
        brand.after(TimeDelta::minutes(1000));
        assert_eq!(code_of(&undo(4)), "coupon_unredeem_window_over");
        brand.books_balance();
    }

    fn an_undo_past_midnight_is_booked_on_its_own_day(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "0");
        rules.unredeem_window = UnredeemWindow::Minutes { minutes: 60 };
        let card = brand.card(&brand.offer(rules), Some(brand.customer()));
        brand.after(TimeDelta::hours(12) - TimeDelta::minutes(5));
        let receipt = brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap();
        brand.after(TimeDelta::hours(12) + TimeDelta::minutes(5));
        let undone = brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
        assert_eq!((receipt.day.to_string(), undone.day.to_string()), ("2026-06-02".into(), "2026-06-03".into()));
        assert_eq!(undone.undone_at, noon() + TimeDelta::hours(12) + TimeDelta::minutes(5));
        brand.books_balance();
    }

    fn only_the_store_that_redeemed_undoes_and_a_clerk_does_not(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "0")), Some(brand.customer()));
        let receipt = brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap().redemption;
        let strange = brand.undo(brand.manager_a2, brand.store_a2, receipt);
        assert_eq!(code_of(&strange), "not_found", "another store's redemption does not exist for its manager");
        let elsewhere = brand.undo(brand.manager, brand.store_a2, receipt);
        assert_eq!(code_of(&elsewhere), "coupon_other_store");
        assert_eq!(code_of(&brand.undo(brand.clerk, brand.store_a, receipt)), "permission_denied");
        assert!(brand.undo(brand.manager, brand.store_a, receipt).is_ok());
    }
}
