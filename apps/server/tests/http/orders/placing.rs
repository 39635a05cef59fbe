//! From the cart to the order, and back.

use serde_json::{Value, json};

use super::stage::{ORDERS, QUOTE, ask, cart, paid, quote, stocked, top_up, try_order};
use crate::{
    both,
    goods::stage::stock,
    support::brand::{Brand, ten_off, with},
};

fn path(order: &Value, act: &str) -> String {
    format!("{ORDERS}/{}{act}", order["order_id"].as_str().unwrap())
}

both! {
    async fn goods_are_ordered_at_the_price_that_the_catalogue_quotes(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 5).await;
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let coupon = brand.claim(&shopper, &template).await;
        top_up(app, &brand, &shopper, 100).await;
        let ask = with(ask(&shopper, &cart((&brand.a.site, &sku), 2)).await, "stored_value", json!("100.00"));
        let placed = try_order(&shopper, "k", &ask).await.created();
        assert_eq!((&placed["payable"], &placed["due"], &placed["state"]), (&json!("586.00"), &json!("486.00"), &json!("created")));
        let shown = shopper.client.get(&path(&placed, "")).await.ok();
        assert_eq!(shown["lines"][0]["payable"], "586.00");
        assert_eq!(shown["discounts"][0]["coupon_id"], coupon);
        assert_eq!((&shown["tenders"][0]["state"], &shown["tenders"][0]["amount"]), (&json!("held"), &json!("100.00")));
        assert_eq!(stock(&brand.owner, &brand.a.site, &sku).await["reserved"], 2);
        let wallet = shopper.client.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
        assert_eq!(wallet["state"], "locked");
        let listed = shopper.client.get(ORDERS).await.ok();
        assert_eq!(listed["items"][0]["id"], placed["order_id"]);
        let seen = brand.owner.get("/admin/v1/orders?state=created").await.ok();
        assert_eq!(seen["items"][0]["id"], placed["order_id"]);

        shopper.client.once("c").call("POST", &path(&placed, "/cancel")).await.ok();
        assert_eq!(stock(&brand.owner, &brand.a.site, &sku).await["reserved"], 0);
        let wallet = shopper.client.get(&format!("/app/v1/coupons/{coupon}")).await.ok();
        assert_eq!(wallet["state"], "issued");
        assert_eq!(try_order(&shopper, "k", &ask).await.created(), placed, "a repeat hears the first answer");
    }

    async fn a_price_that_changed_meanwhile_takes_nothing(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 5).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let ask = ask(&shopper, &cart((&brand.a.site, &sku), 1)).await;
        let product = brand.owner.get("/admin/v1/products").await.ok()["items"][0].clone();
        let found = &product["skus"][0];
        let dearer = json!({ "name": found["name"], "prices": { "list": "299.00" }, "version": found["version"] });
        brand.owner.put(&format!("/admin/v1/skus/{sku}"), &dearer).await.ok();
        let refused = try_order(&shopper, "k", &ask).await.problem(409, "price_changed");
        assert_eq!(refused["payable"], "299.00");
        assert_eq!(stock(&brand.owner, &brand.a.site, &sku).await["reserved"], 0);
        assert_eq!(shopper.client.get(ORDERS).await.ok()["items"], json!([]));
    }

    async fn what_cannot_be_ordered_is_told_at_its_place(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 1).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let cart = cart((&brand.a.site, &sku), 1);
        let sound = ask(&shopper, &cart).await;
        let at = |answer: &Value| answer["errors"][0]["pointer"].clone();
        let unknown = json!([{ "sku_id": sku, "quantity": 1 }, { "sku_id": brand.head, "quantity": 1 }]);
        let refused = try_order(&shopper, "k", &with(sound.clone(), "items", unknown)).await;
        assert_eq!(at(&refused.problem(422, "order_sku_unavailable")), "/items/1/sku_id");
        let refused = try_order(&shopper, "k", &with(sound.clone(), "quote_hash", json!("x".repeat(64)))).await;
        assert_eq!(at(&refused.problem(422, "request_invalid")), "/quote_hash");
        let refused = try_order(&shopper, "k", &with(sound.clone(), "stored_value", json!("298.01"))).await;
        assert_eq!(at(&refused.problem(422, "order_stored_value_exceeds")), "/stored_value");
        shopper.client.post(ORDERS, &sound).await.problem(400, "idempotency_key_missing");
        let foreign = with(sound.clone(), "store_id", json!(brand.b.store));
        try_order(&shopper, "k", &foreign).await.problem(404, "not_found");
        let both = with(cart, "lines", json!([{ "id": "1", "sku": "x", "quantity": 1, "list_price": "1.00" }]));
        assert_eq!(at(&shopper.client.post(QUOTE, &both).await.problem(422, "request_invalid")), "/lines");
        try_order(&shopper, "k", &sound).await.created();
        let late = brand.shopper_at(&brand.a.site).await;
        try_order(&late, "k", &sound).await.problem(409, "stock_short");
    }

    async fn nobody_sees_or_cancels_the_order_of_another(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 5).await;
        let (mine, theirs) = (brand.shopper_at(&brand.a.site).await, brand.shopper_at(&brand.a.site).await);
        let placed = try_order(&mine, "k", &ask(&mine, &cart((&brand.a.site, &sku), 1)).await).await.created();
        theirs.client.get(&path(&placed, "")).await.problem(404, "not_found");
        theirs.client.once("c").call("POST", &path(&placed, "/cancel")).await.problem(404, "not_found");
        assert_eq!(theirs.client.get(ORDERS).await.ok()["items"], json!([]));
        let elsewhere = brand.person(&[("store_manager", &brand.b.store)]).await;
        let admin = format!("/admin/v1/orders/{}", placed["order_id"].as_str().unwrap());
        elsewhere.client.get(&admin).await.problem(404, "not_found");
        assert_eq!(elsewhere.client.get("/admin/v1/orders").await.ok()["items"], json!([]));
    }

    async fn an_order_that_nobody_pays_is_closed_by_the_server(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 1).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let placed = try_order(&shopper, "k", &ask(&shopper, &cart((&brand.a.site, &sku), 1)).await).await.created();
        app.pass(31 * 60).await;
        for _ in 0..200 {
            if shopper.client.get(&path(&placed, "")).await.ok()["state"] == "cancelled" {
                break;
            }
            actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let closed = shopper.client.get(&path(&placed, "")).await.ok();
        assert_eq!((&closed["state"], &closed["close_reason"]), (&json!("cancelled"), &json!("expired")));
        let next = brand.shopper_at(&brand.a.site).await;
        try_order(&next, "k", &ask(&next, &cart((&brand.a.site, &sku), 1)).await).await.created();
    }

    async fn staff_hands_a_paid_order_over(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 1).await;
        let placed = paid(app, &brand, (&brand.a.site, &sku)).await;
        assert_eq!(placed["state"], "paid");
        let at = |act: &str| format!("/admin/v1/orders/{}/{act}", placed["order_id"].as_str().unwrap());
        let call = async |act| brand.owner.once(&brand.key()).call("POST", &at(act)).await;
        call("cancel").await.problem(409, "order_state_unfit");
        assert_eq!(call("fulfil").await.ok()["state"], "fulfilled");
        assert_eq!(call("complete").await.ok()["state"], "completed");
        assert_eq!(stock(&brand.owner, &brand.a.site, &sku).await["on_hand"], 0);
    }

    async fn a_quote_of_the_catalogue_names_its_lines_by_sku(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 1).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let quoted = quote(&shopper, &cart((&brand.a.site, &sku), 2)).await;
        assert_eq!((&quoted["lines"][0]["id"], &quoted["totals"]["payable"]), (&json!(sku), &json!("596.00")));
    }
}
