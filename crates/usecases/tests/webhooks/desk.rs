//! What the tests do: make endpoints and events, hand events out, and send as the dispatcher does.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use huike_kernel::{Actor, EventId, IdSource, NodeId, Text, WebhookDeliveryId, WebhookEndpointId, Zone};
use huike_persistence::{
    Outcome, StoreError,
    events::{self, NewEvent},
    outbox,
    webhook_deliveries::{self, AttemptRecord, Delivery, DeliveryFilter, DueDelivery, TakeDue, Verdict},
    webhook_endpoints::Endpoint,
    webhook_fan_out,
};
use huike_usecases::{
    UseCaseError,
    webhooks::{self, EndpointAsk},
};
use huike_webhooks::{EndpointUrl, EventType};
use serde_json::json;
use uuid::Uuid;

use crate::shop::Shop;

/// How long what was taken is the sender's.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(60);
/// So many of everything.
pub(crate) const MANY: usize = 1_000;

/// A sender that takes whatever there is.
pub(crate) fn everything() -> TakeDue {
    TakeDue { limit: MANY, limit_per_endpoint: MANY, skip_endpoints: Vec::new(), after: None }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Shop {
    pub(crate) fn endpoint(&self, site: NodeId, event_types: &[EventType]) -> Endpoint {
        self.try_endpoint(site, event_types).unwrap()
    }

    /// An endpoint, before which nothing waits in the outbox: what it tells of itself is handed out and sent.
    pub(crate) fn quiet_endpoint(&self, site: NodeId, event_types: &[EventType]) -> WebhookEndpointId {
        let endpoint = self.endpoint(site, event_types).id;
        self.hand_out();
        self.send_all();
        endpoint
    }

    pub(crate) fn try_endpoint(&self, site: NodeId, event_types: &[EventType]) -> Result<Endpoint, UseCaseError> {
        let ask = EndpointAsk {
            id: self.id(),
            site,
            name: Text::new("收银系统").unwrap(),
            url: EndpointUrl::parse("https://hooks.example/in", false).unwrap(),
            event_types: event_types.to_vec(),
            sealed: vec![1],
        };
        let caller = self.staff();
        self.store.write_blocking(move |db, now| webhooks::create(db, &caller.act(now), &ask))
    }

    /// An event as a use case would make it.
    pub(crate) fn event(&self, site: NodeId, aggregate: Uuid, seq: i64, at: DateTime<Utc>) -> NewEvent {
        NewEvent {
            id: EventId::from(self.ids.next_uuid()),
            site,
            aggregate_kind: "node",
            aggregate,
            seq,
            kind: "coupon_claimed",
            actor: Actor::System,
            payload: json!({ "seq": seq }),
            occurred_at: at,
            local: Zone::default().local(at),
        }
    }

    pub(crate) fn append(&self, events: Vec<NewEvent>) {
        self.store.write_blocking(move |db, _now| events::append(db, &events)).unwrap();
    }

    /// Events of one aggregate at site A, numbered on from `first`.
    pub(crate) fn happen(&self, aggregate: Uuid, first: i64, count: i64) -> Vec<EventId> {
        let now = self.now();
        let events: Vec<NewEvent> =
            (first..first + count).map(|seq| self.event(self.site_a, aggregate, seq, now)).collect();
        let ids = events.iter().map(|event| event.id).collect();
        self.append(events);
        ids
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        huike_kernel::Clock::now(&*self.clock)
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.set(self.now() + time);
    }

    pub(crate) fn backlog(&self) -> i64 {
        self.store.read_blocking(|db| outbox::backlog(db, outbox::WEBHOOK)).unwrap().0
    }

    pub(crate) fn hand_out_some(&self, limit: i64) -> usize {
        let ids = self.ids.clone();
        self.store.write_blocking(move |db, now| webhook_fan_out::fan_out(db, ids.as_ref(), now, limit)).unwrap()
    }

    /// Hands everything out.
    pub(crate) fn hand_out(&self) {
        while self.hand_out_some(100) > 0 {}
    }

    pub(crate) fn take(&self, ask: TakeDue) -> Vec<DueDelivery> {
        self.store.write_blocking(move |db, now| webhook_deliveries::take_due(db, now, LEASE, &ask)).unwrap()
    }

    pub(crate) fn record(&self, due: &DueDelivery, verdict: Verdict) -> Outcome {
        let attempt = AttemptRecord {
            delivery: due.delivery,
            number: due.attempts,
            started_at: self.now(),
            took_ms: 12,
            status: Some(if verdict == Verdict::Delivered { 204 } else { 503 }),
            error: None,
            verdict,
        };
        self.store.write_blocking(move |db, now| webhook_deliveries::record(db, now, &attempt)).unwrap()
    }

    /// Sends whatever is due, and what falls due by that.
    pub(crate) fn send_all(&self) -> Vec<DueDelivery> {
        let mut sent = Vec::new();
        loop {
            let due = self.take(everything());
            if due.is_empty() {
                return sent;
            }
            for one in &due {
                assert_eq!(self.record(one, Verdict::Delivered), Outcome::Applied);
            }
            sent.extend(due);
        }
    }

    /// The deliveries to an endpoint, newest first.
    pub(crate) fn deliveries(&self, endpoint: WebhookEndpointId) -> Vec<Delivery> {
        let (head, filter) = (self.head, DeliveryFilter { endpoint: Some(endpoint), ..DeliveryFilter::default() });
        self.store.read_blocking(move |db| webhook_deliveries::list(db, &[head], &filter, None, 10_000)).unwrap()
    }

    pub(crate) fn delivery(&self, id: WebhookDeliveryId) -> Delivery {
        self.store.read_blocking(move |db| webhook_deliveries::find(db, id)).unwrap().unwrap()
    }

    /// How many rows the query counts.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        let sql = sql.to_owned();
        let found = self.store.read_blocking(move |db| {
            sql_query(&sql).get_result::<Count>(db).map_err(StoreError::from).map(|row| row.count)
        });
        found.unwrap()
    }
}
