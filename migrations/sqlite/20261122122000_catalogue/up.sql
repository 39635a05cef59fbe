-- The catalogue (商品目录), which is the brand's: the head owns it. A category is named before what lies below it; `depth` says in which order.
CREATE TABLE category (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    parent_id BLOB,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    depth INTEGER NOT NULL CHECK (depth BETWEEN 1 AND 5),
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'archived')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (site_id, id),
    UNIQUE (site_id, code),
    FOREIGN KEY (site_id, parent_id) REFERENCES category (site_id, id),
    CHECK ((parent_id IS NULL) = (depth = 1))
) STRICT;

CREATE TABLE product (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    category_id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    brand TEXT,
    tags TEXT NOT NULL,
    images TEXT NOT NULL,
    description TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'archived')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (site_id, id),
    UNIQUE (site_id, code),
    FOREIGN KEY (site_id, category_id) REFERENCES category (site_id, id)
) STRICT;
CREATE INDEX product_by_category ON product (category_id);

CREATE TABLE sku (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    barcode TEXT,
    list_price_fen INTEGER NOT NULL CHECK (list_price_fen >= 0),
    sale_price_fen INTEGER CHECK (sale_price_fen >= 0),
    minimum_price_fen INTEGER CHECK (minimum_price_fen >= 0),
    cost_price_fen INTEGER CHECK (cost_price_fen >= 0),
    weight_grams INTEGER NOT NULL CHECK (weight_grams >= 0),
    low_stock_policy TEXT CHECK (low_stock_policy IN ('replenish', 'clear_out')),
    state TEXT NOT NULL CHECK (state IN ('active', 'archived')),
    version INTEGER NOT NULL CHECK (version > 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (site_id, id),
    UNIQUE (site_id, code),
    UNIQUE (site_id, barcode),
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id),
    CHECK (sale_price_fen IS NULL OR sale_price_fen <= list_price_fen),
    CHECK (minimum_price_fen IS NULL OR minimum_price_fen <= list_price_fen)
) STRICT;
CREATE INDEX sku_by_product ON sku (product_id);

-- What lies of a SKU at a site or store. It moves only by guarded writes; `version` counts the movements.
CREATE TABLE sku_stock (
    sku_id BLOB NOT NULL REFERENCES sku (id),
    site_id BLOB NOT NULL REFERENCES node (id),
    id BLOB NOT NULL UNIQUE,
    on_hand INTEGER NOT NULL CHECK (on_hand >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    safety INTEGER CHECK (safety >= 0),
    version INTEGER NOT NULL CHECK (version >= 0),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (sku_id, site_id),
    CHECK (reserved <= on_hand)
) STRICT;
CREATE INDEX sku_stock_by_site ON sku_stock (site_id, sku_id);

-- From which batch of which supplier goods came, and what was found when they were inspected (质量追溯).
CREATE TABLE production_batch (
    id BLOB NOT NULL PRIMARY KEY,
    sku_id BLOB NOT NULL,
    site_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    supplier TEXT NOT NULL,
    batch_number TEXT NOT NULL,
    produced_on TEXT NOT NULL,
    inspection TEXT,
    inspection_url TEXT,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (sku_id, site_id) REFERENCES sku_stock (sku_id, site_id),
    CHECK (inspection IS NOT NULL OR inspection_url IS NOT NULL)
) STRICT;
CREATE INDEX production_batch_by_sku ON production_batch (sku_id, site_id);

-- Every change of what is on hand. Append-only; the sum is what is on hand.
CREATE TABLE stock_movement (
    id BLOB NOT NULL PRIMARY KEY,
    sku_id BLOB NOT NULL,
    site_id BLOB NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'damage', 'stock_take', 'transfer_out', 'transfer_in', 'sale', 'return')),
    quantity INTEGER NOT NULL,
    on_hand_after INTEGER NOT NULL CHECK (on_hand_after >= 0),
    reason TEXT,
    source_kind TEXT,
    source_id BLOB,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('staff', 'customer', 'integration', 'system')),
    actor_id BLOB,
    occurred_at INTEGER NOT NULL,
    local_day TEXT NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    UNIQUE (sku_id, site_id, seq),
    FOREIGN KEY (sku_id, site_id) REFERENCES sku_stock (sku_id, site_id),
    CHECK ((kind IN ('receipt', 'transfer_in', 'return') AND quantity > 0)
        OR (kind IN ('damage', 'transfer_out', 'sale') AND quantity < 0) OR kind = 'stock_take'),
    CHECK (kind NOT IN ('damage', 'stock_take') OR reason IS NOT NULL),
    CHECK ((source_kind IS NULL) = (source_id IS NULL))
) STRICT;
CREATE INDEX stock_movement_by_site ON stock_movement (site_id, id);

-- Goods kept for somebody until they are sold or let go.
CREATE TABLE stock_reservation (
    id BLOB NOT NULL PRIMARY KEY,
    sku_id BLOB NOT NULL,
    site_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    holder_kind TEXT NOT NULL CHECK (holder_kind IN ('order', 'integration')),
    holder_id BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'committed', 'released', 'expired')),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (holder_kind, holder_id, sku_id, site_id),
    FOREIGN KEY (sku_id, site_id) REFERENCES sku_stock (sku_id, site_id),
    CHECK ((state = 'open') = (ended_at IS NULL))
) STRICT;
CREATE INDEX stock_reservation_open ON stock_reservation (sku_id, site_id) WHERE state = 'open';
CREATE INDEX stock_reservation_due ON stock_reservation (expires_at) WHERE state = 'open';

-- Goods on their way from one site or store to another (调拨). `site_id` is where they go.
CREATE TABLE stock_transfer (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    from_site_id BLOB NOT NULL REFERENCES node (id),
    state TEXT NOT NULL CHECK (state IN ('requested', 'sent', 'received', 'cancelled')),
    note TEXT,
    reason TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    requested_by BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    sent_by BLOB,
    sent_at INTEGER,
    ended_by BLOB,
    ended_at INTEGER,
    CHECK (site_id <> from_site_id),
    CHECK (state NOT IN ('sent', 'received') OR sent_at IS NOT NULL),
    CHECK ((state IN ('received', 'cancelled')) = (ended_at IS NOT NULL))
) STRICT;
CREATE INDEX stock_transfer_by_site ON stock_transfer (site_id, id);
CREATE INDEX stock_transfer_by_from ON stock_transfer (from_site_id, id);

CREATE TABLE stock_transfer_line (
    transfer_id BLOB NOT NULL REFERENCES stock_transfer (id),
    sku_id BLOB NOT NULL REFERENCES sku (id),
    requested INTEGER NOT NULL CHECK (requested > 0),
    sent INTEGER CHECK (sent >= 0),
    received INTEGER CHECK (received >= 0),
    PRIMARY KEY (transfer_id, sku_id),
    CHECK (sent IS NULL OR sent <= requested),
    CHECK (received IS NULL OR sent IS NOT NULL),
    CHECK (received IS NULL OR received <= sent)
) STRICT;

CREATE TRIGGER stock_movement_no_delete BEFORE DELETE ON stock_movement BEGIN SELECT RAISE(ABORT, 'stock_movement is append-only'); END;
CREATE TRIGGER stock_movement_no_update BEFORE UPDATE ON stock_movement BEGIN SELECT RAISE(ABORT, 'stock_movement is append-only'); END;
