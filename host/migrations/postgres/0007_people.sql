-- How many new people of the day whoever has the lease may reach. All parts together with whoever was reached are never more than
-- the tenant may reach; the part of a lease that has lapsed is nobody's.
ALTER TABLE ledger_lease ADD COLUMN people BIGINT NOT NULL DEFAULT 0;
