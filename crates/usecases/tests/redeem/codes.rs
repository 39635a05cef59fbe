//! What staff are told about a code, and the QR code of the app.

use chrono::TimeDelta;
use huike_coupons::{
    CouponState,
    codes::{CodeProof, QrClaims, QrSubject, make_qr_token},
    template::Reason,
};
use huike_persistence::{Outcome, coupons, db_test, templates};
use huike_usecases::{codes::EnteredCode, redeem::Shown};

use crate::{
    brand::{Brand, at_once, code_of, noon, yuan},
    cards::{Card, amount_off},
};

impl Brand {
    /// Puts a coupon in a state that other use cases lead to.
    fn put(&self, card: &Card, state: CouponState) {
        let id = card.id;
        let done = self.write(move |db, _now| {
            let mut coupon = coupons::lock(db, id)?.unwrap();
            let from = coupon.state;
            coupon.state = state;
            Ok(coupons::update(db, from, &mut coupon)?)
        });
        assert_eq!(done, Outcome::Applied);
    }

    fn token(&self, card: &Card, nonce: u8) -> Shown {
        let claims = QrClaims::starting_at(self.now(), QrSubject::Coupon(card.id), [nonce; 12]);
        Shown::Qr(make_qr_token(&claims, self.counter.qr_keys.active()))
    }
}

db_test! {
    fn staff_are_told_each_reason_apart_by_preview_and_redemption_alike(database) {
        let brand = Brand::new(database);
        let offer = brand.offer(amount_off("30", "0"));
        let card = |state| {
            let card = brand.card(&offer, Some(brand.customer()));
            brand.put(&card, state);
            card.code
        };
        let real = brand.card(&offer, Some(brand.customer())).code;
        let mut rules = amount_off("30", "0");
        rules.scope.products = vec!["sku-1".try_into().unwrap()];
        let in_cart = brand.card(&brand.offer(rules), Some(brand.customer())).code;
        let mut rules = amount_off("30", "0");
        rules.audience.new_customer_only = true;
        let ownerless = brand.card(&brand.offer(rules), None).code;
        let stopped = brand.offer(amount_off("30", "0"));
        let killed = brand.card(&stopped, Some(brand.customer())).code;
        brand.write(move |db, now| {
            let mut template = templates::lock(db, stopped.id)?.unwrap();
            template.killed = Some((now, Reason::new("价格有误").unwrap()));
            assert_eq!(templates::update(db, &mut template)?, Outcome::Applied);
            Ok(())
        });
        let cases = [
            (EnteredCode { lookup: [9; 32], ..real.clone() }, "code_unknown"),
            (EnteredCode { proof: CodeProof::Forged, ..real.clone() }, "code_forged"),
            (EnteredCode { proof: CodeProof::UnknownKey, ..real.clone() }, "code_forged"),
            (card(CouponState::Redeemed), "coupon_already_redeemed"),
            (card(CouponState::Locked), "coupon_locked"),
            (card(CouponState::Expired), "coupon_expired"),
            (card(CouponState::Voided), "coupon_voided"),
            (card(CouponState::Transferred), "coupon_transferred"),
            (card(CouponState::Returned), "coupon_returned"),
            (in_cart, "coupon_needs_cart"),
            (ownerless, "coupon_needs_owner"),
            (killed, "coupon_killed"),
            (real, "ok"),
        ];
        for (code, told) in cases {
            let shown = || Shown::Code(code.clone());
            assert_eq!(code_of(&brand.preview(brand.clerk, brand.store_a, shown(), None)), told);
            assert_eq!(code_of(&brand.redeem_shown(brand.clerk, brand.store_a, shown(), None)), told);
        }
    }

    fn validity_ends_and_begins_to_the_second(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "0");
        rules.validity = huike_coupons::rules::Validity::Fixed {
            starts_at: noon() + TimeDelta::minutes(1),
            ends_at: noon() + TimeDelta::minutes(3),
        };
        let offer = brand.offer(rules);
        let cards: Vec<_> = (0..4).map(|_| brand.card(&offer, Some(brand.customer()))).collect();
        let redeem = |number: usize| brand.redeem(brand.clerk, brand.store_a, &cards[number], None);
        brand.after(TimeDelta::seconds(59));
        assert_eq!(code_of(&redeem(0)), "coupon_not_started");
        brand.after(TimeDelta::seconds(60));
        assert_eq!(code_of(&redeem(0)), "ok");
        brand.after(TimeDelta::seconds(179));
        assert_eq!(code_of(&redeem(1)), "ok");
        brand.after(TimeDelta::seconds(180));
        assert_eq!(code_of(&redeem(2)), "coupon_expired");
        brand.after(TimeDelta::seconds(181));
        assert_eq!(code_of(&redeem(3)), "coupon_expired");
        brand.books_balance();
    }

    fn a_preview_says_what_the_coupon_gives_and_moves_nothing(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "200")), Some(brand.customer()));
        let look = |amount| brand.preview(brand.clerk, brand.store_a, Shown::Code(card.code.clone()), amount);
        let first = look(None).unwrap();
        assert_eq!((first.order_amount_required, first.discount), (true, None));
        assert_eq!(look(Some("250")).unwrap().discount, Some(yuan("30")));
        assert_eq!(code_of(&look(Some("150"))), "coupon_threshold_not_met");
        assert_eq!(brand.state(&card), CouponState::Issued);
        brand.books_balance();
    }

    fn a_qr_token_redeems_once_even_within_its_minute(database) {
        let brand = Brand::new(database);
        let card = brand.card(&brand.offer(amount_off("30", "0")), Some(brand.customer()));
        let token = brand.token(&card, 1);
        let redeem = |token: &Shown| brand.redeem_shown(brand.clerk, brand.store_a, token.clone(), None);
        let answers = at_once(20, |_| redeem(&token));
        let receipts: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(receipts.len(), 1);
        for answer in answers.iter().filter(|answer| answer.is_err()) {
            assert_eq!(code_of(answer), "coupon_already_redeemed");
        }
        brand.undo(brand.manager, brand.store_a, receipts[0].redemption).unwrap();
        assert_eq!(code_of(&redeem(&token)), "qr_used", "a screenshot is worth nothing");
        let stale = brand.token(&card, 2);
        assert_eq!(code_of(&redeem(&brand.token(&card, 3))), "ok");
        brand.after(TimeDelta::seconds(60));
        assert_eq!(code_of(&redeem(&stale)), "qr_expired");
        assert_eq!(code_of(&redeem(&Shown::Qr("0".repeat(87)))), "qr_forged");
        brand.books_balance();
    }
}
