//! Paying at the test cashier: the page, its notices, and what becomes of them.

use huike_persistence::payments;
use serde_json::{Value, json};

use super::stage::{ORDERS, ask, cart, stocked, top_up, try_order};
use crate::{
    both,
    goods::stage::stock,
    support::{
        Answer, TestApp,
        brand::{Brand, Shopper, with},
    },
};

const CALLBACK: &str = "/callbacks/payments/test";
const FORM: &str = "application/x-www-form-urlencoded";

/// An order of one piece at 298.00, 98.00 of it paid with stored value, and a payment of the rest.
async fn begun(app: &TestApp, brand: &Brand, sku: &str) -> (Shopper, String, String) {
    let shopper = brand.shopper_at(&brand.a.site).await;
    top_up(app, brand, &shopper, 98).await;
    let ask = with(ask(&shopper, &cart((&brand.a.site, sku), 1)).await, "stored_value", json!("98.00"));
    let order = text(&try_order(&shopper, &brand.key(), &ask).await.created()["order_id"]);
    let path = format!("{ORDERS}/{order}/payments");
    let begun = shopper.client.once(&brand.key()).post(&path, &json!({ "provider": "test" })).await.created();
    assert_eq!(begun["due"], "200.00");
    let payment = text(&begun["payment_id"]);
    assert!(text(&begun["pay_url"]).ends_with(&format!("/cashier/{payment}")));
    (shopper, order, payment)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What the page would send, having pressed that button.
async fn notice(brand: &Brand, payment: &str, decision: &str) -> String {
    let page = brand.stranger.raw("POST", &format!("/cashier/{payment}"), FORM, decision.to_owned()).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    let field = |name: &str| {
        let after = text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    format!("notice={}&signature={}", field("notice"), field("signature"))
}

async fn send(brand: &Brand, notice: &str) -> Answer {
    brand.stranger.raw("POST", CALLBACK, FORM, notice.to_owned()).await
}

async fn decision(brand: &Brand, notice: &str) -> String {
    text(&send(brand, notice).await.ok()["decision"])
}

async fn state(shopper: &Shopper, order: &str) -> (String, String) {
    let shown = shopper.client.get(&format!("{ORDERS}/{order}")).await.ok();
    (text(&shown["state"]), text(&shown["paid"]))
}

/// How much is still to go back, once the job had the time.
async fn owed(app: &TestApp) -> usize {
    app.pass(20).await;
    for _ in 0..100 {
        if app.store.read(|db| payments::list_returns(db, 10)).await.unwrap().is_empty() {
            return 0;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    app.store.read(|db| payments::list_returns(db, 10)).await.unwrap().len()
}

both! {
    async fn an_order_is_paid_at_the_cashier_however_often_it_tells(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 3).await;
        let (shopper, order, payment) = begun(app, &brand, &sku).await;
        let page = brand.stranger.get(&format!("/cashier/{payment}")).await;
        assert!(page.status == 200 && page.text().contains("200.00"), "{}", page.text());
        let (declined, approved) = (notice(&brand, &payment, "outcome=decline").await, notice(&brand, &payment, "outcome=approve").await);
        assert_eq!(decision(&brand, &declined).await, "ignored");
        assert_eq!(decision(&brand, &approved).await, "confirmed");
        let later = notice(&brand, &payment, "outcome=approve").await;
        for told in [&approved, &declined, &later] {
            assert_eq!(decision(&brand, told).await, "ignored");
        }
        assert_eq!(state(&shopper, &order).await, ("paid".to_owned(), "298.00".to_owned()));
        assert_eq!(stock(&brand.owner, &brand.a.site, &sku).await["on_hand"], 2);
        let path = format!("{ORDERS}/{order}/payments");
        shopper.client.once("again").post(&path, &json!({ "provider": "test" })).await.problem(409, "order_state_unfit");
    }

    async fn what_does_not_pay_the_order_goes_back(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 3).await;
        let (shopper, order, payment) = begun(app, &brand, &sku).await;
        let short = notice(&brand, &payment, "outcome=approve&amount=199.99").await;
        assert_eq!(decision(&brand, &short).await, "returned");
        assert_eq!(state(&shopper, &order).await.0, "created");
        let path = format!("{ORDERS}/{order}/payments");
        let second = shopper.client.once("2").post(&path, &json!({ "provider": "test" })).await.created();
        let over = notice(&brand, second["payment_id"].as_str().unwrap(), "outcome=approve&amount=250.00").await;
        assert_eq!(decision(&brand, &over).await, "confirmed_in_part");
        assert_eq!(state(&shopper, &order).await, ("paid".to_owned(), "298.00".to_owned()));
        assert_eq!(owed(app).await, 0);
    }

    async fn a_notice_that_comes_too_late_takes_the_order_again_or_gives_the_money_back(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 2).await;
        let (first, second) = (begun(app, &brand, &sku).await, begun(app, &brand, &sku).await);
        for (shopper, order, _) in [&first, &second] {
            shopper.client.once("c").call("POST", &format!("{ORDERS}/{order}/cancel")).await.ok();
        }
        let approved = notice(&brand, &first.2, "outcome=approve").await;
        assert_eq!(decision(&brand, &approved).await, "reinstated");
        assert_eq!(state(&first.0, &first.1).await.0, "paid");
        let (third, _, _) = begun(app, &brand, &sku).await;
        assert_eq!(third.client.get(ORDERS).await.ok()["items"][0]["state"], "created");
        let approved = notice(&brand, &second.2, "outcome=approve").await;
        assert_eq!(decision(&brand, &approved).await, "returned", "the last piece is somebody else's");
        assert_eq!(state(&second.0, &second.1).await.0, "cancelled");
        assert_eq!(owed(app).await, 0);
    }

    async fn a_notice_that_nobody_signed_is_not_believed(app) {
        let brand = Brand::of(app).await;
        let sku = stocked(&brand, 1).await;
        let (shopper, order, payment) = begun(app, &brand, &sku).await;
        let (cheap, dear) = (notice(&brand, &payment, "outcome=approve&amount=1.00").await, notice(&brand, &payment, "outcome=approve").await);
        let signature = cheap.split("&signature=").nth(1).unwrap();
        let mixed = format!("{}&signature={signature}", dear.split('&').next().unwrap());
        for forged in [mixed, "notice=00&signature=00".to_owned(), "notice=zz&signature=".to_owned()] {
            send(&brand, &forged).await.problem(401, "callback_untrusted");
        }
        assert_eq!(state(&shopper, &order).await.0, "created");
        let path = format!("{ORDERS}/{order}/payments");
        shopper.client.once("w").post(&path, &json!({ "provider": "wechat" })).await.problem(409, "payment_provider_unavailable");
    }
}
