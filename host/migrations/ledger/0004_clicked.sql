-- When people first tapped a link. None was counted before.
ALTER TABLE ledger_time ADD COLUMN clicked INTEGER NOT NULL DEFAULT 0;
