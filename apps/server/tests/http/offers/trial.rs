//! Dry runs: what an offer would change, on a cart and on what was quoted, and that nothing comes of asking.

use std::time::Duration;

use actix_web::rt::time::sleep;
use chrono::{TimeDelta, Utc};
use huike_access::IntegrationScope;
use huike_kernel::Money;
use huike_persistence::quoted_carts::{self, QuotedCart, ToldThen};
use huike_pricing::{Cart, CartLine};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{OFFERS, act, at, draft, live, thirty_off};
use crate::{
    both,
    laws::matrix::key,
    quotes::{examples_of, shows},
    support::{
        Client, TestApp,
        brand::{Brand, with},
    },
};

fn cart(price: &str) -> Value {
    json!({ "lines": [{ "id": "1", "sku": "milk-900g", "quantity": 2, "list_price": price }] })
}

async fn simulate(who: &Client, ask: Value) -> Value {
    who.post(&format!("{OFFERS}/simulate"), &ask).await.ok()
}

/// Asks until so many carts were written down.
async fn once_recorded(who: &Client, ask: &Value, carts: usize) -> Value {
    let mut seen = Value::Null;
    for _ in 0..100 {
        seen = simulate(who, ask.clone()).await["recorded"].take();
        if seen["looked_at"] == carts {
            return seen;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("never {carts} carts: {seen}");
}

/// The figures of these names.
fn figures<const N: usize>(of: &Value, names: [&str; N]) -> [Value; N] {
    names.map(|name| of[name].clone())
}

/// Carts of milk that the site quoted so many days ago.
async fn put_carts(app: &TestApp, site: &str, carts: &[(i64, i64, ToldThen)]) {
    let (site, now) = (site.parse().unwrap(), app.now().await);
    let carts: Vec<QuotedCart> = (1..)
        .zip(carts)
        .map(|(number, (days, fen, told))| {
            let quoted_at = now - TimeDelta::days(*days);
            let line = CartLine::new("001", "milk-900g", 1, Money::from_fen(*fen));
            let cart = Cart { lines: vec![line], shipping: Vec::new() };
            let id = Uuid::from_u128(number);
            QuotedCart {
                id,
                site,
                customer: None,
                quoted_at,
                local_day: quoted_at.with_timezone(&Utc).date_naive(),
                told: told.clone(),
                cart,
            }
        })
        .collect();
    app.store.write(move |db, _now| quoted_carts::insert_many(db, &carts)).await.unwrap();
}

both! {
    async fn a_draft_is_tried_on_a_cart_and_changes_nothing(app) {
        let brand = Brand::of(app).await;
        let till = key(&brand, &brand.a.site, &[IntegrationScope::QuotesRead]).await;
        let id = draft(&brand, &brand.head, &thirty_off()).await;
        let ask = json!({ "site_id": brand.a.site, "offer_id": id, "cart": cart("118.00") });
        let tried = simulate(&brand.approver, ask).await;
        let payable = |side: &str| tried["cart"][side]["totals"]["payable"].clone();
        assert_eq!((payable("before"), payable("after")), (json!("236.00"), json!("206.00")));
        let line = json!({ "id": "1", "sku": "milk-900g", "quantity": 2, "payable_before": "236.00", "payable_after": "206.00" });
        assert_eq!(tried["cart"]["changed_lines"], json!([line]));
        assert_eq!((&tried["offer_id"], &tried["recorded"]), (&json!(id), &Value::Null));
        assert_eq!(tried["cart"]["after"]["applied"][0]["source"]["offer_id"], id);

        let unsaved = json!({ "site_id": brand.a.site, "rules": thirty_off(), "cart": cart("90.00") });
        let tried = simulate(&brand.owner, unsaved).await;
        assert_eq!(tried["cart"]["after"]["rejected"][0]["gap"], json!({ "amount": "20.00" }));
        assert_eq!(tried["cart"]["changed_lines"], json!([]));
        assert_eq!(till.post("/open/v1/quotes", &cart("118.00")).await.ok()["totals"]["payable"], "236.00");
        assert_eq!(brand.owner.get(&at(&id, "")).await.ok()["state"], "draft");
    }

    async fn what_is_in_force_is_tried_against_the_cart_without_it_and_a_new_version_against_the_old_one(app) {
        let brand = Brand::of(app).await;
        let id = live(&brand, &brand.head, &thirty_off()).await;
        let ask = json!({ "site_id": brand.a.site, "offer_id": id, "cart": cart("118.00") });
        let payables = async |ask: &Value| {
            let tried = simulate(&brand.owner, ask.clone()).await["cart"].take();
            (tried["before"]["totals"]["payable"].clone(), tried["after"]["totals"]["payable"].clone())
        };
        assert_eq!(payables(&ask).await, (json!("236.00"), json!("206.00")));
        let opened = brand.owner.post(&at(&id, "/versions"), &json!({})).await.created();
        let mut dearer = thirty_off();
        dearer["effect"]["amount"] = json!("50.00");
        brand.owner.patch(&at(&id, ""), &json!({ "version": opened["version"], "rules": dearer })).await.ok();
        assert_eq!(payables(&ask).await, (json!("206.00"), json!("186.00")));
    }

    async fn a_draft_is_tried_on_the_carts_that_were_quoted(app) {
        let brand = Brand::of(app).await;
        let till = key(&brand, &brand.a.site, &[IntegrationScope::QuotesRead]).await;
        let elsewhere = key(&brand, &brand.b.site, &[IntegrationScope::QuotesRead]).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        for price in ["118.00", "150.00", "60.00"] {
            till.post("/open/v1/quotes", &cart(price)).await.ok();
        }
        // A cart on its way: the last one of the day counts.
        for price in ["50.00", "200.00"] {
            app.pass(60).await;
            shopper.client.post("/app/v1/cart/quote", &cart(price)).await.ok();
        }
        elsewhere.post("/open/v1/quotes", &cart("500.00")).await.ok();
        let id = draft(&brand, &brand.a.site, &thirty_off()).await;
        let ask = json!({ "site_id": brand.a.site, "offer_id": id, "days": 7 });
        let found = once_recorded(&brand.owner, &ask, 4).await;
        let counts = ["repeated", "unpriced", "customers", "applied", "changed", "customers_changed"];
        assert_eq!(figures(&found, counts), [1, 0, 1, 3, 3, 1].map(|count| json!(count)));
        let sums = ["cost", "payable_before", "payable_after", "truncated", "over_budget"];
        assert_eq!(figures(&found, sums), [json!("90.00"), json!("1056.00"), json!("966.00"), json!(false), json!(false)]);
        assert_eq!(found["rejected"], json!([{ "code": "threshold", "carts": 1 }]));
        let shown = found["most_changed"].as_array().unwrap();
        assert_eq!(shown.len(), 3);
        assert_eq!(figures(&shown[0], ["payable_before", "payable_after"]), [json!("400.00"), json!("370.00")]);
        assert_eq!(shown[0]["changed_lines"][0]["sku"], "milk-900g");

        // All sites below the head, and an offer of site a still changes its own carts only.
        let everywhere = once_recorded(&brand.owner, &with(ask, "site_id", json!(brand.head)), 5).await;
        assert_eq!(figures(&everywhere, ["changed", "cost"]), [json!(3), json!("90.00")]);

        // What would run out is told.
        let mut small = thirty_off();
        small["budget"] = json!("80.00");
        let ask = json!({ "site_id": brand.a.site, "rules": small, "days": 7 });
        assert_eq!(once_recorded(&brand.owner, &ask, 4).await["over_budget"], true);
        let of_head = live(&brand, &brand.head, &thirty_off()).await;
        let same = json!({ "site_id": brand.a.site, "offer_id": of_head, "days": 7 });
        assert_eq!(simulate(&brand.owner, same).await["recorded"]["cost"], "90.00", "against the carts without it");
        act(&brand.owner, &of_head, "end").await.ok();
    }

    async fn only_carts_of_the_days_asked_for_are_looked_at_under_what_was_known_then(app) {
        let brand = Brand::of(app).await;
        let gold = || ToldThen { tier: Some("gold".to_owned()), completed_orders: Some(0), ..ToldThen::default() };
        let carts = [(1, 10_000, gold()), (5, 20_000, ToldThen::default()), (20, 40_000, gold())];
        put_carts(app, &brand.a.store, &carts).await;
        let tenth = |condition: Value| json!({
            "class": "order", "condition": condition, "effect": { "kind": "percent_off", "rate_off": "0.10" },
        });
        let cost = async |rules: Value, days: i64| {
            let ask = json!({ "site_id": brand.a.site, "rules": rules, "days": days });
            figures(&simulate(&brand.owner, ask).await["recorded"], ["looked_at", "applied", "cost"])
        };
        let of_gold = || tenth(json!({ "kind": "tier", "of": ["gold"] }));
        assert_eq!(cost(of_gold(), 7).await, [json!(2), json!(1), json!("10.00")]);
        assert_eq!(cost(of_gold(), 30).await, [json!(3), json!(2), json!("50.00")]);
        assert_eq!(cost(tenth(json!({ "kind": "nth_order", "n": 1 })), 30).await, [json!(3), json!(2), json!("50.00")]);
        let here = tenth(json!({ "kind": "place", "of": [brand.a.store] }));
        assert_eq!(cost(here, 30).await, [json!(3), json!(3), json!("70.00")], "carts are priced where they were quoted");
    }

    /// The example of docs/api.md, word for word.
    async fn the_documents_example_of_a_dry_run_is_answered_as_it_says(app) {
        let [asked, answered]: [Value; 2] = examples_of("Trying an offer out").try_into().unwrap();
        let brand = Brand::of(app).await;
        let till = key(&brand, &brand.a.site, &[IntegrationScope::QuotesRead]).await;
        till.post("/open/v1/quotes", &asked["cart"]).await.ok();
        till.post("/open/v1/quotes", &cart("25.00")).await.ok();
        let ask = with(asked, "site_id", json!(brand.a.site));
        once_recorded(&brand.owner, &ask, 2).await;
        shows(&simulate(&brand.owner, ask).await, &answered, "");
    }

    async fn what_cannot_be_tried_is_refused_at_its_place(app) {
        let brand = Brand::of(app).await;
        let id = draft(&brand, &brand.b.site, &thirty_off()).await;
        let ask = async |who: &Client, ask: Value| who.post(&format!("{OFFERS}/simulate"), &ask).await;
        let both = json!({ "site_id": brand.b.site, "offer_id": id, "rules": thirty_off() });
        assert_eq!(ask(&brand.owner, both).await.problem(422, "request_invalid")["errors"][0]["code"], "one_of");
        let elsewhere = json!({ "site_id": brand.a.site, "offer_id": id, "cart": cart("1.00") });
        ask(&brand.owner, elsewhere).await.problem(422, "offer_place_outside_owner");
        let mut unsound = thirty_off();
        unsound["effect"]["amount"] = json!("0.00");
        let unsound = json!({ "site_id": brand.a.site, "rules": unsound, "cart": cart("1.00") });
        let refused = ask(&brand.owner, unsound).await.problem(422, "offer_rules_invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/rules/effect/amount");
        let faults = [
            (cart("-1.00"), "cart_price_out_of_range", "/cart/lines/0/list_price"),
            (json!({ "lines": [{ "id": "", "sku": "a", "quantity": 1, "list_price": "1.00" }] }), "request_invalid", "/cart/lines/0/id"),
            (with(cart("1.00"), "tier", json!("")), "request_invalid", "/cart/tier"),
        ];
        for (cart, code, pointer) in faults {
            let wrong = json!({ "site_id": brand.a.site, "rules": thirty_off(), "cart": cart });
            assert_eq!(ask(&brand.owner, wrong).await.problem(422, code)["errors"][0]["pointer"], pointer);
        }
        let at_a = brand.person(&[("marketer", &brand.a.site)]).await.client;
        let theirs = json!({ "site_id": brand.b.site, "rules": thirty_off(), "days": 1 });
        ask(&at_a, theirs).await.problem(404, "not_found");
        let hidden = json!({ "site_id": brand.a.site, "offer_id": id, "days": 1 });
        ask(&at_a, hidden).await.problem(404, "not_found");
    }
}
