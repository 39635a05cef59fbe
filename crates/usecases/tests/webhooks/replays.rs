//! What staff send by hand.

use chrono::TimeDelta;
use huike_kernel::{DomainError, WebhookDeliveryId, WebhookEndpointId};
use huike_persistence::{
    db_test,
    webhook_deliveries::{self, Delivery, Verdict},
};
use huike_usecases::{
    UseCaseError,
    webhooks::{replay_one, send_test},
};
use huike_webhooks::{DeliveryOrigin, DeliveryState, EventType};

use crate::{desk::everything, shop::Shop};

const CLAIMS: &[EventType] = &[EventType::CouponClaimed];

impl Shop {
    fn replay(&self, id: WebhookDeliveryId) -> Result<Delivery, UseCaseError> {
        self.act(self.staff(), move |db, act| replay_one(db, act, id))
    }

    fn try_out(&self, id: WebhookEndpointId) -> Result<Delivery, UseCaseError> {
        self.act(self.staff(), move |db, act| send_test(db, act, id))
    }
}

db_test! {
    fn a_replay_is_a_delivery_of_its_own_with_the_same_message_id(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let event = shop.happen(shop.id(), 1, 1)[0];
        shop.hand_out();
        let first = shop.take(everything()).remove(0);
        assert_eq!(shop.replay(first.delivery).unwrap_err().code(), "webhook_delivery_pending");
        let _kept = shop.record(&first, Verdict::Parked);

        let again = shop.replay(first.delivery).unwrap();
        assert_eq!((again.origin, again.replay_of, again.event), (DeliveryOrigin::Replay, Some(first.delivery), Some(event)));
        let sent = shop.send_all();
        assert_eq!(sent.iter().map(|due| due.delivery).collect::<Vec<_>>(), [again.id]);
        assert_eq!((sent[0].message.id, &sent[0].message), (event.as_uuid(), &first.message));
        let once_more = shop.replay(again.id).unwrap();
        assert_eq!(once_more.replay_of, Some(first.delivery), "a replay of a replay is one of the first");
        assert_eq!(shop.deliveries(endpoint).len(), 3);

        shop.disable(endpoint);
        assert_eq!(shop.replay(first.delivery).unwrap_err().code(), "webhook_endpoint_disabled");
    }

    fn a_replay_waits_for_nobody_and_holds_nobody_back(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.site_a, CLAIMS);
        let aggregate = shop.id();
        shop.happen(aggregate, 1, 3);
        shop.hand_out();
        let first = shop.take(everything()).remove(0);
        let _kept = shop.record(&first, Verdict::Parked);
        let second = shop.take(everything()).remove(0);
        let _kept = shop.record(&second, Verdict::RetryAt(shop.now() + TimeDelta::hours(1)));
        let again = shop.replay(first.delivery).unwrap();
        let due = shop.take(everything());
        assert_eq!(due.iter().map(|due| due.delivery).collect::<Vec<_>>(), [again.id], "the third waits, the replay does not");
        let _kept = shop.record(&due[0], Verdict::RetryAt(shop.now() + TimeDelta::hours(9)));
        shop.pass(TimeDelta::hours(1));
        let sent: Vec<i64> = shop.send_all().iter().map(|due| due.message.seq).collect();
        assert_eq!(sent, [2, 3], "a replay that fails holds nobody back");
    }

    fn a_test_tells_of_nothing_and_leaves_no_event(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let events = shop.count("SELECT count(*) AS count FROM event");
        let test = shop.try_out(endpoint).unwrap();
        assert_eq!(shop.count("SELECT count(*) AS count FROM event"), events);
        let due = shop.send_all().remove(0);
        assert_eq!((due.delivery, due.message.id, due.message.kind.as_str()), (test.id, test.id.as_uuid(), "webhook_test"));
        assert_eq!((due.message.site, due.message.aggregate), (shop.site_a, endpoint.as_uuid()));
        let again = shop.replay(test.id).unwrap();
        assert_eq!(shop.send_all()[0].message.id, test.id.as_uuid(), "a test once more is the same message");
        assert_eq!((again.origin, again.event), (DeliveryOrigin::Replay, None));
        shop.disable(endpoint);
        assert_eq!(shop.try_out(endpoint).unwrap_err().code(), "webhook_endpoint_disabled");
        let audited = "SELECT count(*) AS count FROM audit WHERE action IN ('webhook_endpoint.test', 'webhook_delivery.replay')";
        assert_eq!(shop.count(audited), 2);
    }

    fn what_is_over_is_dropped_after_its_time_with_its_attempts_and_what_is_pending_never(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, CLAIMS);
        shop.happen(shop.id(), 1, 1);
        shop.happen(shop.id(), 1, 1);
        shop.hand_out();
        let due = shop.take(everything());
        let _kept = shop.record(&due[0], Verdict::Delivered);
        let _kept = shop.record(&due[1], Verdict::RetryAt(shop.now() + TimeDelta::days(90)));
        let purge = || {
            let purge = |db: &mut _, now| webhook_deliveries::purge(db, now - TimeDelta::days(30), 100);
            shop.store.write_blocking(purge).unwrap()
        };
        assert_eq!(purge(), 0);
        shop.pass(TimeDelta::days(30) + TimeDelta::seconds(1));
        assert_eq!(purge(), 1);
        assert_eq!(shop.deliveries(endpoint).iter().map(|delivery| delivery.state).collect::<Vec<_>>(), [DeliveryState::Pending]);
        assert_eq!(shop.count("SELECT count(*) AS count FROM webhook_attempt"), 1);
    }
}
