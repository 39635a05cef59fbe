//! A slow or dead receiver stands in nobody's way.

use std::time::Duration;

use huike_persistence::db_test;
use huike_webhooks::DeliveryState;

use crate::{
    stage::{Stage, thing, until},
    target::{Reply, Target},
};

db_test! {
    fn those_who_answer_are_served_before_those_who_do_not_are_even_given_up(database) {
        let stage = Stage::on(database);
        let silent: Vec<_> = (0..6).map(|_| Target::new(|_, _| Reply::Never)).collect();
        let dead: Vec<_> = (0..6).map(|_| stage.hook(&format!("http://{}/", Target::willing().address))).collect();
        let slow: Vec<_> = silent.iter().map(|target| stage.hook(&target.url())).collect();
        for _ in 0..40 {
            stage.event(thing(), 1);
        }
        // They have their backlog first, and take what they can get.
        let _sending = stage.start_with(stage.sender().with_call_max(Duration::from_secs(30)));
        until("the silent ones hold a call each", || silent.iter().all(|target| target.calls() >= 1));
        until("all is handed out", || slow.iter().all(|hook| stage.deliveries(hook).len() == 40));
        let good = Target::new(|_, _| Reply::Status(200));
        let hook = stage.hook(&good.url());
        for _ in 0..40 {
            stage.event(thing(), 1);
        }
        until("the good one has all of its messages", || stage.count(&hook, DeliveryState::Delivered) == 40);
        for hook in &slow {
            let recorded: usize = stage.deliveries(hook).iter().map(|delivery| stage.attempts(delivery.id).len()).sum();
            assert_eq!(recorded, 0, "a call that nobody answers was over before");
        }
        for target in &silent {
            assert_eq!(target.calls(), 1, "nobody had more than the one call of a newcomer");
        }
        for hook in &dead {
            assert_eq!(stage.count(hook, DeliveryState::Delivered), 0);
        }
    }

    fn a_receiver_that_answers_has_no_more_than_four_calls_at_once(database) {
        let stage = Stage::on(database);
        // It answers the first message, and then no more.
        let target = Target::new(|_, nth| if nth == 0 { Reply::Status(200) } else { Reply::Never });
        let hook = stage.hook(&target.url());
        for _ in 0..20 {
            stage.event(thing(), 1);
        }
        let _sending = stage.start_with(stage.sender().with_call_max(Duration::from_secs(30)));
        until("it has its share", || target.calls() == 5);
        crate::stage::let_it_look();
        assert_eq!(target.calls(), 5);
        assert_eq!(stage.count(&hook, DeliveryState::Delivered), 1);
    }
}
