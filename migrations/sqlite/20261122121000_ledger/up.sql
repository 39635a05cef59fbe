-- Double-entry books of points, stored value and commission. What the kinds of accounts are, and on which side of zero each
-- may stand, the domain says (huike-ledger); `bound` repeats it where the balance is guarded, and `verify` compares.
CREATE TABLE ledger_account (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    kind TEXT NOT NULL,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('house', 'customer', 'card')),
    owner_id BLOB NOT NULL,
    unit TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    UNIQUE (site_id, owner_id, kind, unit),
    UNIQUE (id, unit),
    CHECK (owner_kind <> 'house' OR owner_id = site_id)
) STRICT;
CREATE INDEX ledger_account_by_owner ON ledger_account (owner_id);

-- The hot rows. What somebody has is one row; an account of the house, which every transaction moves, has sixteen, so that
-- transactions do not queue up for it. What an account has is the sum of its rows.
CREATE TABLE ledger_balance (
    account_id BLOB NOT NULL REFERENCES ledger_account (id),
    stripe INTEGER NOT NULL CHECK (stripe >= 0 AND stripe < 16),
    bound TEXT NOT NULL CHECK (bound IN ('not_negative', 'not_positive', 'free')),
    posted INTEGER NOT NULL,
    held INTEGER NOT NULL CHECK (held >= 0),
    PRIMARY KEY (account_id, stripe),
    CHECK (bound <> 'not_negative' OR held <= posted),
    CHECK (bound <> 'not_positive' OR posted <= 0),
    CHECK (bound = 'not_negative' OR held = 0),
    CHECK (bound = 'free' OR stripe = 0)
) STRICT;

CREATE TABLE ledger_transaction (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    reverses_id BLOB REFERENCES ledger_transaction (id),
    source_kind TEXT NOT NULL,
    source_id BLOB NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id BLOB,
    posted_at INTEGER NOT NULL,
    local_day TEXT NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour >= 0 AND local_hour < 24),
    CHECK (reverses_id <> id),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
) STRICT;
CREATE INDEX ledger_transaction_by_source ON ledger_transaction (source_id);
CREATE INDEX ledger_transaction_by_reversed ON ledger_transaction (reverses_id) WHERE reverses_id IS NOT NULL;

-- Two rows for each transfer: what left one account, below zero, and what arrived on the other.
CREATE TABLE ledger_entry (
    transaction_id BLOB NOT NULL REFERENCES ledger_transaction (id),
    leg INTEGER NOT NULL CHECK (leg >= 0),
    account_id BLOB NOT NULL,
    unit TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    reason TEXT NOT NULL,
    posted_at INTEGER NOT NULL,
    PRIMARY KEY (transaction_id, leg, account_id),
    FOREIGN KEY (account_id, unit) REFERENCES ledger_account (id, unit)
) STRICT;
CREATE INDEX ledger_entry_by_account ON ledger_entry (account_id, posted_at, transaction_id, leg);

CREATE TABLE ledger_hold (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    account_id BLOB NOT NULL REFERENCES ledger_account (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('open', 'captured', 'voided', 'expired')),
    captured INTEGER NOT NULL CHECK (captured >= 0),
    transaction_id BLOB REFERENCES ledger_transaction (id),
    leg INTEGER,
    source_kind TEXT NOT NULL,
    source_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK (captured <= amount),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state = 'captured') = (captured > 0)),
    CHECK ((state = 'captured') = (transaction_id IS NOT NULL)),
    CHECK ((transaction_id IS NULL) = (leg IS NULL))
) STRICT;
CREATE INDEX ledger_hold_open ON ledger_hold (account_id) WHERE state = 'open';
CREATE INDEX ledger_hold_due ON ledger_hold (expires_at) WHERE state = 'open';
CREATE INDEX ledger_hold_by_transaction ON ledger_hold (transaction_id) WHERE transaction_id IS NOT NULL;

-- How much of a transfer was taken back; a row from the first time on.
CREATE TABLE ledger_reversed (
    transaction_id BLOB NOT NULL REFERENCES ledger_transaction (id),
    leg INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    reversed INTEGER NOT NULL CHECK (reversed > 0),
    PRIMARY KEY (transaction_id, leg),
    CHECK (reversed <= amount)
) STRICT;

CREATE TABLE ledger_adjustment (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    account_id BLOB NOT NULL REFERENCES ledger_account (id),
    direction TEXT NOT NULL CHECK (direction IN ('credit', 'debit')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected')),
    unreviewed INTEGER NOT NULL CHECK (unreviewed IN (0, 1)),
    requested_by BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    transaction_id BLOB REFERENCES ledger_transaction (id),
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (transaction_id IS NOT NULL)),
    CHECK (unreviewed = 1 OR state <> 'approved' OR decided_by <> requested_by)
) STRICT;
CREATE INDEX ledger_adjustment_by_site ON ledger_adjustment (site_id, state);

-- What was posted stays as it was posted.
CREATE TRIGGER ledger_transaction_no_delete BEFORE DELETE ON ledger_transaction BEGIN SELECT RAISE(ABORT, 'ledger_transaction is append-only'); END;
CREATE TRIGGER ledger_transaction_no_update BEFORE UPDATE ON ledger_transaction BEGIN SELECT RAISE(ABORT, 'ledger_transaction is append-only'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
