-- Every key begins with tenant_id, so one tenant's rows lie together and no statement reaches another's.
-- Numbers are the digits of their E.164 as integers. Times are milliseconds since 1970 in UTC. The large
-- tables carry no foreign keys: batches write both sides in one transaction, and a check would cost a search
-- for every row of every import.

CREATE TABLE tenant (
    tenant_id    INTEGER NOT NULL PRIMARY KEY,
    next_profile INTEGER NOT NULL DEFAULT 1,
    next_import  INTEGER NOT NULL DEFAULT 1,
    -- Where the consent log ends: a log that was cut off does not end here.
    event_seq    INTEGER NOT NULL DEFAULT 0,
    event_hash   BLOB    NOT NULL DEFAULT (zeroblob(32)) CHECK (length(event_hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE import (
    tenant_id            INTEGER NOT NULL REFERENCES tenant,
    import_id            INTEGER NOT NULL,
    state                TEXT    NOT NULL
        CHECK (state IN ('accepted', 'applying', 'committed', 'refused', 'failed')),
    -- The data record up to which everything is committed. It moves in the transaction that commits the rows.
    cursor               INTEGER NOT NULL DEFAULT 0,
    created              INTEGER NOT NULL DEFAULT 0,
    updated              INTEGER NOT NULL DEFAULT 0,
    unchanged            INTEGER NOT NULL DEFAULT 0,
    kept_opt_out         INTEGER NOT NULL DEFAULT 0,
    numbers_moved        INTEGER NOT NULL DEFAULT 0,
    identifiers_conflict INTEGER NOT NULL DEFAULT 0,
    identifiers_differ   INTEGER NOT NULL DEFAULT 0,
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
    -- SHA-256 over what is above and never changes; part of the chain of the import's events.
    record_hash          BLOB    NOT NULL CHECK (length(record_hash) = 32),
    finished_at          INTEGER,
    failure              TEXT,
    report               TEXT,
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

CREATE TABLE profile (
    tenant_id  INTEGER NOT NULL,
    profile_id INTEGER NOT NULL,
    exid       TEXT,
    email      TEXT,
    msisdn     INTEGER,
    number     INTEGER,
    permission INTEGER,
    changed_at INTEGER NOT NULL,
    -- JSON object of texts; null when there is none.
    attributes TEXT,
    PRIMARY KEY (tenant_id, profile_id),
    CHECK ((number IS NULL) = (permission IS NULL))
) STRICT, WITHOUT ROWID;

-- Whom an identifier leads to, as matching compares it. The keys make it one profile.
-- kind: 1 exid, 2 folded e-mail address.
CREATE TABLE identity_text (
    tenant_id  INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    value      TEXT    NOT NULL,
    profile_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, kind, value)
) STRICT, WITHOUT ROWID;

-- kind: 3 msisdn, 4 WhatsApp number; both by identity.
CREATE TABLE identity_number (
    tenant_id  INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    profile_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, kind, value)
) STRICT, WITHOUT ROWID;

-- People's own word against messages to a number (by identity): outranks any file.
CREATE TABLE own_opt_out (
    tenant_id INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

-- The evidence. An event is either a row of an import (import_id, row, line, cells) or a person's word
-- (heard).
CREATE TABLE consent_event (
    tenant_id         INTEGER NOT NULL,
    seq               INTEGER NOT NULL,
    at                INTEGER NOT NULL,
    profile_id        INTEGER,
    number_before     INTEGER,
    permission_before INTEGER,
    number            INTEGER,
    permission        INTEGER,
    rule              TEXT    NOT NULL,
    other_profile_id  INTEGER,
    import_id         INTEGER,
    row               INTEGER,
    line              INTEGER,
    -- Null where the cell stood as one would write what was read from it; most do.
    number_cell       TEXT,
    permission_cell   TEXT,
    as_of             TEXT,
    heard             TEXT,
    -- SHA-256 of this event and the hash before it.
    hash              BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    CHECK ((import_id IS NULL) <> (heard IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_event_by_profile ON consent_event (tenant_id, profile_id) WHERE profile_id IS NOT NULL;

-- Events by number, whoever held it: an entry for the identity of the number before and after, one if they
-- are equal.
CREATE TABLE consent_event_number (
    tenant_id INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number, seq)
) STRICT, WITHOUT ROWID;

-- The log only grows. Whoever removes these triggers is found out by the chain of hashes.
CREATE TRIGGER consent_event_never_changes BEFORE UPDATE ON consent_event
BEGIN
    SELECT RAISE(ABORT, 'the consent log is append-only');
END;

CREATE TRIGGER consent_event_never_goes BEFORE DELETE ON consent_event
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
