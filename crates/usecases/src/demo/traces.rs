//! The traces of what is played: events and audit rows, of the same shape as those of the use cases.

use chrono::{DateTime, Utc};
use huike_coupons::CouponEdge;
use huike_kernel::{Actor, NodeId, Zone};
use huike_persistence::{audit::NewAudit, coupons::Coupon, events::NewEvent};
use serde_json::Value;

use super::stage::Stage;
use crate::{
    Act, Caller,
    record::{self, Aggregate, Change, Place},
};

/// Events and audit rows, in the order they happened.
#[derive(Default)]
pub(super) struct Traces {
    pub(super) events: Vec<NewEvent>,
    pub(super) audits: Vec<NewAudit>,
}

/// Who did something, where and when.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) actor: Actor,
    pub(super) node: NodeId,
    pub(super) at: DateTime<Utc>,
}

impl Scene {
    /// Whoever it is, as use cases know them.
    pub(super) fn caller(self, stage: &Stage) -> Caller {
        stage.caller(self.actor, self.node, self.at)
    }

    /// The place of its events.
    pub(super) fn place(self) -> Place {
        Place { site: self.node, zone: Zone::default() }
    }
}

impl Traces {
    /// An edge of a coupon, which has its new version already.
    pub(super) fn edge(&mut self, act: &Act<'_>, place: Place, (coupon, edge): (&Coupon, CouponEdge), payload: Value) {
        let aggregate = Aggregate { kind: "coupon", id: coupon.id.as_uuid(), seq: coupon.version };
        self.events.push(record::event(act, place, aggregate, edge.event_kind(), payload));
    }

    /// A row of the audit log.
    pub(super) fn audit(&mut self, act: &Act<'_>, node: NodeId, change: Change) {
        self.audits.push(record::audit_row(act, node, change));
    }
}
