//! Secrets: which of them sign, and for how long.

use chrono::TimeDelta;
use huike_kernel::{DomainError, WebhookEndpointId};
use huike_persistence::{db_test, webhook_secrets};
use huike_usecases::{
    UseCaseError,
    webhooks::{RotateAsk, rotate},
};
use huike_webhooks::EventType;

use crate::{desk::everything, shop::Shop};

impl Shop {
    fn rotate(&self, endpoint: WebhookEndpointId, secret: u8, keep_old: bool) -> Result<(), UseCaseError> {
        let ask = RotateAsk { endpoint, sealed: vec![secret], keep_old };
        self.act(self.staff(), move |db, act| rotate(db, act, &ask).map(|_| ()))
    }

    /// The secrets that sign now, the newest first.
    fn signing(&self, endpoint: WebhookEndpointId) -> Vec<u8> {
        let now = self.now();
        let found = self.store.read_blocking(move |db| webhook_secrets::list_signing(db, &[endpoint], now)).unwrap();
        found.into_values().flatten().flatten().collect()
    }
}

db_test! {
    fn after_a_rotation_the_old_secret_signs_for_a_day_and_no_longer(database) {
        let shop = Shop::open(database);
        let id = shop.quiet_endpoint(shop.site_a, &[EventType::CouponClaimed]);
        assert_eq!(shop.signing(id), [1]);
        shop.rotate(id, 2, true).unwrap();
        assert_eq!(shop.signing(id), [2, 1]);
        shop.happen(shop.id(), 1, 1);
        shop.hand_out();
        let due = shop.take(everything()).remove(0);
        assert_eq!(due.secrets, [[2], [1]], "both go along with what is sent");
        shop.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
        assert_eq!(shop.signing(id), [2, 1]);
        shop.pass(TimeDelta::seconds(1));
        assert_eq!(shop.signing(id), [2]);
    }

    fn a_secret_that_became_known_ends_at_once_with_all_before_it(database) {
        let shop = Shop::open(database);
        let id = shop.endpoint(shop.site_a, &[]).id;
        shop.rotate(id, 2, true).unwrap();
        shop.rotate(id, 3, false).unwrap();
        assert_eq!(shop.signing(id), [3]);
    }

    fn only_so_many_secrets_sign_at_once(database) {
        let shop = Shop::open(database);
        let id = shop.endpoint(shop.site_a, &[]).id;
        for secret in 2..=5 {
            shop.rotate(id, secret, true).unwrap();
        }
        assert_eq!(shop.rotate(id, 6, true).unwrap_err().code(), "too_many");
        assert_eq!(shop.signing(id), [5, 4, 3, 2, 1]);
        shop.pass(TimeDelta::hours(24));
        shop.rotate(id, 6, true).unwrap();
        assert_eq!(shop.signing(id), [6, 5]);
    }

    fn secrets_that_ended_are_dropped_and_the_current_one_never(database) {
        let shop = Shop::open(database);
        let id = shop.endpoint(shop.site_a, &[]).id;
        shop.rotate(id, 2, true).unwrap();
        let purge = || shop.store.write_blocking(|db, now| webhook_secrets::purge(db, now, 10)).unwrap();
        assert_eq!(purge(), 0);
        shop.pass(TimeDelta::days(400));
        assert_eq!((purge(), purge()), (1, 0));
        assert_eq!(shop.signing(id), [2]);
        shop.rotate(id, 3, true).unwrap();
        assert_eq!(shop.signing(id), [3, 2]);
    }
}
