-- Offers that people manage: automatic ones, without a coupon. Drafted, reviewed and versioned as coupon templates are.
CREATE TABLE offer (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    name TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('item', 'order', 'shipping')),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'live', 'paused', 'ended')),
    live_version INTEGER,
    newest_version INTEGER NOT NULL CHECK (newest_version > 0),
    version INTEGER NOT NULL CHECK (version > 0),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (site_id, id),
    CHECK (state NOT IN ('live', 'paused') OR live_version IS NOT NULL)
) STRICT;
CREATE INDEX offer_by_state ON offer (site_id, state);

CREATE TABLE offer_version (
    offer_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    site_id BLOB NOT NULL,
    rules_version INTEGER NOT NULL,
    rules TEXT NOT NULL,
    review_state TEXT NOT NULL CHECK (review_state IN ('draft', 'in_review', 'approved', 'live', 'superseded')),
    unreviewed INTEGER NOT NULL CHECK (unreviewed IN (0, 1)),
    makers TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    submitted_by BLOB,
    submitted_at INTEGER,
    reviewed_by BLOB,
    reviewed_at INTEGER,
    reject_reason TEXT,
    PRIMARY KEY (offer_id, number),
    FOREIGN KEY (site_id, offer_id) REFERENCES offer (site_id, id),
    CHECK (review_state <> 'in_review' OR submitted_by IS NOT NULL),
    CHECK (review_state NOT IN ('approved', 'live') OR reviewed_by IS NOT NULL),
    CHECK (unreviewed = 1 OR reviewed_by IS NULL OR (reviewed_by <> created_by AND reviewed_by <> submitted_by))
) STRICT;

-- The hot row: what orders take of an offer. `accepting` follows the offer's state, so that one guarded update decides.
CREATE TABLE offer_stock (
    offer_id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    accepting INTEGER NOT NULL CHECK (accepting IN (0, 1)),
    budget_fen INTEGER,
    spent_fen INTEGER NOT NULL CHECK (spent_fen >= 0),
    uses_max INTEGER,
    uses INTEGER NOT NULL CHECK (uses >= 0),
    FOREIGN KEY (site_id, offer_id) REFERENCES offer (site_id, id),
    CHECK (budget_fen IS NULL OR spent_fen <= budget_fen),
    CHECK (uses_max IS NULL OR uses <= uses_max)
) STRICT;

-- Counts changes of what a node has in force, so that whoever keeps compiled offers in memory sees that they are old.
CREATE TABLE offer_revision (
    site_id BLOB NOT NULL PRIMARY KEY REFERENCES node (id),
    revision INTEGER NOT NULL CHECK (revision > 0)
) STRICT;
