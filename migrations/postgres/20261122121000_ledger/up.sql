-- Double-entry books of points, stored value and commission. What the kinds of accounts are, and on which side of zero each
-- may stand, the domain says (huike-ledger); `bound` repeats it where the balance is guarded, and `verify` compares.
CREATE TABLE ledger_account (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    kind TEXT COLLATE "C" NOT NULL,
    owner_kind TEXT COLLATE "C" NOT NULL CHECK (owner_kind IN ('house', 'customer', 'card')),
    owner_id UUID NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, owner_id, kind, unit),
    UNIQUE (id, unit),
    CHECK (owner_kind <> 'house' OR owner_id = site_id)
);
CREATE INDEX ledger_account_by_owner ON ledger_account (owner_id);

-- The hot rows. What somebody has is one row; an account of the house, which every transaction moves, has sixteen, so that
-- transactions do not queue up for it. What an account has is the sum of its rows.
CREATE TABLE ledger_balance (
    account_id UUID NOT NULL REFERENCES ledger_account (id),
    stripe BIGINT NOT NULL CHECK (stripe >= 0 AND stripe < 16),
    bound TEXT COLLATE "C" NOT NULL CHECK (bound IN ('not_negative', 'not_positive', 'free')),
    posted BIGINT NOT NULL,
    held BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (account_id, stripe),
    CHECK (bound <> 'not_negative' OR held <= posted),
    CHECK (bound <> 'not_positive' OR posted <= 0),
    CHECK (bound = 'not_negative' OR held = 0),
    CHECK (bound = 'free' OR stripe = 0)
);

CREATE TABLE ledger_transaction (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    reverses_id UUID REFERENCES ledger_transaction (id),
    source_kind TEXT COLLATE "C" NOT NULL,
    source_id UUID NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id UUID,
    posted_at TIMESTAMPTZ NOT NULL,
    local_day TEXT COLLATE "C" NOT NULL,
    local_hour BIGINT NOT NULL CHECK (local_hour >= 0 AND local_hour < 24),
    CHECK (reverses_id <> id),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
CREATE INDEX ledger_transaction_by_source ON ledger_transaction (source_id);
CREATE INDEX ledger_transaction_by_reversed ON ledger_transaction (reverses_id) WHERE reverses_id IS NOT NULL;

-- Two rows for each transfer: what left one account, below zero, and what arrived on the other.
CREATE TABLE ledger_entry (
    transaction_id UUID NOT NULL REFERENCES ledger_transaction (id),
    leg BIGINT NOT NULL CHECK (leg >= 0),
    account_id UUID NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    reason TEXT COLLATE "C" NOT NULL,
    posted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (transaction_id, leg, account_id),
    FOREIGN KEY (account_id, unit) REFERENCES ledger_account (id, unit)
);
CREATE INDEX ledger_entry_by_account ON ledger_entry (account_id, posted_at, transaction_id, leg);

CREATE TABLE ledger_hold (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    account_id UUID NOT NULL REFERENCES ledger_account (id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'captured', 'voided', 'expired')),
    captured BIGINT NOT NULL CHECK (captured >= 0),
    transaction_id UUID REFERENCES ledger_transaction (id),
    leg BIGINT,
    source_kind TEXT COLLATE "C" NOT NULL,
    source_id UUID NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CHECK (captured <= amount),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state = 'captured') = (captured > 0)),
    CHECK ((state = 'captured') = (transaction_id IS NOT NULL)),
    CHECK ((transaction_id IS NULL) = (leg IS NULL))
);
CREATE INDEX ledger_hold_open ON ledger_hold (account_id) WHERE state = 'open';
CREATE INDEX ledger_hold_due ON ledger_hold (expires_at) WHERE state = 'open';
CREATE INDEX ledger_hold_by_transaction ON ledger_hold (transaction_id) WHERE transaction_id IS NOT NULL;

-- How much of a transfer was taken back; a row from the first time on.
CREATE TABLE ledger_reversed (
    transaction_id UUID NOT NULL REFERENCES ledger_transaction (id),
    leg BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    reversed BIGINT NOT NULL CHECK (reversed > 0),
    PRIMARY KEY (transaction_id, leg),
    CHECK (reversed <= amount)
);

CREATE TABLE ledger_adjustment (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    account_id UUID NOT NULL REFERENCES ledger_account (id),
    direction TEXT COLLATE "C" NOT NULL CHECK (direction IN ('credit', 'debit')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'approved', 'rejected')),
    unreviewed BOOLEAN NOT NULL,
    requested_by UUID NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    transaction_id UUID REFERENCES ledger_transaction (id),
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (transaction_id IS NOT NULL)),
    CHECK (unreviewed OR state <> 'approved' OR decided_by <> requested_by)
);
CREATE INDEX ledger_adjustment_by_site ON ledger_adjustment (site_id, state);

-- What was posted stays as it was posted.
CREATE TRIGGER ledger_transaction_no_change BEFORE UPDATE OR DELETE ON ledger_transaction FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transaction_no_truncate BEFORE TRUNCATE ON ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
