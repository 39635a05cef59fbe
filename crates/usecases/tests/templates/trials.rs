//! Dry runs of offers: every cart is looked at once, as many as may be, and when there are more it is said.

use std::cell::Cell;

use chrono::TimeDelta;
use huike_access::Scope;
use huike_kernel::{Money, OfferClass};
use huike_persistence::{
    Db, StoreError, db_test,
    quoted_carts::{self, QuotedCart, ToldThen},
};
use huike_pricing::{Cart, CartLine, OfferRules, offer::Effect};
use huike_usecases::{
    UseCaseError,
    offers::{self, CHANGES_SHOWN, OnRecord, Trial, TrialAsk, Tried},
};
use uuid::Uuid;

use super::support::Brand;

/// More than are read at a time, twice over.
const CARTS: u32 = 1_100;

/// Carts of one line each: the first one of one yuan, the second one of two. Ten of them at each moment.
fn carts(brand: &Brand, now: chrono::DateTime<chrono::Utc>) -> Vec<QuotedCart> {
    let cart = |number: u32| {
        let quoted_at = now - TimeDelta::seconds(i64::from(number / 10));
        let line = CartLine::new("001", "milk", 1, Money::from_fen(i64::from(number) * 100));
        QuotedCart {
            id: Uuid::from_u128(u128::from(number)),
            site: if number.is_multiple_of(2) { brand.site_a } else { brand.head },
            customer: None,
            quoted_at,
            local_day: quoted_at.date_naive(),
            told: ToldThen::default(),
            cart: Cart { lines: vec![line], shipping: Vec::new() },
        }
    };
    (1..=CARTS).map(cart).collect()
}

fn prepare(db: &mut Db, brand: &Brand, now: chrono::DateTime<chrono::Utc>) -> Result<Trial, UseCaseError> {
    let rules = OfferRules::new(OfferClass::Order, Effect::AmountOff { amount: Money::from_fen(100) });
    let since = Some(now - TimeDelta::days(1));
    let ask = TrialAsk { site: brand.head, tried: Tried::Rules(Box::new(rules)), since };
    offers::prepare(db, &Scope::at(brand.head), &ask)
}

db_test! {
    fn every_cart_is_looked_at_once_and_a_run_that_is_stopped_says_so(database) {
        let brand = Brand::with_team(database);
        let (mine, now) = (brand.clone(), "2026-06-02T02:00:00Z".parse().unwrap());
        let quoted = carts(&brand, now);
        brand.write(move |db, _now| Ok(quoted_carts::insert_many(db, &quoted)?)).unwrap();
        let trial = brand.read(move |db| prepare(db, &mine, now));
        let run = |goes_on: &dyn Fn() -> bool| -> OnRecord { trial.run(now, None, goes_on).unwrap().on_record.unwrap() };

        let whole = run(&|| true);
        let most = usize::try_from(CARTS).unwrap();
        assert_eq!((whole.looked_at, whole.changed, whole.is_truncated), (most, most, false));
        let sum = i64::from(CARTS) * i64::from(CARTS + 1) / 2 * 100;
        assert_eq!(whole.payable_before, Money::from_fen(sum), "each of them once");
        assert_eq!(whole.cost(), Money::from_fen(i64::from(CARTS) * 100));
        assert_eq!(whole.shown.len(), CHANGES_SHOWN);

        let left = Cell::new(7);
        let stopped = run(&|| left.replace(left.get() - 1) > 0);
        assert_eq!((stopped.looked_at, stopped.is_truncated), (7, true));
        assert_eq!(stopped.oldest_at, Some(now), "the newest come first");
    }

    fn old_carts_are_dropped_and_the_others_stay(database) {
        let brand = Brand::with_team(database);
        let now = "2026-06-02T02:00:00Z".parse().unwrap();
        let quoted = carts(&brand, now);
        brand.write(move |db, _now| Ok(quoted_carts::insert_many(db, &quoted)?)).unwrap();
        let purge = |limit| {
            let dropped = move |db: &mut Db, _now| quoted_carts::purge(db, now - TimeDelta::seconds(99), limit);
            database.store().write_blocking(dropped)
        };
        let dropped: Result<Vec<usize>, StoreError> = [60, 60, 60].into_iter().map(purge).collect();
        // Those of 100 to 110 seconds ago.
        assert_eq!(dropped.unwrap(), [60, 41, 0]);
    }
}
