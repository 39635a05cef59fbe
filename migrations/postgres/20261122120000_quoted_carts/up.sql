-- Carts that were quoted, kept for a while so that offers can be tried on them. Of the person only the id is kept.
CREATE TABLE quoted_cart (
    id UUID NOT NULL PRIMARY KEY,
    site_id UUID NOT NULL REFERENCES node (id),
    customer_id UUID REFERENCES customer (id),
    quoted_at TIMESTAMPTZ NOT NULL,
    local_day TEXT COLLATE "C" NOT NULL,
    told JSONB NOT NULL,
    cart JSONB NOT NULL
);
CREATE INDEX quoted_cart_by_site ON quoted_cart (site_id, quoted_at);
CREATE INDEX quoted_cart_by_time ON quoted_cart (quoted_at);
