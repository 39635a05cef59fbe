//! Replays of a window.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use huike_kernel::{Actor, DomainError, EventId, NodeId, WebhookEndpointId, WebhookReplayId};
use huike_persistence::{
    db_test,
    events::NewEvent,
    jobs::Job,
    webhook_replays::{self, Replay},
};
use huike_usecases::{
    UseCaseError,
    webhooks::{REPLAY_JOB, ReplayAsk, ReplayFate, begin_replay, replay_chunk},
};
use huike_webhooks::{DeliveryOrigin, EventType, ReplayState};

use crate::shop::Shop;

const CLAIMS: &[EventType] = &[EventType::CouponClaimed];

impl Shop {
    fn begin(
        &self,
        endpoint: WebhookEndpointId,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        types: &[EventType],
    ) -> Result<Replay, UseCaseError> {
        let ask = ReplayAsk { endpoint, from, until, event_types: types.to_vec() };
        self.act(self.staff(), move |db, act| begin_replay(db, act, &ask))
    }

    fn chunk(&self, job: &Job, limit: i64) -> Result<ReplayFate, UseCaseError> {
        let job = job.clone();
        self.act(self.caller(Actor::System), move |db, act| replay_chunk(db, act, &job, limit))
    }

    /// Works until the replay ends or waits.
    fn work(&self, job: &Job) -> ReplayFate {
        loop {
            match self.chunk(job, 7).unwrap() {
                ReplayFate::More => {}
                fate => return fate,
            }
        }
    }

    fn found(&self, id: WebhookReplayId) -> Replay {
        self.store.read_blocking(move |db| webhook_replays::find(db, id)).unwrap().unwrap()
    }

    /// The events that were replayed to the endpoint.
    fn replayed(&self, endpoint: WebhookEndpointId) -> Vec<EventId> {
        let mut found: Vec<EventId> = self
            .deliveries(endpoint)
            .iter()
            .filter(|delivery| delivery.origin == DeliveryOrigin::Replay)
            .filter_map(|delivery| delivery.event)
            .collect();
        found.sort_unstable();
        found
    }

    fn at(&self, site: NodeId, at: DateTime<Utc>) -> NewEvent {
        self.event(site, self.id(), 1, at)
    }
}

fn ids(events: &[NewEvent]) -> Vec<EventId> {
    let mut ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    ids
}

db_test! {
    fn a_window_is_sent_once_more_whether_it_was_sent_before_or_not(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let (from, until) = (shop.now() - TimeDelta::hours(2), shop.now() - TimeDelta::hours(1));
        // Of many aggregates, so that every shard has some.
        let minute = |minute| from + TimeDelta::minutes(minute);
        let mut inside: Vec<NewEvent> = (0..59).map(|number| shop.at(shop.site_a, minute(number))).collect();
        inside.push(shop.at(shop.store_a, from));
        shop.append(inside.clone());
        shop.hand_out();
        shop.send_all();
        shop.disable(endpoint);
        let missed: Vec<NewEvent> = (0..20).map(|_| shop.at(shop.site_a, minute(30))).collect();
        shop.append(missed.clone());
        assert_eq!(shop.backlog(), 0, "nobody listened then");
        let version = shop.find_endpoint(endpoint).version;
        shop.act(shop.staff(), move |db, act| huike_usecases::webhooks::enable(db, act, endpoint, version)).unwrap();
        let mut other = shop.at(shop.site_a, minute(30));
        other.kind = "coupon_redeemed";
        let second = TimeDelta::seconds(1);
        shop.append(vec![
            shop.at(shop.site_b, minute(30)),
            shop.at(shop.head, minute(30)),
            shop.at(shop.site_a, from - second),
            shop.at(shop.site_a, until),
            other,
        ]);

        let replay = shop.begin(endpoint, (from, until), &[]).unwrap();
        let job = shop.take_job().unwrap();
        assert_eq!(job.kind, REPLAY_JOB);
        assert_eq!(shop.work(&job), ReplayFate::Ended);
        assert_eq!(shop.replayed(endpoint), ids(&[inside, missed].concat()));
        let done = shop.found(replay.id);
        assert_eq!((done.state, done.made, done.reached.shard), (ReplayState::Done, 80, 16));
        assert!(shop.take_job().is_none(), "the job is over");
    }

    fn a_window_may_be_of_other_types_than_the_endpoint_asks_for(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let (from, until) = (shop.now() - TimeDelta::hours(2), shop.now());
        let mut voided = shop.at(shop.site_a, from);
        voided.kind = "coupon_voided";
        shop.append(vec![shop.at(shop.site_a, from), voided.clone()]);
        shop.begin(endpoint, (from, until), &[EventType::CouponVoided]).unwrap();
        assert_eq!(shop.work(&shop.take_job().unwrap()), ReplayFate::Ended);
        assert_eq!(shop.replayed(endpoint), [voided.id]);
    }

    fn a_replay_that_is_taken_up_by_another_worker_makes_nothing_twice(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let (from, until) = (shop.now() - TimeDelta::hours(2), shop.now());
        let events: Vec<NewEvent> = (0..100).map(|_| shop.at(shop.site_a, from)).collect();
        shop.append(events.clone());
        shop.begin(endpoint, (from, until), &[]).unwrap();
        let first = shop.take_job().unwrap();
        for _ in 0..5 {
            assert_eq!(shop.chunk(&first, 3).unwrap(), ReplayFate::More);
        }
        shop.pass(TimeDelta::minutes(2));
        let second = shop.take_job().unwrap();
        assert!(shop.chunk(&first, 3).is_err(), "whoever lost the job makes nothing any more");
        assert_eq!(shop.work(&second), ReplayFate::Ended);
        let replayed = shop.replayed(endpoint);
        assert_eq!((replayed.len(), replayed.iter().collect::<BTreeSet<_>>().len()), (100, 100));
        assert_eq!(replayed, ids(&events));
    }

    fn one_replay_to_an_endpoint_runs_at_a_time(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let window = (shop.now() - TimeDelta::hours(2), shop.now());
        let begun = crate::shop::at_once(4, |_| shop.begin(endpoint, window, &[]));
        assert_eq!(crate::shop::successes(&begun, "webhook_replay_running"), 1);
        assert_eq!(shop.work(&shop.take_job().unwrap()), ReplayFate::Ended);
        shop.begin(endpoint, window, &[]).unwrap();
        assert_eq!(shop.work(&shop.take_job().unwrap()), ReplayFate::Ended);
    }

    fn a_large_replay_waits_for_what_it_made_to_be_sent(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        shop.disable(endpoint);
        let (from, until) = (shop.now() - TimeDelta::hours(2), shop.now());
        shop.append((0..1_100).map(|_| shop.at(shop.site_a, from)).collect());
        let version = shop.find_endpoint(endpoint).version;
        shop.act(shop.staff(), move |db, act| huike_usecases::webhooks::enable(db, act, endpoint, version)).unwrap();
        let replay = shop.begin(endpoint, (from, until), &[]).unwrap();
        let job = shop.take_job().unwrap();
        assert_eq!(shop.work(&job), ReplayFate::Waiting);
        let made = shop.found(replay.id).made;
        assert!((1_000..1_007).contains(&made), "{made}");
        assert_eq!(shop.chunk(&job, 7).unwrap(), ReplayFate::Waiting);
        shop.send_all();
        assert_eq!(shop.work(&job), ReplayFate::Ended);
        assert_eq!(shop.found(replay.id).made, 1_100);
    }

    fn a_replay_stops_when_its_endpoint_is_disabled(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let (from, until) = (shop.now() - TimeDelta::hours(2), shop.now());
        assert_eq!(shop.begin(endpoint, (until, from), &[]).unwrap_err().code(), "webhook_replay_window_invalid");
        let replay = shop.begin(endpoint, (from, until), &[]).unwrap();
        shop.disable(endpoint);
        assert_eq!(shop.work(&shop.take_job().unwrap()), ReplayFate::Ended);
        let stopped = shop.found(replay.id);
        assert_eq!((stopped.state, stopped.finished_at.is_some()), (ReplayState::Stopped, true));
        assert_eq!(shop.begin(endpoint, (from, until), &[]).unwrap_err().code(), "webhook_endpoint_disabled");
    }
}
