//! One thing's events arrive in their order, and nobody else waits for them.

use chrono::TimeDelta;
use huike_persistence::db_test;
use huike_webhooks::{DeliveryState, back_off::SCHEDULE};
use uuid::Uuid;

use crate::{
    stage::{Stage, let_it_look, thing, until},
    target::{Received, Reply, Target},
};

fn is_about(received: &Received, thing: Uuid) -> bool {
    received.body["aggregate"]["id"] == thing.to_string()
}

db_test! {
    fn events_of_one_thing_wait_for_the_one_that_fails_and_nobody_else_does(database) {
        let stage = Stage::on(database);
        let (stuck, other) = (thing(), thing());
        let target = Target::new(move |received, _| {
            let is_first_of_stuck = is_about(received, stuck) && received.seq() == 1;
            let is_refused = is_first_of_stuck && received.header("webhook-timestamp").ends_with('0');
            Reply::Status(if is_refused { 500 } else { 200 })
        });
        let hook = stage.hook(&target.url());
        // The receiver refuses for as long as the seconds end in 0.
        let now = stage.now().timestamp();
        stage.pass(TimeDelta::seconds(10 - now % 10));
        let _sending = stage.start();
        stage.events(stuck, 1..=3);
        stage.events(other, 1..=3);
        until("the other thing's events are delivered", || stage.count(&hook, DeliveryState::Delivered) == 3);
        stage.attempted(&hook, 1, 1);
        let_it_look();
        let of = |thing| move |heard: &Received| is_about(heard, thing).then(|| heard.seq());
        assert_eq!(target.heard().iter().filter_map(of(other)).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(target.heard().iter().filter_map(of(stuck)).collect::<Vec<_>>(), [1]);
        stage.pass(TimeDelta::seconds(6));
        until("the rest is delivered", || stage.count(&hook, DeliveryState::Delivered) == 6);
        assert_eq!(target.heard().iter().filter_map(of(stuck)).collect::<Vec<_>>(), [1, 1, 2, 3]);
    }

    fn what_is_parked_holds_nobody_back(database) {
        let stage = Stage::on(database);
        let target = Target::new(|received, _| Reply::Status(if received.seq() == 1 { 400 } else { 200 }));
        let hook = stage.hook(&target.url());
        stage.events(thing(), 1..=2);
        let _sending = stage.start();
        for (attempt, wait) in (1..).zip(SCHEDULE) {
            stage.attempted(&hook, 1, attempt);
            stage.pass(wait * 11 / 10 + TimeDelta::seconds(1));
        }
        // Ten failures in a row: the receiver rests for as long as any does.
        stage.attempted(&hook, 1, SCHEDULE.len() + 1);
        stage.pass(TimeDelta::seconds(61));
        until("the first is parked and the second delivered", || {
            stage.count(&hook, DeliveryState::Parked) == 1 && stage.count(&hook, DeliveryState::Delivered) == 1
        });
        let wanted: Vec<i64> = std::iter::repeat_n(1, 10).chain([2]).collect();
        assert_eq!(target.seqs(), wanted);
    }

    fn events_of_ten_things_arrive_each_in_order_though_every_seventh_is_refused(database) {
        let stage = Stage::on(database);
        // Every seventh message is refused.
        let target = Target::new(|_, nth| Reply::Status(if nth % 7 == 3 { 503 } else { 200 }));
        let hook = stage.hook(&target.url());
        let things: Vec<Uuid> = (0..10).map(|_| thing()).collect();
        let _sending = stage.start();
        for thing in &things {
            stage.events(*thing, 1..=10);
        }
        until("all is delivered", || {
            // Not while a call is under way: its lease would run out.
            if stage.deliveries(&hook).iter().all(|delivery| delivery.lease_until.is_none()) {
                stage.pass(TimeDelta::seconds(10));
            }
            stage.count(&hook, DeliveryState::Delivered) == 100
        });
        for thing in things {
            let heard = target.heard();
            let mut seqs: Vec<_> = heard.iter().filter(|heard| is_about(heard, thing)).map(Received::seq).collect();
            assert!(seqs.is_sorted(), "{seqs:?}");
            seqs.dedup();
            assert_eq!(seqs, (1..=10).collect::<Vec<_>>());
        }
    }
}
