//! A house without doors: a database with a brand in it, endpoints, events, and senders that are started when the test wants.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use huike_harness::{MASTER_KEY, OWNER_PASSWORD};
use huike_kernel::{Actor, Clock, EventId, IdSource, ManualClock, WebhookDeliveryId, WebhookEndpointId, Zone};
use huike_persistence::{
    Db, Store, StoreError,
    events::{self, NewEvent},
    testing::TestDatabase,
    webhook_deliveries::{self, Attempt, Delivery, DeliveryFilter},
    webhook_endpoints::{self, Endpoint},
    webhook_secrets,
};
use huike_server::{
    auth::PasswordCost,
    server::House,
    settings::{Layer, Profile, Settings},
    sources::{SystemIds, SystemRandom},
    webhooks::{Post, Sender, SystemResolver, WebhookRunner, trust},
};
use huike_webhooks::{DeliveryState, EndpointState, EventType, Secret};
use serde_json::json;
use standardwebhooks::Webhook;
use uuid::Uuid;

use crate::target::Received;

/// Generous, for a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Stage {
    pub house: House,
    pub clock: Arc<ManualClock>,
}

/// An endpoint and what its messages are signed with.
#[derive(Debug, Clone)]
pub struct Hook {
    pub id: WebhookEndpointId,
    pub secret: Secret,
}

impl Stage {
    pub fn on(database: &TestDatabase) -> Self {
        let mut settings = Settings::from_layer(Layer {
            profile: Some(Profile::Dev),
            master_key: Some(MASTER_KEY.into()),
            owner_password: Some(OWNER_PASSWORD.into()),
            manual_clock: Some(true),
            ..Layer::default()
        })
        .unwrap();
        settings.database_url = database.url().clone();
        settings.password_cost = PasswordCost { memory_kib: 8, passes: 1 };
        let house = House::open(settings).unwrap();
        let clock = house.manual_clock.clone().unwrap();
        Self { house, clock }
    }

    /// Sends as a server in development does: to this machine.
    pub fn sender(&self) -> Sender {
        Sender::new(Arc::new(SystemResolver), trust(None).unwrap(), true)
    }

    /// Starts sending.
    pub fn start(&self) -> WebhookRunner {
        self.start_with(self.sender())
    }

    pub fn start_with(&self, sender: Sender) -> WebhookRunner {
        WebhookRunner::start(Post {
            store: self.house.store.clone(),
            keys: self.house.keys.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            sender,
        })
        .unwrap()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Time passes.
    pub fn pass(&self, time: TimeDelta) {
        self.clock.set(self.now() + time);
    }

    /// It is that time now.
    pub fn clock_to(&self, now: DateTime<Utc>) {
        self.clock.set(now);
    }

    /// An endpoint of the head that wants to hear of everything.
    pub fn hook(&self, url: &str) -> Hook {
        let (id, url, now, site) = (new_id::<WebhookEndpointId>(), url.to_owned(), self.now(), self.house.head);
        let (secret, sealed) = self.secret(id);
        self.write(move |db| {
            let endpoint = Endpoint {
                id,
                site,
                name: "收银系统".to_owned(),
                url: url.clone(),
                event_types: Vec::new(),
                state: EndpointState::Enabled,
                disabled_reason: None,
                version: 1,
                created_by: Uuid::nil().into(),
                created_at: now,
                updated_at: now,
            };
            webhook_endpoints::insert(db, &endpoint)?;
            webhook_secrets::rotate(db, id, &sealed, now, now)
        });
        Hook { id, secret }
    }

    /// Gives the endpoint a new secret; the old one signs as well until then.
    pub fn rotate(&self, hook: &Hook, old_until: DateTime<Utc>) -> Secret {
        let ((secret, sealed), id, now) = (self.secret(hook.id), hook.id, self.now());
        self.write(move |db| webhook_secrets::rotate(db, id, &sealed, now, old_until));
        secret
    }

    fn secret(&self, of: WebhookEndpointId) -> (Secret, Vec<u8>) {
        let secret = Secret::from_bytes(huike_server::sources::random_bytes(&SystemRandom));
        let sealed = self.house.keys.seal_webhook_secret(&secret.expose(), of, &SystemRandom).unwrap();
        (secret, sealed)
    }

    pub fn endpoint(&self, hook: &Hook) -> Endpoint {
        let id = hook.id;
        self.store().read_blocking(move |db| webhook_endpoints::find(db, id)).unwrap().unwrap()
    }

    /// Something happens to the aggregate, and is committed.
    pub fn event(&self, aggregate: Uuid, seq: i64) -> EventId {
        self.events(aggregate, seq..=seq).pop().unwrap()
    }

    /// The next so many things happen to the aggregate.
    pub fn events(&self, aggregate: Uuid, seqs: std::ops::RangeInclusive<i64>) -> Vec<EventId> {
        let events: Vec<_> = seqs.map(|seq| self.new_event(aggregate, seq)).collect();
        let ids = events.iter().map(|event| event.id).collect();
        self.write(move |db| events::append(db, &events));
        ids
    }

    fn new_event(&self, aggregate: Uuid, seq: i64) -> NewEvent {
        NewEvent {
            id: new_id(),
            site: self.house.head,
            aggregate_kind: "coupon",
            aggregate,
            seq,
            kind: EventType::CouponRedeemed.as_str(),
            actor: Actor::System,
            payload: json!({ "discount_fen": 1_000, "note": "满200减30" }),
            occurred_at: self.now(),
            local: Zone::default().local(self.now()),
        }
    }

    /// Deliveries to the endpoint, first made first.
    pub fn deliveries(&self, hook: &Hook) -> Vec<Delivery> {
        let filter = DeliveryFilter { endpoint: Some(hook.id), ..DeliveryFilter::default() };
        let roots = [self.house.head];
        let newest_first =
            self.store().read_blocking(move |db| webhook_deliveries::list(db, &roots, &filter, None, 10_000));
        let mut found = newest_first.unwrap();
        found.sort_by_key(|delivery| (delivery.created_at, delivery.aggregate, delivery.seq));
        found
    }

    pub fn delivery(&self, hook: &Hook, seq: i64) -> Delivery {
        self.deliveries(hook).into_iter().find(|delivery| delivery.seq == seq).unwrap()
    }

    pub fn attempts(&self, delivery: WebhookDeliveryId) -> Vec<Attempt> {
        self.store().read_blocking(move |db| webhook_deliveries::list_attempts(db, delivery)).unwrap()
    }

    /// How many deliveries to the endpoint stand there.
    pub fn count(&self, hook: &Hook, state: DeliveryState) -> usize {
        self.deliveries(hook).iter().filter(|delivery| delivery.state == state).count()
    }

    /// Waits until so many attempts at the delivery are recorded; the last of them.
    pub fn attempted(&self, hook: &Hook, seq: i64, times: usize) -> Attempt {
        until(&format!("{times} attempts"), || {
            let delivery = self.deliveries(hook).into_iter().find(|delivery| delivery.seq == seq);
            delivery.is_some_and(|delivery| self.attempts(delivery.id).len() >= times)
        });
        self.attempts(self.delivery(hook, seq).id).pop().unwrap()
    }

    pub fn store(&self) -> &Store {
        &self.house.store
    }

    pub fn write<T: Send + 'static>(&self, body: impl Fn(&mut Db) -> Result<T, StoreError> + Send + 'static) -> T {
        self.store().write_blocking(move |db, _now| body(db)).unwrap()
    }
}

/// Waits until it is so.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lets a sender go round a few times, so that whatever it wrongly would do is done.
pub fn let_it_look() {
    std::thread::sleep(Duration::from_millis(900));
}

pub fn new_id<T: From<Uuid>>() -> T {
    SystemIds.next_uuid().into()
}

/// A new aggregate.
pub fn thing() -> Uuid {
    new_id()
}

/// Whether somebody else's implementation believes the message with that secret.
pub fn is_believed(received: &Received, secret: &Secret) -> bool {
    Webhook::new(&secret.expose()).unwrap().verify(&received.raw, &received.headers).is_ok()
}
