//! What is spent too fast is told once an hour, whoever looks.

use std::sync::{
    Barrier,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use huike_access::Scope;
use huike_coupons::{
    CouponState, TemplateRules, TemplateState,
    codes::CodeShape,
    spending::{AlarmCause, AlarmMode},
};
use huike_kernel::{Actor, CouponId, CustomerId, Money, NodeId, TemplateId, Zone};
use huike_persistence::{
    coupons::{self, Coupon, Ownership, StoredCode},
    customers, db_test,
    redemptions::{self, Redemption},
    schema::event,
    spending::{self, RaisedAlarm},
    templates as rows,
};
use huike_usecases::{
    Caller,
    templates::{self, FastTemplate},
};

use crate::support::{Brand, CLERK, number, person, rules, with_budget};

/// Half past ten in Shanghai: no test runs into the next hour by itself.
fn now() -> DateTime<Utc> {
    "2040-06-05T02:30:00Z".parse().unwrap()
}

/// A brand whose clerks redeem.
struct Counter<'a> {
    brand: &'a Brand,
    number: AtomicU64,
}

impl<'a> Counter<'a> {
    fn open(brand: &'a Brand) -> Self {
        let (head, buyer) = (brand.head, CustomerId::from_uuid(number(900)));
        let made = brand.write(move |db, now| Ok(customers::insert(db, buyer, head, None, now)?)).unwrap();
        assert_eq!(made, huike_persistence::Outcome::Applied);
        Self { brand, number: AtomicU64::new(1) }
    }

    /// One coupon that was claimed and redeemed at that moment, and what it cost.
    fn redeem(&self, template: TemplateId, moment: DateTime<Utc>, cost: &str) {
        let n = self.number.fetch_add(1, Ordering::Relaxed);
        let (head, shop, cost): (NodeId, NodeId, Money) = (self.brand.head, self.brand.shop, cost.parse().unwrap());
        let local = Zone::default().local(moment);
        let buyer = CustomerId::from_uuid(number(900));
        let coupon = Coupon {
            id: CouponId::from_uuid(number(10_000 + u128::from(n))),
            site: head,
            template_site: head,
            template,
            template_version: 1,
            state: CouponState::Redeemed,
            owner: Some(Ownership { customer: buyer, claimed_at: moment, day: local.day, hour: local.hour }),
            channel: None,
            batch: None,
            code: StoredCode { shape: CodeShape::Signed, lookup: n.to_be_bytes().repeat(4), sealed: vec![1] },
            usable_from: None,
            expires_at: None,
            committed: Money::ZERO,
            issued_at: moment,
            version: 1,
        };
        let redemption = Redemption {
            id: number(20_000 + u128::from(n)).into(),
            coupon: coupon.id,
            use_number: 1,
            store: shop,
            template_site: head,
            template,
            template_version: 1,
            customer: Some(buyer),
            channel: None,
            actor: Actor::Staff(person(CLERK)),
            order_amount: None,
            discount: cost,
            cost,
            redeemed_at: moment,
            day: local.day,
            hour: local.hour,
            reversal: None,
        };
        self.brand
            .write(move |db, _| {
                coupons::insert_many(db, std::slice::from_ref(&coupon))?;
                Ok(redemptions::insert_many(db, std::slice::from_ref(&redemption))?)
            })
            .unwrap();
    }

    /// A live template that cost so much on each of eight days past.
    fn template(&self, rules: &TemplateRules, a_day: &str) -> TemplateId {
        let template = self.brand.live(rules);
        (1..=8).for_each(|day| self.redeem(template, now() - TimeDelta::days(day), a_day));
        template
    }
}

fn fast(brand: &Brand, moment: DateTime<Utc>) -> Vec<FastTemplate> {
    brand.read(move |db| Ok(templates::list_fast(db, moment)?))
}

fn raise(brand: &Brand, of: FastTemplate, moment: DateTime<Utc>) -> Option<RaisedAlarm> {
    let scope = Scope::default();
    let caller = Caller { actor: Actor::System, scope, request_id: "job".to_owned(), ids: brand.ids.clone() };
    brand.write(move |db, _| templates::raise_alarm(db, &caller.act(moment), &of)).unwrap()
}

fn count_told(brand: &Brand) -> i64 {
    brand.read(|db| {
        let told = event::table.filter(event::kind.eq("spending_alarm")).count().get_result(db);
        Ok(told.map_err(huike_persistence::StoreError::from)?)
    })
}

fn state_of(brand: &Brand, template: TemplateId) -> TemplateState {
    brand.read(move |db| Ok(rows::find(db, template)?)).unwrap().state
}

db_test! {
    fn a_coupon_that_leaked_is_told_of_once_an_hour_and_an_ordinary_day_is_not(database) {
        let brand = Brand::with_team(database);
        let counter = Counter::open(&brand);
        let leaked = counter.template(&with_budget(1_000, "90000"), "100");
        let ordinary = counter.template(&with_budget(1_000, "90000"), "5000");
        for minute in 1..=6 {
            counter.redeem(leaked, now() - TimeDelta::minutes(minute), "100");
            counter.redeem(ordinary, now() - TimeDelta::minutes(minute), "100");
        }
        let found = fast(&brand, now());
        assert_eq!(found.iter().map(|it| it.template).collect::<Vec<_>>(), [leaked]);
        let told = raise(&brand, found[0], now()).unwrap();
        assert_eq!((told.cause, told.last_hour, told.paused), (AlarmCause::Fast, "600".parse().unwrap(), false));
        // ¥700 in the week before.
        assert_eq!(told.usual_hour, Some("4.16".parse().unwrap()));
        assert_eq!(fast(&brand, now() + TimeDelta::minutes(1)), [], "it was told of");
        assert_eq!(raise(&brand, found[0], now() + TimeDelta::minutes(1)), None);
        assert_eq!(count_told(&brand), 1);
        let next_hour = now() + TimeDelta::minutes(45);
        let still = fast(&brand, next_hour);
        assert!(raise(&brand, still[0], next_hour).is_some());
        assert_eq!(count_told(&brand), 2);
        assert_eq!(state_of(&brand, leaked), TemplateState::Live);
        let listed = brand.read(move |db| Ok(spending::list(db, &[NodeId::from_uuid(number(1))], Some(leaked), None, 9)?));
        assert_eq!(listed.iter().map(|it| it.raised_at).collect::<Vec<_>>(), [next_hour, now()]);
        let (site, told) = (brand.site_a, brand.read(|db| Ok(spending::list(db, &[], None, None, 9)?)));
        assert_eq!(told, [], "nobody's own");
        assert_eq!(brand.read(move |db| Ok(spending::list(db, &[site], None, None, 9)?)), [], "the head's, not the site's");
    }

    fn the_rush_of_a_flash_sale_that_opted_out_raises_nothing(database) {
        let brand = Brand::with_team(database);
        let counter = Counter::open(&brand);
        let of = |spending_alarm| TemplateRules { spending_alarm, ..with_budget(1_000, "2000") };
        let (flash, other) = (brand.live(&of(AlarmMode::Off)), brand.live(&of(AlarmMode::Raise)));
        for minute in 1..=5 {
            counter.redeem(flash, now() - TimeDelta::minutes(minute), "300");
            counter.redeem(other, now() - TimeDelta::minutes(minute), "300");
        }
        let found = fast(&brand, now());
        assert_eq!(found.iter().map(|it| it.template).collect::<Vec<_>>(), [other]);
        assert_eq!(found[0].alarm.cause(), AlarmCause::RunsOut);
    }

    fn two_servers_that_see_the_same_raise_one_alarm(database) {
        let brand = Brand::with_team(database);
        let counter = Counter::open(&brand);
        let leaked = counter.template(&rules(1_000), "10");
        counter.redeem(leaked, now() - TimeDelta::minutes(1), "600");
        let found = fast(&brand, now())[0];
        let start = Barrier::new(8);
        let raised: usize = std::thread::scope(|scope| {
            let job = || {
                start.wait();
                usize::from(raise(&brand, found, now()).is_some())
            };
            let jobs: Vec<_> = (0..8).map(|_| scope.spawn(job)).collect();
            jobs.into_iter().map(|job| job.join().unwrap()).sum()
        });
        assert_eq!((raised, count_told(&brand)), (1, 1));
    }

    fn where_its_rules_say_so_a_template_is_paused_with_the_alarm_and_one_that_was_stopped_is_left_alone(database) {
        let brand = Brand::with_team(database);
        let counter = Counter::open(&brand);
        let template = counter.template(&TemplateRules { spending_alarm: AlarmMode::Pause, ..rules(1_000) }, "10");
        counter.redeem(template, now() - TimeDelta::minutes(1), "600");
        let found = fast(&brand, now())[0];
        assert!(raise(&brand, found, now()).unwrap().paused);
        assert_eq!(state_of(&brand, template), TemplateState::Paused);
        // Held coupons are still redeemed: that is told of, and there is nothing left to pause.
        let next_hour = now() + TimeDelta::minutes(45);
        assert!(!raise(&brand, fast(&brand, next_hour)[0], next_hour).unwrap().paused);
    }
}
