-- Which events a consumer has still to see: one row for each, written with the event and dropped when the consumer has
-- done its part. What was committed is seen by this row, not by a time or an id: commit order is neither.
CREATE TABLE outbox (
    consumer TEXT NOT NULL,
    event_id BLOB NOT NULL REFERENCES event (id),
    aggregate_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    shard INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 15),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, event_id)
) STRICT;
CREATE INDEX outbox_by_age ON outbox (consumer, created_at);
CREATE INDEX outbox_by_aggregate ON outbox (consumer, aggregate_id, seq);

-- Where integrations want to be told. A removed one stays as long as its deliveries do.
CREATE TABLE webhook_endpoint (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    event_types TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'removed')),
    disabled_reason TEXT CHECK (disabled_reason IN ('staff', 'gone')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL))
) STRICT;
CREATE INDEX webhook_endpoint_by_site ON webhook_endpoint (site_id);
CREATE INDEX webhook_endpoint_enabled ON webhook_endpoint (site_id) WHERE state = 'enabled';

-- Sealed with the ring of keys. The newest signs, and so does every other until its time is over.
CREATE TABLE webhook_secret (
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoint (id),
    number INTEGER NOT NULL CHECK (number > 0),
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (endpoint_id, number)
) STRICT;
CREATE UNIQUE INDEX webhook_secret_one_current ON webhook_secret (endpoint_id) WHERE expires_at IS NULL;

-- A window of past events that is sent once more, shard by shard.
CREATE TABLE webhook_replay (
    id BLOB NOT NULL PRIMARY KEY,
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoint (id),
    site_id BLOB NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    event_types TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    shard INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 16),
    last_at INTEGER,
    last_event_id BLOB,
    made INTEGER NOT NULL CHECK (made >= 0),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK (from_at < until_at),
    CHECK ((last_at IS NULL) = (last_event_id IS NULL)),
    CHECK ((state = 'running') = (finished_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX webhook_replay_one_running ON webhook_replay (endpoint_id) WHERE state = 'running';
CREATE INDEX webhook_replay_by_endpoint ON webhook_replay (endpoint_id, id);

-- One message to one endpoint. Of an event it gets one, and as many more as somebody asks for (replays).
CREATE TABLE webhook_delivery (
    id BLOB NOT NULL PRIMARY KEY,
    endpoint_id BLOB NOT NULL REFERENCES webhook_endpoint (id),
    site_id BLOB NOT NULL,
    event_id BLOB REFERENCES event (id),
    origin TEXT NOT NULL CHECK (origin IN ('event', 'replay', 'test')),
    replay_of BLOB,
    replay_id BLOB,
    aggregate_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'parked', 'cancelled')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    CHECK (event_id IS NOT NULL OR origin = 'test' OR replay_of IS NOT NULL),
    CHECK (origin <> 'test' OR event_id IS NULL),
    CHECK (origin = 'replay' OR replay_of IS NULL),
    CHECK (origin = 'replay' OR replay_id IS NULL),
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK (state = 'pending' OR lease_until IS NULL)
) STRICT;
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (endpoint_id, event_id) WHERE origin = 'event';
CREATE UNIQUE INDEX webhook_delivery_once_a_replay ON webhook_delivery (replay_id, event_id) WHERE replay_id IS NOT NULL;
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (endpoint_id, aggregate_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_delivery_replays ON webhook_delivery (endpoint_id) WHERE state = 'pending' AND origin = 'replay';
CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (endpoint_id, id);
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);

CREATE TABLE webhook_attempt (
    delivery_id BLOB NOT NULL REFERENCES webhook_delivery (id),
    number INTEGER NOT NULL CHECK (number > 0),
    started_at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
    status INTEGER,
    error TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT;
