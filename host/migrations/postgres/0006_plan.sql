-- Which attempt at a campaign's plan may write it: whoever makes an earlier one was overtaken.
CREATE TABLE ledger_plan (
    tenant_id bigint NOT NULL,
    campaign  bigint NOT NULL,
    attempt   bigint NOT NULL,
    PRIMARY KEY (tenant_id, campaign)
);
