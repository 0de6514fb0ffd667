-- Small documents that belong to no import: accounts, their secrets, templates, drafts. `store::document` says what a
-- document is; what is in its body is for whoever wrote it.
CREATE TABLE document (
    tenant_id INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    -- Number of the write that left it so, of all writes of the tenant's documents.
    version   INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, kind, key)
) STRICT;

-- Writes of documents so far. It never goes back, so that no version stands for two bodies, not even of a key that was
-- removed and came again.
ALTER TABLE tenant ADD COLUMN document_writes INTEGER NOT NULL DEFAULT 0;
