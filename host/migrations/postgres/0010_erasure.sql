-- Blocks of the log in which the numbers of somebody who was erased were emptied, and the event that tells of it: that event
-- holds the hash of the block as it stands since. `store::packed::erase` writes both in one transaction.
CREATE TABLE log_redaction (
    tenant_id   bigint NOT NULL,
    first_event bigint NOT NULL,
    by_event    bigint NOT NULL,
    PRIMARY KEY (tenant_id, first_event, by_event)
);

CREATE TRIGGER redaction_never_changes BEFORE UPDATE OR DELETE ON log_redaction
FOR EACH ROW EXECUTE FUNCTION refuse_change('the consent log is append-only');

CREATE TRIGGER redaction_is_never_emptied BEFORE TRUNCATE ON log_redaction
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the consent log is append-only');

-- A block changes only for the event that comes next, keeps its place and its hash, and only where a redaction says so.
CREATE FUNCTION refuse_all_but_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.tenant_id = OLD.tenant_id AND NEW.first_event = OLD.first_event AND NEW.events = OLD.events
            AND NEW.hash = OLD.hash
            AND EXISTS (
                SELECT 1 FROM log_redaction JOIN tenant ON tenant.tenant_id = log_redaction.tenant_id
                WHERE log_redaction.tenant_id = OLD.tenant_id AND log_redaction.first_event = OLD.first_event
                AND log_redaction.by_event = tenant.event_seq + 1
            )
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the consent log is append-only';
END
$$;

DROP TRIGGER log_never_changes ON log_block;

CREATE TRIGGER log_never_changes BEFORE UPDATE OR DELETE ON log_block
FOR EACH ROW EXECUTE FUNCTION refuse_all_but_redaction();
