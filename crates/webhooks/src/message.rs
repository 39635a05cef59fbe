//! What is told: the body of a webhook.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// The kind of a message that staff send to try an endpoint out. It is no event, and no endpoint asks for it.
pub const TEST_KIND: &str = "webhook_test";

/// One event, as receivers read it. Keys are added and never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message<'a> {
    /// What is told; the same on every attempt and every replay, and in the header `webhook-id`.
    pub id: Uuid,
    /// What happened: a word of [`EventType`](crate::EventType).
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// When it happened, in RFC 3339.
    pub timestamp: DateTime<Utc>,
    /// Where.
    pub site_id: Uuid,
    /// To what.
    pub aggregate: Subject<'a>,
    /// Ids and figures; null where they were redacted for somebody's sake.
    pub data: &'a Value,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject<'a> {
    /// `coupon`, `coupon_template`, ….
    pub kind: &'a str,
    /// Which one.
    pub id: Uuid,
    /// Its version after the event: events of one thing are told in this order.
    pub seq: i64,
}

impl Message<'_> {
    /// The bytes that are signed and sent.
    pub fn to_body(&self) -> Vec<u8> {
        // Nothing in it can fail to be written: its keys are text and its numbers finite.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn receivers_may_rely_on_these_keys() {
        let data = json!({ "coupon_id": "c", "discount_fen": 1_000 });
        let message = Message {
            id: Uuid::from_u128(1),
            kind: "coupon_redeemed",
            timestamp: "2026-11-22T08:00:00.5Z".parse().unwrap(),
            site_id: Uuid::from_u128(2),
            aggregate: Subject { kind: "coupon", id: Uuid::from_u128(3), seq: 4 },
            data: &data,
        };
        let read: Value = serde_json::from_slice(&message.to_body()).unwrap();
        let wanted = json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "type": "coupon_redeemed",
            "timestamp": "2026-11-22T08:00:00.500Z",
            "site_id": "00000000-0000-0000-0000-000000000002",
            "aggregate": { "kind": "coupon", "id": "00000000-0000-0000-0000-000000000003", "seq": 4 },
            "data": { "coupon_id": "c", "discount_fen": 1_000 },
        });
        assert_eq!(read, wanted);
    }
}
