-- What was heard of Meta and what became of messages, in tables of its own with locks of their own, so that a webhook never
-- waits for an import. `store::inbox` says what every column means. The SQL names them as that of the embedded inbox does.

-- How far each tenant's events are numbered. Whoever takes events holds the row of the tenant.
CREATE TABLE inbox_tenant (
    tenant_id     bigint NOT NULL PRIMARY KEY,
    next_seq      bigint NOT NULL,
    -- Events that were ever kept.
    taken         bigint NOT NULL,
    last_received bigint
);

CREATE TABLE inbox_event (
    tenant_id  bigint NOT NULL,
    seq        bigint NOT NULL,
    id         text COLLATE "C" NOT NULL,
    -- 0: consent, 1: everything else.
    lane       bigint NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    -- 1 while somebody has to act on it.
    waits      bigint NOT NULL,
    at         bigint,
    received   bigint NOT NULL,
    number     bigint,
    user_id    text COLLATE "C",
    message_id text COLLATE "C",
    -- NULL: forgotten, and only the id is still known.
    body       text,
    PRIMARY KEY (tenant_id, seq)
);

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
    tenant_id  bigint NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    body       text NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
);

-- Where an inbox elsewhere was read up to.
CREATE TABLE inbox_cursor (
    tenant_id bigint NOT NULL,
    source    text COLLATE "C" NOT NULL,
    lane      bigint NOT NULL,
    inbox     text NOT NULL,
    up_to     bigint NOT NULL,
    PRIMARY KEY (tenant_id, source, lane)
);
