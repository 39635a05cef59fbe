//! Undo at the store.

use chrono::TimeDelta;
use diesel::prelude::*;
use huike_access::{Permission, Scope};
use huike_coupons::{
    CouponState,
    codes::{CodeProof, CodeShape},
    rules::{Budget, UnredeemWindow},
    template::Reason,
};
use huike_kernel::{CodeBatchId, CouponId, RedemptionId, Text};
use huike_persistence::{
    StoreError,
    coupons::StoredCode,
    db_test, jobs,
    schema::event,
    settings::{self, Written},
    sql_types::DbId,
};
use huike_sites::SettingKey;
use huike_usecases::{
    Caller,
    batches::{BatchSource, NewBatch, begin_batch, make_chunk, void_batch},
    codes::{EnteredCode, FreshCode},
    jobs::LEASE,
};
use serde_json::json;

use crate::{
    brand::{Brand, code_of, noon},
    cards::{Card, Offer, amount_off},
};

impl Brand {
    fn head_office(&self) -> Caller {
        Caller { scope: Scope::at(self.head), ..self.caller(self.finance, Permission::CouponVoid) }
    }

    /// A code of a printed batch.
    fn printed(&self, offer: &Offer) -> (CodeBatchId, Card) {
        let number = self.next_id();
        let mut lookup = [0; 32];
        lookup[..16].copy_from_slice(number.as_bytes());
        let stored = StoredCode { shape: CodeShape::Signed, lookup: lookup.to_vec(), sealed: vec![0] };
        let fresh = [FreshCode { coupon: CouponId::from_uuid(number), stored }];
        let ask = NewBatch {
            template: offer.id,
            site: self.site_a,
            name: Text::new("门店券").unwrap(),
            source: BatchSource::Signed,
            quantity: 1,
            link_token: number.to_string(),
        };
        let caller = self.head_office();
        let batch = self.write(move |db, now| {
            let begun = begin_batch(db, &caller.act(now), &ask)?.batch;
            let job = jobs::take_due(db, now, LEASE)?.unwrap();
            assert_eq!(make_chunk(db, &caller.act(now), (&job, begun), &fresh)?.made.len(), 1);
            Ok(begun)
        });
        let code = EnteredCode { lookup, shape: CodeShape::Signed, proof: CodeProof::Genuine };
        (batch, Card { id: CouponId::from_uuid(number), code })
    }
}

db_test! {
    fn the_undo_of_a_code_whose_batch_was_made_void_leads_on_to_void(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "0");
        rules.budget = Some(Budget { total: "300".parse().unwrap(), daily: Some("30".parse().unwrap()) });
        let offer = brand.offer(rules);
        let (batch, card) = brand.printed(&offer);
        let receipt = brand.redeem(brand.clerk, brand.store_a, &card, None).unwrap();
        let (caller, reason) = (brand.head_office(), Reason::new("印错").unwrap());
        brand.write(move |db, now| void_batch(db, &caller.act(now), batch, &reason));
        let undone = brand.undo(brand.manager, brand.store_a, receipt.redemption).unwrap();
        assert_eq!((undone.coupon_state, brand.state(&card)), (CouponState::Voided, CouponState::Voided));
        assert_eq!(brand.stock(&offer).committed_fen, 0);
        let coupon = card.id.as_uuid();
        let kinds: Vec<String> = brand.read(move |db| {
            let of_coupon = event::table.filter(event::aggregate_id.eq(DbId(coupon))).order(event::seq);
            Ok(of_coupon.select(event::kind).load(db).map_err(StoreError::from)?)
        });
        assert_eq!(kinds, ["coupon_printed", "coupon_redeemed", "coupon_unredeemed", "coupon_voided"]);
        assert_eq!(code_of(&brand.redeem(brand.clerk, brand.store_a, &card, None)), "coupon_voided");
        brand.printed(&offer); // the day's budget is free again
        brand.books_balance();
    }

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
