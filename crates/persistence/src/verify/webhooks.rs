//! I31 and I35: webhooks tell what happened, to whoever may hear of it, once and in order.

use super::{Check, Invariant};

pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        id: "I31",
        name: "webhook_scope",
        what: "a delivery and a replay belong to their endpoint's node, and what is told happened there or below",
        check: Check::Sql(WEBHOOK_SCOPE),
    },
    Invariant {
        id: "I35",
        name: "outbox_events",
        what: "a row of the outbox says what its event says",
        check: Check::Sql(OUTBOX_EVENTS),
    },
    Invariant {
        id: "I35",
        name: "webhook_told",
        what: "a delivery tells what its event says",
        check: Check::Sql(WEBHOOK_TOLD),
    },
    Invariant {
        id: "I35",
        name: "webhook_once",
        what: "an endpoint has one delivery of an event that nobody asked to replay",
        check: Check::Sql(WEBHOOK_ONCE),
    },
    Invariant {
        id: "I35",
        name: "webhook_order",
        what: "nothing was delivered while something that happened earlier to the same aggregate is pending",
        check: Check::Sql(WEBHOOK_ORDER),
    },
    Invariant {
        id: "I35",
        name: "webhook_attempts",
        what: "a delivery was tried as often as it says, and arrived by an answer that said so",
        check: Check::Sql(WEBHOOK_ATTEMPTS),
    },
    Invariant {
        id: "I35",
        name: "webhook_secrets",
        what: "an endpoint has a current secret, its newest, and a removed one has none",
        check: Check::Sql(WEBHOOK_SECRETS),
    },
    Invariant {
        id: "I35",
        name: "webhook_endpoint_events",
        what: "the version of an endpoint is the number of its last event",
        check: Check::Sql(WEBHOOK_ENDPOINT_EVENTS),
    },
];

const WEBHOOK_SCOPE: &str = "
    SELECT d.id AS subject, 'a delivery of another node than endpoint ' || uuid_text(e.id) AS detail
    FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id WHERE d.site_id <> e.site_id
    UNION ALL
    SELECT r.id, 'a replay of another node than endpoint ' || uuid_text(e.id)
    FROM webhook_replay r JOIN webhook_endpoint e ON e.id = r.endpoint_id WHERE r.site_id <> e.site_id
    UNION ALL
    SELECT d.id, 'tells of event ' || uuid_text(v.id) || ', which happened elsewhere'
    FROM webhook_delivery d JOIN event v ON v.id = d.event_id
        LEFT JOIN node_closure c ON c.ancestor_id = d.site_id AND c.node_id = v.site_id
    WHERE c.node_id IS NULL";

const OUTBOX_EVENTS: &str = "
    SELECT o.event_id AS subject, 'kept for ' || o.consumer || ' as another event' AS detail
    FROM outbox o LEFT JOIN event v ON v.id = o.event_id
    WHERE v.id IS NULL OR v.aggregate_id <> o.aggregate_id OR v.seq <> o.seq OR v.shard <> o.shard";

const WEBHOOK_TOLD: &str = "
    SELECT d.id AS subject, d.kind || ' ' || d.seq || ', the event ' || v.kind || ' ' || v.seq AS detail
    FROM webhook_delivery d JOIN event v ON v.id = d.event_id
    WHERE d.kind <> v.kind OR d.aggregate_id <> v.aggregate_id OR d.seq <> v.seq";

const WEBHOOK_ONCE: &str = "
    SELECT event_id AS subject, count(*) || ' deliveries to endpoint ' || uuid_text(endpoint_id) AS detail
    FROM webhook_delivery WHERE origin = 'event' GROUP BY event_id, endpoint_id HAVING count(*) > 1";

// Not by the times of delivery: clocks of several machines differ, and one may be set back.
const WEBHOOK_ORDER: &str = "
    SELECT id AS subject, 'number ' || seq || ' is pending, a later one was delivered' AS detail
    FROM (
        SELECT id, seq, state, count(delivered_at) OVER (
            PARTITION BY endpoint_id, aggregate_id ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS delivered_later
        FROM webhook_delivery WHERE origin = 'event'
    ) told
    WHERE state = 'pending' AND delivered_later > 0";

const WEBHOOK_ATTEMPTS: &str = "
    SELECT d.id AS subject, d.attempts || ' attempts, one has number ' || a.number AS detail
    FROM webhook_delivery d JOIN webhook_attempt a ON a.delivery_id = d.id WHERE a.number > d.attempts
    UNION ALL
    SELECT d.id, d.state || ' without the attempt that made it so'
    FROM webhook_delivery d LEFT JOIN webhook_attempt a ON a.delivery_id = d.id AND a.number = d.attempts
    WHERE d.state IN ('delivered', 'parked')
        AND (a.number IS NULL OR (d.state = 'delivered' AND coalesce(a.status, 0) NOT BETWEEN 200 AND 299))";

const WEBHOOK_SECRETS: &str = "
    SELECT e.id AS subject, e.state || ', ' || count(s.number) || ' secrets' AS detail
    FROM webhook_endpoint e LEFT JOIN webhook_secret s ON s.endpoint_id = e.id
    GROUP BY e.id, e.state
    HAVING (e.state = 'removed' AND count(s.number) > 0)
        OR (e.state <> 'removed'
            AND coalesce(max(CASE WHEN s.expires_at IS NULL THEN s.number END), 0) <> coalesce(max(s.number), 1))";

const WEBHOOK_ENDPOINT_EVENTS: &str = "
    SELECT e.id AS subject, 'version ' || e.version || ', last event ' || coalesce(v.newest, 0) AS detail
    FROM webhook_endpoint e
    LEFT JOIN (
        SELECT aggregate_id, max(seq) AS newest FROM event WHERE aggregate_kind = 'webhook_endpoint' GROUP BY aggregate_id
    ) v ON v.aggregate_id = e.id
    WHERE e.version <> coalesce(v.newest, 0)";
