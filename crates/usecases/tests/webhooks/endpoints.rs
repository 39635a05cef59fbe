//! Endpoints: how many there may be, what happens while one is disabled, and how one ends.

use chrono::TimeDelta;
use huike_access::{Role, RoleBinding, Scope};
use huike_kernel::{Actor, DomainError, WebhookEndpointId};
use huike_persistence::{
    Db, StoreError, db_test, outbox, webhook_deliveries,
    webhook_endpoints::{self, Endpoint},
};
use huike_usecases::{
    Act, Caller, UseCaseError,
    webhooks::{self, EndpointEdit},
};
use huike_webhooks::{DeliveryState, DisabledReason, EndpointState, EndpointUrl, EventType};

use crate::{
    desk::everything,
    shop::{Shop, at_once, successes},
};

const CLAIMS: &[EventType] = &[EventType::CouponClaimed];

impl Shop {
    pub(crate) fn act<T: Send + 'static>(
        &self,
        caller: Caller,
        body: impl Fn(&mut Db, &Act<'_>) -> Result<T, UseCaseError> + Send + 'static,
    ) -> Result<T, UseCaseError> {
        self.store.write_blocking(move |db, now| body(db, &caller.act(now)))
    }

    pub(crate) fn find_endpoint(&self, id: WebhookEndpointId) -> Endpoint {
        self.store.read_blocking(move |db| webhook_endpoints::find(db, id)).unwrap().unwrap()
    }

    pub(crate) fn disable(&self, id: WebhookEndpointId) -> Endpoint {
        let version = self.find_endpoint(id).version;
        self.act(self.staff(), move |db, act| webhooks::disable(db, act, id, version)).unwrap()
    }

    fn enable(&self, id: WebhookEndpointId) -> Endpoint {
        let version = self.find_endpoint(id).version;
        self.act(self.staff(), move |db, act| webhooks::enable(db, act, id, version)).unwrap()
    }

    /// The kinds of events about an endpoint, and the actions of its audit rows, in order.
    fn traces(&self, id: WebhookEndpointId) -> (Vec<String>, Vec<String>) {
        use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
        use huike_persistence::{
            schema::{audit, event},
            sql_types::DbId,
        };
        let found = self.store.read_blocking(move |db| {
            let events = event::table.filter(event::aggregate_id.eq(DbId(id.as_uuid())));
            let rows = audit::table.filter(audit::subject_id.eq(id.to_string()));
            Ok::<_, StoreError>((
                events.order(event::seq).select(event::kind).load(db)?,
                rows.order((audit::occurred_at, audit::id)).select(audit::action).load(db)?,
            ))
        });
        found.unwrap()
    }
}

db_test! {
    fn a_node_has_at_most_fifty_endpoints_however_many_make_one_at_once(database) {
        let shop = Shop::open(database);
        for _ in 0..47 {
            shop.endpoint(shop.site_a, CLAIMS);
        }
        let made = at_once(8, |_| shop.try_endpoint(shop.site_a, CLAIMS));
        assert_eq!(successes(&made, "too_many"), 3);
        shop.endpoint(shop.site_b, CLAIMS);
        let one = made.into_iter().find_map(Result::ok).unwrap().id;
        shop.act(shop.staff(), move |db, act| webhooks::remove(db, act, one)).unwrap();
        shop.endpoint(shop.site_a, CLAIMS);
    }

    fn every_change_leaves_its_event_and_its_audit_row_and_neither_names_the_whole_url(database) {
        let shop = Shop::open(database);
        let id = shop.endpoint(shop.site_a, CLAIMS).id;
        let url = EndpointUrl::parse("https://hooks.example/secret-path?key=secret-key", false).unwrap();
        let edit =
            EndpointEdit { endpoint: id, version: 1, name: None, url: Some(url), event_types: Some(vec![]) };
        let stale = edit.clone();
        let changed = shop.act(shop.staff(), move |db, act| webhooks::update(db, act, &edit)).unwrap();
        assert_eq!((changed.version, changed.event_types.len()), (2, 0));
        let late = shop.act(shop.staff(), move |db, act| webhooks::update(db, act, &stale));
        assert_eq!(late.unwrap_err().code(), "version_conflict");
        shop.disable(id);
        shop.enable(id);
        shop.act(shop.staff(), move |db, act| webhooks::remove(db, act, id)).unwrap();
        let gone = shop.act(shop.staff(), move |db, act| webhooks::disable(db, act, id, 5));
        assert_eq!(gone.unwrap_err().code(), "not_found");

        let (events, actions) = shop.traces(id);
        let acts = ["created", "updated", "disabled", "enabled", "removed"];
        assert_eq!(events, acts.map(|act| format!("webhook_endpoint_{act}")));
        let acts = ["create", "update", "disable", "enable", "remove"];
        assert_eq!(actions, acts.map(|act| format!("webhook_endpoint.{act}")));
        for table in ["event", "audit"] {
            assert_eq!(shop.count(&format!("SELECT count(*) AS count FROM {table} WHERE CAST(payload AS TEXT) LIKE '%secret%'")), 0);
            assert!(shop.count(&format!("SELECT count(*) AS count FROM {table} WHERE CAST(payload AS TEXT) LIKE '%hooks.example%'")) > 0);
        }
    }

    fn what_falls_due_while_an_endpoint_is_disabled_is_cancelled_and_nothing_more_is_made(database) {
        let shop = Shop::open(database);
        let id = shop.quiet_endpoint(shop.site_a, CLAIMS);
        shop.happen(shop.id(), 1, 1);
        shop.happen(shop.id(), 1, 1);
        shop.hand_out();
        let due = shop.take(everything());
        let later = shop.now() + TimeDelta::hours(1);
        let _kept = shop.record(&due[0], huike_persistence::webhook_deliveries::Verdict::RetryAt(later));
        let disabled = shop.disable(id);
        assert_eq!((disabled.state, disabled.disabled_reason), (EndpointState::Disabled, Some(DisabledReason::Staff)));
        shop.happen(shop.id(), 1, 1);
        assert_eq!(shop.backlog(), 0, "nobody listens any more");
        shop.hand_out();

        assert_eq!(shop.take(everything()), [], "nothing is sent to it");
        shop.pass(TimeDelta::minutes(2));
        shop.hand_out();
        let states = || shop.deliveries(id).iter().map(|delivery| delivery.state).collect::<Vec<_>>();
        // One was on its way and fell due; the other is for later.
        let mut found = states();
        found.sort_unstable();
        assert_eq!(found, [DeliveryState::Pending, DeliveryState::Cancelled]);

        shop.enable(id);
        shop.pass(TimeDelta::hours(1));
        shop.hand_out();
        assert_eq!(shop.take(everything()).len(), 1, "what was for later is sent after all");
    }

    fn a_receiver_that_is_gone_ends_its_endpoint_once(database) {
        let shop = Shop::open(database);
        let id = shop.quiet_endpoint(shop.site_a, CLAIMS);
        let gone = at_once(4, |_| shop.act(shop.caller(Actor::System), move |db, act| webhooks::disable_gone(db, act, id)));
        assert_eq!(gone.iter().filter(|ended| *ended.as_ref().unwrap()).count(), 1);
        let endpoint = shop.find_endpoint(id);
        assert_eq!((endpoint.state, endpoint.disabled_reason), (EndpointState::Disabled, Some(DisabledReason::Gone)));
        let system = shop.count(&format!(
            "SELECT count(*) AS count FROM audit WHERE action = 'webhook_endpoint.disable' AND actor_kind = 'system' AND subject_id = '{id}'"
        ));
        assert_eq!(system, 1);
        let told = "SELECT count(*) AS count FROM event WHERE kind = 'webhook_endpoint_disabled' AND actor_kind = 'system'";
        assert_eq!(shop.count(told), 1);
    }

    fn a_removed_endpoint_leaves_its_log_and_no_secret(database) {
        let shop = Shop::open(database);
        let id = shop.quiet_endpoint(shop.site_a, CLAIMS);
        shop.happen(shop.id(), 1, 1);
        shop.hand_out();
        shop.act(shop.staff(), move |db, act| webhooks::remove(db, act, id)).unwrap();
        shop.hand_out();
        assert_eq!(shop.deliveries(id)[0].state, DeliveryState::Cancelled);
        let purge = || {
            let purge = move |db: &mut _, now| {
                webhook_deliveries::purge(db, now - TimeDelta::days(30), 100)?;
                webhook_endpoints::purge(db, now - TimeDelta::days(30), 100)
            };
            shop.store.write_blocking(purge).unwrap()
        };
        assert_eq!(shop.count("SELECT count(*) AS count FROM webhook_secret"), 0);
        let listed = shop.store.read_blocking({
            let head = shop.head;
            move |db| webhook_endpoints::list(db, &[head], None, None, 10)
        });
        assert_eq!(listed.unwrap(), []);
        shop.pass(TimeDelta::days(30));
        assert_eq!(purge(), 0, "it goes when its log does");
        shop.pass(TimeDelta::seconds(1));
        assert_eq!((purge(), purge()), (1, 0));
    }

    fn whoever_manages_one_site_manages_no_other(database) {
        let shop = Shop::open(database);
        let (at_a, at_b) = (shop.endpoint(shop.site_a, CLAIMS), shop.endpoint(shop.site_b, CLAIMS));
        let roles = [RoleBinding { role: Role::Owner, node: shop.site_a }];
        let scope = Scope::of(&roles, huike_access::Permission::WebhookManage);
        let local = Caller { scope, ..shop.staff() };
        let disable = |endpoint: &Endpoint| {
            let (id, version) = (endpoint.id, endpoint.version);
            shop.act(local.clone(), move |db, act| webhooks::disable(db, act, id, version))
        };
        assert_eq!(disable(&at_b).unwrap_err().code(), "not_found");
        disable(&at_a).unwrap();
        let backlog = shop.store.read_blocking(|db| outbox::backlog(db, outbox::WEBHOOK)).unwrap();
        assert!(backlog.0 > 0 && backlog.1.is_some());
    }
}
