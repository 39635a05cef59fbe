-- Carts that were quoted, kept for a while so that offers can be tried on them. Of the person only the id is kept.
CREATE TABLE quoted_cart (
    id BLOB NOT NULL PRIMARY KEY,
    site_id BLOB NOT NULL REFERENCES node (id),
    customer_id BLOB REFERENCES customer (id),
    quoted_at INTEGER NOT NULL,
    local_day TEXT NOT NULL,
    told TEXT NOT NULL,
    cart TEXT NOT NULL
) STRICT;
CREATE INDEX quoted_cart_by_site ON quoted_cart (site_id, quoted_at);
CREATE INDEX quoted_cart_by_time ON quoted_cart (quoted_at);
