-- What people and programs did here, one note each, in order. `store::audit` says what the hash of a note covers; what is in
-- its body is for whoever wrote it.
CREATE TABLE audit_note (
    tenant_id INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) STRICT;

-- Number of the last note: without it nobody would see that the last ones were taken away.
ALTER TABLE tenant ADD COLUMN audit_seq INTEGER NOT NULL DEFAULT 0;

-- The notes only grow. Whoever removes these triggers is found out by the chain of hashes.
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit_note
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit_note
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
