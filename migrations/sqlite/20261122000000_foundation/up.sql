-- Ids are 16-byte blobs (UUID v7), times are microseconds since 1970 in UTC, local days are 'YYYY-MM-DD',
-- money is fen, documents are JSON text. The PostgreSQL file of the same name says the same in its own types.

-- ---------------------------------------------------------------- sites
CREATE TABLE node (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('head', 'region', 'site', 'store')),
    parent_id BLOB REFERENCES node (id),
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    area TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((kind = 'head') = (parent_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX node_one_head ON node (kind) WHERE kind = 'head';
CREATE INDEX node_by_parent ON node (parent_id);

-- Every node is its own ancestor at depth 0.
CREATE TABLE node_closure (
    ancestor_id BLOB NOT NULL REFERENCES node (id),
    node_id BLOB NOT NULL REFERENCES node (id),
    depth INTEGER NOT NULL CHECK (depth >= 0),
    PRIMARY KEY (ancestor_id, node_id)
) STRICT;
CREATE INDEX node_closure_by_node ON node_closure (node_id);

CREATE TABLE store_page (
    site_id BLOB NOT NULL PRIMARY KEY REFERENCES node (id),
    page TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE node_setting (
    site_id BLOB NOT NULL REFERENCES node (id),
    setting_key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_by BLOB,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, setting_key)
) STRICT;

CREATE TABLE node_lock (
    site_id BLOB NOT NULL REFERENCES node (id),
    setting_key TEXT NOT NULL,
    locked INTEGER NOT NULL CHECK (locked IN (0, 1)),
    updated_by BLOB,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, setting_key)
) STRICT;

CREATE TABLE blueprint (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- ---------------------------------------------------------------- customers
-- Phone and name go to NULL when the customer is erased; the row stays as a pseudonym.
CREATE TABLE customer (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    phone TEXT UNIQUE,
    phone_tail TEXT,
    name TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'erased')),
    block_reason TEXT,
    active_redemptions INTEGER NOT NULL CHECK (active_redemptions >= 0),
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((phone IS NULL) = (phone_tail IS NULL)),
    CHECK ((state = 'blocked') = (block_reason IS NOT NULL))
) STRICT;
CREATE INDEX customer_by_phone_tail ON customer (phone_tail);

CREATE TABLE customer_identity (
    provider TEXT NOT NULL,
    subject_hash BLOB NOT NULL,
    customer_id BLOB NOT NULL REFERENCES customer (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (provider, subject_hash)
) STRICT;
CREATE INDEX customer_identity_by_customer ON customer_identity (customer_id);

CREATE TABLE site_customer (
    site_id BLOB NOT NULL REFERENCES node (id),
    customer_id BLOB NOT NULL REFERENCES customer (id),
    source TEXT NOT NULL,
    consent TEXT,
    block_reason TEXT,
    blocked_at INTEGER,
    version INTEGER NOT NULL CHECK (version > 0),
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, customer_id),
    CHECK ((blocked_at IS NULL) = (block_reason IS NULL))
) STRICT;
CREATE INDEX site_customer_by_customer ON site_customer (customer_id);

-- ---------------------------------------------------------------- access
CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    customer_id BLOB REFERENCES customer (id),
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX staff_by_site ON staff (site_id);

CREATE TABLE staff_role (
    staff_id BLOB NOT NULL REFERENCES staff (id),
    site_id BLOB NOT NULL REFERENCES node (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'marketer', 'approver', 'finance', 'site_operator', 'store_manager', 'clerk', 'service', 'warehouse')),
    granted_by BLOB,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (staff_id, site_id, role)
) STRICT;
CREATE INDEX staff_role_by_site ON staff_role (site_id);

CREATE TABLE session (
    token_hash BLOB NOT NULL PRIMARY KEY,
    principal_kind TEXT NOT NULL CHECK (principal_kind IN ('staff', 'customer')),
    principal_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX session_by_principal ON session (principal_id);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE api_key (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    token_tail TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_by BLOB NOT NULL REFERENCES staff (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_key_by_site ON api_key (site_id);

CREATE TABLE customer_note (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    body TEXT,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    FOREIGN KEY (site_id, customer_id) REFERENCES site_customer (site_id, customer_id)
) STRICT;
CREATE INDEX customer_note_by_customer ON customer_note (customer_id, created_at);

CREATE TABLE customer_tag (
    site_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    tag TEXT NOT NULL,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (site_id, customer_id, tag),
    FOREIGN KEY (site_id, customer_id) REFERENCES site_customer (site_id, customer_id)
) STRICT;

-- ---------------------------------------------------------------- coupons
CREATE TABLE coupon_template (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('amount_off', 'percent_off', 'exchange', 'delivery_fee_off')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'live', 'paused', 'ended')),
    live_version INTEGER,
    newest_version INTEGER NOT NULL CHECK (newest_version > 0),
    killed_at INTEGER,
    kill_reason TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (site_id, id),
    CHECK ((killed_at IS NULL) = (kill_reason IS NULL)),
    CHECK (state NOT IN ('live', 'paused') OR live_version IS NOT NULL)
) STRICT;
CREATE INDEX coupon_template_by_state ON coupon_template (site_id, state);

CREATE TABLE coupon_template_version (
    template_id BLOB NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    site_id BLOB NOT NULL,
    rules_version INTEGER NOT NULL,
    rules TEXT NOT NULL,
    look TEXT NOT NULL,
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
    PRIMARY KEY (template_id, number),
    FOREIGN KEY (site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (review_state <> 'in_review' OR submitted_by IS NOT NULL),
    CHECK (review_state NOT IN ('approved', 'live') OR reviewed_by IS NOT NULL),
    CHECK (unreviewed = 1 OR reviewed_by IS NULL OR (reviewed_by <> created_by AND reviewed_by <> submitted_by))
) STRICT;

-- The hot row: everything that a claim takes from. `accepting` follows the template's state, so that one guarded
-- update decides a claim.
CREATE TABLE coupon_stock (
    template_id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    accepting INTEGER NOT NULL CHECK (accepting IN (0, 1)),
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    issued INTEGER NOT NULL CHECK (issued >= 0),
    claimed INTEGER NOT NULL CHECK (claimed >= 0),
    budget_fen INTEGER,
    committed_fen INTEGER NOT NULL CHECK (committed_fen >= 0),
    spent_fen INTEGER NOT NULL CHECK (spent_fen >= 0),
    FOREIGN KEY (site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (issued <= quantity),
    CHECK (claimed <= issued),
    CHECK (budget_fen IS NULL OR spent_fen + committed_fen <= budget_fen)
) STRICT;

-- A head template's total split among sites. The owner's own row holds what is not assigned to a site.
CREATE TABLE coupon_quota (
    template_id BLOB NOT NULL,
    site_id BLOB NOT NULL REFERENCES node (id),
    template_site_id BLOB NOT NULL,
    quota INTEGER NOT NULL CHECK (quota >= 0),
    issued INTEGER NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (template_id, site_id),
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (issued <= quota)
) STRICT;

CREATE TABLE coupon_channel (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    template_site_id BLOB NOT NULL,
    template_id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('direct', 'community', 'message', 'landing_page', 'poster', 'till_receipt', 'api', 'code_batch')),
    name TEXT NOT NULL,
    link_token TEXT NOT NULL UNIQUE,
    code_lookup BLOB UNIQUE,
    code_sealed BLOB,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK ((code_lookup IS NULL) = (code_sealed IS NULL))
) STRICT;
CREATE INDEX coupon_channel_by_template ON coupon_channel (template_id);

CREATE TABLE code_batch (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    template_site_id BLOB NOT NULL,
    template_id BLOB NOT NULL,
    template_version INTEGER NOT NULL,
    channel_id BLOB NOT NULL REFERENCES coupon_channel (id),
    kind TEXT NOT NULL CHECK (kind IN ('signed', 'patterned', 'imported')),
    pattern TEXT,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    made INTEGER NOT NULL CHECK (made >= 0),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'voided')),
    report TEXT,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (made <= quantity)
) STRICT;
CREATE INDEX code_batch_by_template ON code_batch (template_id);

-- One coupon. `site_id` is where it was claimed, or the batch's node while nobody owns it.
CREATE TABLE coupon (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    template_site_id BLOB NOT NULL,
    template_id BLOB NOT NULL,
    template_version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unclaimed', 'issued', 'locked', 'redeemed', 'expired', 'voided', 'transferred', 'returned')),
    customer_id BLOB REFERENCES customer (id),
    channel_id BLOB REFERENCES coupon_channel (id),
    batch_id BLOB REFERENCES code_batch (id),
    code_kind TEXT NOT NULL CHECK (code_kind IN ('signed', 'plain')),
    code_lookup BLOB NOT NULL UNIQUE,
    code_sealed BLOB NOT NULL,
    usable_from INTEGER,
    expires_at INTEGER,
    committed_fen INTEGER NOT NULL CHECK (committed_fen >= 0),
    issued_at INTEGER NOT NULL,
    claimed_at INTEGER,
    claim_day TEXT,
    claim_hour INTEGER CHECK (claim_hour BETWEEN 0 AND 23),
    version INTEGER NOT NULL CHECK (version > 0),
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    FOREIGN KEY (template_id, template_version) REFERENCES coupon_template_version (template_id, number),
    CHECK ((customer_id IS NULL) = (claimed_at IS NULL)),
    CHECK ((claim_day IS NULL) = (claimed_at IS NULL)),
    CHECK ((claim_hour IS NULL) = (claimed_at IS NULL)),
    CHECK (state <> 'issued' OR customer_id IS NOT NULL),
    CHECK (state <> 'unclaimed' OR customer_id IS NULL)
) STRICT;
CREATE INDEX coupon_by_customer ON coupon (customer_id, id);
CREATE INDEX coupon_by_template ON coupon (template_id, claim_day);
CREATE INDEX coupon_by_batch ON coupon (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX coupon_by_expiry ON coupon (expires_at) WHERE state IN ('unclaimed', 'issued');

CREATE TABLE redemption (
    id BLOB NOT NULL PRIMARY KEY,
    coupon_id BLOB NOT NULL REFERENCES coupon (id),
    use_number INTEGER NOT NULL CHECK (use_number > 0),
    site_id BLOB NOT NULL REFERENCES node (id),
    template_site_id BLOB NOT NULL,
    template_id BLOB NOT NULL,
    template_version INTEGER NOT NULL,
    customer_id BLOB REFERENCES customer (id),
    channel_id BLOB REFERENCES coupon_channel (id),
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'integration')),
    actor_id BLOB NOT NULL,
    order_amount_fen INTEGER CHECK (order_amount_fen >= 0),
    discount_fen INTEGER NOT NULL CHECK (discount_fen >= 0),
    cost_fen INTEGER NOT NULL CHECK (cost_fen >= 0),
    redeemed_at INTEGER NOT NULL,
    local_day TEXT NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    reversed_at INTEGER,
    reversed_by BLOB,
    reversal_approved_by BLOB,
    reversal_reason TEXT,
    reversal_day TEXT,
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK ((reversed_at IS NULL) = (reversed_by IS NULL)),
    CHECK ((reversed_at IS NULL) = (reversal_day IS NULL)),
    CHECK ((reversed_at IS NULL) OR (reversal_reason IS NOT NULL)),
    CHECK (reversal_approved_by IS NULL OR reversal_approved_by <> reversed_by)
) STRICT;
CREATE UNIQUE INDEX redemption_once ON redemption (coupon_id, use_number) WHERE reversed_at IS NULL;
CREATE INDEX redemption_by_coupon ON redemption (coupon_id);
CREATE INDEX redemption_by_store_day ON redemption (site_id, local_day);
CREATE INDEX redemption_by_template ON redemption (template_id, local_day);
CREATE INDEX redemption_by_customer ON redemption (customer_id) WHERE customer_id IS NOT NULL;

-- A late undo asked for by one person of finance and confirmed by another.
CREATE TABLE unredeem_request (
    id BLOB NOT NULL PRIMARY KEY,
    redemption_id BLOB NOT NULL REFERENCES redemption (id),
    site_id BLOB NOT NULL REFERENCES node (id),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected')),
    requested_by BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state <> 'approved' OR decided_by <> requested_by)
) STRICT;
CREATE UNIQUE INDEX unredeem_request_one_open ON unredeem_request (redemption_id) WHERE state = 'open';

-- period_start is the local day the period begins on; '1970-01-01' for ever.
CREATE TABLE limit_counter (
    owner_id BLOB NOT NULL,
    metric TEXT NOT NULL CHECK (metric IN ('claims', 'committed', 'uses', 'discount', 'order_value')),
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('template', 'code', 'customer', 'site', 'store')),
    subject_id BLOB NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('ever', 'day', 'week', 'month')),
    period_start TEXT NOT NULL,
    used INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (owner_id, metric, subject_kind, subject_id, period, period_start)
) STRICT;

-- A store's local day of redemptions. Every redemption and undo moves it while it is not signed.
CREATE TABLE store_day (
    site_id BLOB NOT NULL REFERENCES node (id),
    local_day TEXT NOT NULL,
    redemptions INTEGER NOT NULL CHECK (redemptions >= 0),
    reversals INTEGER NOT NULL CHECK (reversals >= 0),
    order_amount_fen INTEGER NOT NULL,
    discount_fen INTEGER NOT NULL,
    signed_by BLOB,
    signed_at INTEGER,
    PRIMARY KEY (site_id, local_day),
    CHECK ((signed_by IS NULL) = (signed_at IS NULL))
) STRICT;

-- ---------------------------------------------------------------- history
-- History and outbox in one. `seq` is the aggregate's version after the act.
CREATE TABLE event (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    aggregate_kind TEXT NOT NULL,
    aggregate_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    shard INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 15),
    kind TEXT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id BLOB,
    payload TEXT,
    occurred_at INTEGER NOT NULL,
    local_day TEXT NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    UNIQUE (aggregate_id, seq)
) STRICT;
CREATE INDEX event_by_shard ON event (shard, occurred_at);
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
CREATE TRIGGER event_only_redact BEFORE UPDATE ON event
WHEN NOT (NEW.payload IS NULL AND OLD.payload IS NOT NULL AND NEW.id = OLD.id AND NEW.site_id = OLD.site_id
    AND NEW.aggregate_kind = OLD.aggregate_kind AND NEW.aggregate_id = OLD.aggregate_id AND NEW.seq = OLD.seq
    AND NEW.shard = OLD.shard AND NEW.kind = OLD.kind AND NEW.actor_kind = OLD.actor_kind
    AND NEW.actor_id IS OLD.actor_id
    AND NEW.occurred_at = OLD.occurred_at AND NEW.local_day = OLD.local_day AND NEW.local_hour = OLD.local_hour)
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id BLOB,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    payload TEXT,
    payload_digest BLOB NOT NULL,
    request_id TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    redacted_at INTEGER
) STRICT;
CREATE INDEX audit_by_site ON audit (site_id, occurred_at);
CREATE INDEX audit_by_subject ON audit (subject_id, occurred_at);
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_only_redact BEFORE UPDATE ON audit
WHEN NOT (NEW.payload IS NULL AND OLD.payload IS NOT NULL AND OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL
    AND NEW.id = OLD.id AND NEW.site_id = OLD.site_id AND NEW.actor_kind = OLD.actor_kind
    AND NEW.actor_id IS OLD.actor_id
    AND NEW.action = OLD.action AND NEW.subject_kind = OLD.subject_kind AND NEW.subject_id = OLD.subject_id
    AND NEW.payload_digest = OLD.payload_digest
    AND NEW.request_id = OLD.request_id AND NEW.occurred_at = OLD.occurred_at)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

-- Filled by the sealer job: the hash chain over audit rows.
CREATE TABLE audit_seal (
    seq INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    audit_id BLOB NOT NULL UNIQUE REFERENCES audit (id),
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    sealed_at INTEGER NOT NULL
) STRICT;

-- ---------------------------------------------------------------- house-keeping
-- The outcome is NULL only inside the transaction that is working on it.
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    outcome TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'done', 'failed')),
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    lease_until INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX job_by_due ON job (due_at) WHERE state = 'queued';

-- Signing and sealing keys, wrapped by the master key.
CREATE TABLE secret_key (
    purpose TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 31),
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, number)
) STRICT;

CREATE TABLE guess_counter (
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    wrong INTEGER NOT NULL CHECK (wrong >= 0),
    PRIMARY KEY (subject_kind, subject, window_start)
) STRICT;
