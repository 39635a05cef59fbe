//! In order per thing: what an endpoint hears of one aggregate it hears in the order in which it happened.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use chrono::TimeDelta;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::max};
use huike_kernel::{NodeId, new_id};
use huike_persistence::{
    Outcome, db_test, events, nodes,
    schema::event,
    sql_types::DbId,
    webhook_deliveries::{DueDelivery, Verdict},
};
use huike_webhooks::EventType;
use uuid::Uuid;

use crate::{
    desk::everything,
    shop::{Shop, at_once},
};

const CLAIMS: &[EventType] = &[EventType::CouponClaimed];

fn seqs(due: &[DueDelivery]) -> Vec<i64> {
    due.iter().map(|due| due.message.seq).collect()
}

db_test! {
    fn a_delivery_waits_for_the_earlier_ones_of_its_aggregate(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        let (one, other) = (shop.id(), shop.id());
        shop.happen(one, 1, 3);
        shop.hand_out();
        let first = shop.take(everything());
        assert_eq!(seqs(&first), [1]);
        assert_eq!(seqs(&shop.take(everything())), [0; 0], "while the first is on its way");

        let later = shop.now() + TimeDelta::minutes(5);
        assert_eq!(shop.record(&first[0], Verdict::RetryAt(later)), Outcome::Applied);
        shop.happen(other, 1, 1);
        shop.hand_out();
        let due = shop.take(everything());
        assert_eq!(due.iter().map(|due| due.message.aggregate).collect::<Vec<_>>(), [other], "others go on meanwhile");

        shop.pass(TimeDelta::minutes(5));
        let again = shop.take(everything());
        assert_eq!(seqs(&again.iter().filter(|due| due.message.aggregate == one).cloned().collect::<Vec<_>>()), [1]);
        let again = again.into_iter().find(|due| due.message.aggregate == one).unwrap();
        assert_eq!(again.attempts, 2);
        assert_eq!(shop.record(&again, Verdict::Delivered), Outcome::Applied);
        assert_eq!(seqs(&shop.take(everything())), [2], "the next is due at once");
    }

    fn a_parked_delivery_holds_nobody_back(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        shop.happen(shop.id(), 1, 2);
        shop.hand_out();
        let first = shop.take(everything());
        assert_eq!(shop.record(&first[0], Verdict::Parked), Outcome::Applied);
        assert_eq!(seqs(&shop.take(everything())), [2]);
    }

    fn one_endpoint_does_not_wait_for_another(database) {
        let shop = Shop::open(database);
        let endpoints = [shop.head, shop.site_a].map(|node| shop.quiet_endpoint(node, CLAIMS));
        shop.happen(shop.id(), 1, 2);
        shop.hand_out();
        let first = shop.take(everything());
        assert_eq!(seqs(&first), [1, 1]);
        let well = first.iter().find(|due| due.endpoint == endpoints[1]).unwrap();
        assert_eq!(shop.record(well, Verdict::Delivered), Outcome::Applied);
        let next = shop.take(everything());
        assert_eq!((seqs(&next), next[0].endpoint), (vec![2], endpoints[1]));
    }

    fn a_delivery_waits_for_an_earlier_event_that_is_not_handed_out_yet(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        let aggregate = shop.id();
        // A clock that went back: the later event seems to be the older one, and is handed out first.
        let (now, before) = (shop.now(), shop.now() - TimeDelta::seconds(9));
        shop.append(vec![shop.event(shop.site_a, aggregate, 1, now), shop.event(shop.site_a, aggregate, 2, before)]);
        assert_eq!(shop.hand_out_some(1), 1);
        assert_eq!(seqs(&shop.take(everything())), [0; 0]);
        assert_eq!(shop.hand_out_some(1), 1);
        assert_eq!(seqs(&shop.take(everything())), [1]);
    }

    fn those_that_wait_do_not_hide_those_that_do_not(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        shop.happen(shop.id(), 1, 500);
        shop.hand_out();
        let first = shop.take(everything());
        assert_eq!(seqs(&first), [1]);
        shop.pass(TimeDelta::seconds(1));
        let lonely = shop.id();
        shop.happen(lonely, 1, 1);
        shop.hand_out();
        let due = shop.take(everything());
        assert_eq!(due.iter().map(|due| due.message.aggregate).collect::<Vec<_>>(), [lonely]);
    }

    /// Six writers on four aggregates, three senders that also fail and give back, all at once.
    fn whatever_happens_at_once_each_aggregate_is_told_in_order(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        // Each with a row of its own that its writers lock.
        let locks = [shop.head, shop.site_a, shop.site_b, shop.store_a];
        let aggregates = locks.map(|lock| (shop.id::<Uuid>(), lock));
        let (noon, began) = (shop.now(), Instant::now());
        let (writers, sent) = (AtomicUsize::new(6), Mutex::new(Vec::<DueDelivery>::new()));
        at_once(9, |number| {
            if number < 6 {
                for round in 0..12 {
                    write_next(&shop, aggregates[(number + round) % 4]);
                }
                writers.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            loop {
                let nobody_writes = writers.load(Ordering::SeqCst) == 0;
                let events = shop.hand_out_some(3);
                let due = shop.take(everything());
                if nobody_writes && events == 0 && due.is_empty() && shop.count(PENDING) == 0 && shop.backlog() == 0 {
                    return;
                }
                sent.lock().unwrap().extend(due.iter().cloned());
                for (place, due) in due.iter().enumerate() {
                    // Some fail, and are due again at once.
                    let fails = (place + number).is_multiple_of(3) && due.attempts < 3;
                    let verdict = if fails { Verdict::RetryAt(shop.now()) } else { Verdict::Delivered };
                    assert_eq!(shop.record(due, verdict), Outcome::Applied);
                }
                shop.clock.set(noon + began.elapsed());
            }
        });
        let mut told: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
        for due in sent.into_inner().unwrap() {
            told.entry(due.message.aggregate).or_default().push(due.message.seq);
        }
        for (aggregate, _) in aggregates {
            let told = &told[&aggregate];
            assert!(told.is_sorted(), "{told:?}");
            assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from_iter(1..=18), "{told:?}");
        }
    }
}

const PENDING: &str = "SELECT count(*) AS count FROM webhook_delivery WHERE state = 'pending'";

/// The aggregate's next event: its version is read under a lock and bumped, as every use case does.
fn write_next(shop: &Shop, (aggregate, lock): (Uuid, NodeId)) {
    let (ids, new) = (shop.ids.clone(), shop.event(shop.site_a, aggregate, 1, shop.now()));
    let written = shop.store.write_blocking(move |db, now| {
        nodes::lock(db, lock)?;
        let of_it = event::table.filter(event::aggregate_id.eq(DbId(aggregate)));
        let newest: Option<i64> = of_it.select(max(event::seq)).first(db)?;
        let mut new = new.clone();
        new.id = new_id(ids.as_ref());
        (new.seq, new.occurred_at) = (newest.unwrap_or(0) + 1, now);
        events::append(db, &[new])
    });
    written.unwrap();
}
