-- An order of a customer (订单): the figures as it was placed. Goods lie at `site_id`, a site or a store. `paid_fen` is what was kept of what came in.
CREATE TABLE customer_order (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    customer_id BLOB NOT NULL REFERENCES customer (id),
    state TEXT NOT NULL CHECK (state IN ('created', 'paid', 'fulfilled', 'completed', 'cancelled', 'refunding', 'refunded')),
    resumes TEXT CHECK (resumes IN ('paid', 'fulfilled', 'completed')),
    version INTEGER NOT NULL CHECK (version > 0),
    quote_hash BLOB NOT NULL,
    policy TEXT NOT NULL,
    tier TEXT,
    channel TEXT,
    delivery_area TEXT,
    list_fen INTEGER NOT NULL CHECK (list_fen >= 0),
    subtotal_fen INTEGER NOT NULL CHECK (subtotal_fen >= 0),
    discount_fen INTEGER NOT NULL CHECK (discount_fen >= 0),
    payable_fen INTEGER NOT NULL CHECK (payable_fen >= 0),
    stored_value_fen INTEGER NOT NULL CHECK (stored_value_fen >= 0),
    paid_fen INTEGER NOT NULL CHECK (paid_fen >= 0),
    placed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    paid_at INTEGER,
    closed_at INTEGER,
    close_reason TEXT CHECK (close_reason IN ('customer', 'staff', 'expired')),
    local_day TEXT NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
    CHECK (payable_fen = subtotal_fen - discount_fen),
    CHECK (stored_value_fen <= payable_fen),
    CHECK (paid_fen = 0 OR paid_fen = payable_fen),
    CHECK ((resumes IS NOT NULL) = (state = 'refunding')),
    CHECK ((state IN ('created', 'cancelled')) = (paid_at IS NULL)),
    CHECK ((state = 'cancelled') = (closed_at IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (close_reason IS NULL))
) STRICT;
CREATE INDEX customer_order_by_site ON customer_order (site_id, id);
CREATE INDEX customer_order_by_customer ON customer_order (customer_id, id);
CREATE INDEX customer_order_unpaid ON customer_order (expires_at) WHERE state = 'created';

-- What was ordered, as it was named and priced then. Gifts are lines that cost nothing.
CREATE TABLE order_line (
    order_id BLOB NOT NULL REFERENCES customer_order (id),
    number INTEGER NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('sold', 'gift')),
    sku_id BLOB NOT NULL REFERENCES sku (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    list_price_fen INTEGER NOT NULL CHECK (list_price_fen >= 0),
    unit_price_fen INTEGER NOT NULL CHECK (unit_price_fen >= 0),
    price_source TEXT NOT NULL,
    subtotal_fen INTEGER NOT NULL CHECK (subtotal_fen >= 0),
    discount_fen INTEGER NOT NULL CHECK (discount_fen >= 0),
    payable_fen INTEGER NOT NULL CHECK (payable_fen >= 0),
    PRIMARY KEY (order_id, number),
    CHECK (subtotal_fen = unit_price_fen * quantity),
    CHECK (payable_fen = subtotal_fen - discount_fen),
    CHECK (kind = 'sold' OR unit_price_fen = 0)
) STRICT;
CREATE INDEX order_line_by_sku ON order_line (sku_id);

-- What took something off the order, and holds a use of an offer or a coupon for it: `held` until it is paid, then `used`, or `released`.
CREATE TABLE order_discount (
    order_id BLOB NOT NULL REFERENCES customer_order (id),
    number INTEGER NOT NULL CHECK (number > 0),
    offer_id BLOB NOT NULL,
    coupon_id BLOB REFERENCES coupon (id),
    template_id BLOB REFERENCES coupon_template (id),
    template_version INTEGER,
    discount_fen INTEGER NOT NULL CHECK (discount_fen >= 0),
    cost_fen INTEGER NOT NULL CHECK (cost_fen >= 0),
    state TEXT NOT NULL CHECK (state IN ('held', 'used', 'released')),
    PRIMARY KEY (order_id, number),
    CHECK ((coupon_id IS NULL) = (template_id IS NULL)),
    CHECK ((coupon_id IS NULL) = (template_version IS NULL))
) STRICT;
CREATE UNIQUE INDEX order_coupon_once ON order_discount (coupon_id) WHERE coupon_id IS NOT NULL AND state <> 'released';
CREATE INDEX order_discount_by_template ON order_discount (template_id, order_id) WHERE template_id IS NOT NULL;
CREATE INDEX order_discount_by_offer ON order_discount (offer_id);

-- What each discount took off each line. Refunds go by it.
CREATE TABLE order_allocation (
    order_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    discount INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (order_id, line, discount),
    FOREIGN KEY (order_id, line) REFERENCES order_line (order_id, number),
    FOREIGN KEY (order_id, discount) REFERENCES order_discount (order_id, number)
) STRICT;

-- What is paid out of accounts of the ledger: held until the order is paid, then captured, or released.
CREATE TABLE order_tender (
    order_id BLOB NOT NULL REFERENCES customer_order (id),
    kind TEXT NOT NULL CHECK (kind IN ('stored_value_principal', 'stored_value_bonus')),
    account_site_id BLOB NOT NULL REFERENCES node (id),
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    state TEXT NOT NULL CHECK (state IN ('held', 'captured', 'released')),
    hold_id BLOB NOT NULL REFERENCES ledger_hold (id),
    transaction_id BLOB REFERENCES ledger_transaction (id),
    PRIMARY KEY (order_id, kind),
    UNIQUE (hold_id),
    CHECK ((state = 'captured') = (transaction_id IS NOT NULL))
) STRICT;

CREATE TRIGGER order_line_no_delete BEFORE DELETE ON order_line BEGIN SELECT RAISE(ABORT, 'order_line is append-only'); END;
CREATE TRIGGER order_line_no_update BEFORE UPDATE ON order_line BEGIN SELECT RAISE(ABORT, 'order_line is append-only'); END;
CREATE TRIGGER order_allocation_no_delete BEFORE DELETE ON order_allocation BEGIN SELECT RAISE(ABORT, 'order_allocation is append-only'); END;
CREATE TRIGGER order_allocation_no_update BEFORE UPDATE ON order_allocation BEGIN SELECT RAISE(ABORT, 'order_allocation is append-only'); END;
