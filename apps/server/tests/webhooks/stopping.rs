//! Stopping and dying in the middle of a call.

use std::time::Duration;

use chrono::TimeDelta;
use huike_persistence::{
    db_test,
    webhook_deliveries::{self, TakeDue},
    webhook_fan_out,
};
use huike_server::{sources::SystemIds, webhooks::LEASE};
use huike_webhooks::DeliveryState;

use crate::{
    stage::{Stage, let_it_look, thing, until},
    target::{Reply, Target},
};

db_test! {
    fn what_a_dead_sender_had_taken_is_sent_when_its_lease_runs_out(database) {
        let stage = Stage::on(database);
        let target = Target::willing();
        let hook = stage.hook(&target.url());
        let event = stage.event(thing(), 1);
        // A sender that takes and is never heard of again.
        let now = stage.now();
        let taken = stage.write(move |db| {
            webhook_fan_out::fan_out(db, &SystemIds, now, 10)?;
            let ask = TakeDue { limit: 16, limit_per_endpoint: 4, skip_endpoints: Vec::new(), after: None };
            webhook_deliveries::take_due(db, now, LEASE, &ask)
        });
        assert_eq!(taken.len(), 1);
        let _sending = stage.start();
        stage.pass(LEASE - TimeDelta::milliseconds(1));
        let_it_look();
        assert_eq!(target.calls(), 0);
        stage.pass(TimeDelta::milliseconds(1));
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        assert_eq!(target.heard()[0].header("webhook-id"), event.to_string());
        assert_eq!(stage.delivery(&hook, 1).attempts, 2);
    }

    fn an_attempt_that_outlived_its_lease_says_nothing_any_more(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, nth| if nth == 0 { Reply::Never } else { Reply::Status(200) });
        let hook = stage.hook(&target.url());
        stage.event(thing(), 1);
        let first = stage.start_with(stage.sender().with_call_max(Duration::from_secs(2)));
        until("the first call is under way", || target.heard().len() == 1);
        stage.pass(LEASE);
        let _second = stage.start();
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        drop(first);
        let delivery = stage.delivery(&hook, 1);
        let attempts = stage.attempts(delivery.id);
        let recorded: Vec<_> = attempts.iter().map(|attempt| (attempt.number, attempt.status)).collect();
        assert_eq!((delivery.state, recorded), (DeliveryState::Delivered, vec![(2, Some(200))]));
    }

    fn a_sender_that_stops_lets_short_calls_end_and_gives_long_ones_back(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, nth| if nth == 0 { Reply::Never } else { Reply::Status(200) });
        let hook = stage.hook(&target.url());
        stage.event(thing(), 1);
        let sending = stage.start_with(stage.sender().with_call_max(Duration::from_secs(60)));
        until("the call is under way", || target.heard().len() == 1);
        drop(sending);
        let given_back = stage.delivery(&hook, 1);
        assert_eq!((given_back.state, given_back.lease_until, given_back.attempts), (DeliveryState::Pending, None, 0));
        // Nobody has to wait for a lease.
        let _sending = stage.start();
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
    }
}
