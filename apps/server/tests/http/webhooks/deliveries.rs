//! What was sent, and what is sent once more.

use serde_json::{Value, json};

use super::{DELIVERIES, ENDPOINTS, Receiver, endpoint, items, text, until};
use crate::{
    both,
    support::brand::{Brand, ten_off},
};

both! {
    async fn what_was_sent_and_what_came_back_is_in_the_log(app) {
        let (brand, receiver) = (Brand::of(app).await, Receiver::listen());
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let id = endpoint(&brand.owner, &brand.a.site, &receiver.url, &["coupon_claimed"]).await;
        receiver.answer_with(503);
        let shopper = brand.shopper_at(&brand.a.site).await;
        let coupon = brand.claim(&shopper, &template).await;
        brand.claim(&brand.shopper_at(&brand.b.site).await, &template).await;

        let all = format!("{DELIVERIES}?endpoint_id={id}");
        let first = text(&items(&brand.owner, &all, 1).await[0]["id"]);
        let one = format!("{DELIVERIES}/{first}");
        let tried = until(&brand.owner, &one, "/attempts/0/status").await;
        assert_eq!((&tried["attempts"][0]["status"], &tried["delivery"]["last_status"]), (&json!(503), &json!(503)));
        assert_eq!((&tried["delivery"]["state"], &tried["delivery"]["attempts"]), (&json!("pending"), &json!(1)));
        assert_eq!(tried["delivery"]["aggregate_id"], coupon);
        brand.owner.post(&format!("{one}/replay"), &json!({})).await.problem(409, "webhook_delivery_pending");

        receiver.answer_with(200);
        app.pass(6).await;
        let arrived = until(&brand.owner, &one, "/attempts/1/status").await;
        assert_eq!((&arrived["delivery"]["state"], &arrived["delivery"]["next_attempt_at"]), (&json!("delivered"), &Value::Null));
        let again = brand.owner.post(&format!("{one}/replay"), &json!({})).await.created();
        assert_eq!((&again["origin"], &again["replay_of"]), (&json!("replay"), &json!(first)));
        assert_eq!(again["message_id"], arrived["delivery"]["message_id"]);
        until(&brand.owner, &format!("{DELIVERIES}/{}", text(&again["id"])), "/attempts/0/status").await;
        let heard = receiver.heard.lock().unwrap().clone();
        assert_eq!(heard.len(), 3);
        let message = format!("webhook-id: {}", text(&again["message_id"]));
        assert!(heard.iter().all(|heard| heard.to_ascii_lowercase().contains(&message)), "{heard:?}");

        for (filter, wanted) in [
            ("state=delivered", 2),
            ("state=parked", 0),
            ("origin=replay", 1),
            ("event_type=coupon_claimed", 2),
            ("event_type=coupon_redeemed", 0),
            ("created_until=2020-01-01T00:00:00Z", 0),
            ("created_from=2020-01-01T00:00:00Z", 2),
            (&format!("event_id={}", text(&again["event_id"])), 2),
            (&format!("aggregate_id={coupon}"), 2),
            (&format!("aggregate_id={id}"), 0),
        ] {
            items(&brand.owner, &format!("{all}&{filter}"), wanted).await;
        }
        let page = brand.owner.get(&format!("{all}&limit=1")).await.ok();
        let next = text(&page["next_cursor"]);
        let rest = brand.owner.get(&format!("{all}&limit=1&cursor={next}")).await.ok();
        assert_eq!((&page["items"][0]["id"], &rest["items"][0]["id"]), (&again["id"], &json!(first)));
        assert_eq!(rest["next_cursor"], Value::Null);
    }

    async fn the_log_of_one_site_is_not_told_to_another(app) {
        let (brand, receiver) = (Brand::of(app).await, Receiver::listen());
        let endpoints = [&brand.a.site, &brand.b.site, &brand.head];
        for site in endpoints {
            let id = endpoint(&brand.owner, site, &receiver.url, &["coupon_transferred"]).await;
            brand.owner.post(&format!("{ENDPOINTS}/{id}/test"), &json!({})).await.created();
        }
        let at_a = brand.person(&[("owner", &brand.a.site)]).await.client;
        let seen = items(&at_a, DELIVERIES, 1).await;
        assert_eq!(seen[0]["site_id"], brand.a.site);
        for delivery in items(&brand.owner, DELIVERIES, 3).await {
            let answer = at_a.get(&format!("{DELIVERIES}/{}", text(&delivery["id"]))).await;
            if delivery["site_id"] == brand.a.site { drop(answer.ok()) } else { drop(answer.problem(404, "not_found")) }
        }
        let elsewhere = text(&brand.owner.get(&format!("{ENDPOINTS}?limit=100")).await.ok()["items"][0]["id"]);
        assert_eq!(at_a.get(&format!("{DELIVERIES}?endpoint_id={elsewhere}")).await.ok()["items"], json!([]));
    }

    async fn a_window_is_replayed_and_says_how_far_it_has_come(app) {
        let (brand, receiver) = (Brand::of(app).await, Receiver::listen());
        let template = brand.live(&brand.head, &ten_off(10)).await;
        let from = app.now().await;
        for _ in 0..3 {
            brand.claim(&brand.shopper_at(&brand.a.site).await, &template).await;
        }
        app.pass(60).await;
        let until_at = app.now().await;
        let id = endpoint(&brand.owner, &brand.a.site, &receiver.url, &["coupon_claimed"]).await;
        let replays = format!("{ENDPOINTS}/{id}/replays");
        let future = json!({ "from": from, "until": "2999-01-01T00:00:00Z" });
        assert_eq!(brand.owner.post(&replays, &future).await.problem(422, "webhook_replay_window_invalid")["days_max"], 31);
        let begun = brand.owner.post(&replays, &json!({ "from": from, "until": until_at })).await.created();
        assert_eq!((&begun["state"], &begun["progress_percent"], &begun["made"]), (&json!("running"), &json!(0), &json!(0)));
        let done = until(&brand.owner, &format!("/admin/v1/webhook-replays/{}", text(&begun["id"])), "/finished_at").await;
        assert_eq!((&done["state"], &done["progress_percent"], &done["made"]), (&json!("done"), &json!(100), &json!(3)));
        items(&brand.owner, &format!("{DELIVERIES}?endpoint_id={id}&origin=replay&state=delivered"), 3).await;
        assert_eq!(brand.owner.get(&replays).await.ok()["items"].as_array().unwrap().len(), 1);
    }
}
