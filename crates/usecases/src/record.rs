//! The traces an act leaves in its own transaction: events and audit rows.

use huike_kernel::{EventId, NodeId, Zone};
use huike_persistence::{
    Db, StoreError,
    audit::{self, NewAudit},
    events::{self, NewEvent},
};
use huike_webhooks::EventType;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Act;

/// The thing an event is about.
#[derive(Debug, Clone, Copy)]
pub struct Aggregate {
    /// `coupon`, `coupon_template`, `node`, ….
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// Its version after the act.
    pub seq: i64,
}

/// The place of an act: the node and the zone that cuts its days.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The node.
    pub site: NodeId,
    /// Its zone.
    pub zone: Zone,
}

/// An event of this act. Collect several and append them in one go.
pub fn event(act: &Act<'_>, place: Place, aggregate: Aggregate, kind: &'static str, payload: Value) -> NewEvent {
    // Every test that makes an event is a test of the catalogue that receivers of webhooks choose from.
    debug_assert!(kind.parse::<EventType>().is_ok(), "{kind} is missing in huike_webhooks::EventType");
    NewEvent {
        id: act.new_id::<EventId>(),
        site: place.site,
        aggregate_kind: aggregate.kind,
        aggregate: aggregate.id,
        seq: aggregate.seq,
        kind,
        actor: act.actor(),
        payload,
        occurred_at: act.now,
        local: place.zone.local(act.now),
    }
}

/// Appends one event.
pub fn emit(
    db: &mut Db,
    act: &Act<'_>,
    place: Place,
    aggregate: Aggregate,
    (kind, payload): (&'static str, Value),
) -> Result<(), StoreError> {
    events::append(db, &[event(act, place, aggregate, kind, payload)])
}

/// What an audit row says: masked values only.
#[derive(Debug, Clone)]
pub struct Change {
    /// What was done, such as `coupon_template.approve`.
    pub action: &'static str,
    /// What kind of thing was changed.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject: String,
    /// What it was; null for something new.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// Appends an audit row for a change to something that the node owns.
pub fn audit(db: &mut Db, act: &Act<'_>, site: NodeId, change: Change) -> Result<(), StoreError> {
    audit::append(db, &audit_row(act, site, change))
}

/// An audit row of this act. Collect several and append them in one go.
pub fn audit_row(act: &Act<'_>, site: NodeId, change: Change) -> NewAudit {
    NewAudit {
        id: act.new_id(),
        site,
        actor: act.actor(),
        action: change.action,
        subject_kind: change.subject_kind,
        subject: change.subject,
        payload: json!({ "before": change.before, "after": change.after }),
        request_id: act.caller.request_id.clone(),
        occurred_at: act.now,
    }
}
