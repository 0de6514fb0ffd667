-- The same tables as in ../sqlite, for a database that several hosts share: store/packed/ says what is in the blocks.
-- `tenant_id` is first in every key, so that a database that spreads rows over machines can spread them by it and a
-- tenant's transaction stays on one. Every integer is a bigint, because the statements are shared with SQLite. Times are
-- milliseconds since 1970 in UTC.

-- First, so that of two hosts that find nothing one waits here for the other.
CREATE TABLE schema_version (
    version bigint NOT NULL PRIMARY KEY
);

CREATE TABLE tenant (
    tenant_id    bigint NOT NULL PRIMARY KEY,
    -- Of the hashes by which texts are found. Random, and a secret.
    seed         bytea  NOT NULL CHECK (length(seed) = 16),
    next_profile bigint NOT NULL DEFAULT 1,
    next_import  bigint NOT NULL DEFAULT 1,
    next_run     bigint NOT NULL DEFAULT 1,
    profiles     bigint NOT NULL DEFAULT 0,
    -- The newest import when something was taken back last.
    undo_after   bigint NOT NULL DEFAULT 0,
    -- Where the consent log ends: a log that was cut off does not end here.
    event_seq    bigint NOT NULL DEFAULT 0,
    event_hash   bytea  NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(event_hash) = 32)
);

CREATE TABLE import (
    tenant_id            bigint NOT NULL REFERENCES tenant,
    import_id            bigint NOT NULL,
    state                text   NOT NULL
        CHECK (state IN ('accepted', 'applying', 'committed', 'refused', 'failed', 'undone')),
    -- The data record up to which everything is committed. It moves in the transaction that commits the rows.
    cursor               bigint NOT NULL DEFAULT 0,
    created              bigint NOT NULL DEFAULT 0,
    updated              bigint NOT NULL DEFAULT 0,
    unchanged            bigint NOT NULL DEFAULT 0,
    kept_opt_out         bigint NOT NULL DEFAULT 0,
    numbers_moved        bigint NOT NULL DEFAULT 0,
    identifiers_conflict bigint NOT NULL DEFAULT 0,
    identifiers_differ   bigint NOT NULL DEFAULT 0,
    -- Where the log ended when the first batch was committed.
    log_from             bigint,
    file_name            text   NOT NULL,
    file_sha256          text   NOT NULL,
    file_bytes           bigint NOT NULL,
    engine_sha256        text   NOT NULL,
    client_digest        text,
    received_at          bigint NOT NULL,
    as_of                text,
    override_reason      text,
    -- JSON, as the wire has them.
    options              text   NOT NULL,
    -- SHA-256 over what is above and never changes; part of every block of the import's events.
    record_hash          bytea  NOT NULL CHECK (length(record_hash) = 32),
    finished_at          bigint,
    failure              text,
    report               text,
    undone_at            bigint,
    undone_by            text,
    -- JSON: what became of the profiles.
    undo                 text,
    PRIMARY KEY (tenant_id, import_id)
);

-- Every host asks for these, of all tenants.
CREATE INDEX import_unfinished ON import (tenant_id, import_id) WHERE state IN ('accepted', 'applying');

-- What matching found in an import's rows, kept from batch to batch until the import's report is written.
CREATE TABLE import_finding (
    tenant_id bigint NOT NULL,
    import_id bigint NOT NULL,
    place     bigint NOT NULL,
    code      text   NOT NULL,
    row       bigint NOT NULL,
    line      bigint NOT NULL,
    -- JSON array: the profile that was hit, then the others.
    profiles  text   NOT NULL,
    PRIMARY KEY (tenant_id, import_id, place),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import
);

-- Profiles that a batch confirmed without changing them, packed: an undo of an earlier import leaves them alone.
CREATE TABLE import_confirmed (
    tenant_id bigint NOT NULL,
    import_id bigint NOT NULL,
    to_row    bigint NOT NULL,
    profiles  bytea  NOT NULL,
    PRIMARY KEY (tenant_id, import_id, to_row),
    FOREIGN KEY (tenant_id, import_id) REFERENCES import
);

-- People as they came, 256 ids to a block.
CREATE TABLE people_block (
    tenant_id bigint NOT NULL,
    id        bigint NOT NULL,
    data      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Sorted runs of entries: who is found by which identifier, what became of a consent since its profile was made, which
-- own opt-outs stand. `space` says which. Newer runs overrule older ones, and runs are joined so that there are few.
CREATE TABLE run (
    tenant_id bigint NOT NULL,
    space     bigint NOT NULL,
    run_id    bigint NOT NULL,
    entries   bigint NOT NULL,
    -- The first key of each block, eight bytes each.
    fences    bytea  NOT NULL,
    PRIMARY KEY (tenant_id, space, run_id)
);

-- id is `run << 20 | place`.
CREATE TABLE run_block (
    tenant_id bigint NOT NULL,
    id        bigint NOT NULL,
    data      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Who holds a number, or was the last to. The primary key is the promise that nobody shares one, kept by the database
-- whatever its hosts believe. Rows are changed in place where the page has room.
CREATE TABLE number_holder (
    tenant_id  bigint  NOT NULL,
    number     bigint  NOT NULL,
    profile_id bigint  NOT NULL,
    held       boolean NOT NULL,
    PRIMARY KEY (tenant_id, number)
) WITH (fillfactor = 90);

-- Business-scoped user ids: webhooks may name a person by one and leave the number out. An own opt-out that came so
-- waits here until the number is known, and goes with the person to the next one.
CREATE TABLE business_user (
    tenant_id    bigint NOT NULL,
    user_id      text   COLLATE "C" NOT NULL,
    -- Identity of the number seen together with it last.
    number       bigint,
    opted_out_at bigint,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE INDEX business_user_by_number ON business_user (tenant_id, number) WHERE number IS NOT NULL;

-- Uploaded files in parts of a mebibyte, so that any host can go on with an import that another took in.
CREATE TABLE file_part (
    tenant_id bigint NOT NULL,
    sha256    text   NOT NULL,
    place     bigint NOT NULL,
    data      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, sha256, place)
);

ALTER TABLE file_part ALTER COLUMN data SET STORAGE EXTERNAL;

-- Events about numbers that nobody held.
CREATE TABLE unheld_event (
    tenant_id bigint NOT NULL,
    number    bigint NOT NULL,
    seq       bigint NOT NULL,
    PRIMARY KEY (tenant_id, number, seq)
);

-- The evidence, in blocks of events.
CREATE TABLE log_block (
    tenant_id   bigint NOT NULL,
    first_event bigint NOT NULL,
    events      bigint NOT NULL,
    data        bytea  NOT NULL,
    -- SHA-256 of the block and the hash before it.
    hash        bytea  NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, first_event)
);

-- What is packed is not worth compressing again.
ALTER TABLE people_block ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE run ALTER COLUMN fences SET STORAGE EXTERNAL;
ALTER TABLE run_block ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE log_block ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE import_confirmed ALTER COLUMN profiles SET STORAGE EXTERNAL;

-- The log only grows. Whoever removes these triggers is found out by the chain of hashes. Citus allows no triggers on
-- tables that it distributes: there they are dropped first, and `REVOKE UPDATE, DELETE, TRUNCATE` takes their place.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END
$$;

CREATE TRIGGER log_never_changes BEFORE UPDATE OR DELETE ON log_block
FOR EACH ROW EXECUTE FUNCTION refuse_change('the consent log is append-only');

CREATE TRIGGER log_is_never_emptied BEFORE TRUNCATE ON log_block
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the consent log is append-only');

-- What an import was is evidence as well: its events name it, and it names file, terms and engine.
CREATE TRIGGER import_is_what_it_was
BEFORE UPDATE OF file_name, file_sha256, file_bytes, engine_sha256, received_at, as_of, override_reason, options, record_hash ON import
FOR EACH ROW EXECUTE FUNCTION refuse_change('what was imported is evidence');

CREATE TRIGGER import_never_goes BEFORE DELETE ON import
FOR EACH ROW EXECUTE FUNCTION refuse_change('what was imported is evidence');
