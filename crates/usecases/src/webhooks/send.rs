//! What staff send by hand: one delivery once more, and a message to try an endpoint out.

use huike_access::Permission;
use huike_kernel::{WebhookDeliveryId, WebhookEndpointId};
use huike_persistence::{
    Db,
    webhook_deliveries::{self, Delivery, NewDelivery, NewOrigin},
    webhook_endpoints::Endpoint,
};
use huike_webhooks::{decide_replay, decide_send, message::TEST_KIND};
use serde_json::{Value, json};

use super::{audit, lock};
use crate::{Act, UseCaseError};

/// Makes a delivery once more, under an id of its own; the receiver knows the message by the id of the event. It waits for no
/// other delivery and holds none back.
pub fn replay_one(db: &mut Db, act: &Act<'_>, id: WebhookDeliveryId) -> Result<Delivery, UseCaseError> {
    const WHAT: &str = "webhook delivery";
    let first = webhook_deliveries::find(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    act.reach(db, first.site, Permission::WebhookManage, WHAT)?;
    let endpoint = lock(db, act, first.endpoint)?;
    decide_send(endpoint.state)?;
    // Read without a lock, and safe to: what is over stays over.
    decide_replay(first.state)?;
    let origin = NewOrigin::Again(first.event, first.replay_of.unwrap_or(first.id));
    let new = NewDelivery {
        id: act.new_id(),
        endpoint: endpoint.id,
        site: endpoint.site,
        origin,
        aggregate: first.aggregate,
        seq: first.seq,
        kind: first.kind,
        created_at: act.now,
    };
    make(db, act, &endpoint, ("webhook_delivery.replay", &new))
}

/// Sends a message that tells of nothing, to try an endpoint out.
pub fn send_test(db: &mut Db, act: &Act<'_>, id: WebhookEndpointId) -> Result<Delivery, UseCaseError> {
    let endpoint = lock(db, act, id)?;
    decide_send(endpoint.state)?;
    let new = NewDelivery {
        id: act.new_id(),
        endpoint: id,
        site: endpoint.site,
        origin: NewOrigin::Test,
        aggregate: id.as_uuid(),
        seq: endpoint.version,
        kind: TEST_KIND.to_owned(),
        created_at: act.now,
    };
    make(db, act, &endpoint, ("webhook_endpoint.test", &new))
}

fn make(
    db: &mut Db,
    act: &Act<'_>,
    endpoint: &Endpoint,
    (action, new): (&'static str, &NewDelivery),
) -> Result<Delivery, UseCaseError> {
    webhook_deliveries::insert_many(db, std::slice::from_ref(new))?;
    let made = webhook_deliveries::find(db, new.id)?.ok_or(UseCaseError::NotFound("webhook delivery"))?;
    let after = json!({ "delivery_id": made.id, "event_id": made.event, "replay_of": made.replay_of });
    audit(db, act, endpoint, (action, Value::Null, after))?;
    Ok(made)
}
