DROP TABLE quoted_cart;
