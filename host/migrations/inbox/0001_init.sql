-- What was heard of Meta and what became of messages, in a file of its own, so that a webhook never waits for an import.
-- `store::inbox` says what every column means. Nothing here is proof of a consent; that is in the log of the other file.

-- How far each tenant's events are numbered.
CREATE TABLE inbox_tenant (
    tenant_id     INTEGER NOT NULL PRIMARY KEY,
    next_seq      INTEGER NOT NULL,
    -- Events that were ever kept.
    taken         INTEGER NOT NULL,
    last_received INTEGER
) STRICT;

CREATE TABLE inbox_event (
    tenant_id  INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    id         TEXT    NOT NULL,
    -- 0: consent, 1: everything else.
    lane       INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    -- 1 while somebody has to act on it.
    waits      INTEGER NOT NULL,
    at         INTEGER,
    received   INTEGER NOT NULL,
    number     INTEGER,
    user_id    TEXT,
    message_id TEXT,
    -- NULL: forgotten, and only the id is still known.
    body       TEXT,
    PRIMARY KEY (tenant_id, seq)
) STRICT;

-- The copies of a webhook are known by it.
CREATE UNIQUE INDEX inbox_event_id ON inbox_event (tenant_id, id);
CREATE INDEX inbox_event_waits ON inbox_event (tenant_id, waits, lane, seq) WHERE waits = 1;
-- The last gate before a message leaves. What the conditions say already is in the keys as well: otherwise these would look
-- no better than the indexes of the history, which hold everything else of the same person, too. And neither can be taken
-- for the other.
CREATE INDEX inbox_opt_out_number ON inbox_event (tenant_id, kind, waits, number)
    WHERE waits = 1 AND kind = 'opt_out' AND number IS NOT NULL;
CREATE INDEX inbox_opt_out_user ON inbox_event (tenant_id, kind, waits, user_id)
    WHERE waits = 1 AND kind = 'opt_out' AND user_id IS NOT NULL;
-- History.
CREATE INDEX inbox_event_kind ON inbox_event (tenant_id, kind, seq) WHERE body IS NOT NULL;
CREATE INDEX inbox_event_number ON inbox_event (tenant_id, number, seq) WHERE number IS NOT NULL;
CREATE INDEX inbox_event_user ON inbox_event (tenant_id, user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX inbox_event_message ON inbox_event (tenant_id, message_id, seq) WHERE message_id IS NOT NULL;
-- What is to be forgotten, and after that what is to go altogether.
CREATE INDEX inbox_event_kept ON inbox_event (tenant_id, received, seq) WHERE body IS NOT NULL;
CREATE INDEX inbox_event_forgotten ON inbox_event (tenant_id, received, seq) WHERE body IS NULL;

-- What became of each message: `store::inbox::record` has its form.
CREATE TABLE inbox_delivery (
    tenant_id  INTEGER NOT NULL,
    message_id TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
) STRICT, WITHOUT ROWID;

-- Where an inbox elsewhere was read up to.
CREATE TABLE inbox_cursor (
    tenant_id INTEGER NOT NULL,
    source    TEXT    NOT NULL,
    lane      INTEGER NOT NULL,
    inbox     TEXT    NOT NULL,
    up_to     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, source, lane)
) STRICT, WITHOUT ROWID;
