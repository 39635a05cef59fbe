-- A payment of an order through a provider (支付单). What came in is kept when it pays the order, and goes back otherwise.
CREATE TABLE payment (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    order_id BLOB NOT NULL REFERENCES customer_order (id),
    provider TEXT NOT NULL CHECK (provider IN ('test', 'wechat')),
    due_fen INTEGER NOT NULL CHECK (due_fen > 0),
    state TEXT NOT NULL CHECK (state IN ('pending', 'paid', 'returned')),
    received_fen INTEGER NOT NULL CHECK (received_fen >= 0),
    kept_fen INTEGER NOT NULL CHECK (kept_fen >= 0),
    provider_ref TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (provider, provider_ref),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK ((state = 'pending') = (provider_ref IS NULL)),
    CHECK (kept_fen <= received_fen),
    CHECK ((state = 'paid' AND kept_fen = due_fen) OR (state <> 'paid' AND kept_fen = 0))
) STRICT;
CREATE UNIQUE INDEX payment_kept_once ON payment (order_id) WHERE state = 'paid';
CREATE UNIQUE INDEX payment_pending_once ON payment (order_id, provider) WHERE state = 'pending';
CREATE INDEX payment_by_order ON payment (order_id);

-- What providers told, once each by the provider's own number, and what was decided on it.
CREATE TABLE payment_notice (
    provider TEXT NOT NULL,
    notice_id TEXT NOT NULL,
    payment_id BLOB NOT NULL REFERENCES payment (id),
    paid_fen INTEGER CHECK (paid_fen > 0),
    decision TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (provider, notice_id)
) STRICT;
CREATE INDEX payment_notice_by_payment ON payment_notice (payment_id);

-- Money that goes back by the way it came, because it does not belong here. The id is the provider's too: the same ask is the same return.
CREATE TABLE payment_return (
    id BLOB NOT NULL PRIMARY KEY,
    payment_id BLOB NOT NULL REFERENCES payment (id),
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    state TEXT NOT NULL CHECK (state IN ('asked', 'done')),
    asked_at INTEGER NOT NULL,
    done_at INTEGER,
    UNIQUE (payment_id),
    CHECK ((state = 'done') = (done_at IS NOT NULL))
) STRICT;
CREATE INDEX payment_return_open ON payment_return (asked_at) WHERE state = 'asked';

CREATE TRIGGER payment_notice_no_delete BEFORE DELETE ON payment_notice BEGIN SELECT RAISE(ABORT, 'payment_notice is append-only'); END;
CREATE TRIGGER payment_notice_no_update BEFORE UPDATE ON payment_notice BEGIN SELECT RAISE(ABORT, 'payment_notice is append-only'); END;
