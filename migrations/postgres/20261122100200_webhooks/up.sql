-- Which events a consumer has still to see: one row for each, written with the event and dropped when the consumer has
-- done its part. What was committed is seen by this row, not by a time or an id: commit order is neither.
CREATE TABLE outbox (
    consumer TEXT COLLATE "C" NOT NULL,
    event_id UUID NOT NULL REFERENCES event (id),
    aggregate_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    shard BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 15),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX outbox_by_age ON outbox (consumer, created_at);
CREATE INDEX outbox_by_aggregate ON outbox (consumer, aggregate_id, seq);

-- Where integrations want to be told. A removed one stays as long as its deliveries do.
CREATE TABLE webhook_endpoint (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    name TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    event_types JSONB NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('enabled', 'disabled', 'removed')),
    disabled_reason TEXT COLLATE "C" CHECK (disabled_reason IN ('staff', 'gone')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL))
);
CREATE INDEX webhook_endpoint_by_site ON webhook_endpoint (site_id);
CREATE INDEX webhook_endpoint_enabled ON webhook_endpoint (site_id) WHERE state = 'enabled';

-- Sealed with the ring of keys. The newest signs, and so does every other until its time is over.
CREATE TABLE webhook_secret (
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoint (id),
    number BIGINT NOT NULL CHECK (number > 0),
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    PRIMARY KEY (endpoint_id, number)
);
CREATE UNIQUE INDEX webhook_secret_one_current ON webhook_secret (endpoint_id) WHERE expires_at IS NULL;

-- A window of past events that is sent once more, shard by shard.
CREATE TABLE webhook_replay (
    id UUID NOT NULL PRIMARY KEY,
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoint (id),
    site_id UUID NOT NULL,
    from_at TIMESTAMPTZ NOT NULL,
    until_at TIMESTAMPTZ NOT NULL,
    event_types JSONB NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    shard BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 16),
    last_at TIMESTAMPTZ,
    last_event_id UUID,
    made BIGINT NOT NULL CHECK (made >= 0),
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    CHECK (from_at < until_at),
    CHECK ((last_at IS NULL) = (last_event_id IS NULL)),
    CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX webhook_replay_one_running ON webhook_replay (endpoint_id) WHERE state = 'running';
CREATE INDEX webhook_replay_by_endpoint ON webhook_replay (endpoint_id, id);

-- One message to one endpoint. Of an event it gets one, and as many more as somebody asks for (replays).
CREATE TABLE webhook_delivery (
    id UUID NOT NULL PRIMARY KEY,
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoint (id),
    site_id UUID NOT NULL,
    event_id UUID REFERENCES event (id),
    origin TEXT COLLATE "C" NOT NULL CHECK (origin IN ('event', 'replay', 'test')),
    replay_of UUID,
    replay_id UUID,
    aggregate_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'parked', 'cancelled')),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    due_at TIMESTAMPTZ NOT NULL,
    lease_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    delivered_at TIMESTAMPTZ,
    last_status BIGINT,
    last_error TEXT COLLATE "C",
    CHECK (event_id IS NOT NULL OR origin = 'test' OR replay_of IS NOT NULL),
    CHECK (origin <> 'test' OR event_id IS NULL),
    CHECK (origin = 'replay' OR replay_of IS NULL),
    CHECK (origin = 'replay' OR replay_id IS NULL),
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK (state = 'pending' OR lease_until IS NULL)
);
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (endpoint_id, event_id) WHERE origin = 'event';
CREATE UNIQUE INDEX webhook_delivery_once_a_replay ON webhook_delivery (replay_id, event_id) WHERE replay_id IS NOT NULL;
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (endpoint_id, aggregate_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_delivery_replays ON webhook_delivery (endpoint_id) WHERE state = 'pending' AND origin = 'replay';
CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (endpoint_id, id);
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);

CREATE TABLE webhook_attempt (
    delivery_id UUID NOT NULL REFERENCES webhook_delivery (id),
    number BIGINT NOT NULL CHECK (number > 0),
    started_at TIMESTAMPTZ NOT NULL,
    took_ms BIGINT NOT NULL CHECK (took_ms >= 0),
    status BIGINT,
    error TEXT COLLATE "C",
    PRIMARY KEY (delivery_id, number)
);
