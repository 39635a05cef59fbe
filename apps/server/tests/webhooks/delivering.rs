//! What arrives, and how a receiver knows it.

use chrono::{DateTime, TimeDelta, Utc};
use huike_persistence::db_test;
use huike_webhooks::{DeliveryState, EventType, Secret, verify};
use serde_json::json;

use crate::{
    stage::{Stage, is_believed, thing, until},
    target::{Received, Reply, Target},
};

/// Whether the message fits the secret by the clock of the test: the reference would want the machine's.
fn fits(heard: &Received, secret: &Secret, now: DateTime<Utc>) -> bool {
    let [id, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| heard.header(name));
    let received = huike_webhooks::Received { id, timestamp, signature };
    verify(std::slice::from_ref(secret), received, &heard.raw, now).is_ok()
}

db_test! {
    fn a_receiver_hears_what_happened_and_whom_from(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let hook = stage.hook(&target.url());
        let coupon = thing();
        let event = stage.event(coupon, 7);
        let _sending = stage.start();
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        let [received] = target.heard().try_into().unwrap();
        assert_eq!(received.target, "POST /in?shop=7 HTTP/1.1");
        assert_eq!(received.header("content-type"), "application/json");
        assert_eq!(received.header("host"), target.address.to_string());
        assert!(received.header("user-agent").starts_with("Huike-Webhooks/"));
        assert_eq!(received.header("webhook-id"), event.to_string());
        let wanted = json!({
            "id": event,
            "type": EventType::CouponRedeemed,
            "timestamp": stage.now(),
            "site_id": stage.house.head,
            "aggregate": { "kind": "coupon", "id": coupon, "seq": 7 },
            "data": { "discount_fen": 1_000, "note": "满200减30" },
        });
        assert_eq!(received.body, wanted);
        assert!(is_believed(&received, &hook.secret));
        let [delivery] = stage.deliveries(&hook).try_into().unwrap();
        assert_eq!((delivery.attempts, delivery.last_status, delivery.last_error.as_deref()), (1, Some(204), None));
        let [attempt] = stage.attempts(delivery.id).try_into().unwrap();
        assert_eq!((attempt.number, attempt.status, attempt.error), (1, Some(204), None));
    }

    fn every_receiver_knows_only_its_own_secret(database) {
        let stage = Stage::on(database);
        let (a, b) = (Target::willing(), Target::willing());
        let (hook_a, hook_b) = (stage.hook(&a.url()), stage.hook(&b.url()));
        stage.event(thing(), 1);
        let _sending = stage.start();
        until("both have it", || a.heard().len() == 1 && b.heard().len() == 1);
        assert!(is_believed(&a.heard()[0], &hook_a.secret) && is_believed(&b.heard()[0], &hook_b.secret));
        assert!(!is_believed(&a.heard()[0], &hook_b.secret) && !is_believed(&b.heard()[0], &hook_a.secret));
    }

    fn while_a_secret_is_rotated_both_sign_and_then_the_new_one_alone(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let hook = stage.hook(&target.url());
        let new = stage.rotate(&hook, stage.now() + TimeDelta::hours(24));
        let _sending = stage.start();
        stage.event(thing(), 1);
        until("the first is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        stage.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
        stage.event(thing(), 1);
        until("the second is delivered", || stage.count(&hook, DeliveryState::Delivered) == 2);
        stage.pass(TimeDelta::seconds(1));
        stage.event(thing(), 1);
        until("the third is delivered", || stage.count(&hook, DeliveryState::Delivered) == 3);
        let heard = target.heard();
        let signatures = |heard: &Received| heard.header("webhook-signature").split(' ').count();
        assert_eq!(heard.iter().map(signatures).collect::<Vec<_>>(), [2, 2, 1]);
        let first = &heard[0];
        assert!(is_believed(first, &hook.secret) && is_believed(first, &new));
        let last = &heard[2];
        assert!(!fits(last, &hook.secret, stage.now()) && fits(last, &new, stage.now()));
    }

    fn an_attempt_has_a_time_of_its_own_and_the_id_of_the_event(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, nth| Reply::Status(if nth == 0 { 500 } else { 200 }));
        let hook = stage.hook(&target.url());
        let event = stage.event(thing(), 1);
        let _sending = stage.start();
        stage.attempted(&hook, 1, 1);
        stage.pass(TimeDelta::seconds(6));
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        let [first, second] = target.heard().try_into().unwrap();
        assert_eq!((first.header("webhook-id"), &first.raw), (second.header("webhook-id"), &second.raw));
        assert_eq!(second.header("webhook-id"), event.to_string());
        let at = |heard: &Received| heard.header("webhook-timestamp").parse::<i64>().unwrap();
        assert_eq!(at(&second) - at(&first), 6);
        assert!(is_believed(&first, &hook.secret) && is_believed(&second, &hook.secret));
    }

    fn two_senders_on_one_database_send_nothing_twice(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let hook = stage.hook(&target.url());
        for _ in 0..60 {
            stage.event(thing(), 1);
        }
        let _senders = [stage.start(), stage.start()];
        until("all are delivered", || stage.count(&hook, DeliveryState::Delivered) == 60);
        let mut ids: Vec<_> = target.heard().iter().map(|heard| heard.header("webhook-id").to_owned()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), target.heard().len()), (60, 60));
    }
}
