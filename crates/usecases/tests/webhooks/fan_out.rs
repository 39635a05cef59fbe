//! What is kept, and who hears of it.

use std::{collections::BTreeSet, sync::Barrier};

use huike_kernel::{EventId, NodeId, WebhookEndpointId};
use huike_persistence::{StoreError, db_test, events, testing::TestDatabase, webhook_fan_out};
use huike_webhooks::EventType;
use uuid::Uuid;

use crate::shop::{Shop, at_once, rules};

impl Shop {
    /// The events that an endpoint hears of, each as often as it does.
    fn heard(&self, endpoint: WebhookEndpointId) -> Vec<EventId> {
        self.deliveries(endpoint).iter().filter_map(|delivery| delivery.event).collect()
    }

    fn event_at(&self, site: NodeId) -> EventId {
        let event = self.event(site, self.id(), 1, self.now());
        let id = event.id;
        self.append(vec![event]);
        id
    }
}

db_test! {
    fn an_event_is_kept_while_somebody_listens_and_only_if_it_is_committed(database) {
        let shop = Shop::open(database);
        let template = shop.template(rules(3));
        shop.claim(template, shop.customer()).unwrap();
        assert_eq!(shop.backlog(), 0, "nobody listened");

        shop.quiet_endpoint(shop.head, &[]);
        shop.claim(template, shop.customer()).unwrap();
        assert_eq!(shop.backlog(), 1, "a claim is one event, and one row of the outbox");

        let event = shop.event(shop.site_a, shop.id(), 1, shop.now());
        let rolled_back = shop.store.write_blocking(move |db, _now| {
            events::append(db, std::slice::from_ref(&event))?;
            Err::<(), _>(StoreError::Unavailable("and then something went wrong"))
        });
        assert!(rolled_back.is_err());
        assert_eq!(shop.backlog(), 1, "what was rolled back is told to nobody");
    }

    fn a_batch_of_events_is_kept_event_by_event(database) {
        let shop = Shop::open(database);
        let endpoint = shop.quiet_endpoint(shop.site_a, &[]);
        let before = shop.deliveries(endpoint).len();
        let happened = shop.happen(shop.id(), 1, 7);
        assert_eq!(shop.backlog(), 7);
        shop.hand_out();
        assert_eq!(shop.backlog(), 0);
        assert_eq!(shop.deliveries(endpoint).len(), before + 7);
        let heard: BTreeSet<EventId> = shop.heard(endpoint).into_iter().collect();
        assert!(happened.iter().all(|event| heard.contains(event)));
    }

    fn an_endpoint_hears_of_its_node_and_below_and_of_nothing_else(database) {
        let shop = Shop::open(database);
        let nodes = [shop.head, shop.site_a, shop.store_a, shop.site_b];
        let endpoints = nodes.map(|node| shop.quiet_endpoint(node, &[EventType::CouponClaimed]));
        let happened = nodes.map(|node| shop.event_at(node));
        shop.hand_out();
        let [at_head, at_a, at_store, at_b] = happened;
        for (endpoint, wanted) in endpoints.iter().zip([
            vec![at_head, at_a, at_store, at_b],
            vec![at_a, at_store],
            vec![at_store],
            vec![at_b],
        ]) {
            let mut heard = shop.heard(*endpoint);
            heard.sort_unstable();
            assert_eq!(heard, wanted);
        }
    }

    fn an_endpoint_hears_of_the_types_it_asks_for(database) {
        let shop = Shop::open(database);
        let claims = shop.quiet_endpoint(shop.head, &[EventType::CouponRedeemed, EventType::CouponClaimed]);
        let others = shop.quiet_endpoint(shop.head, &[EventType::CouponRedeemed]);
        let event = shop.event_at(shop.site_a);
        shop.hand_out();
        assert_eq!(shop.heard(claims), [event]);
        assert_eq!(shop.heard(others), []);
    }

    fn fan_outs_at_once_make_one_delivery_of_each_event_for_each_endpoint(database) {
        let shop = Shop::open(database);
        let endpoints =
            [shop.head, shop.site_a].map(|node| shop.quiet_endpoint(node, &[EventType::CouponClaimed]));
        for _ in 0..20 {
            shop.happen(shop.id(), 1, 10);
        }
        let handed_out: usize = at_once(4, |_| {
            let mut events = 0;
            while shop.backlog() > 0 {
                events += shop.hand_out_some(7);
            }
            events
        })
        .into_iter()
        .sum();
        assert_eq!(handed_out, 200, "each event was handed out once");
        for endpoint in endpoints {
            let heard = shop.heard(endpoint);
            assert_eq!((heard.len(), heard.iter().collect::<BTreeSet<_>>().len()), (200, 200));
        }
    }
}

/// Inside two transactions at once, which only PostgreSQL has.
#[test]
fn a_fan_out_passes_by_what_another_holds() {
    let Some(database) = TestDatabase::postgres() else { return };
    let shop = Shop::open(&database);
    let endpoint = shop.quiet_endpoint(shop.head, &[EventType::CouponClaimed]);
    shop.happen(Uuid::from_u128(77), 1, 10);
    let both_have_taken = std::sync::Arc::new(Barrier::new(2));
    let taken = at_once(2, |_| {
        let (ids, meet) = (shop.ids.clone(), both_have_taken.clone());
        let taken = shop.store.write_blocking(move |db, now| {
            let events = webhook_fan_out::fan_out(db, ids.as_ref(), now, 5)?;
            meet.wait();
            Ok::<_, StoreError>(events)
        });
        taken.unwrap()
    });
    assert_eq!(taken, [5, 5]);
    assert_eq!((shop.backlog(), shop.heard(endpoint).len()), (0, 10));
}
