//! Redemption over HTTP: exactly once, undone exactly, and closed by the day's sign-off.

use serde_json::{Value, json};

use crate::{
    both,
    support::{
        Answer, Client, TestApp,
        brand::{Brand, Person, Shopper, ten_off, with},
    },
};

/// A brand whose stores have people at the counter.
struct Shop {
    brand: Brand,
    clerk: Person,
    clerk_b: Person,
    manager: Person,
}

impl Shop {
    /// On a Tuesday at ten in the evening: no test runs into midnight, and a session lasts until the next day.
    async fn open(app: &TestApp) -> Self {
        app.set_clock("2040-06-05T14:00:00Z").await;
        let brand = Brand::of(app).await;
        let clerk = brand.person(&[("clerk", &brand.a.store)]).await;
        let clerk_b = brand.person(&[("clerk", &brand.b.store)]).await;
        let manager = brand.person(&[("store_manager", &brand.a.store)]).await;
        Self { brand, clerk, clerk_b, manager }
    }

    /// A coupon of the template for the customer, and its code.
    async fn coupon(&self, template: &str, owner: &Shopper) -> (String, String) {
        let coupon = self.brand.claim(owner, template).await;
        let code = self.brand.code(owner, &coupon).await;
        (coupon, code)
    }

    /// A live template of the head that gives ten off, and a customer with the code of one coupon of it.
    async fn code(&self) -> String {
        let template = self.brand.live(&self.brand.head, &ten_off(100)).await;
        self.coupon(&template, &self.brand.shopper().await).await.1
    }

    async fn redeem(&self, who: &Client, store: &str, code: &str) -> Answer {
        self.brand.try_redeem(who, store, code).await
    }

    async fn undo(&self, who: &Client, store: &str, redemption: &Value) -> Answer {
        self.brand.try_undo(who, store, redemption.as_str().unwrap()).await
    }
}

/// Asks until the server is not too busy to answer, under the same key, as any till would.
async fn ask_until_answered(till: Client, path: &str, ask: Value) -> Answer {
    loop {
        let answer = till.post(path, &ask).await;
        if answer.status != 503 {
            return answer;
        }
    }
}

/// Makes all the calls at once.
async fn at_once<F: Future<Output = Answer> + 'static>(calls: impl Iterator<Item = F>) -> Vec<Answer> {
    let calls: Vec<_> = calls.map(actix_web::rt::spawn).collect();
    let mut answers = Vec::with_capacity(calls.len());
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

both! {
    async fn of_fifty_tills_with_one_code_one_redeems_and_the_others_are_told_when_and_where(app) {
        let shop = Shop::open(app).await;
        let template = shop.brand.live(&shop.brand.head, &ten_off(100)).await;
        let (_, code) = shop.coupon(&template, &shop.brand.shopper().await).await;
        let (a, b) = (&shop.brand.a.store, &shop.brand.b.store);
        let answers = at_once((0..50).map(|number| {
            let (clerk, store) = if number % 2 == 0 { (&shop.clerk, a) } else { (&shop.clerk_b, b) };
            let till = clerk.client.once(&format!("till-{number}"));
            let ask = json!({ "store_id": store, "code": code });
            ask_until_answered(till, "/admin/v1/redemptions", ask)
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 49), "{:?}", lost.iter().map(|it| it.text()).collect::<Vec<_>>());
        let receipt = won[0].json();
        for answer in lost {
            let told = answer.problem(409, "coupon_already_redeemed");
            assert_eq!(told["redeemed_at"], receipt["redeemed_at"]);
            assert_eq!(told["store_id"], receipt["store_id"]);
            assert!(told["store_name"].as_str().unwrap().starts_with("store-"));
        }
    }

    async fn one_key_is_one_redemption_and_another_request_under_it_is_refused(app) {
        let shop = Shop::open(app).await;
        let template = shop.brand.live(&shop.brand.head, &ten_off(100)).await;
        let shopper = shop.brand.shopper().await;
        let (_, code) = shop.coupon(&template, &shopper).await;
        let (_, other) = shop.coupon(&template, &shopper).await;
        let (till, store) = (shop.clerk.client.once("one-key"), shop.brand.a.store.clone());
        let answers = at_once((0..50).map(|_| {
            let (till, ask) = (till.clone(), json!({ "store_id": store, "code": code }));
            ask_until_answered(till, "/admin/v1/redemptions", ask)
        }))
        .await;
        let first = answers[0].ok();
        assert!(answers.iter().all(|answer| answer.ok() == first));
        let ask = json!({ "store_id": store, "code": other });
        till.post("/admin/v1/redemptions", &ask).await.problem(422, "idempotency_key_reused");
        let ask = json!({ "store_id": store, "code": code });
        shop.clerk.client.post("/admin/v1/redemptions", &ask).await.problem(400, "idempotency_key_missing");
    }

    async fn a_clerk_needs_two_steps_and_a_manager_undoes_them(app) {
        let shop = Shop::open(app).await;
        let threshold = json!({ "kind": "amount_off", "amount": "30.00", "threshold": "200.00" });
        let template = shop.brand.live(&shop.brand.head, &with(ten_off(100), "effect", threshold)).await;
        let (coupon, code) = shop.coupon(&template, &shop.brand.shopper().await).await;
        let store = &shop.brand.a.store;
        let clerk = &shop.clerk.client;
        let look = |amount: Value| {
            let ask = json!({ "store_id": store, "code": code, "order_amount": amount });
            async move { clerk.post("/admin/v1/redemption-previews", &ask).await }
        };
        let seen = look(Value::Null).await.ok();
        assert_eq!((&seen["coupon_id"], &seen["discount"]), (&json!(coupon), &Value::Null));
        assert_eq!(seen["order_amount_required"], true);
        assert_eq!(look(json!("236.00")).await.ok()["discount"], "30.00");
        let short = look(json!("150.00")).await.problem(422, "coupon_threshold_not_met");
        assert_eq!(short["gap"], json!({ "amount": "50.00" }));

        let ask = json!({ "store_id": store, "code": code, "order_amount": "236.00" });
        for round in 0..2 {
            let till = shop.clerk.client.once(&format!("round-{round}"));
            let receipt = till.post("/admin/v1/redemptions", &ask).await.ok();
            assert_eq!((&receipt["discount"], &receipt["order_amount"]), (&json!("30.00"), &json!("236.00")));
            let redemption = &receipt["redemption_id"];
            shop.undo(&shop.clerk.client, store, redemption).await.problem(403, "permission_denied");
            let undone = shop.undo(&shop.manager.client, store, redemption).await.ok();
            assert_eq!(undone["coupon_state"], "issued");
            shop.undo(&shop.manager.client, store, redemption).await.problem(409, "redemption_undone");
        }
        let listed = shop.manager.client.get("/admin/v1/redemptions?undone=true").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        assert_eq!(listed["items"][0]["undo"]["reason"], "扫错券");
        shop.clerk.client.get("/admin/v1/redemptions").await.problem(403, "permission_denied");
    }

    async fn staff_are_told_why_a_code_is_not_taken(app) {
        let shop = Shop::open(app).await;
        let (store_a, store_b) = (&shop.brand.a.store, &shop.brand.b.store);
        let local = shop.brand.live(&shop.brand.a.site, &ten_off(100)).await;
        let shopper = shop.brand.shopper_at(&shop.brand.a.site).await;
        let (coupon, code) = shop.coupon(&local, &shopper).await;
        let here = &shop;
        let redeem = |code: String| async move { here.redeem(&here.clerk.client, store_a, &code).await };
        shop.redeem(&shop.clerk_b.client, store_b, &code).await.problem(404, "code_foreign");
        shop.redeem(&shop.clerk.client, store_b, &code).await.problem(404, "not_found");
        shop.redeem(&shop.brand.owner, store_a, "SOMMER-2026").await.problem(404, "code_unknown");
        let altered: String = code.chars().rev().collect();
        redeem(altered).await.problem(422, "code_forged");
        redeem("券".to_owned()).await.problem(422, "code_bad_character");
        let forged = redeem("0".repeat(87)).await.problem(422, "qr_forged");
        assert_eq!(forged["request_id"].as_str().map(str::len), Some(36));
        let reason = json!({ "reason": "价格有误" });
        shop.brand.act(&shop.brand.approver, &local, "kill", reason).await;
        redeem(code.clone()).await.problem(409, "coupon_killed");
        shop.brand.act(&shop.brand.approver, &local, "lift-kill", json!({})).await;
        redeem(code).await.ok();
        let path = format!("/app/v1/coupons/{coupon}/qr-tokens");
        shopper.client.post(&path, &json!({})).await.problem(409, "coupon_already_redeemed");
    }

    async fn the_apps_qr_code_is_good_for_one_redemption_within_a_minute(app) {
        let shop = Shop::open(app).await;
        let template = shop.brand.live(&shop.brand.head, &ten_off(100)).await;
        let (shopper, other) = (shop.brand.shopper().await, shop.brand.shopper().await);
        let (coupon, _) = shop.coupon(&template, &shopper).await;
        let path = format!("/app/v1/coupons/{coupon}/qr-tokens");
        other.client.post(&path, &json!({})).await.problem(404, "not_found");
        let token = shopper.client.post(&path, &json!({})).await.created()["token"].as_str().unwrap().to_owned();
        let (clerk, store) = (&shop.clerk.client, &shop.brand.a.store);
        let receipt = shop.redeem(clerk, store, &token).await.ok();
        assert_eq!(receipt["coupon_id"], json!(coupon));
        shop.redeem(clerk, store, &token).await.problem(409, "coupon_already_redeemed");
        shop.undo(&shop.manager.client, store, &receipt["redemption_id"]).await.ok();
        shop.redeem(clerk, store, &token).await.problem(409, "qr_used");
        let fresh = shopper.client.post(&path, &json!({})).await.created();
        app.set_clock(fresh["expires_at"].as_str().unwrap()).await;
        shop.redeem(clerk, store, fresh["token"].as_str().unwrap()).await.problem(422, "qr_expired");
    }

    async fn a_signed_day_is_closed_and_its_books_agree(app) {
        let shop = Shop::open(app).await;
        let finance = shop.brand.person(&[("finance", &shop.brand.head)]).await.client;
        let second = shop.brand.person(&[("finance", &shop.brand.head)]).await.client;
        let template = shop.brand.live(&shop.brand.head, &ten_off(100)).await;
        let shopper = shop.brand.shopper().await;
        let (_, code) = shop.coupon(&template, &shopper).await;
        let (_, late) = shop.coupon(&template, &shopper).await;
        let (clerk, store) = (&shop.clerk.client, &shop.brand.a.store);
        let receipt = shop.redeem(clerk, store, &code).await.ok();
        let day = format!("/admin/v1/stores/{store}/days/{}", receipt["local_day"].as_str().unwrap());
        let check = finance.get(&day).await.ok();
        assert_eq!((&check["agrees"], &check["day"]["totals"]["redemptions"]), (&json!(true), &json!(1)));

        let sign = format!("{day}/sign");
        shop.manager.client.once("s0").call("POST", &sign).await.problem(403, "permission_denied");
        let signed = finance.once("s1").call("POST", &sign).await.ok();
        assert_eq!(finance.once("s1").call("POST", &sign).await.ok(), signed);
        finance.once("s2").call("POST", &sign).await.problem(409, "store_day_signed");
        shop.redeem(clerk, store, &late).await.problem(409, "store_day_signed");
        let redemption = &receipt["redemption_id"];
        shop.undo(&shop.manager.client, store, redemption).await.problem(409, "store_day_signed");

        let requests = format!("/admin/v1/redemptions/{}/unredeem-requests", redemption.as_str().unwrap());
        let request = finance.post(&requests, &json!({ "reason": "客户投诉" })).await.created();
        let approve = format!("/admin/v1/unredeem-requests/{}/approve", request["id"].as_str().unwrap());
        finance.once("a1").call("POST", &approve).await.problem(403, "second_person_missing");
        second.once("a2").call("POST", &approve).await.problem(409, "store_day_signed");
        app.set_clock("2040-06-05T17:00:00Z").await;
        let undone = second.once("a3").call("POST", &approve).await.ok();
        assert_eq!(undone["coupon_state"], "issued");
        assert_ne!(undone["local_day"], receipt["local_day"]);
        let listed = finance.get("/admin/v1/unredeem-requests?state=approved").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        let days = finance.get("/admin/v1/store-days?signed=true").await.ok();
        assert_eq!(days["items"][0]["totals"], json!({ "redemptions": 1, "undos": 0, "order_amount": "0.00", "discount": "10.00" }));
        let (first, last) = (receipt["local_day"].as_str().unwrap(), undone["local_day"].as_str().unwrap());
        let found = finance.get(&format!("/admin/v1/store-days/differences?first={first}&last={last}")).await.ok();
        assert_eq!(found["items"], json!([]));
        let path = format!("/admin/v1/store-days/differences?first={last}&last={first}");
        finance.get(&path).await.problem(422, "request_invalid");
    }

    async fn a_till_with_a_key_redeems_and_undoes_in_its_stores(app) {
        let shop = Shop::open(app).await;
        let template = shop.brand.live(&shop.brand.head, &ten_off(100)).await;
        let (_, code) = shop.coupon(&template, &shop.brand.shopper().await).await;
        let (_, other) = shop.coupon(&template, &shop.brand.shopper().await).await;
        let ask = json!({ "site_id": shop.brand.a.site, "name": "POS", "scopes": ["redemptions:write", "redemptions:read"] });
        let key = shop.brand.owner.post("/admin/v1/api-keys", &ask).await.created();
        let till = shop.brand.stranger.with_token(key["token"].as_str().unwrap());
        let ask = json!({ "store_id": shop.brand.a.store, "code": code });
        assert_eq!(till.post("/open/v1/redemption-previews", &ask).await.ok()["discount"], "10.00");
        let receipt = till.once("o1").post("/open/v1/redemptions", &ask).await.ok();
        let elsewhere = json!({ "store_id": shop.brand.b.store, "code": other });
        till.once("o2").post("/open/v1/redemptions", &elsewhere).await.problem(404, "not_found");
        let path = format!("/open/v1/redemptions/{}", receipt["redemption_id"].as_str().unwrap());
        let seen = till.get(&path).await.ok();
        assert_eq!(seen["redeemed_by_kind"], "integration");
        let undo = json!({ "store_id": shop.brand.a.store, "reason": "退货" });
        till.once("o3").post(&format!("{path}/undo"), &undo).await.ok();
        assert_eq!(till.get("/open/v1/redemptions").await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn guessing_at_a_counter_ends_in_come_again_later(app) {
        let shop = Shop::open(app).await;
        let code = shop.code().await;
        let (clerk, store) = (&shop.clerk.client, &shop.brand.a.store);
        let ask = json!({ "store_id": store, "code": code });
        for _ in 0..20 {
            clerk.post("/admin/v1/redemption-previews", &ask).await.ok();
        }
        for number in 0..5 {
            shop.redeem(clerk, store, &format!("WRONG-{number}")).await.problem(404, "code_unknown");
        }
        let refused = shop.redeem(clerk, store, "WRONG-5").await;
        refused.problem(429, "code_too_many_guesses");
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=600).contains(&seconds)));
        shop.redeem(clerk, store, &code).await.ok();
        let other = shop.redeem(&shop.manager.client, store, "WRONG-6").await;
        other.problem(404, "code_unknown");
    }
}
