//! Endpoints: made, changed, enabled, disabled and removed.

use huike_access::Permission;
use huike_kernel::{NodeId, Text, WebhookEndpointId};
use huike_persistence::{
    Db,
    webhook_endpoints::{self, Endpoint},
    webhook_secrets,
};
use huike_webhooks::{DisabledReason, EndpointState, EndpointUrl, EventType, rules::ENDPOINTS_MAX};
use serde_json::Value;

use super::{leave_traces, lock, write};
use crate::{
    Act, UseCaseError,
    sites::{check_version, lock_node},
};

/// An endpoint to make.
#[derive(Debug, Clone)]
pub struct EndpointAsk {
    /// Its id: made outside, because the secret is sealed for it there.
    pub id: WebhookEndpointId,
    /// The node it listens to, with all that is below.
    pub site: NodeId,
    /// What staff call it.
    pub name: Text<40>,
    /// Where it is.
    pub url: EndpointUrl,
    /// What it asks for; nothing means everything.
    pub event_types: Vec<EventType>,
    /// Its first secret, sealed.
    pub sealed: Vec<u8>,
}

/// An endpoint to change.
#[derive(Debug, Clone)]
pub struct EndpointEdit {
    /// Which.
    pub endpoint: WebhookEndpointId,
    /// The version the caller saw.
    pub version: i64,
    /// Its new name.
    pub name: Option<Text<40>>,
    /// Its new place.
    pub url: Option<EndpointUrl>,
    /// What it asks for from now on.
    pub event_types: Option<Vec<EventType>>,
}

/// Makes an endpoint, which is told of everything from now on.
pub fn create(db: &mut Db, act: &Act<'_>, ask: &EndpointAsk) -> Result<Endpoint, UseCaseError> {
    let created_by = act.staff(Permission::WebhookManage)?;
    let node = lock_node(db, act, ask.site, Permission::WebhookManage)?;
    node.decide_active()?;
    if webhook_endpoints::count_at(db, node.id)? >= ENDPOINTS_MAX {
        return Err(UseCaseError::TooMany { what: "webhook endpoints", max: ENDPOINTS_MAX });
    }
    let endpoint = Endpoint {
        id: ask.id,
        site: node.id,
        name: ask.name.to_string(),
        url: ask.url.to_string(),
        event_types: distinct(&ask.event_types),
        state: EndpointState::Enabled,
        disabled_reason: None,
        version: 1,
        created_by,
        created_at: act.now,
        updated_at: act.now,
    };
    webhook_endpoints::insert(db, &endpoint)?;
    webhook_secrets::rotate(db, endpoint.id, &ask.sealed, act.now, act.now)?;
    leave_traces(db, act, ("webhook_endpoint.create", "webhook_endpoint_created"), (Value::Null, &endpoint))?;
    Ok(endpoint)
}

/// Changes an endpoint's name, place or types.
pub fn update(db: &mut Db, act: &Act<'_>, edit: &EndpointEdit) -> Result<Endpoint, UseCaseError> {
    let before = lock(db, act, edit.endpoint)?;
    check_version(before.version, edit.version)?;
    let mut next = before.clone();
    if let Some(name) = &edit.name {
        next.name = name.to_string();
    }
    if let Some(url) = &edit.url {
        next.url = url.to_string();
    }
    if let Some(types) = &edit.event_types {
        next.event_types = distinct(types);
    }
    write(db, act, ("webhook_endpoint.update", "webhook_endpoint_updated"), (&before, next))
}

/// Lets an endpoint be told again. What happened while it was disabled it hears of by a replay.
pub fn enable(db: &mut Db, act: &Act<'_>, id: WebhookEndpointId, version: i64) -> Result<Endpoint, UseCaseError> {
    let before = lock(db, act, id)?;
    check_version(before.version, version)?;
    let next = Endpoint { state: EndpointState::Enabled, disabled_reason: None, ..before.clone() };
    write(db, act, ("webhook_endpoint.enable", "webhook_endpoint_enabled"), (&before, next))
}

/// Stops telling an endpoint. What falls due while it is disabled is cancelled.
pub fn disable(db: &mut Db, act: &Act<'_>, id: WebhookEndpointId, version: i64) -> Result<Endpoint, UseCaseError> {
    let before = lock(db, act, id)?;
    check_version(before.version, version)?;
    disable_for(db, act, before, DisabledReason::Staff)
}

/// The receiver said that it is gone for good (410). Says whether that ended anything: somebody else may have been faster.
pub fn disable_gone(db: &mut Db, act: &Act<'_>, id: WebhookEndpointId) -> Result<bool, UseCaseError> {
    let Some(before) = webhook_endpoints::lock(db, id)? else {
        return Ok(false);
    };
    if before.state != EndpointState::Enabled {
        return Ok(false);
    }
    disable_for(db, act, before, DisabledReason::Gone)?;
    Ok(true)
}

fn disable_for(db: &mut Db, act: &Act<'_>, before: Endpoint, reason: DisabledReason) -> Result<Endpoint, UseCaseError> {
    let next = Endpoint { state: EndpointState::Disabled, disabled_reason: Some(reason), ..before.clone() };
    write(db, act, ("webhook_endpoint.disable", "webhook_endpoint_disabled"), (&before, next))
}

/// Removes an endpoint for good, with its secrets. Its deliveries stay in the log as long as any others.
pub fn remove(db: &mut Db, act: &Act<'_>, id: WebhookEndpointId) -> Result<(), UseCaseError> {
    let before = lock(db, act, id)?;
    webhook_secrets::delete_all(db, id)?;
    let next = Endpoint { state: EndpointState::Removed, disabled_reason: None, ..before.clone() };
    write(db, act, ("webhook_endpoint.remove", "webhook_endpoint_removed"), (&before, next))?;
    Ok(())
}

/// Each type once, in the order of the catalogue.
fn distinct(types: &[EventType]) -> Vec<EventType> {
    EventType::ALL.iter().copied().filter(|known| types.contains(known)).collect()
}
