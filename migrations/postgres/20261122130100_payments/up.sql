-- A payment of an order through a provider (支付单). What came in is kept when it pays the order, and goes back otherwise.
CREATE TABLE payment (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    order_id UUID NOT NULL REFERENCES customer_order (id),
    provider TEXT COLLATE "C" NOT NULL CHECK (provider IN ('test', 'wechat')),
    due_fen BIGINT NOT NULL CHECK (due_fen > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'paid', 'returned')),
    received_fen BIGINT NOT NULL CHECK (received_fen >= 0),
    kept_fen BIGINT NOT NULL CHECK (kept_fen >= 0),
    provider_ref TEXT COLLATE "C",
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    UNIQUE (provider, provider_ref),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK ((state = 'pending') = (provider_ref IS NULL)),
    CHECK (kept_fen <= received_fen),
    CHECK ((state = 'paid' AND kept_fen = due_fen) OR (state <> 'paid' AND kept_fen = 0))
);
CREATE UNIQUE INDEX payment_kept_once ON payment (order_id) WHERE state = 'paid';
CREATE UNIQUE INDEX payment_pending_once ON payment (order_id, provider) WHERE state = 'pending';
CREATE INDEX payment_by_order ON payment (order_id);

-- What providers told, once each by the provider's own number, and what was decided on it.
CREATE TABLE payment_notice (
    provider TEXT COLLATE "C" NOT NULL,
    notice_id TEXT COLLATE "C" NOT NULL,
    payment_id UUID NOT NULL REFERENCES payment (id),
    paid_fen BIGINT CHECK (paid_fen > 0),
    decision TEXT COLLATE "C" NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, notice_id)
);
CREATE INDEX payment_notice_by_payment ON payment_notice (payment_id);

-- Money that goes back by the way it came, because it does not belong here. The id is the provider's too: the same ask is the same return.
CREATE TABLE payment_return (
    id UUID NOT NULL PRIMARY KEY,
    payment_id UUID NOT NULL REFERENCES payment (id),
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('asked', 'done')),
    asked_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    UNIQUE (payment_id),
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX payment_return_open ON payment_return (asked_at) WHERE state = 'asked';

CREATE TRIGGER payment_notice_no_delete BEFORE DELETE ON payment_notice FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_notice_no_truncate BEFORE TRUNCATE ON payment_notice FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_notice_no_update BEFORE UPDATE ON payment_notice FOR EACH ROW EXECUTE FUNCTION refuse_change();
