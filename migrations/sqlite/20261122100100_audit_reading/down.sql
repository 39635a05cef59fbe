DROP TRIGGER audit_seal_no_update;
DROP TRIGGER audit_seal_no_delete;
DROP INDEX audit_by_request;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_time;
DROP TABLE audit_unsealed;
