DROP TRIGGER audit_seal_no_update;
DROP TRIGGER audit_seal_no_delete;
DROP INDEX audit_by_request;
DROP INDEX audit_by_actor;
DROP TABLE audit_unsealed;
