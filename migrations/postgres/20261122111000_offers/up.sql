-- Offers that people manage: automatic ones, without a coupon. Drafted, reviewed and versioned as coupon templates are.
CREATE TABLE offer (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    name TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL CHECK (class IN ('item', 'order', 'shipping')),
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'live', 'paused', 'ended')),
    live_version BIGINT,
    newest_version BIGINT NOT NULL CHECK (newest_version > 0),
    version BIGINT NOT NULL CHECK (version > 0),
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, id),
    CHECK (state NOT IN ('live', 'paused') OR live_version IS NOT NULL)
);
CREATE INDEX offer_by_state ON offer (site_id, state);

CREATE TABLE offer_version (
    offer_id UUID NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    site_id UUID NOT NULL,
    rules_version BIGINT NOT NULL,
    rules JSONB NOT NULL,
    review_state TEXT COLLATE "C" NOT NULL CHECK (review_state IN ('draft', 'in_review', 'approved', 'live', 'superseded')),
    unreviewed BOOLEAN NOT NULL,
    makers JSONB NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    submitted_by UUID,
    submitted_at TIMESTAMPTZ,
    reviewed_by UUID,
    reviewed_at TIMESTAMPTZ,
    reject_reason TEXT COLLATE "C",
    PRIMARY KEY (offer_id, number),
    FOREIGN KEY (site_id, offer_id) REFERENCES offer (site_id, id),
    CHECK (review_state <> 'in_review' OR submitted_by IS NOT NULL),
    CHECK (review_state NOT IN ('approved', 'live') OR reviewed_by IS NOT NULL),
    CHECK (unreviewed OR reviewed_by IS NULL OR (reviewed_by <> created_by AND reviewed_by <> submitted_by))
);

-- The hot row: what orders take of an offer. `accepting` follows the offer's state, so that one guarded update decides.
CREATE TABLE offer_stock (
    offer_id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    accepting BOOLEAN NOT NULL,
    budget_fen BIGINT,
    spent_fen BIGINT NOT NULL CHECK (spent_fen >= 0),
    uses_max BIGINT,
    uses BIGINT NOT NULL CHECK (uses >= 0),
    FOREIGN KEY (site_id, offer_id) REFERENCES offer (site_id, id),
    CHECK (budget_fen IS NULL OR spent_fen <= budget_fen),
    CHECK (uses_max IS NULL OR uses <= uses_max)
);

-- Counts changes of what a node has in force, so that whoever keeps compiled offers in memory sees that they are old.
CREATE TABLE offer_revision (
    site_id UUID NOT NULL PRIMARY KEY REFERENCES node (id),
    revision BIGINT NOT NULL CHECK (revision > 0)
);
