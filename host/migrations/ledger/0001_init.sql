-- Who is to get which message of a campaign and what became of each, in a file of its own, so that sending never waits for
-- an import. `store::ledger` says what every column means.

CREATE TABLE ledger_send (
    tenant_id    INTEGER NOT NULL,
    campaign     INTEGER NOT NULL,
    place        INTEGER NOT NULL,
    -- As it was planned.
    profile      INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    person       INTEGER NOT NULL,
    -- Two letters, the first in the higher byte.
    country      INTEGER NOT NULL,
    import       INTEGER NOT NULL,
    line         INTEGER NOT NULL,
    message      INTEGER NOT NULL,
    packed       BLOB    NOT NULL,
    -- What became of it.
    state        INTEGER NOT NULL,
    -- 0: never put off.
    due          INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    code         INTEGER NOT NULL,
    wamid        TEXT,
    intended_at  INTEGER,
    -- Of the lease under which the last intent was written.
    fence        INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    accepted_at  INTEGER,
    reached      INTEGER NOT NULL,
    sent_at      INTEGER,
    delivered_at INTEGER,
    read_at      INTEGER,
    failed_at    INTEGER,
    replied_at   INTEGER,
    opted_out_at INTEGER,
    clicked_at   INTEGER,
    -- When it was intended, where it may have left.
    left_at      INTEGER,
    PRIMARY KEY (tenant_id, campaign, place)
) STRICT, WITHOUT ROWID;

-- What waits, that which was never put off (due 0) before all others, and what is under way: nothing that is done is ever
-- looked at. What the conditions say already is in the keys as well: otherwise these would look no better than the primary
-- key, which holds everything.
CREATE INDEX ledger_send_waiting ON ledger_send (tenant_id, campaign, line, state, due, place) WHERE state = 0;
CREATE INDEX ledger_send_under_way ON ledger_send (tenant_id, campaign, line, state, place) WHERE state = 1;
-- What a person was sent, and whom anything was sent to of late.
CREATE INDEX ledger_send_person ON ledger_send (tenant_id, person);
CREATE INDEX ledger_send_left ON ledger_send (tenant_id, left_at, person) WHERE left_at IS NOT NULL;

-- How many messages stand how, kept in the transactions that change them.
CREATE TABLE ledger_total (
    tenant_id INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    message   INTEGER NOT NULL,
    country   INTEGER NOT NULL,
    import    INTEGER NOT NULL,
    line      INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    reached   INTEGER NOT NULL,
    code      INTEGER NOT NULL,
    -- 1: the person answered, 2: opted out, 4: tapped; added.
    did       INTEGER NOT NULL,
    sends     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, campaign, message, country, import, line, state, reached, code, did)
) STRICT, WITHOUT ROWID;

-- How many came how far in which ten seconds, kept alike.
CREATE TABLE ledger_time (
    tenant_id INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    accepted  INTEGER NOT NULL,
    sent      INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, campaign, at)
) STRICT, WITHOUT ROWID;

-- Who may send with a number.
CREATE TABLE ledger_lease (
    tenant_id INTEGER NOT NULL,
    line      TEXT    NOT NULL,
    fence     INTEGER NOT NULL,
    until     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, line)
) STRICT, WITHOUT ROWID;

-- Up to where in the inbox it was heard.
CREATE TABLE ledger_heard (
    tenant_id INTEGER NOT NULL PRIMARY KEY,
    up_to     INTEGER NOT NULL
) STRICT;
