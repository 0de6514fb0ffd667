-- When people first tapped a link. None was counted before.
ALTER TABLE ledger_time ADD COLUMN IF NOT EXISTS clicked bigint NOT NULL DEFAULT 0;
