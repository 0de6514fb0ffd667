-- Which attempt at a campaign's plan may write it: whoever makes an earlier one was overtaken.
CREATE TABLE ledger_plan (
    tenant_id INTEGER NOT NULL,
    campaign  INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, campaign)
) STRICT, WITHOUT ROWID;
