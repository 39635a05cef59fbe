//! The same key with the same ask is one effect and one answer, however often it is sent.

use serde_json::{Value, json};

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{at_once, tally},
    },
    support::{
        Answer, Client,
        brand::{Brand, ten_off, with},
    },
};

/// The same ask under one key, fifty times at once and once more: one answer.
async fn repeat(who: &Client, key: &str, path: &str, body: &Value, status: u16) -> Value {
    let calls = (0..50).map(|_| {
        let (client, path, body) = (who.once(key), path.to_owned(), body.clone());
        async move { client.post(&path, &body).await }
    });
    let mut answers = at_once(calls).await;
    answers.push(who.once(key).post(path, body).await);
    assert_eq!(tally(&answers).get(&status.to_string()), Some(&51), "{path}: {:?}", tally(&answers));
    let first = answers[0].text();
    assert!(answers.iter().all(|answer| answer.text() == first), "{path}: a repeat was answered otherwise");
    answers[0].json()
}

#[track_caller]
fn assert_reused(answer: &Answer) {
    answer.problem(422, "idempotency_key_reused");
}

both! {
    async fn a_repeated_claim_redemption_and_undo_are_one_of_each(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &with(ten_off(10), "budget", json!({ "total": "100.00" }))).await;
        let shopper = brand.shopper().await;
        let claimed = repeat(&shopper.client, "k", "/app/v1/claims", &json!({ "template_id": template }), 201).await;
        assert_eq!(brand.template(&template).await["stock"]["issued"], 1);

        let code = brand.code(&shopper, claimed["coupon_id"].as_str().unwrap()).await;
        let ask = json!({ "store_id": brand.a.store, "code": code });
        let redeemed = repeat(&brand.owner, "k", "/admin/v1/redemptions", &ask, 200).await;
        let undo = format!("/admin/v1/redemptions/{}/undo", redeemed["redemption_id"].as_str().unwrap());
        let why = json!({ "store_id": brand.a.store, "reason": "扫错券" });
        repeat(&brand.owner, "u", &undo, &why, 200).await;

        // Of an ask whose effect was taken back since, the first answer is still the answer.
        let again = brand.owner.once("k").post("/admin/v1/redemptions", &ask).await.ok();
        assert_eq!(again, redeemed);
        let stock = brand.template(&template).await["stock"].clone();
        assert_eq!((&stock["issued"], &stock["committed"], &stock["spent"]), (&json!(1), &json!("10.00"), &json!("0.00")));
        let redemptions = brand.owner.get("/admin/v1/redemptions").await.ok();
        assert_eq!(redemptions["items"].as_array().unwrap().len(), 1);
        assert_balanced(app).await;
    }

    async fn a_repeated_issue_and_a_repeated_batch_are_one_of_each(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let shoppers = brand.shoppers(3).await;
        let named: Vec<Value> = shoppers.iter().map(|shopper| json!({ "phone": shopper.phone })).collect();
        let ask = json!({ "template_id": template, "site_id": brand.head, "customers": named });
        let issued = repeat(&brand.owner, "i", "/admin/v1/coupon-issues", &ask, 200).await;
        assert_eq!((&issued["issued"], &issued["refused"]), (&json!(3), &json!(0)));

        let ask = json!({ "template_id": template, "site_id": brand.head, "name": "传单", "quantity": 5 });
        let begun = repeat(&brand.owner, "b", "/admin/v1/code-batches", &ask, 201).await;
        assert_eq!(brand.codes(begun["batch_id"].as_str().unwrap()).await.len(), 5);
        let stock = brand.template(&template).await["stock"].clone();
        assert_eq!((&stock["issued"], &stock["claimed"]), (&json!(8), &json!(3)));
        assert_balanced(app).await;
    }

    async fn what_is_made_again_under_one_key_is_made_once_and_shown_as_it_is(app) {
        let brand = Brand::of(app).await;
        let template = brand.draft(&brand.head, &ten_off(10)).await;
        let shopper = brand.shopper_at(&brand.a.site).await;
        let people = json!({
            "site_id": brand.a.site, "login": "once.only", "name": "小李", "password": "朝辞白帝彩云间千里江陵", "roles": [],
        });
        let makes = [
            ("/admin/v1/nodes".to_owned(), json!({ "parent_id": brand.a.site, "kind": "store", "name": "新店", "code": "once" })),
            ("/admin/v1/coupon-templates".to_owned(), json!({ "site_id": brand.head, "name": "满减", "rules": ten_off(10) })),
            ("/admin/v1/blueprints".to_owned(), json!({ "name": "标准站", "look": {} })),
            (format!("/admin/v1/coupon-templates/{template}/channels"), json!({ "kind": "poster", "name": "海报" })),
            (format!("/admin/v1/customers/{}/notes", shopper.id), json!({ "site_id": brand.a.site, "body": "下午送货" })),
            ("/admin/v1/staff".to_owned(), people),
        ];
        for (path, ask) in &makes {
            repeat(&brand.owner, path, path, ask, 201).await;
        }
        let other = json!({ "site_id": brand.a.site, "body": "上午送货" });
        assert_reused(&brand.owner.once(&makes[4].0).post(&makes[4].0, &other).await);
        let notes = brand.owner.get(&makes[4].0).await.ok();
        assert_eq!(notes["items"].as_array().unwrap().len(), 1);
        // Without a key each call makes one.
        for _ in 0..2 {
            brand.owner.post(&makes[4].0, &makes[4].1).await.created();
        }
        let notes = brand.owner.get(&makes[4].0).await.ok()["items"].clone();
        assert_eq!(notes.as_array().unwrap().len(), 3);
        // What is gone is not shown again to whoever repeats, and not made again.
        let id = notes[2]["id"].as_str().unwrap();
        brand.owner.delete(&format!("{}/{id}", makes[4].0)).await.no_content();
        brand.owner.once(&makes[4].0).post(&makes[4].0, &makes[4].1).await.problem(404, "not_found");
        brand.owner.once("a key").post(&makes[4].0, &makes[4].1).await.problem(400, "idempotency_key_invalid");
    }

    async fn a_key_means_one_ask_and_no_other(app) {
        let brand = Brand::of(app).await;
        let (first, second) = (brand.live(&brand.head, &ten_off(5)).await, brand.live(&brand.head, &ten_off(5)).await);
        let (one, other) = (brand.shopper().await, brand.shopper().await);
        let claim = async |who: &Client, template: &str| {
            who.once("k").post("/app/v1/claims", &json!({ "template_id": template })).await
        };
        claim(&one.client, &first).await.created();
        assert_reused(&claim(&one.client, &second).await);
        assert_eq!(brand.template(&second).await["stock"]["issued"], 0, "a refused ask has no effect");
        assert_reused(&claim(&one.client.at(&brand.a.site), &first).await);
        claim(&other.client, &second).await.created();

        // With one body at two places, and with two bodies at one.
        let (of_one, of_other) = (brand.claim(&one, &first).await, brand.claim(&one, &first).await);
        let codes = [brand.code(&one, &of_one).await, brand.code(&one, &of_other).await];
        let redeem = async |code: &str| {
            let ask = json!({ "store_id": brand.a.store, "code": code });
            brand.owner.once("r").post("/admin/v1/redemptions", &ask).await
        };
        let redemption = redeem(&codes[0]).await.ok()["redemption_id"].clone();
        assert_reused(&redeem(&codes[1]).await);
        let undo = format!("/admin/v1/redemptions/{}/undo", redemption.as_str().unwrap());
        let why = json!({ "store_id": brand.a.store, "reason": "扫错券" });
        assert_reused(&brand.owner.once("r").post(&undo, &why).await);
        brand.try_redeem(&brand.owner, &brand.a.store, &codes[1]).await.ok();
        assert_balanced(app).await;
    }

    async fn two_asks_under_one_key_at_once_are_one_effect(app) {
        let brand = Brand::of(app).await;
        let templates = [brand.live(&brand.head, &ten_off(50)).await, brand.live(&brand.head, &ten_off(50)).await];
        let shopper = brand.shopper().await;
        let calls = (0..40).map(|number| {
            let (client, ask) = (shopper.client.once("k"), json!({ "template_id": templates[number % 2] }));
            async move { client.post("/app/v1/claims", &ask).await }
        });
        let answers = at_once(calls).await;
        let words = tally(&answers);
        assert_eq!((words.get("201"), words.get("422 idempotency_key_reused")), (Some(&20), Some(&20)), "{words:?}");
        let mut issued = 0;
        for template in &templates {
            issued += brand.template(template).await["stock"]["issued"].as_i64().unwrap();
        }
        assert_eq!(issued, 1);
        assert_balanced(app).await;
    }

    async fn what_was_refused_may_be_asked_again_with_the_same_key(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(5)).await;
        let shopper = brand.shopper().await;
        brand.act(&brand.owner, &template, "pause", json!({})).await;
        let claim = async || shopper.client.once("k").post("/app/v1/claims", &json!({ "template_id": template })).await;
        claim().await.problem(409, "coupon_paused");
        claim().await.problem(409, "coupon_paused");
        brand.act(&brand.owner, &template, "resume", json!({})).await;
        let claimed = claim().await.created();
        brand.act(&brand.owner, &template, "end", json!({})).await;
        assert_eq!(claim().await.created(), claimed, "granted once, it stays granted");

        let code = brand.code(&shopper, claimed["coupon_id"].as_str().unwrap()).await;
        let redeem = async || {
            let ask = json!({ "store_id": brand.a.store, "code": code });
            brand.owner.once("r").post("/admin/v1/redemptions", &ask).await
        };
        brand.act(&brand.owner, &template, "kill", json!({ "reason": "券码泄露" })).await;
        redeem().await.problem(409, "coupon_killed");
        brand.act(&brand.owner, &template, "lift-kill", json!({})).await;
        redeem().await.ok();
        assert_balanced(app).await;
    }

    async fn what_moves_value_asks_for_a_key(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(5)).await;
        let shopper = brand.shopper().await;
        let ask = json!({ "template_id": template });
        shopper.client.post("/app/v1/claims", &ask).await.problem(400, "idempotency_key_missing");
        for key in ["a b", "", &"k".repeat(256)] {
            shopper.client.once(key).post("/app/v1/claims", &ask).await.problem(400, "idempotency_key_invalid");
        }
        let nowhere = "01936f5e-7d2a-7c3e-9a41-5b6c7d8e9f00";
        for (path, body) in [
            ("/admin/v1/redemptions".to_owned(), json!({ "store_id": brand.a.store, "code": "ABCD-1234" })),
            (format!("/admin/v1/redemptions/{nowhere}/undo"), json!({ "store_id": brand.a.store, "reason": "扫错券" })),
            ("/admin/v1/code-batches".to_owned(), json!({ "template_id": template, "site_id": brand.head, "name": "传单", "quantity": 5 })),
            ("/admin/v1/coupon-issues".to_owned(), json!({ "template_id": template, "site_id": brand.head, "customers": [{ "phone": shopper.phone }] })),
        ] {
            brand.owner.post(&path, &body).await.problem(400, "idempotency_key_missing");
        }
        assert_eq!(brand.template(&template).await["stock"]["issued"], 0);
    }
}
