DROP TABLE payment_return;
DROP TABLE payment_notice;
DROP TABLE payment;
