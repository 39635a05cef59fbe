//! The fan-out: of each event in the outbox, a delivery to every endpoint that asked for it.

use chrono::{DateTime, Utc};
use huike_kernel::{EventId, IdSource, NodeId, new_id};

use crate::{
    Db, StoreError,
    outbox::{self, WEBHOOK, Waiting},
    webhook_deliveries::{self, NewDelivery, NewOrigin},
    webhook_endpoints::{self, Endpoint},
};

/// Makes the deliveries of the events that have waited longest, at most `limit` of them, and drops the events from the
/// outbox in the same transaction; says how many events it took, so that fewer than `limit` are the last. An endpoint hears of its
/// node and of what is below. Deliveries that fell due while their endpoint was disabled are cancelled on the way.
pub fn fan_out(db: &mut Db, ids: &dyn IdSource, now: DateTime<Utc>, limit: i64) -> Result<usize, StoreError> {
    webhook_deliveries::cancel_stranded(db, now, limit)?;
    let waiting = outbox::take(db, WEBHOOK, limit)?;
    let mut sites: Vec<NodeId> = waiting.iter().map(|event| event.site).collect();
    sites.sort_unstable();
    sites.dedup();
    let listening = webhook_endpoints::list_listening(db, &sites)?;
    let mut deliveries = Vec::new();
    for event in &waiting {
        let asked = |(site, endpoint): &&(NodeId, Endpoint)| *site == event.site && endpoint.asks_for(&event.kind);
        deliveries.extend(listening.iter().filter(asked).map(|(_, endpoint)| delivery(ids, endpoint, event, now)));
    }
    webhook_deliveries::insert_many(db, &deliveries)?;
    let done: Vec<EventId> = waiting.iter().map(|event| event.event).collect();
    outbox::drop_many(db, WEBHOOK, &done)?;
    Ok(waiting.len())
}

fn delivery(ids: &dyn IdSource, endpoint: &Endpoint, event: &Waiting, now: DateTime<Utc>) -> NewDelivery {
    NewDelivery {
        id: new_id(ids),
        endpoint: endpoint.id,
        site: endpoint.site,
        origin: NewOrigin::Event(event.event),
        aggregate: event.aggregate,
        seq: event.seq,
        kind: event.kind.clone(),
        created_at: now,
    }
}
