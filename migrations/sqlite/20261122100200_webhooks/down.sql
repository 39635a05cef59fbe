DROP TABLE webhook_attempt;
DROP TABLE webhook_delivery;
DROP TABLE webhook_replay;
DROP TABLE webhook_secret;
DROP TABLE webhook_endpoint;
DROP TABLE outbox;
