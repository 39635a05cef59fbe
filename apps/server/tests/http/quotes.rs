//! Prices of carts over HTTP: what they promise a counter gives, whose coupons they tell of, and their bounds.

use std::time::Duration;

use actix_web::rt::time::sleep;
use serde_json::{Value, json};

use crate::{
    both,
    offers::stage::live,
    support::{
        Client,
        brand::{Brand, ten_off, with},
    },
};

const APP: &str = "/app/v1/cart/quote";
const OPEN: &str = "/open/v1/quotes";

fn line(id: &str, quantity: u32, list_price: &str) -> Value {
    json!({ "id": id, "sku": format!("sku-{id}"), "quantity": quantity, "list_price": list_price })
}

fn milk() -> Value {
    json!({ "lines": [line("1", 2, "118.00")] })
}

fn thirty_off() -> Value {
    let effect = json!({ "kind": "amount_off", "amount": "30.00", "threshold": "200.00" });
    with(ten_off(100), "effect", effect)
}

async fn till(brand: &Brand, node: &str) -> Client {
    let ask = json!({ "site_id": node, "name": "收银系统", "scopes": ["quotes:read"] });
    let made = brand.owner.post("/admin/v1/api-keys", &ask).await.created();
    brand.stranger.with_token(made["token"].as_str().unwrap())
}

both! {
    async fn what_a_cart_promises_the_counter_gives(app) {
        let brand = Brand::of(app).await;
        let percent = json!({ "kind": "percent_off", "rate_off": "0.15", "cap": "40.00" });
        let rules = [(thirty_off(), "206.00"), (with(ten_off(100), "effect", percent), "200.60")];
        for (rules, payable) in rules {
            let template = brand.live(&brand.head, &rules).await;
            let shopper = brand.shopper_at(&brand.a.site).await;
            let coupon = brand.claim(&shopper, &template).await;
            let quote = shopper.client.post(APP, &milk()).await.ok();
            assert_eq!((&quote["totals"]["payable"], &quote["optimal"]), (&json!(payable), &json!(true)));
            assert_eq!(quote["applied"][0]["source"]["coupon_id"], coupon);
            assert_eq!(quote["applied"][0]["source"]["template_id"], template);
            assert_eq!(quote["lines"][0]["allocations"][0]["amount"], quote["totals"]["discount"]);
            let code = brand.code(&shopper, &coupon).await;
            let ask = json!({ "store_id": brand.a.store, "code": code, "order_amount": "236.00" });
            let receipt = brand.owner.once(&brand.key()).post("/admin/v1/redemptions", &ask).await.ok();
            assert_eq!(receipt["discount"], quote["totals"]["discount"]);
            let after = shopper.client.post(APP, &with(milk(), "coupon_ids", json!([coupon]))).await.ok();
            assert_eq!(after["totals"]["payable"], "236.00");
            assert_eq!(after["rejected"][0]["code"], "limit", "it was used");
        }
    }

    async fn quoting_takes_nothing_and_writes_nothing(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &thirty_off()).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let coupon = brand.claim(&shopper, &template).await;
        let seen = async || {
            let wallet = shopper.client.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
            (wallet, brand.template(&template).await, brand.owner.get("/admin/v1/audit").await.ok()["items"][0]["id"].clone())
        };
        let before = seen().await;
        let first = shopper.client.post(APP, &milk()).await.ok();
        for _ in 0..5 {
            let again = shopper.client.post(APP, &milk()).await.ok();
            assert_eq!((&again["hash"], &again["totals"]), (&first["hash"], &first["totals"]));
        }
        assert_eq!(seen().await, before);
        let dearer = shopper.client.post(APP, &json!({ "lines": [line("1", 2, "118.01")] })).await.ok();
        assert_ne!(dearer["hash"], first["hash"]);
    }

    async fn a_coupon_that_does_not_apply_says_what_is_missing_in_both_languages(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &thirty_off()).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        brand.claim(&shopper, &template).await;
        let cart = json!({ "lines": [line("1", 1, "177.00")] });
        for (language, text) in [("zh-CN", "再买 ¥23.00 可用"), ("en", "Add 23.00 more.")] {
            let quote = shopper.client.with("accept-language", language).post(APP, &cart).await.ok();
            let rejected = &quote["rejected"][0];
            assert_eq!((&rejected["code"], &rejected["gap"]), (&json!("threshold"), &json!({ "amount": "23.00" })));
            assert_eq!(rejected["text"], text);
            assert_eq!(rejected["source"]["name"], brand.template(&template).await["name"]);
        }
        brand.act(&brand.approver, &template, "kill", json!({ "reason": "印错金额" })).await;
        let stopped = shopper.client.post(APP, &milk()).await.ok();
        assert_eq!(stopped["rejected"][0]["code"], "stopped");
    }

    async fn a_till_prices_carts_with_the_coupons_of_customers_it_knows_and_no_others(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &thirty_off()).await;
        let (here, there) = (brand.shopper_at(&brand.a.site).await, brand.shopper_at(&brand.b.site).await);
        let (mine, theirs) = (brand.claim(&here, &template).await, brand.claim(&there, &template).await);
        let till = till(&brand, &brand.a.site).await;
        let nobody = till.post(OPEN, &milk()).await.ok();
        assert_eq!((&nobody["totals"]["payable"], &nobody["rejected"]), (&json!("236.00"), &json!([])));
        let ask = with(milk(), "customer_id", json!(here.id));
        let known = till.post(OPEN, &ask).await.ok();
        assert_eq!(known["applied"][0]["source"]["coupon_id"], mine);
        till.post(OPEN, &with(milk(), "customer_id", json!(there.id))).await.problem(404, "not_found");
        let foreign = till.post(OPEN, &with(ask, "coupon_ids", json!([mine, theirs]))).await;
        let foreign = foreign.problem(422, "quote_coupon_unknown");
        assert_eq!(foreign["errors"][0]["pointer"], "/coupon_ids/1");
        let whose = till.post(OPEN, &with(milk(), "coupon_ids", json!([mine]))).await;
        assert_eq!(whose.problem(422, "quote_customer_needed")["errors"][0]["pointer"], "/customer_id");
        let store = with(milk(), "site_id", json!(brand.a.store));
        till.post(OPEN, &store).await.ok();
        till.post(OPEN, &with(milk(), "site_id", json!(brand.b.site))).await.problem(404, "not_found");
        till.post(OPEN, &with(milk(), "site_id", json!(brand.head))).await.problem(404, "not_found");
    }

    async fn a_cart_keeps_its_bounds_or_is_told_where_it_does_not(app) {
        let brand = Brand::of(app).await;
        let till = till(&brand, &brand.head).await;
        let cart = |count: usize| json!({ "lines": (0..count).map(|n| line(&n.to_string(), 1, "1.00")).collect::<Vec<_>>() });
        assert_eq!(till.post(OPEN, &cart(200)).await.ok()["totals"]["payable"], "200.00");
        assert_eq!(till.post(OPEN, &cart(0)).await.ok()["totals"]["payable"], "0.00");
        let faults = [
            (cart(201), "request_invalid", "/lines"),
            (json!({ "lines": [line("", 1, "1.00")] }), "request_invalid", "/lines/0/id"),
            (json!({ "lines": [with(line("1", 1, "1.00"), "tags", json!(["x", ""]))] }), "request_invalid", "/lines/0/tags/1"),
            (json!({ "lines": [with(line("1", 1, "1.00"), "brand", json!("牌".repeat(65)))] }), "request_invalid", "/lines/0/brand"),
            (json!({ "lines": [line("1", 0, "1.00")] }), "cart_quantity_out_of_range", "/lines/0/quantity"),
            (json!({ "lines": [line("1", 1, "1.00"), line("2", 10_001, "1.00")] }), "cart_quantity_out_of_range", "/lines/1/quantity"),
            (json!({ "lines": [with(line("1", 1, "1.00"), "weight_grams", json!(100_000_001))] }), "cart_weight_out_of_range", "/lines/0/weight_grams"),
            (json!({ "lines": [line("1", 1, "-0.01")] }), "cart_price_out_of_range", "/lines/0/list_price"),
            (json!({ "lines": [line("1", 1, "1.00"), line("1", 1, "1.00")] }), "cart_line_twice", "/lines/1/id"),
            (json!({ "lines": [with(line("1", 1, "1.00"), "discount", json!("1.00"))] }), "request_invalid", "/lines/0/discount"),
            (with(milk(), "birthday", json!("02-30")), "request_invalid", "/birthday"),
            (with(milk(), "shipping", json!([{ "method": "x", "fee": "-1.00" }])), "cart_price_out_of_range", "/shipping/0/fee"),
        ];
        for (ask, code, pointer) in faults {
            let told = till.post(OPEN, &ask).await.problem(422, code);
            assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
        }
        let long = json!({ "lines": [line("1", 1, "1.00")], "channel": "x".repeat(1_100_000) });
        till.post(OPEN, &long).await.problem(413, "body_too_large");
    }

    async fn a_site_prices_by_its_own_rules_within_two_seconds(app) {
        let brand = Brand::of(app).await;
        let till = till(&brand, &brand.head).await;
        let at = |node: &str| with(milk(), "site_id", json!(node));
        assert_eq!(till.post(OPEN, &at(&brand.a.site)).await.ok()["totals"]["points"], 236);
        let rules = json!({ "value": { "points_per_yuan": 2, "points_share_max": "0.5" } });
        let setting = format!("/admin/v1/nodes/{}/settings/pricing", brand.a.site);
        brand.owner.put(&setting, &rules).await.ok();
        let mut points = json!(null);
        for _ in 0..50 {
            points = till.post(OPEN, &at(&brand.a.store)).await.ok()["totals"]["points"].clone();
            if points == 472 {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(points, 472);
        assert_eq!(till.post(OPEN, &at(&brand.b.site)).await.ok()["totals"]["points"], 236);
        let spent = till.post(OPEN, &with(at(&brand.a.store), "points_worth", json!("200.00"))).await.ok();
        assert_eq!(spent["totals"]["payable"], "118.00", "points pay half of the goods here");
        assert_eq!(spent["lines"][0]["allocations"][0]["source"]["kind"], "points");
    }

    async fn a_customer_is_new_until_they_have_redeemed_something_and_an_integration_may_know_better(app) {
        let brand = Brand::of(app).await;
        let first_order = json!({
            "class": "order", "condition": { "kind": "nth_order", "n": 1 }, "effect": { "kind": "amount_off", "amount": "5.00" },
        });
        let offer = live(&brand, &brand.head, &first_order).await;
        let template = brand.live(&brand.head, &thirty_off()).await;
        let (shopper, till) = (brand.shopper_at(&brand.a.site).await, till(&brand, &brand.a.site).await);
        let coupon = brand.claim(&shopper, &template).await;
        let own = async || shopper.client.post(APP, &with(milk(), "coupon_ids", json!([]))).await.ok();
        let first = own().await;
        assert_eq!(first["applied"][0]["source"]["offer_id"], offer);
        assert_eq!(first["totals"]["payable"], "231.00");
        let code = brand.code(&shopper, &coupon).await;
        let ask = json!({ "store_id": brand.a.store, "code": code, "order_amount": "236.00" });
        brand.owner.once(&brand.key()).post("/admin/v1/redemptions", &ask).await.ok();
        let second = own().await;
        assert_eq!((&second["totals"]["payable"], &second["rejected"][0]["code"]), (&json!("236.00"), &json!("segment")));
        let told = with(with(milk(), "customer_id", json!(shopper.id)), "completed_orders", json!(0));
        assert_eq!(till.post(OPEN, &told).await.ok()["totals"]["payable"], "231.00");
        assert_eq!(till.post(OPEN, &milk()).await.ok()["totals"]["payable"], "236.00", "of nobody nothing is known");
    }

    async fn a_closed_store_prices_nothing_and_another_sites_store_is_not_there(app) {
        let brand = Brand::of(app).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        shopper.client.post(APP, &with(milk(), "store_id", json!(brand.b.store))).await.problem(404, "not_found");
        brand.owner.post(&format!("/admin/v1/nodes/{}/close", brand.a.store), &json!({ "version": 1 })).await.ok();
        shopper.client.post(APP, &with(milk(), "store_id", json!(brand.a.store))).await.problem(409, "node_closed");
    }

    /// The example of docs/api.md, word for word.
    async fn the_documents_example_is_answered_as_it_says(app) {
        let [asked, answered]: [Value; 2] = examples_of("Pricing a cart").try_into().unwrap();
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &thirty_off()).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        brand.claim(&shopper, &template).await;
        let ask = with(asked, "customer_id", json!(shopper.id));
        let quote = till(&brand, &brand.a.site).await.with("accept-language", "en").post(OPEN, &ask).await.ok();
        shows(&quote, &answered, "");
    }
}

/// The examples of that part of docs/api.md.
pub fn examples_of(heading: &str) -> Vec<Value> {
    let page = include_str!("../../../../docs/api.md");
    let part = page.split(&format!("## {heading}")).nth(1).unwrap().split("\n## ").next().unwrap();
    let shown = part.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    shown.map(|example| serde_json::from_str(example).unwrap()).collect()
}

/// The answer has every member of the example with its value; an ellipsis stands for any text.
pub fn shows(quote: &Value, example: &Value, here: &str) {
    match example {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| shows(&quote[name], value, &format!("{here}/{name}")))
        }
        Value::Array(items) => {
            assert_eq!(quote.as_array().map(Vec::len), Some(items.len()), "{here}");
            items.iter().enumerate().for_each(|(index, value)| shows(&quote[index], value, &format!("{here}/{index}")));
        }
        Value::String(text) if text.contains('…') => assert!(quote.is_string(), "{here}"),
        leaf => assert_eq!(quote, leaf, "{here}"),
    }
}
