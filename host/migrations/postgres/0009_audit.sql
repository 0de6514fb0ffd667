-- What people and programs did here, one note each, in order. `store::audit` says what the hash of a note covers; what is in
-- its body is for whoever wrote it.
CREATE TABLE audit_note (
    tenant_id bigint NOT NULL,
    seq       bigint NOT NULL,
    body      bytea  NOT NULL,
    hash      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);

-- Number of the last note: without it nobody would see that the last ones were taken away.
ALTER TABLE tenant ADD COLUMN audit_seq bigint NOT NULL DEFAULT 0;

-- The notes only grow. Whoever removes these triggers is found out by the chain of hashes.
CREATE TRIGGER audit_never_changes BEFORE UPDATE OR DELETE ON audit_note
FOR EACH ROW EXECUTE FUNCTION refuse_change('the audit is append-only');

CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit_note
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the audit is append-only');
