-- The catalogue (商品目录), which is the brand's: the head owns it. A category is named before what lies below it; `depth` says in which order.
CREATE TABLE category (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    parent_id UUID,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    depth BIGINT NOT NULL CHECK (depth BETWEEN 1 AND 5),
    position BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'archived')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, id),
    UNIQUE (site_id, code),
    FOREIGN KEY (site_id, parent_id) REFERENCES category (site_id, id),
    CHECK ((parent_id IS NULL) = (depth = 1))
);

CREATE TABLE product (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    category_id UUID NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    brand TEXT COLLATE "C",
    tags JSONB NOT NULL,
    images JSONB NOT NULL,
    description TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'archived')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, id),
    UNIQUE (site_id, code),
    FOREIGN KEY (site_id, category_id) REFERENCES category (site_id, id)
);
CREATE INDEX product_by_category ON product (category_id);

CREATE TABLE sku (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL,
    product_id UUID NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    barcode TEXT COLLATE "C",
    list_price_fen BIGINT NOT NULL CHECK (list_price_fen >= 0),
    sale_price_fen BIGINT CHECK (sale_price_fen >= 0),
    minimum_price_fen BIGINT CHECK (minimum_price_fen >= 0),
    cost_price_fen BIGINT CHECK (cost_price_fen >= 0),
    weight_grams BIGINT NOT NULL CHECK (weight_grams >= 0),
    low_stock_policy TEXT COLLATE "C" CHECK (low_stock_policy IN ('replenish', 'clear_out')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'archived')),
    version BIGINT NOT NULL CHECK (version > 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (site_id, id),
    UNIQUE (site_id, code),
    UNIQUE (site_id, barcode),
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id),
    CHECK (sale_price_fen IS NULL OR sale_price_fen <= list_price_fen),
    CHECK (minimum_price_fen IS NULL OR minimum_price_fen <= list_price_fen)
);
CREATE INDEX sku_by_product ON sku (product_id);

-- What lies of a SKU at a site or store. It moves only by guarded writes; `version` counts the movements.
CREATE TABLE sku_stock (
    sku_id UUID NOT NULL REFERENCES sku (id),
    site_id UUID NOT NULL REFERENCES node (id),
    id UUID NOT NULL UNIQUE,
    on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    safety BIGINT CHECK (safety >= 0),
    version BIGINT NOT NULL CHECK (version >= 0),
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (sku_id, site_id),
    CHECK (reserved <= on_hand)
);
CREATE INDEX sku_stock_by_site ON sku_stock (site_id, sku_id);

-- From which batch of which supplier goods came, and what was found when they were inspected (质量追溯).
CREATE TABLE production_batch (
    id UUID NOT NULL PRIMARY KEY,
    sku_id UUID NOT NULL,
    site_id UUID NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    supplier TEXT COLLATE "C" NOT NULL,
    batch_number TEXT COLLATE "C" NOT NULL,
    produced_on TEXT COLLATE "C" NOT NULL,
    inspection TEXT COLLATE "C",
    inspection_url TEXT COLLATE "C",
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (sku_id, site_id) REFERENCES sku_stock (sku_id, site_id),
    CHECK (inspection IS NOT NULL OR inspection_url IS NOT NULL)
);
CREATE INDEX production_batch_by_sku ON production_batch (sku_id, site_id);

-- Every change of what is on hand. Append-only; the sum is what is on hand.
CREATE TABLE stock_movement (
    id UUID NOT NULL PRIMARY KEY,
    sku_id UUID NOT NULL,
    site_id UUID NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('receipt', 'damage', 'stock_take', 'transfer_out', 'transfer_in', 'sale', 'return')),
    quantity BIGINT NOT NULL,
    on_hand_after BIGINT NOT NULL CHECK (on_hand_after >= 0),
    reason TEXT COLLATE "C",
    source_kind TEXT COLLATE "C",
    source_id UUID,
    actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id UUID,
    occurred_at TIMESTAMPTZ NOT NULL,
    local_day TEXT COLLATE "C" NOT NULL,
    local_hour BIGINT NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    UNIQUE (sku_id, site_id, seq),
    FOREIGN KEY (sku_id, site_id) REFERENCES sku_stock (sku_id, site_id),
    CHECK ((kind IN ('receipt', 'transfer_in', 'return') AND quantity > 0)
        OR (kind IN ('damage', 'transfer_out', 'sale') AND quantity < 0) OR kind = 'stock_take'),
    CHECK (kind NOT IN ('damage', 'stock_take') OR reason IS NOT NULL),
    CHECK ((source_kind IS NULL) = (source_id IS NULL))
);
CREATE INDEX stock_movement_by_site ON stock_movement (site_id, id);

-- Goods kept for somebody until they are sold or let go.
CREATE TABLE stock_reservation (
    id UUID NOT NULL PRIMARY KEY,
    sku_id UUID NOT NULL,
    site_id UUID NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    holder_kind TEXT COLLATE "C" NOT NULL CHECK (holder_kind IN ('order', 'integration')),
    holder_id UUID NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'committed', 'released', 'expired')),
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    UNIQUE (holder_kind, holder_id, sku_id, site_id),
    FOREIGN KEY (sku_id, site_id) REFERENCES sku_stock (sku_id, site_id),
    CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX stock_reservation_open ON stock_reservation (sku_id, site_id) WHERE state = 'open';
CREATE INDEX stock_reservation_due ON stock_reservation (expires_at) WHERE state = 'open';

-- Goods on their way from one site or store to another (调拨). `site_id` is where they go.
CREATE TABLE stock_transfer (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    from_site_id UUID NOT NULL REFERENCES node (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('requested', 'sent', 'received', 'cancelled')),
    note TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    version BIGINT NOT NULL CHECK (version > 0),
    requested_by UUID NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    sent_by UUID,
    sent_at TIMESTAMPTZ,
    ended_by UUID,
    ended_at TIMESTAMPTZ,
    CHECK (site_id <> from_site_id),
    CHECK (state NOT IN ('sent', 'received') OR sent_at IS NOT NULL),
    CHECK ((state IN ('received', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE INDEX stock_transfer_by_site ON stock_transfer (site_id, id);
CREATE INDEX stock_transfer_by_from ON stock_transfer (from_site_id, id);

CREATE TABLE stock_transfer_line (
    transfer_id UUID NOT NULL REFERENCES stock_transfer (id),
    sku_id UUID NOT NULL REFERENCES sku (id),
    requested BIGINT NOT NULL CHECK (requested > 0),
    sent BIGINT CHECK (sent >= 0),
    received BIGINT CHECK (received >= 0),
    PRIMARY KEY (transfer_id, sku_id),
    CHECK (sent IS NULL OR sent <= requested),
    CHECK (received IS NULL OR sent IS NOT NULL),
    CHECK (received IS NULL OR received <= sent)
);

CREATE TRIGGER stock_movement_no_delete BEFORE DELETE ON stock_movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_movement_no_truncate BEFORE TRUNCATE ON stock_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_movement_no_update BEFORE UPDATE ON stock_movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
