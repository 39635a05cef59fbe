//! What staff may look at.

use huike_access::Permission;
use huike_kernel::{WebhookDeliveryId, WebhookEndpointId, WebhookReplayId};
use huike_persistence::{
    Db,
    webhook_deliveries::{self, Delivery},
    webhook_endpoints::{self, Endpoint},
    webhook_replays::{self, Replay},
};
use huike_webhooks::EndpointState;

use crate::{Caller, UseCaseError};

/// The endpoint, unless it was removed.
pub fn find_endpoint(db: &mut Db, caller: &Caller, id: WebhookEndpointId) -> Result<Endpoint, UseCaseError> {
    const WHAT: &str = "webhook endpoint";
    let endpoint = webhook_endpoints::find(db, id)?.filter(|endpoint| endpoint.state != EndpointState::Removed);
    let endpoint = endpoint.ok_or(UseCaseError::NotFound(WHAT))?;
    caller.reach(db, endpoint.site, Permission::WebhookView, WHAT)?;
    Ok(endpoint)
}

/// The delivery.
pub fn find_delivery(db: &mut Db, caller: &Caller, id: WebhookDeliveryId) -> Result<Delivery, UseCaseError> {
    const WHAT: &str = "webhook delivery";
    let delivery = webhook_deliveries::find(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    caller.reach(db, delivery.site, Permission::WebhookView, WHAT)?;
    Ok(delivery)
}

/// The replay.
pub fn find_replay(db: &mut Db, caller: &Caller, id: WebhookReplayId) -> Result<Replay, UseCaseError> {
    const WHAT: &str = "webhook replay";
    let replay = webhook_replays::find(db, id)?.ok_or(UseCaseError::NotFound(WHAT))?;
    caller.reach(db, replay.site, Permission::WebhookView, WHAT)?;
    Ok(replay)
}
