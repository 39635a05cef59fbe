-- Audit rows that no link of the chain seals yet. A row comes in with its audit row, and goes when the sealer has been.
CREATE TABLE audit_unsealed (
    audit_id UUID NOT NULL PRIMARY KEY REFERENCES audit (id)
);
INSERT INTO audit_unsealed (audit_id)
SELECT a.id FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.audit_id = a.id);

-- The log from its end, and from a day of the past; what one person or integration did; what one request did.
CREATE INDEX audit_by_time ON audit (occurred_at, id);
CREATE INDEX audit_by_actor ON audit (actor_id, occurred_at);
CREATE INDEX audit_by_request ON audit (request_id);

-- A link is never changed, and never taken out.
CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
