DROP TABLE order_tender;
DROP TABLE order_allocation;
DROP TABLE order_discount;
DROP TABLE order_line;
DROP TABLE customer_order;
