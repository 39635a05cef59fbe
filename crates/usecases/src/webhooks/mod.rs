//! Webhooks (事件推送): endpoints and their secrets, and what staff send to them by hand. The fan-out is persistence's, the
//! sending the server's.

mod endpoints;
mod read;
mod replays;
mod secrets;
mod send;

pub use endpoints::{EndpointAsk, EndpointEdit, create, disable, disable_gone, enable, remove, update};
pub use read::{find_delivery, find_endpoint, find_replay};
pub use replays::{REPLAY_JOB, ReplayAsk, ReplayFate, begin_replay, replay_chunk, stop_replay};
pub use secrets::{RotateAsk, rotate};
pub use send::{replay_one, send_test};

use huike_access::Permission;
use huike_kernel::WebhookEndpointId;
use huike_persistence::{
    Db, Outcome, nodes,
    webhook_endpoints::{self, Endpoint},
};
use huike_webhooks::{EndpointState, EndpointUrl};
use serde_json::{Value, json};

use crate::{
    Act, UseCaseError,
    record::{self, Aggregate, Change},
    sites::place_of,
};

/// The endpoint, kept for this transaction, if whoever acts may manage it.
fn lock(db: &mut Db, act: &Act<'_>, id: WebhookEndpointId) -> Result<Endpoint, UseCaseError> {
    let endpoint = webhook_endpoints::lock(db, id)?.filter(|endpoint| endpoint.state != EndpointState::Removed);
    let endpoint = endpoint.ok_or(UseCaseError::NotFound("webhook endpoint"))?;
    act.reach(db, endpoint.site, Permission::WebhookManage, "webhook endpoint")?;
    Ok(endpoint)
}

/// What a change to an endpoint is called: in the audit log, and as an event.
type Called = (&'static str, &'static str);

/// Writes a locked endpoint that was changed, with its event and its audit row.
fn write(
    db: &mut Db,
    act: &Act<'_>,
    called: Called,
    (before, mut next): (&Endpoint, Endpoint),
) -> Result<Endpoint, UseCaseError> {
    next.version = next.version.saturating_add(1);
    next.updated_at = act.now;
    if webhook_endpoints::update(db, &next)? == Outcome::Refused {
        return Err(UseCaseError::VersionConflict);
    }
    leave_traces(db, act, called, (facts(before), &next))?;
    Ok(next)
}

/// The event and the audit row of a change to an endpoint.
fn leave_traces(
    db: &mut Db,
    act: &Act<'_>,
    (action, kind): Called,
    (before, endpoint): (Value, &Endpoint),
) -> Result<(), UseCaseError> {
    let node = nodes::find(db, endpoint.site)?.ok_or(UseCaseError::NotFound("node"))?;
    let aggregate = Aggregate { kind: "webhook_endpoint", id: endpoint.id.as_uuid(), seq: endpoint.version };
    record::emit(db, act, place_of(&node), aggregate, (kind, facts(endpoint)))?;
    audit(db, act, endpoint, (action, before, facts(endpoint)))
}

/// An audit row about an endpoint.
fn audit(
    db: &mut Db,
    act: &Act<'_>,
    endpoint: &Endpoint,
    (action, before, after): (&'static str, Value, Value),
) -> Result<(), UseCaseError> {
    let change = Change { action, subject_kind: "webhook_endpoint", subject: endpoint.id.to_string(), before, after };
    record::audit(db, act, endpoint.site, change)?;
    Ok(())
}

/// What events and audit rows say of an endpoint. Of the URL only whom it calls: receivers put keys into the rest.
fn facts(endpoint: &Endpoint) -> Value {
    let url = EndpointUrl::parse(&endpoint.url, true).ok();
    json!({
        "name": endpoint.name,
        "host": url.as_ref().map(EndpointUrl::authority),
        "event_types": endpoint.event_types,
        "state": endpoint.state,
        "disabled_reason": endpoint.disabled_reason,
    })
}
