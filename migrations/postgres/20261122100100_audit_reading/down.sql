DROP TRIGGER audit_seal_no_truncate ON audit_seal;
DROP TRIGGER audit_seal_no_update ON audit_seal;
DROP TRIGGER audit_seal_no_delete ON audit_seal;
DROP INDEX audit_by_request;
DROP INDEX audit_by_actor;
DROP INDEX audit_by_time;
DROP TABLE audit_unsealed;
