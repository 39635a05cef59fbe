//! Laws of claims that are gathered into batches: the same as of claims one by one. On both databases, all asks at once.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it fails")]

mod cost;
#[path = "../shop/mod.rs"]
mod shop;

use std::{
    collections::BTreeSet,
    sync::{Arc, mpsc},
};

use diesel::connection::SimpleConnection;
use huike_coupons::limits::{Period, Subject};
use huike_kernel::{Actor, CustomerId, DomainError, TemplateId};
use huike_persistence::{
    Db, OnceKey, StoreError,
    coalesce::{Coalescer, CoalescerOptions, Work},
    db_test, idempotency, standing, stock,
    testing::TestDatabase,
};
use huike_usecases::{
    UseCaseError,
    claims::{Claimed, Claiming, Closed, Look, Looking, OnceClaim, closes},
    templates::{TemplateAsk, end},
};
use shop::{Shop, limit, rules, successes};

const OPTIONS: CoalescerOptions =
    CoalescerOptions { batch_max: 512, line_max: 8_192, waiting_max: 8_192, row_batches_max: 1, batches_max: 4 };

/// A claim of the customer at site A, under that key, with a body of which nothing is known but its hash.
fn ask(shop: &Shop, customer: CustomerId, key: &str, body: u8) -> Arc<OnceClaim> {
    let once =
        OnceKey { principal: Actor::Customer(customer).principal(), key: key.to_owned(), request_hash: [body; 32] };
    Arc::new(OnceClaim { once, caller: shop.caller(Actor::Customer(customer)), ask: shop.ask(customer) })
}

/// Hands them all in at once, in this order, and waits for the answers.
fn submit<W>(shop: &Shop, work: W, template: TemplateId, asks: &[Arc<OnceClaim>]) -> Vec<Result<W::Answer, W::Error>>
where
    W: Work<Row = TemplateId, Ask = Arc<OnceClaim>, Error = UseCaseError>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let coalescer = Coalescer::new(shop.store.clone(), work, OPTIONS);
    runtime.block_on(async {
        let submit = |ask: &Arc<OnceClaim>| {
            let (coalescer, ask) = (coalescer.clone(), Arc::clone(ask));
            tokio::spawn(async move { coalescer.submit(template, ask).await })
        };
        let calls: Vec<_> = asks.iter().map(submit).collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.unwrap());
        }
        answers
    })
}

fn claim(shop: &Shop, template: TemplateId, asks: &[Arc<OnceClaim>]) -> Vec<Result<Claimed, UseCaseError>> {
    submit(shop, Claiming, template, asks)
}

/// What a look says of each: the code of the refusal, the coupon that was claimed before, or `open`.
fn look(shop: &Shop, template: TemplateId, asks: &[Arc<OnceClaim>]) -> Vec<String> {
    let word = |answer: Result<Look, UseCaseError>| match answer.unwrap() {
        Look::Open => "open".to_owned(),
        Look::Answered(Ok(claimed)) => claimed.coupon.to_string(),
        Look::Answered(Err(refusal)) => refusal.code().to_owned(),
    };
    submit(shop, Looking, template, asks).into_iter().map(word).collect()
}

fn code<T>(answer: &Result<T, UseCaseError>) -> &'static str {
    answer.as_ref().map_or_else(|error| error.code(), |_| "claimed")
}

/// How many idempotency keys are kept.
fn keys(shop: &Shop, asks: &[Arc<OnceClaim>]) -> usize {
    let keys: Vec<OnceKey> = asks.iter().map(|ask| ask.once.clone()).collect();
    let known = shop.store.read_blocking(move |db| idempotency::find_many(db, &keys.iter().collect::<Vec<_>>()));
    known.unwrap().iter().filter(|known| **known != idempotency::Known::Nothing).count()
}

/// From now on the database itself fails whatever gives that customer a coupon.
fn curse(shop: &Shop, customer: CustomerId) {
    let id = customer.as_uuid();
    shop.store
        .write_blocking(move |db, _| {
            match db {
                Db::Sqlite(c) => c.batch_execute(&format!(
                    "CREATE TRIGGER curse BEFORE INSERT ON coupon WHEN NEW.customer_id = X'{}'
                     BEGIN SELECT RAISE(ABORT, 'bad luck'); END",
                    id.simple()
                )),
                Db::Postgres(c) => c.batch_execute(&format!(
                    "CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS
                     $$ BEGIN RAISE EXCEPTION 'bad luck'; END $$;
                     CREATE TRIGGER curse BEFORE INSERT ON coupon FOR EACH ROW
                     WHEN (NEW.customer_id = '{id}') EXECUTE FUNCTION curse()"
                )),
            }?;
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

db_test! {
    fn many_more_than_the_stock_take_exactly_the_stock_in_the_order_they_came(database) {
        let shop = Shop::open(database);
        let mut rules = rules(60);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(300);
        let asks: Vec<_> = customers.iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        let answers = claim(&shop, template, &asks);
        assert_eq!(successes(&answers, "coupon_sold_out"), 60);
        assert!(answers[..60].iter().all(Result::is_ok), "first come, first served");
        assert_eq!(shop.stock(template).issued, 60);
        // Who was refused left nothing: no key, no visit, and nothing on their limit.
        assert_eq!(keys(&shop, &asks), 60);
        let (site, wanted) = (shop.site_a, customers.clone());
        let seen = shop.store.read_blocking(move |db| standing::seen_below(db, &[site], &wanted)).unwrap();
        assert_eq!(seen, customers[..60].iter().copied().collect::<BTreeSet<_>>());
        shop.set_quantity(template, 300);
        assert_eq!(successes(&claim(&shop, template, &asks[60..]), ""), 240, "with the same keys");
    }

    fn one_key_at_once_is_one_coupon_and_another_body_is_told_so(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let customer = shop.customer();
        let asks: Vec<_> = (0..40).map(|number| ask(&shop, customer, "k", number % 2)).collect();
        let answers = claim(&shop, template, &asks);
        let coupons: BTreeSet<_> = answers.iter().step_by(2).map(|answer| answer.as_ref().unwrap().coupon).collect();
        assert_eq!(coupons.len(), 1);
        assert!(answers.iter().skip(1).step_by(2).all(|answer| code(answer) == "idempotency_key_reused"));
        assert_eq!(shop.stock(template).issued, 1);
    }

    fn a_repeat_is_answered_as_before_among_others_who_are_new(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(100));
        let customers = shop.customers(20);
        let asks: Vec<_> = customers.iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        let before = claim(&shop, template, &asks[5..10]);
        let answers = claim(&shop, template, &asks);
        for (again, first) in answers[5..10].iter().zip(before) {
            assert_eq!(again.as_ref().unwrap(), &first.unwrap());
        }
        assert_eq!(successes(&answers, ""), 20);
        assert_eq!(shop.stock(template).issued, 20);
    }

    fn one_customer_with_many_keys_gets_what_the_limit_allows(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 3)];
        let template = shop.template(rules);
        let customer = shop.customer();
        let asks: Vec<_> = (0..30).map(|number| ask(&shop, customer, &format!("k{number}"), 1)).collect();
        assert_eq!(successes(&claim(&shop, template, &asks), "coupon_limit_reached"), 3);
        assert_eq!(keys(&shop, &asks), 3);
    }

    fn limits_that_many_share_hold_in_one_batch(database) {
        let shop = Shop::open(database);
        let mut rules = rules(1_000);
        rules.limits = vec![
            limit(Subject::Template, Period::Day, 50),
            limit(Subject::Site, Period::Day, 20),
            limit(Subject::Customer, Period::Day, 1),
        ];
        let template = shop.template(rules);
        let customers = shop.customers(120);
        let sites = [shop.site_a, shop.site_b, shop.store_a, shop.head];
        let asks: Vec<_> = customers.iter().enumerate().map(|(number, customer)| {
            let mut asked = OnceClaim::clone(&ask(&shop, *customer, "k", 1));
            asked.ask.site = sites[number % 3];
            Arc::new(asked)
        }).collect();
        let answers = claim(&shop, template, &asks);
        let at = |site: usize| answers.iter().skip(site).step_by(3).filter(|answer| answer.is_ok()).count();
        assert_eq!(successes(&answers, "coupon_limit_reached"), 50);
        assert!((0..3).all(|site| at(site) <= 20), "{:?}", [at(0), at(1), at(2)]);
        assert_eq!(shop.stock(template).issued, 50);
        assert_eq!(keys(&shop, &asks), 50);
    }

    fn a_bad_ask_harms_only_itself(database) {
        let shop = Shop::open(database);
        let mut rules = rules(100);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(40);
        curse(&shop, customers[17]);
        let asks: Vec<_> = customers.iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        let answers = claim(&shop, template, &asks);
        let codes: Vec<_> = answers.iter().map(code).collect();
        let expected: Vec<_> = (0..40).map(|number| if number == 17 { "internal" } else { "claimed" }).collect();
        assert_eq!(codes, expected);
        assert_eq!((shop.stock(template).issued, keys(&shop, &asks)), (39, 39));
    }

    fn of_a_template_that_nobody_may_know_of_everybody_hears_that_there_is_none(database) {
        let shop = Shop::open(database);
        let asks: Vec<_> = shop.customers(10).iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        let (nowhere, answers) = (shop.id(), ["not_found"; 10]);
        assert_eq!(claim(&shop, nowhere, &asks).iter().map(code).collect::<Vec<_>>(), answers);
        assert_eq!(look(&shop, nowhere, &asks), answers);
        assert_eq!(keys(&shop, &asks), 0);
    }

    fn a_look_says_what_a_claim_would_and_takes_nothing(database) {
        let shop = Shop::open(database);
        let mut rules = rules(2);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(4);
        let asks: Vec<_> = customers.iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        assert_eq!(look(&shop, template, &asks), ["open"; 4]);
        let won = claim(&shop, template, &asks[..2]);
        let [first, second] = [0, 1].map(|number| won[number].as_ref().unwrap().coupon.to_string());

        let others = [
            Arc::clone(&asks[0]), Arc::clone(&asks[1]), Arc::clone(&asks[2]),
            ask(&shop, customers[0], "k", 2), ask(&shop, customers[0], "another", 1),
        ];
        let sold_out = [&first, &second, "coupon_sold_out", "idempotency_key_reused", "coupon_limit_reached"];
        assert_eq!(look(&shop, template, &others), sold_out);
        assert_eq!(claim(&shop, template, &others[2..]).iter().map(code).collect::<Vec<_>>(), sold_out[2..]);

        let caller = shop.staff();
        shop.store.write_blocking(move |db, now| end(db, &caller.act(now), TemplateAsk { template, seen: None })).unwrap();
        let ended = [&first, &second, "coupon_ended", "idempotency_key_reused", "coupon_ended"];
        assert_eq!(look(&shop, template, &others), ended);
        assert_eq!(keys(&shop, &asks), 2);
    }

    fn a_look_sees_stock_that_returned_at_once(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(1));
        let asks: Vec<_> = shop.customers(3).iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        claim(&shop, template, &asks[..1])[0].as_ref().unwrap();
        assert_eq!(look(&shop, template, &asks[1..]), ["coupon_sold_out"; 2]);
        shop.set_quantity(template, 2);
        assert_eq!(look(&shop, template, &asks[1..]), ["open"; 2]);
    }

    fn a_look_waits_for_nobody_who_writes(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(1));
        let asks: Vec<_> = shop.customers(10).iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
        claim(&shop, template, &asks[..1])[0].as_ref().unwrap();
        let ((locked, is_locked), (let_go, go)) = (mpsc::channel(), mpsc::channel::<()>());
        let (store, go) = (shop.store.clone(), std::sync::Mutex::new(go));
        let writer = std::thread::spawn(move || {
            store.write_blocking(move |db, _| {
                stock::lock(db, template)?;
                locked.send(()).unwrap();
                go.lock().unwrap().recv().unwrap();
                Ok::<_, StoreError>(())
            })
        });
        is_locked.recv().unwrap();
        assert_eq!(look(&shop, template, &asks[1..]), ["coupon_sold_out"; 9]);
        let_go.send(()).unwrap();
        writer.join().unwrap().unwrap();
    }

    fn what_meets_everybody_is_told_from_what_meets_one(database) {
        let shop = Shop::open(database);
        let mut rules = rules(1);
        rules.limits = vec![limit(Subject::Customer, Period::Ever, 1)];
        let template = shop.template(rules);
        let customers = shop.customers(2);
        shop.claim(template, customers[0]).unwrap();
        let of = |customer| closes(&shop.claim(template, customer).unwrap_err());
        assert_eq!((of(customers[0]), of(customers[1])), (None, Some(Closed::Everywhere)));
    }
}

/// Two programs share a database: PostgreSQL decides between them.
#[test]
fn two_coalescers_on_one_database_hand_out_exactly_the_stock() {
    let Some(database) = TestDatabase::postgres() else { return };
    let shop = Shop::open(&database);
    let template = shop.template(rules(100));
    let customers = shop.customers(400);
    // Half of the customers ask both, under the same key.
    let asks: Vec<_> = customers.iter().map(|customer| ask(&shop, *customer, "k", 1)).collect();
    let halves = [&asks[..300], &asks[100..]];
    let answers: Vec<_> = std::thread::scope(|scope| {
        let shop = &shop;
        let run = |asks| scope.spawn(move || claim(shop, template, asks));
        halves.map(run).into_iter().map(|it| it.join().unwrap()).collect()
    });
    let coupons: BTreeSet<_> = answers.iter().flatten().filter_map(|it| it.as_ref().ok()).map(|it| it.coupon).collect();
    assert_eq!(coupons.len(), 100);
    for answer in answers.iter().flatten().filter(|answer| answer.is_err()) {
        assert!(["coupon_sold_out", "idempotency_in_progress"].contains(&code(answer)), "{}", code(answer));
    }
    assert_eq!((shop.stock(template).issued, keys(&shop, &asks)), (100, 100));
}
