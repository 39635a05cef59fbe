//! What follows from an answer, and what no answer can do to us.

use std::time::Duration;

use chrono::TimeDelta;
use huike_persistence::db_test;
use huike_server::webhooks::{ANSWER_BYTES_MAX, LEASE};
use huike_webhooks::{DeliveryState, DisabledReason, EndpointState, back_off::SCHEDULE};

use crate::{
    stage::{Stage, let_it_look, thing, until},
    target::{Reply, Target},
};

const HUNDRED_MB: usize = 100 * 1024 * 1024;
/// What may lie in the buffers of both sockets when the reader hangs up.
const IN_FLIGHT_MAX: usize = 24 * 1024 * 1024;

db_test! {
    fn a_redirect_is_a_failure_and_nobody_goes_there(database) {
        let stage = Stage::on(database);
        let inner = Target::willing();
        let redirecting = |status| {
            let to = inner.url();
            Target::new(move |_, _| Reply::With(status, "location", to.clone()))
        };
        let targets = [301, 302, 303, 307, 308].map(|status| (status, redirecting(status)));
        let hooks = targets.each_ref().map(|(_, target)| stage.hook(&target.url()));
        let _sending = stage.start();
        stage.event(thing(), 1);
        for (hook, (status, target)) in hooks.iter().zip(&targets) {
            let attempt = stage.attempted(hook, 1, 1);
            assert_eq!((attempt.status, attempt.error), (Some(i64::from(*status)), None));
            assert_eq!((stage.delivery(hook, 1).state, target.calls()), (DeliveryState::Pending, 1));
        }
        assert_eq!(inner.calls(), 0);
    }

    fn an_answer_of_a_hundred_megabytes_is_cut_off(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, _| Reply::Huge(HUNDRED_MB));
        let hook = stage.hook(&target.url());
        stage.event(thing(), 1);
        let _sending = stage.start();
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        let_it_look();
        assert!(target.written() > ANSWER_BYTES_MAX, "the receiver said something");
        assert!(target.written() < IN_FLIGHT_MAX, "{} bytes of the answer were taken", target.written());
    }

    fn an_answer_that_never_ends_counts_by_its_first_line(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, _| Reply::Drip);
        let hook = stage.hook(&target.url());
        stage.event(thing(), 1);
        let _sending = stage.start_with(stage.sender().with_call_max(Duration::from_millis(600)));
        until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
        assert_eq!(target.calls(), 1);
    }

    fn whoever_does_not_answer_or_speaks_something_else_has_failed(database) {
        let stage = Stage::on(database);
        let closed = format!("http://{}/", Target::willing().address);
        let (silent, odd) = (Target::new(|_, _| Reply::Never), Target::new(|_, _| Reply::Nonsense));
        let hooks = [silent.url(), odd.url(), closed].map(|url| stage.hook(&url));
        stage.event(thing(), 1);
        let _sending = stage.start_with(stage.sender().with_call_max(Duration::from_millis(300)));
        for (hook, fault) in hooks.iter().zip(["timed_out", "answer_broken", "connect_failed"]) {
            let attempt = stage.attempted(hook, 1, 1);
            assert_eq!((attempt.status, attempt.error.as_deref()), (None, Some(fault)));
            assert_eq!(stage.delivery(hook, 1).last_error.as_deref(), Some(fault));
        }
    }

    fn whoever_is_gone_is_told_nothing_more(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, _| Reply::Status(410));
        let hook = stage.hook(&target.url());
        let coupon = thing();
        stage.events(coupon, 1..=3);
        let _sending = stage.start();
        until("the endpoint is disabled", || stage.endpoint(&hook).state == EndpointState::Disabled);
        assert_eq!(stage.endpoint(&hook).disabled_reason, Some(DisabledReason::Gone));
        // What waited for the first is looked at again when that could have failed.
        stage.pass(LEASE);
        until("what was waiting is cancelled", || stage.count(&hook, DeliveryState::Cancelled) == 2);
        stage.pass(TimeDelta::days(2));
        stage.event(thing(), 1);
        let_it_look();
        assert_eq!(target.seqs(), [1]);
        assert_eq!(stage.count(&hook, DeliveryState::Parked), 1);
    }

    fn a_receiver_may_ask_to_be_left_alone_for_up_to_a_day(database) {
        for (header, wait) in [("3600", 3_600), ("999999", 86_400)] {
            let stage = Stage::on(database);
            let target = Target::new(move |_, nth| match nth {
                0 => Reply::With(503, "retry-after", header.to_owned()),
                _ => Reply::Status(200),
            });
            let hook = stage.hook(&target.url());
            stage.event(thing(), 1);
            let sending = stage.start();
            stage.attempted(&hook, 1, 1);
            stage.pass(TimeDelta::seconds(wait - 1));
            let_it_look();
            assert_eq!(target.heard().len(), 1, "{header}");
            stage.pass(TimeDelta::seconds(1));
            until("it is delivered", || stage.count(&hook, DeliveryState::Delivered) == 1);
            drop(sending);
        }
    }

    fn attempts_keep_to_the_schedule_and_end(database) {
        let stage = Stage::on(database);
        let target = Target::new(|_, _| Reply::Status(500));
        let hook = stage.hook(&target.url());
        stage.event(thing(), 1);
        let _sending = stage.start();
        for (number, wait) in (1..).zip(SCHEDULE) {
            let failed_at = stage.attempted(&hook, 1, number).started_at;
            assert_eq!(stage.delivery(&hook, 1).state, DeliveryState::Pending);
            let due_at = stage.delivery(&hook, 1).due_at;
            assert!(is_about(due_at - failed_at, wait), "attempt {number}: {}", due_at - failed_at);
            stage.clock_to(due_at - TimeDelta::milliseconds(1));
            std::thread::sleep(Duration::from_millis(300));
            assert_eq!(target.heard().len(), number, "too early");
            stage.clock_to(due_at);
        }
        let last = stage.attempted(&hook, 1, SCHEDULE.len() + 1);
        assert_eq!((last.number, last.status), (10, Some(500)));
        assert_eq!(stage.delivery(&hook, 1).state, DeliveryState::Parked);
        stage.pass(TimeDelta::days(30));
        let_it_look();
        assert_eq!(target.heard().len(), 10);
    }
}

/// Within a tenth.
fn is_about(wait: TimeDelta, wanted: TimeDelta) -> bool {
    wanted * 9 / 10 <= wait && wait <= wanted * 11 / 10
}
