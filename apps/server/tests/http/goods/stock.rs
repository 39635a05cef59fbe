//! What lies where, and how it moves.

use serde_json::{Value, json};

use super::stage::{act, catalogue, receive, stock, transfer, try_receive};
use crate::{both, laws::books::assert_balanced, support::brand::Brand};

fn kinds(page: &Value) -> Vec<(&str, i64, i64)> {
    let rows = page["items"].as_array().unwrap().iter();
    rows.map(|it| {
        (it["kind"].as_str().unwrap(), it["quantity"].as_i64().unwrap(), it["on_hand_after"].as_i64().unwrap())
    })
    .collect()
}

fn figures(stock: &Value) -> [i64; 3] {
    ["on_hand", "reserved", "available"].map(|name| stock[name].as_i64().unwrap())
}

both! {
    async fn goods_come_in_are_counted_and_written_off_and_every_change_is_told(app) {
        let brand = Brand::of(app).await;
        let (goods, site) = (catalogue(&brand).await, brand.a.site.clone());
        assert_eq!(figures(&stock(&brand.owner, &site, &goods.sku).await), [0, 0, 0]);
        receive(&brand, &site, &goods.sku, 10).await;
        let seen = stock(&brand.owner, &site, &goods.sku).await;
        let count = async |version: &Value, counted: i64| {
            let lines = json!([{ "sku_id": goods.sku, "counted": counted, "version": version }]);
            let ask = json!({ "site_id": site, "lines": lines, "reason": "月末盘点" });
            brand.owner.once(&brand.key()).post("/admin/v1/stock-takes", &ask).await
        };
        assert_eq!(count(&seen["version"], 9).await.created()["lines"][0]["quantity"], -1);
        count(&seen["version"], 9).await.problem(409, "version_conflict");
        let damage = async |quantity: i64| {
            let ask = json!({ "site_id": site, "lines": [{ "sku_id": goods.sku, "quantity": quantity }], "reason": "摔坏" });
            brand.owner.once(&brand.key()).post("/admin/v1/stock-damages", &ask).await
        };
        let short = damage(10).await.problem(409, "stock_short");
        assert_eq!((&short["available"], &short["wanted"]), (&json!(9), &json!(10)));
        damage(0).await.problem(422, "stock_quantity_out_of_range");
        assert_eq!(damage(2).await.created()["lines"][0]["on_hand"], 7);
        let told = brand.owner.get(&format!("/admin/v1/stock-movements?sku_id={}", goods.sku)).await.ok();
        assert_eq!(kinds(&told), [("damage", -2, 7), ("stock_take", -1, 9), ("receipt", 10, 10)]);
        assert_eq!(told["items"][0]["reason"], "摔坏");
        assert_balanced(app).await;
    }

    async fn a_repeat_moves_goods_once_and_stock_lies_at_sites_and_stores(app) {
        let brand = Brand::of(app).await;
        let goods = catalogue(&brand).await;
        let first = try_receive(&brand.owner, "k", &brand.a.store, &goods.sku, 5).await.created();
        assert_eq!(try_receive(&brand.owner, "k", &brand.a.store, &goods.sku, 5).await.created(), first);
        try_receive(&brand.owner, "k", &brand.a.store, &goods.sku, 6).await.problem(422, "idempotency_key_reused");
        assert_eq!(figures(&stock(&brand.owner, &brand.a.store, &goods.sku).await), [5, 0, 5]);
        try_receive(&brand.owner, &brand.key(), &brand.head, &goods.sku, 1).await.problem(422, "stock_node_unfit");
        let sku = brand.owner.get(&format!("/admin/v1/skus/{}", goods.sku)).await.ok();
        let archive = format!("/admin/v1/skus/{}/archive", goods.sku);
        brand.owner.post(&archive, &json!({ "version": sku["version"] })).await.ok();
        try_receive(&brand.owner, &brand.key(), &brand.a.store, &goods.sku, 1).await.problem(409, "sku_archived");
    }

    async fn what_did_not_arrive_is_stated_and_goods_on_the_way_are_in_no_stock(app) {
        let brand = Brand::of(app).await;
        let (goods, from, to) = (catalogue(&brand).await, brand.a.site.clone(), brand.a.store.clone());
        receive(&brand, &from, &goods.sku, 10).await;
        let id = transfer(&brand, (&from, &to), &goods.sku, 8).await;
        let stated = |quantity: i64| json!({ "lines": [{ "sku_id": goods.sku, "quantity": quantity }] });
        let on_it = async |word: &str, body: Value| act(&brand.owner, &brand.key(), &id, word, &body).await;
        on_it("receive", stated(8)).await.problem(409, "transfer_not_sent");
        on_it("send", stated(9)).await.problem(422, "transfer_too_much");
        assert_eq!(on_it("send", stated(7)).await.ok()["state"], "sent");
        on_it("cancel", json!({ "reason": "不要了" })).await.problem(409, "transfer_not_requested");
        let levels = async || {
            let (here, there) = (stock(&brand.owner, &from, &goods.sku).await, stock(&brand.owner, &to, &goods.sku).await);
            (figures(&here)[0], figures(&there)[0])
        };
        assert_eq!(levels().await, (3, 0));
        on_it("receive", stated(6)).await.problem(422, "transfer_reason_missing");
        let mut short = stated(6);
        short["reason"] = json!("一罐破损");
        let received = on_it("receive", short).await.ok();
        let line = &received["lines"][0];
        assert_eq!((&line["requested"], &line["sent"], &line["received"], &line["difference"]), (&json!(8), &json!(7), &json!(6), &json!(1)));
        assert_eq!((levels().await, &received["reason"]), ((3, 6), &json!("一罐破损")));
        let told = brand.owner.get("/admin/v1/stock-movements?kind=transfer_in").await.ok();
        assert_eq!((kinds(&told), &told["items"][0]["source_id"]), (vec![("transfer_in", 6, 6)], &json!(id)));
        assert_balanced(app).await;
    }

    async fn who_answers_for_one_end_moves_that_end_alone(app) {
        let brand = Brand::of(app).await;
        let goods = catalogue(&brand).await;
        let (from, to) = (&brand.a.store, &brand.b.store);
        receive(&brand, from, &goods.sku, 5).await;
        let id = transfer(&brand, (from, to), &goods.sku, 5).await;
        let here = brand.person(&[("store_manager", from)]).await.client;
        let there = brand.person(&[("store_manager", to)]).await.client;
        let stated = json!({ "lines": [{ "sku_id": goods.sku, "quantity": 5 }] });
        act(&there, "t", &id, "send", &stated).await.problem(403, "permission_denied");
        act(&here, "h", &id, "send", &stated).await.ok();
        act(&here, "r", &id, "receive", &stated).await.problem(403, "permission_denied");
        act(&there, "r", &id, "receive", &stated).await.ok();
        for who in [&here, &there] {
            let seen = who.get(&format!("/admin/v1/stock-transfers/{id}")).await.ok();
            assert_eq!(seen["state"], "received");
            assert_eq!(who.get("/admin/v1/stock-transfers").await.ok()["items"][0], seen);
        }
        let ask = json!({ "from_site_id": from, "to_site_id": to, "lines": [{ "sku_id": goods.sku, "quantity": 1 }] });
        there.once("x").post("/admin/v1/stock-transfers", &ask).await.problem(404, "not_found");
        let stranger = brand.person(&[("store_manager", &brand.a.site)]).await.client;
        let theirs = transfer(&brand, (to, &brand.b.site), &goods.sku, 1).await;
        act(&stranger, "s", &theirs, "send", &stated).await.problem(404, "not_found");
        let elsewhere = brand.person(&[("store_manager", &brand.b.site)]).await.client;
        elsewhere.get(&format!("/admin/v1/stock/{from}/{}", goods.sku)).await.problem(404, "not_found");
    }

    async fn what_runs_low_is_listed_by_its_own_safety_stock(app) {
        let brand = Brand::of(app).await;
        let goods = catalogue(&brand).await;
        for site in [&brand.a.site, &brand.b.site] {
            receive(&brand, site, &goods.sku, 10).await;
        }
        let low = async || brand.owner.get("/admin/v1/stock?low=true").await.ok()["items"].as_array().unwrap().clone();
        assert!(low().await.is_empty(), "nobody said how many should lie there");
        let safety = async |site: &str, safety: Value| {
            let path = format!("/admin/v1/stock/{site}/{}/safety", goods.sku);
            brand.owner.put(&path, &json!({ "safety": safety })).await
        };
        safety(&brand.a.site, json!(11)).await.ok();
        safety(&brand.b.site, json!(10)).await.ok();
        let found = low().await;
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["site_id"], &found[0]["safety"], &found[0]["low"]), (&json!(brand.a.site), &json!(11), &json!(true)));
        safety(&brand.a.site, json!(-1)).await.problem(422, "request_invalid");
        safety(&brand.a.site, Value::Null).await.ok();
        assert!(low().await.is_empty());
    }

    async fn goods_are_traced_to_supplier_batch_and_inspection(app) {
        let brand = Brand::of(app).await;
        let goods = catalogue(&brand).await;
        let batch = json!({ "supplier": "雪原乳业", "batch_number": "L1", "produced_on": "2026-10-01", "inspection_url": "https://papers.example.com/1.pdf" });
        let ask = |batch: &Value| json!({ "site_id": brand.a.site, "lines": [{ "sku_id": goods.sku, "quantity": 6, "batch": batch }] });
        let send = async |batch: &Value| brand.owner.once(&brand.key()).post("/admin/v1/goods-receipts", &ask(batch)).await;
        send(&batch).await.created();
        let unknown = json!({ "supplier": "雪原乳业", "batch_number": "L2", "produced_on": "2026-10-01" });
        send(&unknown).await.problem(422, "inspection_missing");
        let unsound = json!({ "supplier": "x", "batch_number": "L2", "produced_on": "2026-10-01", "inspection_url": "javascript:alert(1)" });
        send(&unsound).await.problem(422, "inspection_address_unsound");
        let path = format!("/admin/v1/production-batches?sku_id={}&site_id={}", goods.sku, brand.a.site);
        let found = brand.owner.get(&path).await.ok()["items"].clone();
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!((&found[0]["supplier"], &found[0]["batch_number"], &found[0]["quantity"]), (&json!("雪原乳业"), &json!("L1"), &json!(6)));
        let at_b = format!("/admin/v1/production-batches?site_id={}", brand.b.site);
        assert_eq!(brand.owner.get(&at_b).await.ok()["items"], json!([]));
    }
}
