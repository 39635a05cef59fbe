//! Late undo takes two people of finance.

use std::sync::Arc;

use chrono::TimeDelta;
use huike_access::{Permission, RoleBinding};
use huike_coupons::{CouponState, template::Reason};
use huike_kernel::RedemptionId;
use huike_persistence::{Outcome, db_test, roles, store_days, unredeem_requests::UnredeemRequest};
use huike_usecases::{
    UseCaseError,
    redeem::{self, LateUndoAsk, Undone},
};
use uuid::Uuid;

use crate::{
    brand::{Brand, Person, at_once, code_of},
    cards::amount_off,
};

impl Brand {
    fn request(&self, person: Person, redemption: RedemptionId) -> Result<UnredeemRequest, UseCaseError> {
        let caller = self.caller(person, Permission::CouponUnredeemLate);
        let ask = LateUndoAsk { redemption, reason: Reason::new("客户投诉").unwrap() };
        self.store.write_blocking(move |db, now| redeem::request_late_undo(db, &caller.act(now), &ask))
    }

    fn approve(&self, person: Person, request: Uuid) -> Result<Undone, UseCaseError> {
        let caller = self.caller(person, Permission::CouponUnredeemLate);
        self.store.write_blocking(move |db, now| redeem::approve_late_undo(db, &caller.act(now), request))
    }

    fn reject(&self, person: Person, request: Uuid) -> Result<UnredeemRequest, UseCaseError> {
        let caller = self.caller(person, Permission::CouponUnredeemLate);
        self.store.write_blocking(move |db, now| redeem::reject_late_undo(db, &caller.act(now), request))
    }

    fn redeemed(&self) -> (crate::cards::Card, RedemptionId) {
        let card = self.card(&self.offer(amount_off("30", "200")), Some(self.customer()));
        let receipt = self.redeem(self.clerk, self.store_a, &card, Some("250")).unwrap();
        (card, receipt.redemption)
    }
}

db_test! {
    fn whoever_lost_the_role_decides_no_late_undo_any_more(database) {
        let brand = Brand::new(database);
        let (card, redemption) = brand.redeemed();
        let request = brand.request(brand.finance, redemption).unwrap();
        let gone = brand.finance_2;
        let role = RoleBinding { role: gone.role, node: gone.node };
        // The credential of the request still tells of the role.
        let done = brand.write(move |db, _now| Ok(roles::delete(db, gone.id, role)?));
        assert_eq!(done, Outcome::Applied);
        assert_eq!(code_of(&brand.approve(gone, request.id)), "not_found");
        assert_eq!(code_of(&brand.reject(gone, request.id)), "not_found");
        assert_eq!(brand.state(&card), CouponState::Redeemed);
    }

    fn a_late_undo_takes_two_people_and_is_booked_on_its_own_day(database) {
        let brand = Brand::new(database);
        let (card, redemption) = brand.redeemed();
        brand.after(TimeDelta::days(3));
        brand.sign(brand.finance, brand.store_a, "2026-06-02").unwrap();
        let undo = brand.undo(brand.manager, brand.store_a, redemption);
        assert_eq!(code_of(&undo), "store_day_signed");

        let request = brand.request(brand.finance, redemption).unwrap();
        assert_eq!(code_of(&brand.request(brand.finance_2, redemption)), "already_taken");
        assert_eq!(code_of(&brand.approve(brand.finance, request.id)), "second_person_missing");
        assert_eq!(brand.state(&card), CouponState::Redeemed);
        let undone = brand.approve(brand.finance_2, request.id).unwrap();
        assert_eq!((undone.coupon_state, undone.day.to_string()), (CouponState::Issued, "2026-06-05".to_owned()));
        assert_eq!(code_of(&brand.approve(brand.finance_2, request.id)), "unredeem_request_decided");

        let store = brand.store_a;
        let days = brand.read(move |db| {
            let day = |db: &mut _, day: &str| store_days::find(db, store, day.parse().unwrap());
            Ok((day(db, "2026-06-02")?.unwrap(), day(db, "2026-06-05")?.unwrap()))
        });
        assert_eq!((days.0.totals.redemptions, days.0.totals.reversals), (1, 0), "what was signed stays");
        assert_eq!((days.1.totals.redemptions, days.1.totals.reversals), (0, 1));
        assert_eq!(days.1.totals.discount, "-30".parse().unwrap());
        brand.redeem(brand.clerk, brand.store_a, &card, Some("250")).unwrap();
        brand.books_balance();
    }

    fn a_rejected_request_changes_nothing_and_may_be_made_again(database) {
        let brand = Brand::new(database);
        let (card, redemption) = brand.redeemed();
        let request = brand.request(brand.finance, redemption).unwrap();
        brand.reject(brand.finance_2, request.id).unwrap();
        assert_eq!(code_of(&brand.approve(brand.finance_2, request.id)), "unredeem_request_decided");
        assert_eq!(brand.state(&card), CouponState::Redeemed);
        let again = brand.request(brand.finance_2, redemption).unwrap();
        brand.approve(brand.finance, again.id).unwrap();
        assert_eq!(brand.state(&card), CouponState::Issued);
        brand.books_balance();
    }

    fn the_store_has_no_part_in_a_late_undo(database) {
        let brand = Brand::new(database);
        let (_card, redemption) = brand.redeemed();
        assert_eq!(code_of(&brand.request(brand.manager, redemption)), "permission_denied");
        let request = brand.request(brand.finance, redemption).unwrap();
        assert_eq!(code_of(&brand.approve(brand.manager, request.id)), "permission_denied");
    }

    fn approving_rejecting_and_undoing_at_once_undo_once(database) {
        let brand = Arc::new(Brand::new(database));
        for _ in 0..5 {
            let (card, redemption) = brand.redeemed();
            let request = brand.request(brand.finance, redemption).unwrap().id;
            let done = at_once(12, |number| match number % 3 {
                0 => brand.approve(brand.finance_2, request).is_ok(),
                1 => brand.undo(brand.manager, brand.store_a, redemption).is_ok(),
                _ => { let _ = brand.reject(brand.finance_2, request); false }
            });
            let undone = done.iter().filter(|done| **done).count();
            assert_eq!(undone, 1);
            assert_eq!(brand.state(&card), CouponState::Issued);
        }
        brand.books_balance();
    }
}
