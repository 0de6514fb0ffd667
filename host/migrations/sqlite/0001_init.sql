-- What is small is kept as rows. What is large - people, the index of their identifiers, the log - is kept in packed
-- blocks, because an import writes millions at a time: SQLite gives transactions, durability and snapshots, and the
-- blocks give speed. store/packed/ says what is in them. Every key begins with the tenant: `tenant << 52` in the keys
-- that are one integer. Times are milliseconds since 1970 in UTC.

CREATE TABLE tenant (
    tenant_id    INTEGER NOT NULL PRIMARY KEY,
    -- Of the hashes by which texts are found. Random, and a secret.
    seed         BLOB    NOT NULL CHECK (length(seed) = 16),
    next_profile INTEGER NOT NULL DEFAULT 1,
    next_import  INTEGER NOT NULL DEFAULT 1,
    next_run     INTEGER NOT NULL DEFAULT 1,
    profiles     INTEGER NOT NULL DEFAULT 0,
    -- The newest import when something was taken back last.
    undo_after   INTEGER NOT NULL DEFAULT 0,
    -- Where the consent log ends: a log that was cut off does not end here.
    event_seq    INTEGER NOT NULL DEFAULT 0,
    event_hash   BLOB    NOT NULL DEFAULT (zeroblob(32)) CHECK (length(event_hash) = 32)
) STRICT;

CREATE TABLE import (
    tenant_id            INTEGER NOT NULL REFERENCES tenant,
    import_id            INTEGER NOT NULL,
    state                TEXT    NOT NULL
        CHECK (state IN ('accepted', 'applying', 'committed', 'refused', 'failed', 'undone')),
    -- The data record up to which everything is committed. It moves in the transaction that commits the rows.
    cursor               INTEGER NOT NULL DEFAULT 0,
    created              INTEGER NOT NULL DEFAULT 0,
    updated              INTEGER NOT NULL DEFAULT 0,
    unchanged            INTEGER NOT NULL DEFAULT 0,
    kept_opt_out         INTEGER NOT NULL DEFAULT 0,
    numbers_moved        INTEGER NOT NULL DEFAULT 0,
    identifiers_conflict INTEGER NOT NULL DEFAULT 0,
    identifiers_differ   INTEGER NOT NULL DEFAULT 0,
    -- Where the log ended when the first batch was committed.
    log_from             INTEGER,
    file_name            TEXT    NOT NULL,
    file_sha256          TEXT    NOT NULL,
    file_bytes           INTEGER NOT NULL,
    engine_sha256        TEXT    NOT NULL,
    client_digest        TEXT,
    received_at          INTEGER NOT NULL,
    as_of                TEXT,
    override_reason      TEXT,
    -- JSON, as the wire has them.
    options              TEXT    NOT NULL,
    -- SHA-256 over what is above and never changes; part of every block of the import's events.
    record_hash          BLOB    NOT NULL CHECK (length(record_hash) = 32),
    finished_at          INTEGER,
    failure              TEXT,
    report               TEXT,
    undone_at            INTEGER,
    undone_by            TEXT,
    -- JSON: what became of the profiles.
    undo                 TEXT,
    PRIMARY KEY (tenant_id, import_id)
) STRICT, WITHOUT ROWID;

-- What matching found in an import's rows, kept from batch to batch until the import's report is written.
CREATE TABLE import_finding (
    tenant_id INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    place     INTEGER NOT NULL,
    code      TEXT    NOT NULL,
    row       INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    -- JSON array: the profile that was hit, then the others.
    profiles  TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, import_id, place),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import
) STRICT, WITHOUT ROWID;

-- Profiles that a batch confirmed without changing them, packed: an undo of an earlier import leaves them alone.
CREATE TABLE import_confirmed (
    tenant_id INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    to_row    INTEGER NOT NULL,
    profiles  BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, import_id, to_row),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import
) STRICT, WITHOUT ROWID;

-- People as they came, 440 ids to a block; id is `tenant << 52 | block`.
CREATE TABLE people_block (
    id   INTEGER NOT NULL PRIMARY KEY,
    data BLOB    NOT NULL
) STRICT;

-- Sorted runs of entries: who is found by which identifier, who holds which number, what became of a consent since its
-- profile was made, which own opt-outs stand. `space` says which. Newer runs overrule older ones, and runs are joined so
-- that there are few.
CREATE TABLE run (
    tenant_id INTEGER NOT NULL,
    space     INTEGER NOT NULL,
    run_id    INTEGER NOT NULL,
    entries   INTEGER NOT NULL,
    -- The first key of each block, eight bytes each.
    fences    BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, space, run_id)
) STRICT, WITHOUT ROWID;

-- id is `tenant << 52 | run << 20 | place`.
CREATE TABLE run_block (
    id   INTEGER NOT NULL PRIMARY KEY,
    data BLOB    NOT NULL
) STRICT;

-- Business-scoped user ids: webhooks may name a person by one and leave the number out. An own opt-out that came so
-- waits here until the number is known, and goes with the person to the next one.
CREATE TABLE business_user (
    tenant_id    INTEGER NOT NULL,
    user_id      TEXT    NOT NULL,
    -- Identity of the number seen together with it last.
    number       INTEGER,
    opted_out_at INTEGER,
    PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX business_user_by_number ON business_user (tenant_id, number) WHERE number IS NOT NULL;

-- Events about numbers that nobody held.
CREATE TABLE unheld_event (
    tenant_id INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number, seq)
) STRICT, WITHOUT ROWID;

-- The evidence, in blocks of events.
CREATE TABLE log_block (
    tenant_id   INTEGER NOT NULL,
    first_event INTEGER NOT NULL,
    events      INTEGER NOT NULL,
    data        BLOB    NOT NULL,
    -- SHA-256 of the block and the hash before it.
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, first_event)
) STRICT;

-- The log only grows. Whoever removes these triggers is found out by the chain of hashes.
CREATE TRIGGER log_never_changes BEFORE UPDATE ON log_block
BEGIN
    SELECT RAISE(ABORT, 'the consent log is append-only');
END;

CREATE TRIGGER log_never_goes BEFORE DELETE ON log_block
BEGIN
    SELECT RAISE(ABORT, 'the consent log is append-only');
END;

-- What an import was is evidence as well: its events name it, and it names file, terms and engine.
CREATE TRIGGER import_is_what_it_was
BEFORE UPDATE OF file_name, file_sha256, file_bytes, engine_sha256, received_at, as_of, override_reason, options, record_hash ON import
BEGIN
    SELECT RAISE(ABORT, 'what was imported is evidence');
END;

CREATE TRIGGER import_never_goes BEFORE DELETE ON import
BEGIN
    SELECT RAISE(ABORT, 'what was imported is evidence');
END;
