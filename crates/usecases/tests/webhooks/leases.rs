//! Who has a delivery, for how long, and whose turn it is.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use huike_persistence::{
    Outcome, db_test,
    webhook_deliveries::{self, TakeDue, Verdict},
};
use huike_webhooks::{DeliveryState, EventType};

use crate::{
    desk::{LEASE, everything},
    shop::{Shop, at_once},
};

const CLAIMS: &[EventType] = &[EventType::CouponClaimed];

db_test! {
    fn what_was_taken_is_due_again_when_the_lease_ends_and_the_first_has_no_say_any_more(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        shop.happen(shop.id(), 1, 1);
        shop.hand_out();
        let first = shop.take(everything()).remove(0);
        shop.pass(LEASE - TimeDelta::seconds(1));
        assert_eq!(shop.take(everything()), []);
        shop.pass(TimeDelta::seconds(1));
        let second = shop.take(everything()).remove(0);
        assert_eq!((second.delivery, first.attempts, second.attempts), (first.delivery, 1, 2));

        assert_eq!(shop.record(&first, Verdict::Delivered), Outcome::Refused);
        let id = first.delivery;
        let attempts = || shop.store.read_blocking(move |db| webhook_deliveries::list_attempts(db, id)).unwrap();
        assert_eq!(attempts(), [], "what came too late is not kept");
        assert_eq!(shop.record(&second, Verdict::Delivered), Outcome::Applied);
        assert_eq!(attempts().iter().map(|attempt| (attempt.number, attempt.status)).collect::<Vec<_>>(), [(2, Some(204))]);
        assert_eq!(shop.record(&second, Verdict::Delivered), Outcome::Refused, "an attempt is recorded once");
        assert_eq!(shop.delivery(id).state, DeliveryState::Delivered);
    }

    fn what_is_given_back_is_due_at_once_and_was_never_tried(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        shop.happen(shop.id(), 1, 1);
        shop.hand_out();
        let first = shop.take(everything()).remove(0);
        let (id, number) = (first.delivery, first.attempts);
        let give_back = || {
            shop.store.write_blocking(move |db, now| webhook_deliveries::give_back(db, now, id, number)).unwrap()
        };
        assert_eq!(give_back(), Outcome::Applied);
        assert_eq!(give_back(), Outcome::Refused);
        let again = shop.take(everything()).remove(0);
        assert_eq!((again.delivery, again.attempts), (first.delivery, 1));
    }

    fn senders_at_once_take_each_delivery_once(database) {
        let shop = Shop::open(database);
        shop.quiet_endpoint(shop.head, CLAIMS);
        for _ in 0..100 {
            shop.happen(shop.id(), 1, 1);
        }
        shop.hand_out();
        let taken: Vec<_> = at_once(4, |_| {
            let mut taken = Vec::new();
            while shop.count("SELECT count(*) AS count FROM webhook_delivery WHERE attempts = 0") > 0 {
                taken.extend(shop.take(TakeDue { limit: 7, ..everything() }).into_iter().map(|due| due.delivery));
            }
            taken
        })
        .concat();
        assert_eq!((taken.len(), taken.iter().collect::<BTreeSet<_>>().len()), (100, 100));
    }

    fn endpoints_have_their_turn_however_much_waits_for_one_of_them(database) {
        let shop = Shop::open(database);
        let busy = shop.quiet_endpoint(shop.site_a, CLAIMS);
        for _ in 0..20 {
            shop.happen(shop.id(), 1, 1);
        }
        shop.hand_out();
        let quiet = shop.quiet_endpoint(shop.site_b, &[]);
        shop.pass(TimeDelta::seconds(1));
        shop.append(vec![shop.event(shop.site_b, shop.id(), 1, shop.now())]);
        shop.hand_out();
        for _ in 0..20 {
            shop.happen(shop.id(), 1, 1);
        }
        shop.hand_out();

        let of = |ask: TakeDue| shop.take(ask).into_iter().map(|due| due.endpoint).collect::<Vec<_>>();
        let one_each = TakeDue { limit: 2, limit_per_endpoint: 1, ..everything() };
        let mut turn = of(one_each.clone());
        turn.sort_unstable();
        let mut both = vec![busy, quiet];
        both.sort_unstable();
        assert_eq!(turn, both);
        assert_eq!(of(TakeDue { skip_endpoints: vec![busy], ..everything() }), []);
        assert_eq!(of(TakeDue { limit: 3, ..everything() }), [busy; 3]);

        shop.append(vec![shop.event(shop.site_b, shop.id(), 1, shop.now())]);
        shop.hand_out();
        let first = TakeDue { limit: 1, limit_per_endpoint: 1, skip_endpoints: Vec::new(), after: Some(both[0]) };
        assert_eq!(of(first.clone()), [both[1]], "the one after it comes first");
        assert_eq!(of(TakeDue { after: Some(both[1]), ..first }), [both[0]], "and round again");
    }
}
