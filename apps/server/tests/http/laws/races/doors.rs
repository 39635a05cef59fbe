//! A rush through every door at once: customers themselves, a shared code, tills on behalf of customers. There is one stock.

use serde_json::{Value, json};

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{assert_tally, at_once},
    },
    support::{
        TestApp,
        brand::{Brand, Shopper, ten_off, with},
    },
};

/// A till that may claim for customers anywhere in the brand.
async fn till(app: &TestApp, brand: &Brand) -> crate::support::Client {
    let ask = json!({ "site_id": brand.head, "name": "till", "scopes": ["claims:write"] });
    let key = brand.owner.post("/admin/v1/api-keys", &ask).await.created();
    app.stranger().with_token(key["token"].as_str().unwrap())
}

/// Opens a channel with a code that everybody may enter.
async fn share(brand: &Brand, template: &str, code: &str) {
    let ask = json!({ "site_id": brand.head, "kind": "poster", "name": "海报", "code": code });
    brand.owner.post(&format!("/admin/v1/coupon-templates/{template}/channels"), &ask).await.created();
}

/// Which of the doors a shopper takes: by turns.
fn door(
    number: usize,
    shopper: &Shopper,
    till: &crate::support::Client,
    template: &str,
    code: &str,
) -> (crate::support::Client, &'static str, Value) {
    match number % 3 {
        0 => (shopper.client.once("r"), "/app/v1/claims", json!({ "template_id": template })),
        1 => (shopper.client.once("r"), "/app/v1/codes/claim", json!({ "code": code })),
        _ => {
            let ask = json!({ "template_id": template, "phone": shopper.phone });
            (till.once(&format!("r{number}")), "/open/v1/claims", ask)
        }
    }
}

both! {
    async fn through_all_doors_together_exactly_the_stock_goes_out(app) {
        let brand = Brand::of(app).await;
        let limits = json!([{ "metric": "claims", "subject": "customer", "period": "ever", "cap": 1 }]);
        let template = brand.live(&brand.head, &with(ten_off(30), "limits", limits)).await;
        share(&brand, &template, "SUMMER-10").await;
        let (till, shoppers) = (till(app, &brand).await, brand.shoppers(90).await);
        let rush = async || {
            let calls = shoppers.iter().enumerate().map(|(number, shopper)| {
                let (client, path, ask) = door(number, shopper, &till, &template, "SUMMER-10");
                async move { client.post(path, &ask).await }
            });
            at_once(calls).await
        };
        let answers = rush().await;
        assert_tally(&answers, &[("201", 30), ("409 coupon_sold_out", 60)]);
        // A repeat hears what it heard before, at whatever door.
        let again = rush().await;
        for (one, other) in answers.iter().zip(&again).filter(|(one, _)| one.status == 201) {
            assert_eq!(one.json(), other.json());
        }
        assert_tally(&again, &[("201", 30), ("409 coupon_sold_out", 60)]);
        // What the till did is in the audit log, once for each.
        let by_till = answers.iter().skip(2).step_by(3).filter(|answer| answer.status == 201).count();
        let log = brand.owner.get("/admin/v1/audit?action=coupon.claim&limit=100").await.ok();
        assert_eq!(log["items"].as_array().map(Vec::len), Some(by_till));
        assert_balanced(app).await;
    }

    async fn a_till_that_asks_again_hears_its_first_answer_whatever_happened_since(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(9)).await;
        let (till, shopper) = (till(app, &brand).await, brand.shopper().await);
        let ask = json!({ "template_id": template, "phone": shopper.phone });
        let claimed = till.once("k").post("/open/v1/claims", &ask).await.created();
        let other = json!({ "template_id": template, "phone": "13900001111" });
        till.once("k").post("/open/v1/claims", &other).await.problem(422, "idempotency_key_reused");
        till.once("n").post("/open/v1/claims", &other).await.problem(404, "not_found");
        brand.act(&brand.owner, &template, "end", json!({})).await;
        assert_eq!(till.once("k").post("/open/v1/claims", &ask).await.created(), claimed);
        till.once("m").post("/open/v1/claims", &ask).await.problem(409, "coupon_ended");
        assert_balanced(app).await;
    }
}
