//! What breaks the invariants of webhooks.

use crate::breaks::{Break, alone};

pub(crate) const BREAKS: &[Break] = &[
    alone(&["webhook_scope"], "UPDATE webhook_delivery SET site_id = id(4) WHERE id = id(313)"),
    alone(&["webhook_scope"], "UPDATE webhook_replay SET site_id = id(4)"),
    alone(
        &["webhook_scope"],
        "UPDATE webhook_endpoint SET site_id = id(4); UPDATE webhook_delivery SET site_id = id(4);
         UPDATE webhook_replay SET site_id = id(4)",
    ),
    alone(&["outbox_events"], "UPDATE outbox SET seq = 9"),
    alone(&["outbox_events"], "UPDATE outbox SET shard = 9"),
    alone(&["outbox_events"], "UPDATE outbox SET aggregate_id = id(41)"),
    alone(&["webhook_told"], "UPDATE webhook_delivery SET kind = 'coupon_voided' WHERE id = id(311)"),
    alone(&["webhook_told"], "UPDATE webhook_delivery SET seq = 7 WHERE id = id(312)"),
    alone(
        &["webhook_once"],
        "DROP INDEX webhook_delivery_once;
         INSERT INTO webhook_delivery SELECT id(319), endpoint_id, site_id, event_id, origin, NULL, NULL, aggregate_id, seq, kind,
            'cancelled', 0, due_at, NULL, created_at, NULL, NULL, NULL
         FROM webhook_delivery WHERE id = id(311)",
    ),
    alone(
        &["webhook_order"],
        "UPDATE webhook_delivery SET state = 'pending', delivered_at = NULL WHERE id = id(311)",
    ),
    alone(&["webhook_attempts"], "UPDATE webhook_attempt SET status = 500 WHERE delivery_id = id(311)"),
    alone(&["webhook_attempts"], "UPDATE webhook_attempt SET status = NULL WHERE delivery_id = id(311)"),
    alone(&["webhook_attempts"], "UPDATE webhook_attempt SET number = 9 WHERE delivery_id = id(313)"),
    alone(&["webhook_attempts"], "DELETE FROM webhook_attempt WHERE delivery_id = id(312)"),
    alone(&["webhook_secrets"], "DELETE FROM webhook_secret"),
    alone(&["webhook_secrets"], "DELETE FROM webhook_secret WHERE number = 2"),
    alone(&["webhook_secrets"], "UPDATE webhook_secret SET number = 9 WHERE number = 1"),
    alone(&["webhook_secrets"], "UPDATE webhook_endpoint SET state = 'removed'"),
    alone(&["webhook_endpoint_events"], "UPDATE webhook_endpoint SET version = 9"),
];
