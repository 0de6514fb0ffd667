-- Small documents that belong to no import: accounts, their secrets, templates, drafts. `store::document` says what a
-- document is; what is in its body is for whoever wrote it. Keys are ordered by their bytes, as in SQLite.
CREATE TABLE document (
    tenant_id bigint NOT NULL,
    kind      text   COLLATE "C" NOT NULL,
    key       text   COLLATE "C" NOT NULL,
    -- Number of the write that left it so, of all writes of the tenant's documents.
    version   bigint NOT NULL,
    body      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, kind, key)
);

-- Writes of documents so far. It never goes back, so that no version stands for two bodies, not even of a key that was
-- removed and came again.
ALTER TABLE tenant ADD COLUMN document_writes bigint NOT NULL DEFAULT 0;
