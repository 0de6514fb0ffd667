-- Who is to get which message of a campaign and what became of each, in tables of its own with locks of their own, so that
-- sending never waits for an import. `store::ledger` says what every column means. The SQL names them as that of the
-- embedded ledger does.

CREATE TABLE ledger_send (
    tenant_id    bigint NOT NULL,
    campaign     bigint NOT NULL,
    place        bigint NOT NULL,
    -- As it was planned.
    profile      bigint NOT NULL,
    number       bigint NOT NULL,
    person       bigint NOT NULL,
    -- Two letters, the first in the higher byte.
    country      bigint NOT NULL,
    import       bigint NOT NULL,
    line         bigint NOT NULL,
    message      bigint NOT NULL,
    packed       bytea  NOT NULL,
    -- What became of it.
    state        bigint NOT NULL,
    -- 0: never put off.
    due          bigint NOT NULL,
    attempts     bigint NOT NULL,
    code         bigint NOT NULL,
    wamid        text,
    intended_at  bigint,
    -- Of the lease under which the last intent was written.
    fence        bigint NOT NULL,
    changed_at   bigint NOT NULL,
    accepted_at  bigint,
    reached      bigint NOT NULL,
    sent_at      bigint,
    delivered_at bigint,
    read_at      bigint,
    failed_at    bigint,
    replied_at   bigint,
    opted_out_at bigint,
    clicked_at   bigint,
    -- When it was intended, where it may have left.
    left_at      bigint,
    PRIMARY KEY (tenant_id, campaign, place)
);

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
    tenant_id bigint NOT NULL,
    campaign  bigint NOT NULL,
    message   bigint NOT NULL,
    country   bigint NOT NULL,
    import    bigint NOT NULL,
    line      bigint NOT NULL,
    state     bigint NOT NULL,
    reached   bigint NOT NULL,
    code      bigint NOT NULL,
    -- 1: the person answered, 2: opted out, 4: tapped; added.
    did       bigint NOT NULL,
    sends     bigint NOT NULL,
    PRIMARY KEY (tenant_id, campaign, message, country, import, line, state, reached, code, did)
);

-- How many came how far in which ten seconds, kept alike.
CREATE TABLE ledger_time (
    tenant_id bigint NOT NULL,
    campaign  bigint NOT NULL,
    at        bigint NOT NULL,
    accepted  bigint NOT NULL,
    sent      bigint NOT NULL,
    delivered bigint NOT NULL,
    read      bigint NOT NULL,
    failed    bigint NOT NULL,
    PRIMARY KEY (tenant_id, campaign, at)
);

-- Who may send with a number.
CREATE TABLE ledger_lease (
    tenant_id bigint NOT NULL,
    line      text COLLATE "C" NOT NULL,
    fence     bigint NOT NULL,
    until     bigint NOT NULL,
    PRIMARY KEY (tenant_id, line)
);

-- Up to where in the inbox it was heard. Whoever keeps what was heard holds the row of the tenant.
CREATE TABLE ledger_heard (
    tenant_id bigint NOT NULL PRIMARY KEY,
    up_to     bigint NOT NULL
);
