-- Ids are UUID v7, times are TIMESTAMPTZ to the microsecond, local days are 'YYYY-MM-DD', money is fen, documents are
-- JSONB. The SQLite file of the same name says the same in its own types; a test holds the two together.

-- For tables that are only ever added to.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

-- ---------------------------------------------------------------- sites
CREATE TABLE node (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('head', 'region', 'site', 'store')),
    parent_id UUID REFERENCES node (id),
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    area TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'closed')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK ((kind = 'head') = (parent_id IS NULL))
);
CREATE UNIQUE INDEX node_one_head ON node (kind) WHERE kind = 'head';
CREATE INDEX node_by_parent ON node (parent_id);

-- Every node is its own ancestor at depth 0.
CREATE TABLE node_closure (
    ancestor_id UUID NOT NULL REFERENCES node (id),
    node_id UUID NOT NULL REFERENCES node (id),
    depth BIGINT NOT NULL CHECK (depth >= 0),
    PRIMARY KEY (ancestor_id, node_id)
);
CREATE INDEX node_closure_by_node ON node_closure (node_id);

CREATE TABLE store_page (
    site_id UUID NOT NULL PRIMARY KEY REFERENCES node (id),
    page JSONB NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE node_setting (
    site_id UUID NOT NULL REFERENCES node (id),
    setting_key TEXT COLLATE "C" NOT NULL,
    value JSONB NOT NULL,
    updated_by UUID,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, setting_key)
);

CREATE TABLE node_lock (
    site_id UUID NOT NULL REFERENCES node (id),
    setting_key TEXT COLLATE "C" NOT NULL,
    locked BOOLEAN NOT NULL,
    updated_by UUID,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, setting_key)
);

CREATE TABLE blueprint (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    name TEXT COLLATE "C" NOT NULL,
    content JSONB NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'closed')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- ---------------------------------------------------------------- customers
-- Phone and name go to NULL when the customer is erased; the row stays as a pseudonym.
CREATE TABLE customer (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    phone TEXT COLLATE "C" UNIQUE,
    phone_tail TEXT COLLATE "C",
    name TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'blocked', 'erased')),
    block_reason TEXT COLLATE "C",
    active_redemptions BIGINT NOT NULL CHECK (active_redemptions >= 0),
    version BIGINT NOT NULL CHECK (version > 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK ((phone IS NULL) = (phone_tail IS NULL)),
    CHECK ((state = 'blocked') = (block_reason IS NOT NULL))
);
CREATE INDEX customer_by_phone_tail ON customer (phone_tail);

CREATE TABLE customer_identity (
    provider TEXT COLLATE "C" NOT NULL,
    subject_hash BYTEA NOT NULL,
    customer_id UUID NOT NULL REFERENCES customer (id),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, subject_hash)
);
CREATE INDEX customer_identity_by_customer ON customer_identity (customer_id);

CREATE TABLE site_customer (
    site_id UUID NOT NULL REFERENCES node (id),
    customer_id UUID NOT NULL REFERENCES customer (id),
    source TEXT COLLATE "C" NOT NULL,
    consent JSONB,
    block_reason TEXT COLLATE "C",
    blocked_at TIMESTAMPTZ,
    version BIGINT NOT NULL CHECK (version > 0),
    first_seen_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, customer_id),
    CHECK ((blocked_at IS NULL) = (block_reason IS NULL))
);
CREATE INDEX site_customer_by_customer ON site_customer (customer_id);

-- ---------------------------------------------------------------- access
CREATE TABLE staff (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    login TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    customer_id UUID REFERENCES customer (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'disabled')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX staff_by_site ON staff (site_id);

CREATE TABLE staff_role (
    staff_id UUID NOT NULL REFERENCES staff (id),
    site_id UUID NOT NULL REFERENCES node (id),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('owner', 'marketer', 'approver', 'finance', 'site_operator', 'store_manager', 'clerk', 'service', 'warehouse')),
    granted_by UUID,
    granted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (staff_id, site_id, role)
);
CREATE INDEX staff_role_by_site ON staff_role (site_id);

CREATE TABLE session (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    principal_kind TEXT COLLATE "C" NOT NULL CHECK (principal_kind IN ('staff', 'customer')),
    principal_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX session_by_principal ON session (principal_id);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE api_key (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    name TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    token_tail TEXT COLLATE "C" NOT NULL,
    scopes JSONB NOT NULL,
    created_by UUID NOT NULL REFERENCES staff (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_key_by_site ON api_key (site_id);

CREATE TABLE customer_note (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    body TEXT COLLATE "C",
    staff_id UUID NOT NULL REFERENCES staff (id),
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    FOREIGN KEY (site_id, customer_id) REFERENCES site_customer (site_id, customer_id)
);
CREATE INDEX customer_note_by_customer ON customer_note (customer_id, created_at);

CREATE TABLE customer_tag (
    site_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    staff_id UUID NOT NULL REFERENCES staff (id),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (site_id, customer_id, tag),
    FOREIGN KEY (site_id, customer_id) REFERENCES site_customer (site_id, customer_id)
);

-- ---------------------------------------------------------------- coupons
CREATE TABLE coupon_template (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('amount_off', 'percent_off', 'exchange', 'delivery_fee_off')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'live', 'paused', 'ended')),
    live_version BIGINT,
    newest_version BIGINT NOT NULL CHECK (newest_version > 0),
    killed_at TIMESTAMPTZ,
    kill_reason TEXT COLLATE "C",
    version BIGINT NOT NULL CHECK (version > 0),
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, id),
    CHECK ((killed_at IS NULL) = (kill_reason IS NULL)),
    CHECK (state NOT IN ('live', 'paused') OR live_version IS NOT NULL)
);
CREATE INDEX coupon_template_by_state ON coupon_template (site_id, state);

CREATE TABLE coupon_template_version (
    template_id UUID NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    site_id UUID NOT NULL,
    rules_version BIGINT NOT NULL,
    rules JSONB NOT NULL,
    look JSONB NOT NULL,
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
    PRIMARY KEY (template_id, number),
    FOREIGN KEY (site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (review_state <> 'in_review' OR submitted_by IS NOT NULL),
    CHECK (review_state NOT IN ('approved', 'live') OR reviewed_by IS NOT NULL),
    CHECK (unreviewed OR reviewed_by IS NULL OR (reviewed_by <> created_by AND reviewed_by <> submitted_by))
);

-- The hot row: everything that a claim takes from. `accepting` follows the template's state, so that one guarded
-- update decides a claim.
CREATE TABLE coupon_stock (
    template_id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    accepting BOOLEAN NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    issued BIGINT NOT NULL CHECK (issued >= 0),
    claimed BIGINT NOT NULL CHECK (claimed >= 0),
    budget_fen BIGINT,
    committed_fen BIGINT NOT NULL CHECK (committed_fen >= 0),
    spent_fen BIGINT NOT NULL CHECK (spent_fen >= 0),
    FOREIGN KEY (site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (issued <= quantity),
    CHECK (claimed <= issued),
    CHECK (budget_fen IS NULL OR spent_fen + committed_fen <= budget_fen)
);

-- A head template's total split among sites. The owner's own row holds what is not assigned to a site.
CREATE TABLE coupon_quota (
    template_id UUID NOT NULL,
    site_id UUID NOT NULL REFERENCES node (id),
    template_site_id UUID NOT NULL,
    quota BIGINT NOT NULL CHECK (quota >= 0),
    issued BIGINT NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (template_id, site_id),
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (issued <= quota)
);

CREATE TABLE coupon_channel (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    template_site_id UUID NOT NULL,
    template_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('direct', 'community', 'message', 'landing_page', 'poster', 'till_receipt', 'api', 'code_batch')),
    name TEXT COLLATE "C" NOT NULL,
    link_token TEXT COLLATE "C" NOT NULL UNIQUE,
    code_lookup BYTEA UNIQUE,
    code_sealed BYTEA,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'closed')),
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK ((code_lookup IS NULL) = (code_sealed IS NULL))
);
CREATE INDEX coupon_channel_by_template ON coupon_channel (template_id);

CREATE TABLE code_batch (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    template_site_id UUID NOT NULL,
    template_id UUID NOT NULL,
    template_version BIGINT NOT NULL,
    channel_id UUID NOT NULL REFERENCES coupon_channel (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('signed', 'patterned', 'imported')),
    pattern TEXT COLLATE "C",
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    made BIGINT NOT NULL CHECK (made >= 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done', 'failed', 'voided')),
    report JSONB,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK (made <= quantity)
);
CREATE INDEX code_batch_by_template ON code_batch (template_id);

-- One coupon. `site_id` is where it was claimed, or the batch's node while nobody owns it.
CREATE TABLE coupon (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    template_site_id UUID NOT NULL,
    template_id UUID NOT NULL,
    template_version BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('unclaimed', 'issued', 'locked', 'redeemed', 'expired', 'voided', 'transferred', 'returned')),
    customer_id UUID REFERENCES customer (id),
    channel_id UUID REFERENCES coupon_channel (id),
    batch_id UUID REFERENCES code_batch (id),
    code_kind TEXT COLLATE "C" NOT NULL CHECK (code_kind IN ('signed', 'plain')),
    code_lookup BYTEA NOT NULL UNIQUE,
    code_sealed BYTEA NOT NULL,
    usable_from TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    committed_fen BIGINT NOT NULL CHECK (committed_fen >= 0),
    issued_at TIMESTAMPTZ NOT NULL,
    claimed_at TIMESTAMPTZ,
    claim_day TEXT COLLATE "C",
    claim_hour BIGINT CHECK (claim_hour BETWEEN 0 AND 23),
    version BIGINT NOT NULL CHECK (version > 0),
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    FOREIGN KEY (template_id, template_version) REFERENCES coupon_template_version (template_id, number),
    CHECK ((customer_id IS NULL) = (claimed_at IS NULL)),
    CHECK ((claim_day IS NULL) = (claimed_at IS NULL)),
    CHECK ((claim_hour IS NULL) = (claimed_at IS NULL)),
    CHECK (state <> 'issued' OR customer_id IS NOT NULL),
    CHECK (state <> 'unclaimed' OR customer_id IS NULL)
);
CREATE INDEX coupon_by_customer ON coupon (customer_id, id);
CREATE INDEX coupon_by_template ON coupon (template_id, claim_day);
CREATE INDEX coupon_by_batch ON coupon (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX coupon_by_expiry ON coupon (expires_at) WHERE state IN ('unclaimed', 'issued');

CREATE TABLE redemption (
    id UUID NOT NULL PRIMARY KEY,
    coupon_id UUID NOT NULL REFERENCES coupon (id),
    use_number BIGINT NOT NULL CHECK (use_number > 0),
    site_id UUID NOT NULL REFERENCES node (id),
    template_site_id UUID NOT NULL,
    template_id UUID NOT NULL,
    template_version BIGINT NOT NULL,
    customer_id UUID REFERENCES customer (id),
    channel_id UUID REFERENCES coupon_channel (id),
    actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('staff', 'integration')),
    actor_id UUID NOT NULL,
    order_amount_fen BIGINT CHECK (order_amount_fen >= 0),
    discount_fen BIGINT NOT NULL CHECK (discount_fen >= 0),
    cost_fen BIGINT NOT NULL CHECK (cost_fen >= 0),
    redeemed_at TIMESTAMPTZ NOT NULL,
    local_day TEXT COLLATE "C" NOT NULL,
    local_hour BIGINT NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    reversed_at TIMESTAMPTZ,
    reversed_by UUID,
    reversal_approved_by UUID,
    reversal_reason TEXT COLLATE "C",
    reversal_day TEXT COLLATE "C",
    FOREIGN KEY (template_site_id, template_id) REFERENCES coupon_template (site_id, id),
    CHECK ((reversed_at IS NULL) = (reversed_by IS NULL)),
    CHECK ((reversed_at IS NULL) = (reversal_day IS NULL)),
    CHECK ((reversed_at IS NULL) OR (reversal_reason IS NOT NULL)),
    CHECK (reversal_approved_by IS NULL OR reversal_approved_by <> reversed_by)
);
CREATE UNIQUE INDEX redemption_once ON redemption (coupon_id, use_number) WHERE reversed_at IS NULL;
CREATE INDEX redemption_by_coupon ON redemption (coupon_id);
CREATE INDEX redemption_by_store_day ON redemption (site_id, local_day);
CREATE INDEX redemption_by_template ON redemption (template_id, local_day);
CREATE INDEX redemption_by_customer ON redemption (customer_id) WHERE customer_id IS NOT NULL;

-- A late undo asked for by one person of finance and confirmed by another.
CREATE TABLE unredeem_request (
    id UUID NOT NULL PRIMARY KEY,
    redemption_id UUID NOT NULL REFERENCES redemption (id),
    site_id UUID NOT NULL REFERENCES node (id),
    reason TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'approved', 'rejected')),
    requested_by UUID NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ,
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state <> 'approved' OR decided_by <> requested_by)
);
CREATE UNIQUE INDEX unredeem_request_one_open ON unredeem_request (redemption_id) WHERE state = 'open';

-- period_start is the local day the period begins on; '1970-01-01' for ever.
CREATE TABLE limit_counter (
    owner_id UUID NOT NULL,
    metric TEXT COLLATE "C" NOT NULL CHECK (metric IN ('claims', 'committed', 'uses', 'discount', 'order_value')),
    subject_kind TEXT COLLATE "C" NOT NULL CHECK (subject_kind IN ('template', 'code', 'customer', 'site', 'store')),
    subject_id UUID NOT NULL,
    period TEXT COLLATE "C" NOT NULL CHECK (period IN ('ever', 'day', 'week', 'month')),
    period_start TEXT COLLATE "C" NOT NULL,
    used BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (owner_id, metric, subject_kind, subject_id, period, period_start)
);

-- A store's local day of redemptions. Every redemption and undo moves it while it is not signed.
CREATE TABLE store_day (
    site_id UUID NOT NULL REFERENCES node (id),
    local_day TEXT COLLATE "C" NOT NULL,
    redemptions BIGINT NOT NULL CHECK (redemptions >= 0),
    reversals BIGINT NOT NULL CHECK (reversals >= 0),
    order_amount_fen BIGINT NOT NULL,
    discount_fen BIGINT NOT NULL,
    signed_by UUID,
    signed_at TIMESTAMPTZ,
    PRIMARY KEY (site_id, local_day),
    CHECK ((signed_by IS NULL) = (signed_at IS NULL))
);

-- ---------------------------------------------------------------- history
-- History and outbox in one. `seq` is the aggregate's version after the act.
CREATE TABLE event (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    aggregate_kind TEXT COLLATE "C" NOT NULL,
    aggregate_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    shard BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 15),
    kind TEXT COLLATE "C" NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id UUID,
    payload JSONB,
    occurred_at TIMESTAMPTZ NOT NULL,
    local_day TEXT COLLATE "C" NOT NULL,
    local_hour BIGINT NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    UNIQUE (aggregate_id, seq)
);
CREATE INDEX event_by_shard ON event (shard, occurred_at);
CREATE TRIGGER event_no_delete BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_only_redact BEFORE UPDATE ON event FOR EACH ROW
WHEN (NOT (NEW.payload IS NULL AND OLD.payload IS NOT NULL AND NEW.id = OLD.id AND NEW.site_id = OLD.site_id
    AND NEW.aggregate_kind = OLD.aggregate_kind AND NEW.aggregate_id = OLD.aggregate_id AND NEW.seq = OLD.seq
    AND NEW.shard = OLD.shard AND NEW.kind = OLD.kind AND NEW.actor_kind = OLD.actor_kind
    AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id
    AND NEW.occurred_at = OLD.occurred_at AND NEW.local_day = OLD.local_day AND NEW.local_hour = OLD.local_hour))
EXECUTE FUNCTION refuse_change();

CREATE TABLE audit (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id UUID,
    action TEXT COLLATE "C" NOT NULL,
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    payload JSONB,
    payload_digest BYTEA NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    redacted_at TIMESTAMPTZ
);
CREATE INDEX audit_by_site ON audit (site_id, occurred_at);
CREATE INDEX audit_by_subject ON audit (subject_id, occurred_at);
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_only_redact BEFORE UPDATE ON audit FOR EACH ROW
WHEN (NOT (NEW.payload IS NULL AND OLD.payload IS NOT NULL AND OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL
    AND NEW.id = OLD.id AND NEW.site_id = OLD.site_id AND NEW.actor_kind = OLD.actor_kind
    AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id
    AND NEW.action = OLD.action AND NEW.subject_kind = OLD.subject_kind AND NEW.subject_id = OLD.subject_id
    AND NEW.payload_digest = OLD.payload_digest
    AND NEW.request_id = OLD.request_id AND NEW.occurred_at = OLD.occurred_at))
EXECUTE FUNCTION refuse_change();

-- Filled by the sealer job: the hash chain over audit rows.
CREATE TABLE audit_seal (
    seq BIGINT NOT NULL PRIMARY KEY CHECK (seq > 0),
    audit_id UUID NOT NULL UNIQUE REFERENCES audit (id),
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL
);

-- ---------------------------------------------------------------- house-keeping
-- The outcome is NULL only inside the transaction that is working on it.
CREATE TABLE idempotency (
    principal TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    outcome JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE job (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    payload JSONB NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'done', 'failed')),
    due_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    lease_until TIMESTAMPTZ,
    last_error TEXT COLLATE "C",
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
CREATE INDEX job_by_due ON job (due_at) WHERE state = 'queued';

-- Signing and sealing keys, wrapped by the master key.
CREATE TABLE secret_key (
    purpose TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL CHECK (number BETWEEN 0 AND 31),
    wrapped BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (purpose, number)
);

CREATE TABLE guess_counter (
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    wrong BIGINT NOT NULL CHECK (wrong >= 0),
    PRIMARY KEY (subject_kind, subject, window_start)
);

