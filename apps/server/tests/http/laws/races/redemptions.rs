//! Redemptions at once: one wins, and the others are told who.

use serde_json::{Value, json};

use crate::{
    both,
    laws::{
        books::assert_balanced,
        many::{assert_tally, at_once, tally},
    },
    support::{
        Answer, Client,
        brand::{Brand, ten_off, with},
    },
};

/// A clerk in each of the two stores.
async fn clerks(brand: &Brand) -> [(Client, String); 2] {
    let clerk = async |store: &str| (brand.person(&[("clerk", store)]).await.client, store.to_owned());
    [clerk(&brand.a.store).await, clerk(&brand.b.store).await]
}

/// Fifty clerks in two stores with one code.
async fn redeem_at_once(brand: &Brand, clerks: &[(Client, String); 2], code: &str) -> Vec<Answer> {
    let calls = (0..50).map(|number| {
        let (clerk, store) = &clerks[number % 2];
        let (clerk, ask) = (clerk.once(&brand.key()), json!({ "store_id": store, "code": code }));
        async move { clerk.post("/admin/v1/redemptions", &ask).await }
    });
    at_once(calls).await
}

/// One of the answers is a receipt, and all others name it.
fn the_winner(answers: &[Answer]) -> Value {
    assert_tally(answers, &[("200", 1), ("409 coupon_already_redeemed", 49)]);
    let won = answers.iter().find(|answer| answer.status == 200).unwrap().ok();
    for lost in answers.iter().filter(|answer| answer.status == 409) {
        let told = lost.problem(409, "coupon_already_redeemed");
        assert_eq!((&told["redeemed_at"], &told["store_id"]), (&won["redeemed_at"], &won["store_id"]));
        assert!(told["store_name"].as_str().is_some_and(|name| name.starts_with("store-")), "{told}");
    }
    won
}

both! {
    async fn one_code_is_redeemed_once_whoever_scans_it(app) {
        let brand = Brand::of(app).await;
        let rules = with(ten_off(10), "budget", json!({ "total": "100.00" }));
        let template = brand.live(&brand.head, &rules).await;
        let shopper = brand.shopper().await;
        let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
        let clerks = clerks(&brand).await;
        let first = the_winner(&redeem_at_once(&brand, &clerks, &code).await);

        // Undone by many at once, it is undone once; then it is redeemed once again, and the books know of all three.
        let (store, redemption) = (first["store_id"].as_str().unwrap(), first["redemption_id"].as_str().unwrap());
        let undos = (0..20).map(|_| {
            let (client, ask) = (brand.owner.once(&brand.key()), json!({ "store_id": store, "reason": "扫错券" }));
            let path = format!("/admin/v1/redemptions/{redemption}/undo");
            async move { client.post(&path, &ask).await }
        });
        assert_tally(&at_once(undos).await, &[("200", 1), ("409 redemption_undone", 19)]);
        let stock = brand.template(&template).await["stock"].clone();
        assert_eq!((&stock["committed"], &stock["spent"]), (&json!("10.00"), &json!("0.00")));

        let second = the_winner(&redeem_at_once(&brand, &clerks, &code).await);
        assert_ne!(first["redemption_id"], second["redemption_id"]);
        let stock = brand.template(&template).await["stock"].clone();
        assert_eq!((&stock["issued"], &stock["committed"], &stock["spent"]), (&json!(1), &json!("0.00"), &json!("10.00")));
        assert_balanced(app).await;
    }

    async fn a_limit_of_uses_holds_at_many_counters(app) {
        let brand = Brand::of(app).await;
        let limit = json!([{ "metric": "uses", "subject": "template", "period": "day", "cap": 3 }]);
        let template = brand.live(&brand.head, &with(ten_off(100), "limits", limit)).await;
        let clerks = clerks(&brand).await;
        let mut calls = Vec::new();
        for number in 0..20 {
            let shopper = brand.shopper().await;
            let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
            let (clerk, store) = &clerks[number % 2];
            let (clerk, ask) = (clerk.once(&brand.key()), json!({ "store_id": store, "code": code }));
            calls.push(async move { clerk.post("/admin/v1/redemptions", &ask).await });
        }
        assert_tally(&at_once(calls).await, &[("200", 3), ("409 coupon_limit_reached", 17)]);
        assert_balanced(app).await;
    }

    async fn a_coupon_is_redeemed_or_void_but_not_both(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &with(ten_off(20), "budget", json!({ "total": "200.00" }))).await;
        let clerks = clerks(&brand).await;
        for _ in 0..8 {
            let shopper = brand.shopper().await;
            let coupon = brand.claim(&shopper, &template).await;
            let code = brand.code(&shopper, &coupon).await;
            let (owner, path) = (brand.owner.clone(), format!("/admin/v1/coupons/{coupon}/void"));
            let void = actix_web::rt::spawn(async move { owner.post(&path, &json!({ "reason": "发错了" })).await });
            let (clerk, store) = &clerks[0];
            let redeemed = brand.try_redeem(clerk, store, &code).await;
            let voided = void.await.unwrap();
            let both = [redeemed, voided];
            assert_eq!(both.iter().filter(|answer| answer.status == 200).count(), 1, "{:?}", tally(&both));
        }
        assert_balanced(app).await;
    }

    async fn a_day_is_signed_once_with_everything_that_counts(app) {
        let brand = Brand::of(app).await;
        let template = brand.live(&brand.head, &ten_off(100)).await;
        let (clerk, store) = clerks(&brand).await[0].clone();
        let mut redeem = Vec::new();
        for _ in 0..15 {
            let shopper = brand.shopper().await;
            let code = brand.code(&shopper, &brand.claim(&shopper, &template).await).await;
            let (clerk, ask) = (clerk.once(&brand.key()), json!({ "store_id": store, "code": code }));
            redeem.push(async move { clerk.post("/admin/v1/redemptions", &ask).await });
        }
        let first = brand.redemption(&brand.a, &template).await;
        let day = brand.owner.get(&format!("/admin/v1/redemptions/{first}")).await.ok()["local_day"].clone();
        let path = format!("/admin/v1/stores/{store}/days/{}", day.as_str().unwrap());
        let sign = (0..5).map(|_| {
            let (client, path) = (brand.owner.once(&brand.key()), format!("{path}/sign"));
            async move { client.call("POST", &path).await }
        });
        let signing: Vec<_> = sign.map(actix_web::rt::spawn).collect();
        let redeemed = at_once(redeem).await;
        let mut signed = Vec::new();
        for answer in signing {
            signed.push(answer.await.unwrap());
        }
        assert_tally(&signed, &[("200", 1), ("409 store_day_signed", 4)]);
        let counted = 1 + redeemed.iter().filter(|answer| answer.status == 200).count();
        let refused = tally(&redeemed).get("409 store_day_signed").copied().unwrap_or_default();
        assert_eq!(counted + refused, 16, "{:?}", tally(&redeemed));
        let closed = brand.owner.get(&path).await.ok();
        assert_eq!(closed["day"]["totals"]["redemptions"], counted, "{closed}");
        assert_eq!(closed["agrees"], true, "{closed}");
        assert_balanced(app).await;
    }
}
