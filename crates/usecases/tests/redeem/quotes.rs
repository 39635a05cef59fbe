//! A cart and a counter agree on what a coupon gives.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{Connection as _, InstrumentationEvent};
use huike_coupons::{
    CouponState, Effect, HeldCoupon, Standing, TemplateRules,
    calendar::HolidayCalendar,
    decide_counter_redeem,
    limits::{LimitCap, LimitRule, Metric, Period, Subject},
    redeem::CounterAsk,
    rules::Validity,
};
use huike_kernel::{CouponId, CustomerId, DomainError as _, Money, NodeId, Rate, TemplateId, Zone};
use huike_persistence::{Db, db_test};
use huike_pricing::{
    Cart, CartLine, CompiledOffers, CouponChoice, Facts,
    quote::{RejectionCode, Source},
    quote_holding,
};
use huike_sites::decide_place;
use huike_usecases::{
    UseCaseError,
    quotes::{
        self, CartAsk, Occasion, PricePlace, Purse, Quoted,
        coupon_offer::{offer_id, offer_of},
    },
};
use proptest::{prelude::*, strategy::ValueTree as _};
use uuid::Uuid;

use crate::{
    brand::{Brand, id, noon, yuan},
    cards::{Card, amount_off},
};

/// One line of one thing.
fn cart(quantity: u32, unit: Money) -> Cart {
    Cart { lines: vec![CartLine::new("1", "milk-900g", quantity, unit)], shipping: Vec::new() }
}

fn node(number: u64) -> NodeId {
    NodeId::from_uuid(id(number))
}

/// From the head to the store.
fn path() -> Vec<NodeId> {
    vec![node(1), node(2), node(4)]
}

/// What came of it: so much off, or the reason why not, in the engine's words.
#[derive(Debug, PartialEq)]
enum Verdict {
    Off(i64),
    Refused(RejectionCode, Option<Money>),
}

/// One customer with one coupon of the rules.
#[derive(Debug, Clone)]
struct Scene {
    rules: TemplateRules,
    owner: NodeId,
    is_new: bool,
    /// Minutes from the first moment of use until now.
    since: i64,
    quantity: u32,
    unit: Money,
}

impl Scene {
    fn window(&self) -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) {
        let starts_at = noon() - chrono::TimeDelta::minutes(self.since);
        (starts_at, starts_at + chrono::TimeDelta::minutes(1_000))
    }

    fn owner_path(&self) -> Vec<NodeId> {
        if self.owner == node(1) { vec![node(1)] } else { vec![node(1), self.owner] }
    }

    fn at_the_counter(&self) -> Verdict {
        let (usable_from, expires_at) = self.window();
        let coupon = HeldCoupon {
            state: CouponState::Issued,
            owner: Some(CustomerId::from_uuid(id(9))),
            usable_from: Some(usable_from),
            expires_at: Some(expires_at),
            committed: Money::ZERO,
        };
        let scope = &self.rules.scope;
        let ask = CounterAsk {
            now: noon(),
            zone: Zone::default(),
            calendar: &HolidayCalendar::weekends_only(),
            order_amount: self.unit.checked_mul(i64::from(self.quantity)),
            store_in_scope: decide_place(&self.owner_path(), &path(), &scope.include_nodes, &scope.exclude_nodes)
                .is_ok(),
            killed: None,
            clerk_is_owner: false,
            customer: Standing { blocked: false, is_new: self.is_new, in_segment: None },
            day_signed: false,
            winner: None,
        };
        match decide_counter_redeem(&self.rules, &coupon, &ask) {
            Ok(granted) => Verdict::Off(granted.discount.fen()),
            Err(refusal) => {
                let gap = refusal.details().and_then(|it| it["gap"]["amount"].as_str().map(yuan));
                let code = match refusal.code() {
                    "coupon_not_started" => RejectionCode::NotStarted,
                    "coupon_expired" => RejectionCode::Expired,
                    "coupon_out_of_scope" => RejectionCode::Scope,
                    "coupon_new_customers_only" => RejectionCode::Segment,
                    "coupon_threshold_not_met" => RejectionCode::Threshold,
                    other => panic!("a counter says {other}"),
                };
                Verdict::Refused(code, gap)
            }
        }
    }

    fn in_the_cart(&self) -> Verdict {
        let template = TemplateId::from_uuid(id(7));
        let id = offer_id(template, 1);
        let offers = CompiledOffers::new(vec![offer_of(id, self.owner, &self.rules).unwrap()]).unwrap();
        let mut facts = Facts::at(noon(), Zone::default().local(noon()));
        facts.places = path();
        facts.completed_orders = Some(u32::from(!self.is_new));
        let (usable_from, expires_at) = self.window();
        let coupon = CouponId::from_uuid(Uuid::from_u128(5));
        let held = [huike_pricing::HeldCoupon { coupon, offer: id, usable_from, expires_at }];
        let cart = cart(self.quantity, self.unit);
        let choice = CouponChoice::Best;
        let ask = huike_pricing::Ask { cart: &cart, facts: &facts, held: &held, choice: &choice, points_off: None };
        let nothing = CompiledOffers::default();
        let quote = quote_holding((&nothing, &offers), &huike_pricing::Policy::default(), &ask).unwrap();
        match quote.rejected.first() {
            // Less than half a fen off is nothing off, which the engine does not call applied.
            Some(rejected) if rejected.code == RejectionCode::WorseThan => Verdict::Off(0),
            Some(rejected) => Verdict::Refused(
                rejected.code,
                rejected.gap.map(|gap| match gap {
                    huike_pricing::quote::Gap::Amount(amount) => amount,
                    huike_pricing::quote::Gap::Quantity(_) => panic!("nothing asks for units"),
                }),
            ),
            None => Verdict::Off(quote.totals.discount.fen()),
        }
    }
}

fn money(range: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Money> {
    range.prop_map(Money::from_fen)
}

fn effects() -> impl Strategy<Value = Effect> {
    let amount_off = (money(1..=20_000), money(0..=40_000)).prop_map(|(amount, more)| {
        let threshold = if more.is_zero() { Money::ZERO } else { amount.checked_add(more).unwrap() };
        Effect::AmountOff { amount, threshold }
    });
    let rate = (1..Rate::WHOLE_PPM).prop_map(|ppm| Rate::from_ppm(ppm).unwrap());
    let percent_off = (rate, money(0..=40_000), prop::option::of(money(1..=10_000)))
        .prop_map(|(rate_off, threshold, cap)| Effect::PercentOff { rate_off, threshold, cap });
    prop_oneof![amount_off, percent_off]
}

fn scenes() -> impl Strategy<Value = Scene> {
    let places = prop::collection::vec(prop::sample::select(vec![1_u64, 2, 3, 4, 5]), 0..3);
    let rules = (effects(), places.clone(), places, any::<bool>()).prop_map(|(effect, include, exclude, new_only)| {
        let mut rules = TemplateRules::new(effect, 10, Validity::Relative { delay_minutes: 0, days: 7 });
        rules.scope.include_nodes = include.into_iter().map(node).collect();
        rules.scope.exclude_nodes = exclude.into_iter().map(node).collect();
        rules.audience.new_customer_only = new_only;
        rules
    });
    // Mostly here and now, so that mostly something comes off.
    let owner = prop::sample::select(vec![1_u64, 1, 1, 2, 2, 3]);
    let since = prop_oneof![8 => 0..1_000_i64, 1 => -100..0_i64, 1 => 1_000..1_100_i64];
    (rules, owner, any::<bool>(), since, 1..20_u32, money(1..=8_000)).prop_map(
        |(rules, owner, is_new, since, quantity, unit)| Scene {
            rules,
            owner: node(owner),
            is_new,
            since,
            quantity,
            unit,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_cart_of_one_line_and_a_counter_agree_to_the_fen_or_on_the_reason(scene in scenes()) {
        prop_assert_eq!(scene.in_the_cart(), scene.at_the_counter());
    }

    /// A counter hands the thing over and takes its price; in a cart the thing stands on a line.
    #[test]
    fn an_exchange_costs_the_same_in_a_cart_as_at_a_counter(price in 0..5_000_i64, more in 0..5_000_i64, units in 1..9_u32) {
        let (price, list) = (Money::from_fen(price), Money::from_fen(price + more));
        let effect = Effect::Exchange {
            item: "奶粉一罐".try_into().unwrap(), sku: Some("milk-900g".try_into().unwrap()), price,
        };
        let rules = TemplateRules::new(effect, 10, Validity::Relative { delay_minutes: 0, days: 7 });
        let scene = Scene { rules, owner: node(1), is_new: true, since: 1, quantity: units, unit: list };
        prop_assert_eq!(scene.in_the_cart(), Verdict::Off(more));
    }
}

#[test]
fn the_scenes_are_mostly_of_coupons_that_apply_and_of_every_refusal() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut off, mut codes) = (0, std::collections::BTreeSet::new());
    for _ in 0..2_000 {
        match scenes().new_tree(&mut runner).unwrap().current().at_the_counter() {
            Verdict::Off(1..) => off += 1,
            Verdict::Off(_) => {}
            Verdict::Refused(code, _) => {
                codes.insert(code);
            }
        }
    }
    assert!(off > 200 && codes.len() == 5, "{off} {codes:?}");
}

impl Brand {
    /// The cart with the customer's coupons, in the first store of the first site.
    fn quote(&self, customer: CustomerId, ask: CartAsk) -> Result<Quoted, UseCaseError> {
        self.quote_at(self.store_a, customer, ask)
    }

    fn quote_at(&self, store: NodeId, customer: CustomerId, ask: CartAsk) -> Result<Quoted, UseCaseError> {
        let (now, counter) = (self.now(), Arc::clone(&self.counter));
        self.store.read_blocking(move |db| {
            let place = PricePlace::load(db, store)?;
            let occasion = Occasion { place: &place, now, calendar: &counter.calendar };
            let purse = Purse::load(db, customer, &occasion, ask.coupons.as_deref())?;
            quotes::price(&CompiledOffers::default(), (&place, now), Some(purse), &ask)
        })
    }

    fn spend(&self, amount: &str) -> CartAsk {
        CartAsk { cart: cart(1, yuan(amount)), ..CartAsk::default() }
    }
}

/// Why that coupon does not apply.
fn reason(quoted: &Quoted, card: &Card) -> Option<RejectionCode> {
    let of_card = |source: &Source| matches!(source, Source::Coupon { coupon, .. } if *coupon == card.id);
    quoted.quote.rejected.iter().find(|rejected| of_card(&rejected.source)).map(|rejected| rejected.code)
}

fn limit(metric: Metric, subject: Subject, cap: LimitCap) -> LimitRule {
    LimitRule { metric, subject, period: Period::Day, cap }
}

db_test! {
    fn what_a_quote_promises_a_counter_gives_until_a_limit_is_reached(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "200");
        rules.limits = vec![limit(Metric::Uses, Subject::Customer, LimitCap::Count(1))];
        let (offer, customer) = (brand.offer(rules), brand.customer());
        let cards = [brand.card(&offer, Some(customer)), brand.card(&offer, Some(customer))];
        let quoted = brand.quote(customer, brand.spend("236")).unwrap();
        assert_eq!(quoted.quote.totals.discount, yuan("30"));
        let receipt = brand.redeem(brand.clerk, brand.store_a, &cards[0], Some("236")).unwrap();
        assert_eq!(receipt.discount, quoted.quote.totals.discount);
        let quoted = brand.quote(customer, brand.spend("236")).unwrap();
        assert_eq!((quoted.quote.totals.discount, reason(&quoted, &cards[1])), (Money::ZERO, Some(RejectionCode::Limit)));
        assert!(brand.redeem(brand.clerk, brand.store_a, &cards[1], Some("236")).is_err());
    }

    fn limits_in_money_bound_a_quote_as_they_bound_a_counter(database) {
        let brand = Brand::new(database);
        let mut rules = amount_off("30", "200");
        rules.limits = vec![
            limit(Metric::Discount, Subject::Template, LimitCap::Amount(yuan("50"))),
            limit(Metric::OrderValue, Subject::Store, LimitCap::Amount(yuan("600"))),
        ];
        let (offer, customer) = (brand.offer(rules), brand.customer());
        let cards = [brand.card(&offer, Some(customer)), brand.card(&offer, Some(customer))];
        let too_much = brand.quote(customer, brand.spend("600.01")).unwrap();
        assert_eq!(reason(&too_much, &cards[0]), Some(RejectionCode::Threshold));
        brand.redeem(brand.clerk, brand.store_a, &cards[0], Some("200")).unwrap();
        let spent = brand.quote(customer, brand.spend("200")).unwrap();
        assert_eq!(reason(&spent, &cards[1]), Some(RejectionCode::Budget));
        assert!(brand.redeem(brand.clerk, brand.store_a, &cards[1], Some("200")).is_err());
    }

    fn every_coupon_in_hand_is_explained(database) {
        let brand = Brand::new(database);
        let customer = brand.customer();
        let good = brand.card(&brand.offer(amount_off("30", "200")), Some(customer));
        let dearer = brand.card(&brand.offer(amount_off("50", "400")), Some(customer));
        let elsewhere = {
            let mut rules = amount_off("40", "0");
            rules.scope.exclude_nodes = vec![brand.store_a];
            brand.card(&brand.offer(rules), Some(customer))
        };
        let mut of_the_evening = amount_off("35", "0");
        of_the_evening.use_times = serde_json::from_str(r#"{"rules":[{"hours":[{"from":"18:00","to":"22:00"}]}]}"#).unwrap();
        let evening = brand.card(&brand.offer(of_the_evening), Some(customer));
        let quoted = brand.quote(customer, brand.spend("236")).unwrap();
        assert_eq!(quoted.quote.totals.payable, yuan("206"));
        assert_eq!(reason(&quoted, &good), None);
        assert_eq!(reason(&quoted, &dearer), Some(RejectionCode::Threshold));
        assert_eq!(reason(&quoted, &elsewhere), Some(RejectionCode::Scope));
        assert_eq!(reason(&quoted, &evening), Some(RejectionCode::NotStarted));
        let waits = quoted.quote.rejected.iter().find_map(|rejected| rejected.starts_at).unwrap();
        assert_eq!(waits, noon() + chrono::TimeDelta::hours(6), "noon in Shanghai, and the evening begins at six");
        assert_eq!(brand.quote_at(brand.store_a2, customer, brand.spend("236")).unwrap().quote.totals.payable, yuan("196"));
    }

    fn coupons_that_are_named_are_the_customers_own_or_refused(database) {
        let brand = Brand::new(database);
        let (customer, other) = (brand.customer(), brand.customer());
        let offer = brand.offer(amount_off("30", "200"));
        let (own, theirs, used) = (
            brand.card(&offer, Some(customer)),
            brand.card(&offer, Some(other)),
            brand.card(&offer, Some(customer)),
        );
        brand.redeem(brand.clerk, brand.store_a, &used, Some("236")).unwrap();
        let named = |ids: &[CouponId]| CartAsk { coupons: Some(ids.to_vec()), ..brand.spend("236") };
        let quoted = brand.quote(customer, named(&[own.id, used.id])).unwrap();
        assert_eq!((quoted.quote.totals.payable, reason(&quoted, &used)), (yuan("206"), Some(RejectionCode::Limit)));
        assert_eq!(brand.quote(customer, named(&[])).unwrap().quote.totals.payable, yuan("236"));
        for foreign in [theirs.id, CouponId::from_uuid(id(77))] {
            let refused = brand.quote(customer, named(&[own.id, foreign])).unwrap_err();
            assert_eq!((refused.code(), refused.pointer().as_deref()), ("quote_coupon_unknown", Some("/coupon_ids/1")));
        }
    }

    fn a_purse_takes_five_statements_however_full_it_is(database) {
        let brand = Brand::new(database);
        let customer = brand.customer();
        for number in 1..=12 {
            let mut rules = amount_off(&format!("{number}"), "200");
            rules.limits = vec![limit(Metric::Uses, Subject::Customer, LimitCap::Count(3))];
            let offer = brand.offer(rules);
            for _ in 0..number % 3 {
                brand.card(&offer, Some(customer));
            }
        }
        let (store, now, counter) = (brand.store_a, brand.now(), Arc::clone(&brand.counter));
        let sent = brand.read(move |db| {
            let place = PricePlace::load(db, store)?;
            let occasion = Occasion { place: &place, now, calendar: &counter.calendar };
            let mut purse = None;
            let sent = statements(db, |db| purse = Some(Purse::load(db, customer, &occasion, None)));
            purse.unwrap()?;
            Ok(sent)
        });
        assert_eq!(sent, 5);
    }
}

/// Counts the statements that the work sends.
fn statements(db: &mut Db, work: impl FnOnce(&mut Db)) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    work(db);
    db.set_instrumentation(|_event: InstrumentationEvent<'_>| {});
    count.load(Ordering::SeqCst)
}
