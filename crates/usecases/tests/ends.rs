//! Laws of coupons that end unused: what a void and an expiry give back.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod shop;

use huike_coupons::{
    CouponState,
    limits::{Period, Subject},
    template::Reason,
};
use huike_kernel::{Actor, CouponId, DomainError, TimeWindow};
use huike_persistence::{coupons, db_test};
use huike_usecases::{
    UseCaseError,
    expiry::expire_chunk,
    issues::{IssueAsk, Recipient, find_recipient, issue_list},
    void::{Voided, void_coupon},
};
use shop::{Shop, at_once, budget, limit, rules, successes};

impl Shop {
    fn void(&self, coupon: CouponId) -> Result<Voided, UseCaseError> {
        let (caller, reason) = (self.staff(), Reason::new("客户退回").unwrap());
        self.store.write_blocking(move |db, now| void_coupon(db, &caller.act(now), coupon, &reason))
    }

    fn expire(&self, limit: i64) -> usize {
        let caller = self.caller(Actor::System);
        self.store.write_blocking(move |db, now| expire_chunk(db, &caller.act(now), limit)).unwrap()
    }

    fn state(&self, coupon: CouponId) -> CouponState {
        self.store.read_blocking(move |db| coupons::find(db, coupon)).unwrap().unwrap().state
    }
}

db_test! {
    fn a_void_gives_the_limit_and_the_money_back_but_not_the_piece(database) {
        let shop = Shop::open(database);
        let mut rules = rules(3);
        rules.limits = vec![limit(Subject::Customer, Period::Month, 1)];
        rules.budget = budget("30", Some("30"));
        let template = shop.template(rules);
        let customer = shop.customer();
        let claimed = shop.claim(template, customer).unwrap();
        assert!(shop.claim(template, customer).is_err());
        shop.void(claimed.coupon).unwrap();
        assert_eq!(shop.state(claimed.coupon), CouponState::Voided);
        assert_eq!(shop.stock(template).committed_fen, 0);
        shop.claim(template, customer).unwrap();
        assert_eq!(shop.stock(template).issued, 2);
    }

    fn a_coupon_is_made_void_once(database) {
        let shop = Shop::open(database);
        let mut rules = rules(9);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 2)];
        rules.budget = budget("90", None);
        let template = shop.template(rules);
        let customer = shop.customer();
        let (first, _second) = (shop.claim(template, customer).unwrap(), shop.claim(template, customer).unwrap());
        let answers = at_once(12, |_| shop.void(first.coupon));
        assert_eq!(successes(&answers, "coupon_state_refuses"), 1);
        assert_eq!(shop.stock(template).committed_fen, 3_000);
        assert!(shop.claim(template, customer).is_ok());
        assert!(shop.claim(template, customer).is_err());
    }

    fn what_ran_out_expires_and_returns_its_money_but_not_its_limit(database) {
        let shop = Shop::open(database);
        let mut rules = rules(9);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        rules.budget = budget("60", None);
        let template = shop.template(rules);
        let customers = shop.customers(3);
        let claimed: Vec<_> = customers.iter().take(2).map(|customer| shop.claim(template, *customer).unwrap()).collect();
        assert_eq!(shop.expire(100), 0);
        shop.clock.set(claimed[0].expires_at);
        let found: usize = at_once(4, |_| shop.expire(100)).into_iter().sum();
        assert_eq!(found, 2, "of several workers each coupon is one's");
        assert_eq!(shop.state(claimed[0].coupon), CouponState::Expired);
        assert_eq!(shop.stock(template).committed_fen, 0);
        assert_eq!(shop.claim(template, customers[0]).unwrap_err().code(), "coupon_limit_reached");
        assert!(shop.claim(template, customers[2]).is_ok());
    }

    fn a_code_that_finds_its_owner_at_the_last_moment_does_not_expire(database) {
        let shop = Shop::open(database);
        let end = shop::at("2026-06-02T05:00:00Z");
        let mut rules = rules(1_000);
        rules.claim_window = Some(TimeWindow { starts_at: shop::at(shop::NOON), ends_at: end });
        let template = shop.template(rules);
        let (codes, customers) = (shop.print(template, 1_000), shop.customers(6));
        let won = at_once(7, |hand| {
            if hand == 6 {
                std::thread::sleep(std::time::Duration::from_millis(20));
                shop.clock.set(end);
                shop.expire(2_000);
                return Vec::new();
            }
            // Until the window closes.
            let entered = codes.iter().skip(hand).step_by(6);
            let claimed = entered.map_while(|code| shop.enter(&code.to_string(), customers[hand], shop.site_a).ok());
            claimed.take(30).map(|claimed| claimed.coupon).collect()
        });
        for coupon in won.into_iter().flatten() {
            assert_eq!(shop.state(coupon), CouponState::Issued);
        }
    }

    fn a_list_is_answered_row_by_row(database) {
        let shop = Shop::open(database);
        let mut rules = rules(3);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(6);
        // All but the last have been to a site; the first holds one already.
        for customer in &customers[..5] {
            shop.visit(*customer);
        }
        shop.claim(template, customers[0]).unwrap();
        let rows = [0, 1, 1, 5, 2, 3].map(|n| (Recipient::Id(customers[n]), shop.fresh())).to_vec();
        let (caller, ask) = (shop.staff(), IssueAsk { template, site: shop.site_a, rows, named: std::collections::BTreeSet::new() });
        let rows = shop.store.write_blocking(move |db, now| issue_list(db, &caller.act(now), &ask)).unwrap();
        let answers: Vec<_> = rows.iter().map(|row| row.refused.as_deref().unwrap_or("issued")).collect();
        assert_eq!(answers, ["coupon_limit_reached", "issued", "named_twice", "not_found", "issued", "coupon_sold_out"]);
        assert_eq!(rows[3].customer, None, "nothing is said of a customer nobody saw");
        assert_eq!(shop.stock(template).issued, 3);
    }

    fn another_node_s_staff_issue_nothing_here(database) {
        let shop = Shop::open(database);
        let template = shop.template_of(shop.site_b, rules(3));
        let customer = shop.customer();
        shop.visit(customer);
        let mut caller = shop.staff();
        caller.scope = huike_access::Scope::at(shop.site_a);
        let issue = |site, by: &huike_usecases::Caller| {
            let (caller, recipient) = (by.clone(), Recipient::Id(customer));
            shop.store.read_blocking(move |db| find_recipient(db, &caller, (template, site), &recipient))
        };
        assert_eq!(issue(shop.site_b, &caller).unwrap_err().code(), "not_found");
        assert_eq!(issue(shop.site_a, &caller).unwrap_err().code(), "not_found", "the template is not theirs to know");
        assert!(issue(shop.site_b, &shop.staff()).is_ok());
    }
}
