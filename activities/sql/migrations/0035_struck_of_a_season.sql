-- What struck, by the campaign it struck in: a season's page went through the seasons before it
-- depends: 0034_pending_acts 0034_in_turn

-- migrate: apply

ALTER TABLE deadline ADD COLUMN campaign text;  -- of one that struck

CREATE FUNCTION campaign_of_struck() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.campaign := coalesce(
        (SELECT a.campaign FROM application a WHERE a.id = NEW.application),
        (SELECT m.campaign FROM meeting m WHERE m.id = NEW.meeting));
    RETURN NEW;
END
$$;
CREATE TRIGGER deadline_struck_in BEFORE INSERT OR UPDATE OF struck_at ON deadline FOR EACH ROW
    WHEN (NEW.struck_at IS NOT NULL) EXECUTE FUNCTION campaign_of_struck();
UPDATE deadline SET struck_at = struck_at WHERE struck_at IS NOT NULL;
CREATE INDEX deadline_struck_of_campaign ON deadline (realm, campaign, struck_at, id)
    WHERE struck_at IS NOT NULL;

-- migrate: rollback

DROP INDEX deadline_struck_of_campaign;
DROP TRIGGER deadline_struck_in ON deadline;
DROP FUNCTION campaign_of_struck();
ALTER TABLE deadline DROP COLUMN campaign;
