//! Sign-off of a store's day.

use chrono::TimeDelta;
use huike_kernel::Money;
use huike_persistence::{
    db_test,
    reconciliation::{self, Days},
    store_days,
};

use crate::{
    brand::{Brand, at_once, code_of},
    cards::amount_off,
};

db_test! {
    /// Whoever redeems while finance signs is either in the totals that were signed, or refused.
    fn no_redemption_slips_into_a_signed_day(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "200"));
        for day in 2..6 {
            brand.after(TimeDelta::days(day - 2));
            let cards: Vec<_> = (0..24).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
            let text = format!("2026-06-0{day}");
            let answers = at_once(25, |number| match cards.get(number) {
                Some(card) => brand.redeem(brand.clerk, brand.store_a, card, Some("250")).map(|_| None),
                None => {
                    std::thread::sleep(std::time::Duration::from_millis(3));
                    brand.sign(brand.finance, brand.store_a, &text).map(Some)
                }
            });
            let signed = answers[24].as_ref().unwrap().unwrap();
            let redeemed = answers[..24].iter().filter(|answer| answer.is_ok()).count();
            assert_eq!(signed.redemptions, i64::try_from(redeemed).unwrap());
            assert_eq!(signed.discount, Money::from_fen(3000 * signed.redemptions));
            for answer in answers[..24].iter().filter(|answer| answer.is_err()) {
                assert_eq!(code_of(answer), "store_day_signed");
            }
            let late = brand.card(&offer, Some(brand.customer()));
            assert_eq!(code_of(&brand.redeem(brand.clerk, brand.store_a, &late, Some("250"))), "store_day_signed");
            assert!(brand.redeem(brand.clerk_a2, brand.store_a2, &late, Some("250")).is_ok(), "a day is one store's");
        }
        brand.books_balance();
    }

    fn undo_and_sign_at_once_leave_totals_that_hold(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "0"));
        let redemptions: Vec<_> = (0..16)
            .map(|_| {
                let card = brand.card(&offer, Some(brand.customer()));
                brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap().redemption
            })
            .collect();
        let answers = at_once(17, |number| match redemptions.get(number) {
            Some(redemption) => brand.undo(brand.manager, brand.store_a, *redemption).map(|_| None),
            None => brand.sign(brand.finance, brand.store_a, "2026-06-02").map(Some),
        });
        let signed = answers[16].as_ref().unwrap().unwrap();
        let undone = answers[..16].iter().filter(|answer| answer.is_ok()).count();
        assert_eq!((signed.redemptions, signed.reversals), (16, i64::try_from(undone).unwrap()));
        for answer in answers[..16].iter().filter(|answer| answer.is_err()) {
            assert_eq!(code_of(answer), "store_day_signed");
        }
        brand.books_balance();
    }

    fn a_day_is_signed_once_by_finance_and_not_before_it_has_come(database) {
        let brand = Brand::new(database);
        assert_eq!(code_of(&brand.sign(brand.finance, brand.store_a, "2026-06-03")), "store_day_ahead");
        assert_eq!(code_of(&brand.sign(brand.manager, brand.store_a, "2026-06-02")), "permission_denied");
        assert_eq!(code_of(&brand.sign(brand.finance, brand.site_a, "2026-06-02")), "not_found", "a site is no store");
        let answers = at_once(8, |_| brand.sign(brand.finance, brand.store_a, "2026-06-01"));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "an empty day too, once");
        brand.books_balance();
    }

    fn the_difference_list_is_empty_until_a_total_is_touched_by_hand(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "200"));
        let cards: Vec<_> = (0..3).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        let receipts: Vec<_> =
            cards.iter().map(|card| brand.redeem(brand.clerk, brand.store_a, card, Some("250")).unwrap()).collect();
        brand.undo(brand.manager, brand.store_a, receipts[0].redemption).unwrap();
        let (head, store, day) = (brand.head, brand.store_a, receipts[0].day);
        let days = Days { first: day.pred_opt().unwrap(), last: day };
        let differences = move |db: &mut _| Ok(reconciliation::list_differences(db, &[head], days)?);
        assert_eq!(brand.read(differences), []);
        let both = move |db: &mut _| {
            Ok((store_days::find(db, store, day)?.unwrap().totals, reconciliation::recount(db, store, day)?))
        };
        let (booked, counted) = brand.read(both);
        assert_eq!(booked, counted);
        assert_eq!((booked.redemptions, booked.reversals, booked.discount), (3, 1, "60".parse().unwrap()));
        let wrong = store_days::Totals { redemptions: 1, ..store_days::Totals::default() };
        let _ = brand.write(move |db, _now| Ok(store_days::book(db, store, day, &wrong)?));
        let (booked, counted) = brand.read(both);
        let found = brand.read(differences);
        assert_eq!((found.len(), found[0].store, found[0].day), (1, store, day));
        assert_eq!((found[0].booked, found[0].counted), (booked, counted));
    }
}
