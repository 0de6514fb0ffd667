-- Blocks of the log in which the numbers of somebody who was erased were emptied, and the event that tells of it: that event
-- holds the hash of the block as it stands since. `store::packed::erase` writes both in one transaction.
CREATE TABLE log_redaction (
    tenant_id   INTEGER NOT NULL,
    first_event INTEGER NOT NULL,
    by_event    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, first_event, by_event)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER redaction_never_changes BEFORE UPDATE ON log_redaction
BEGIN
    SELECT RAISE(ABORT, 'the consent log is append-only');
END;

CREATE TRIGGER redaction_never_goes BEFORE DELETE ON log_redaction
BEGIN
    SELECT RAISE(ABORT, 'the consent log is append-only');
END;

-- A block changes only for the event that comes next, keeps its place and its hash, and only where a redaction says so.
DROP TRIGGER log_never_changes;

CREATE TRIGGER log_never_changes BEFORE UPDATE ON log_block
WHEN NOT (
    NEW.tenant_id = OLD.tenant_id AND NEW.first_event = OLD.first_event AND NEW.events = OLD.events
    AND NEW.hash = OLD.hash
    AND EXISTS (
        SELECT 1 FROM log_redaction JOIN tenant ON tenant.tenant_id = log_redaction.tenant_id
        WHERE log_redaction.tenant_id = OLD.tenant_id AND log_redaction.first_event = OLD.first_event
        AND log_redaction.by_event = tenant.event_seq + 1
    )
)
BEGIN
    SELECT RAISE(ABORT, 'the consent log is append-only');
END;
