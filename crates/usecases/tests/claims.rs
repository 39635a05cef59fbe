//! Laws of claiming, each on both databases, the races with real threads.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod shop;

use std::collections::BTreeSet;

use huike_coupons::{
    CouponState,
    limits::{Period, Subject},
};
use huike_kernel::{Actor, DomainError, Money};
use huike_persistence::{
    OnceKey, StoreError, coupons, customers, db_test,
    quotas::{self, QuotaRow},
    standing, stock,
};
use huike_usecases::claims::{claim, claim_batch};
use shop::{Shop, at_once, budget, limit, rules, successes};

db_test! {
    fn fifty_at_once_on_ten_left_take_exactly_ten(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(10));
        let customers = shop.customers(50);
        let answers = at_once(50, |n| shop.claim(template, customers[n]));
        assert_eq!(successes(&answers, "coupon_sold_out"), 10);
        let stock = shop.stock(template);
        assert_eq!((stock.issued, stock.claimed), (10, 10));
    }

    fn one_customer_on_fifty_threads_gets_what_the_limit_allows(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customer = shop.customer();
        let answers = at_once(50, |_| shop.claim(template, customer));
        assert_eq!(successes(&answers, "coupon_limit_reached"), 1);
        assert_eq!(shop.stock(template).issued, 1);
    }

    fn who_is_refused_has_not_been_to_the_site(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(1));
        let customers = shop.customers(2);
        let callers: Vec<_> = customers.iter().map(|customer| shop.caller(Actor::Customer(*customer))).collect();
        let asks: Vec<_> = customers.iter().map(|customer| shop.ask(*customer)).collect();
        let answers = shop.store.write_blocking(move |db, now| {
            let acts: Vec<_> = callers.iter().map(|caller| caller.act(now)).collect();
            let asks: Vec<_> = acts.iter().zip(&asks).collect();
            claim_batch(db, template, &asks)
        });
        assert_eq!(successes(&answers.unwrap(), "coupon_sold_out"), 1);
        let (site, wanted) = (shop.site_a, customers.clone());
        let seen = shop.store.read_blocking(move |db| standing::seen_below(db, &[site], &wanted)).unwrap();
        assert_eq!(seen, BTreeSet::from([customers[0]]));
    }

    fn a_daily_limit_holds_under_load_and_opens_at_local_midnight(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.limits = vec![limit(Subject::Template, Period::Day, 7)];
        let template = shop.template(rules);
        let customers = shop.customers(51);
        let answers = at_once(50, |n| shop.claim(template, customers[n]));
        assert_eq!(successes(&answers, "coupon_limit_reached"), 7);
        shop.clock.set(shop::at("2026-06-02T15:59:59Z"));
        assert_eq!(shop.claim(template, customers[50]).unwrap_err().code(), "coupon_limit_reached");
        shop.clock.set(shop::at("2026-06-02T16:00:00Z"));
        assert!(shop.claim(template, customers[50]).is_ok());
    }

    fn a_site_gets_its_quota_and_the_others_the_rest(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(20));
        let (head, site_a) = (shop.head, shop.site_a);
        shop.store.write_blocking(move |db, _now| {
            for row in [QuotaRow { node: site_a, quota: 5, issued: 0 }, QuotaRow { node: head, quota: 15, issued: 0 }] {
                assert_eq!(quotas::put(db, template, head, &row)?, huike_persistence::Outcome::Applied);
            }
            Ok::<_, StoreError>(())
        }).unwrap();
        let customers = shop.customers(60);
        let answers = at_once(40, |n| {
            let mut ask = shop.ask(customers[n]);
            ask.site = [shop.site_a, shop.store_a, shop.site_b, shop.site_b][n % 4];
            (n % 4 < 2, shop.claim_with(template, ask))
        });
        let (at_a, at_b): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(is_a, _)| *is_a);
        let at_a: Vec<_> = at_a.into_iter().map(|(_, answer)| answer).collect();
        let at_b: Vec<_> = at_b.into_iter().map(|(_, answer)| answer).collect();
        assert_eq!(successes(&at_a, "coupon_quota_used_up"), 5);
        assert_eq!(successes(&at_b, "coupon_quota_used_up"), 15);
        let shares = shop.store.read_blocking(move |db| quotas::list(db, template)).unwrap();
        assert_eq!(shares.iter().map(|share| share.issued).sum::<i64>(), 20);
        assert_eq!(shop.stock(template).issued, 20);
    }

    fn a_money_budget_is_never_passed_and_used_up_exactly(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.budget = budget("400", None); // 13 × 30 = 390
        let template = shop.template(rules);
        let customers = shop.customers(50);
        let answers = at_once(50, |n| shop.claim(template, customers[n]));
        assert_eq!(successes(&answers, "coupon_budget_exhausted"), 13);
        assert_eq!(shop.stock(template).committed_fen, 39_000);
    }

    fn a_daily_budget_refuses_until_tomorrow(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.budget = budget("1000", Some("100"));
        let template = shop.template(rules);
        let customers = shop.customers(21);
        let answers = at_once(20, |n| shop.claim(template, customers[n]));
        assert_eq!(successes(&answers, "coupon_daily_budget_exhausted"), 3);
        shop.clock.set(shop::at("2026-06-02T16:00:00Z"));
        assert!(shop.claim(template, customers[20]).is_ok());
    }

    fn one_key_sent_fifty_times_makes_one_coupon(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let customer = shop.customer();
        let answers = at_once(50, |_| {
            let key = OnceKey { principal: customer.to_string(), key: "k".into(), request_hash: [1; 32] };
            let (caller, ask) = (shop.caller(Actor::Customer(customer)), shop.ask(customer));
            shop.store.write_once_blocking(key, move |db, now| claim(db, &caller.act(now), template, &ask))
        });
        let coupons: BTreeSet<_> = answers.iter().map(|answer| answer.as_ref().unwrap().value.coupon).collect();
        assert_eq!(coupons.len(), 1);
        assert_eq!(answers.iter().filter(|answer| !answer.as_ref().unwrap().replayed).count(), 1);
        assert_eq!(shop.stock(template).issued, 1);
    }

    fn a_refused_ask_leaves_nothing_and_is_served_when_there_is_stock_again(database) {
        let shop = Shop::open(database);
        let mut rules = rules(1);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(2);
        shop.claim(template, customers[0]).unwrap();
        let again = |key: &str| {
            let key = OnceKey { principal: "p".into(), key: key.into(), request_hash: [1; 32] };
            let (caller, ask) = (shop.caller(Actor::Customer(customers[1])), shop.ask(customers[1]));
            shop.store.write_once_blocking(key, move |db, now| claim(db, &caller.act(now), template, &ask))
        };
        assert_eq!(again("k").unwrap_err().code(), "coupon_sold_out");
        shop.set_quantity(template, 2);
        assert!(!again("k").unwrap().replayed);
        assert!(again("k").unwrap().replayed);
    }

    fn a_batch_serves_in_the_order_of_arrival_and_the_refused_leave_nothing(database) {
        let shop = Shop::open(database);
        let mut rules = rules(3);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1), limit(Subject::Template, Period::Day, 100)];
        let template = shop.template(rules);
        let customers = shop.customers(4);
        // The second ask of the first customer is above the limit; the fourth customer comes too late.
        let asks: Vec<_> = [0, 0, 1, 2, 3].map(|n| (shop.caller(Actor::Customer(customers[n])), shop.ask(customers[n]))).into();
        let late = shop.ask(customers[3]);
        let answers = shop.store.write_blocking(move |db, now| {
            let acts: Vec<_> = asks.iter().map(|(caller, _)| caller.act(now)).collect();
            let asks: Vec<_> = acts.iter().zip(&asks).map(|(act, (_, ask))| (act, ask)).collect();
            claim_batch(db, template, &asks)
        }).unwrap();
        let codes: Vec<_> = answers.iter().map(|answer| answer.as_ref().map_or_else(|e| e.code(), |_| "claimed")).collect();
        assert_eq!(codes, ["claimed", "coupon_limit_reached", "claimed", "claimed", "coupon_sold_out"]);
        assert_eq!(shop.stock(template).issued, 3);
        shop.set_quantity(template, 4);
        assert!(shop.claim_with(template, late).is_ok(), "the late one's own limit was given back");
    }

    fn a_claim_is_kept_with_its_window_day_and_hour(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(1));
        let customer = shop.customer();
        let claimed = shop.claim(template, customer).unwrap();
        let coupon = shop.store.read_blocking(move |db| coupons::find(db, claimed.coupon)).unwrap().unwrap();
        let owner = coupon.owner.unwrap();
        assert_eq!((coupon.state, coupon.version, owner.customer), (CouponState::Issued, 1, customer));
        assert_eq!((owner.day.to_string().as_str(), owner.hour), ("2026-06-02", 12));
        assert_eq!(coupon.expires_at, Some(shop::at("2026-06-09T16:00:00Z")));
        assert_eq!(coupon.committed, Money::ZERO, "nothing is promised where there is no budget");
    }

    fn a_template_of_a_site_is_claimed_only_below_it(database) {
        let shop = Shop::open(database);
        let template = shop.template_of(shop.site_a, rules(5));
        let customer = shop.customer();
        let at = |site| {
            let mut ask = shop.ask(customer);
            ask.site = site;
            shop.claim_with(template, ask)
        };
        assert!(at(shop.site_a).is_ok());
        assert!(at(shop.store_a).is_ok());
        assert_eq!(at(shop.site_b).unwrap_err().code(), "coupon_out_of_scope");
        assert_eq!(at(shop.head).unwrap_err().code(), "coupon_out_of_scope");
    }

    fn an_excluded_store_takes_no_part(database) {
        let shop = Shop::open(database);
        let mut rules = rules(5);
        rules.scope.exclude_nodes = vec![shop.store_a];
        let template = shop.template(rules);
        let mut ask = shop.ask(shop.customer());
        ask.site = shop.store_a;
        assert_eq!(shop.claim_with(template, ask).unwrap_err().code(), "coupon_out_of_scope");
    }

    fn who_is_blocked_at_a_site_may_claim_elsewhere(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(5));
        let (customer, site_a) = (shop.customer(), shop.site_a);
        shop.store.write_blocking(move |db, now| {
            customers::note_visit(db, site_a, customer, "test", now)?;
            let seen = huike_persistence::site_customers::lock_site(db, site_a, customer)?.unwrap();
            let outcome = huike_persistence::site_customers::set_site_block(db, &seen, Some("刷单"), now)?;
            assert_eq!(outcome, huike_persistence::Outcome::Applied);
            Ok::<_, StoreError>(())
        }).unwrap();
        let mut ask = shop.ask(customer);
        ask.site = shop.store_a;
        assert_eq!(shop.claim_with(template, ask.clone()).unwrap_err().code(), "customer_blocked");
        ask.site = shop.site_b;
        assert!(shop.claim_with(template, ask).is_ok());
    }

    fn a_closed_stock_names_the_reason_of_its_template(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(5));
        let outcome = shop.store.write_blocking(move |db, _| stock::set_accepting(db, template, false)).unwrap();
        assert_eq!(outcome, huike_persistence::Outcome::Applied);
        assert_eq!(shop.claim(template, shop.customer()).unwrap_err().code(), "coupon_paused");
    }
}
