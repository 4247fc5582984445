-- What follows rows by triggers is proved too: sums, stays and whom a case concerns; and counted again where it is not so
-- depends: 0044_unconfirmed

-- migrate: apply

ALTER TABLE sentinel_round DROP CONSTRAINT sentinel_part;
ALTER TABLE sentinel_round ADD CONSTRAINT sentinel_part CHECK (part IN
    ('subjects', 'left_open', 'followed', 'sums', 'letters', 'letter_tasks', 'bulks', 'asked', 'engine', 'done'));

CREATE INDEX letter_sent_again ON letter (resend_of) WHERE resend_of <> '';
CREATE INDEX task_of_letter ON task (subject, key) WHERE starts_with(key, 'letter:');

-- The sums of one realm again from its rows; of all, working days included, where none is named.
CREATE FUNCTION tally_again(of_realm text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF of_realm = '' THEN
        PERFORM tally_all();
        RETURN;
    END IF;
    LOCK TABLE case_tally, stay_tally IN EXCLUSIVE MODE;
    DELETE FROM case_tally WHERE realm = of_realm;
    INSERT INTO case_tally
    SELECT realm, campaign, coalesce(stage, ''), coalesce(end_name, ''), count(*)
    FROM application WHERE realm = of_realm AND campaign <> '' GROUP BY 1, 2, 3, 4;
    DELETE FROM stay_tally WHERE realm = of_realm;
    PERFORM tally_stays(ARRAY[of_realm], '-infinity', 'infinity');
END
$$;

-- Whom one case concerns and where it stayed, again from its row and its steps; the sums are counted after it.
CREATE FUNCTION follow_again(case_id text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM application WHERE id = case_id FOR UPDATE;
    DELETE FROM case_of WHERE application = case_id;
    INSERT INTO case_of SELECT * FROM case_of_made(case_id);
    DELETE FROM stay WHERE application = case_id;
    INSERT INTO stay (application, seq, realm, campaign, holder, since, until)
    SELECT * FROM stays_made(case_id);
END
$$;

CREATE FUNCTION case_of_made(case_id text) RETURNS TABLE (application text, organisation text,
    realm text, due date, submitted timestamptz, closed boolean) STABLE LANGUAGE sql AS $$
    SELECT a.id, c.organisation, a.realm, coalesce(a.due_on, 'infinity'),
        coalesce(a.submitted_at, 'infinity'), a.closed
    FROM application a, LATERAL concerned(a) c WHERE a.id = case_id
$$;

CREATE FUNCTION stays_made(case_id text) RETURNS TABLE (application text, seq integer, realm text,
    campaign text, holder text, since timestamptz, until timestamptz) STABLE LANGUAGE sql AS $$
    SELECT t.application, t.seq, t.realm, t.campaign, t.holder_after, t.acted_at, t.until FROM (
        SELECT s.*, lead(s.acted_at) OVER (ORDER BY s.seq) AS until FROM (
            SELECT s.application, s.seq, s.realm, a.campaign, s.holder_after, s.acted_at,
                lag(s.holder_after, 1, '') OVER (ORDER BY s.seq) AS before
            FROM step s JOIN application a ON a.id = s.application WHERE a.id = case_id) s
        WHERE s.holder_after <> s.before) t
    WHERE t.holder_after <> ''
$$;

REVOKE ALL ON FUNCTION tally_again(text), follow_again(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_again(text), follow_again(text) TO zhiping_application;

-- migrate: rollback

DROP FUNCTION tally_again(text), follow_again(text), case_of_made(text), stays_made(text);
DROP INDEX letter_sent_again, task_of_letter;
UPDATE sentinel_round SET part = 'done', ended_at = coalesce(ended_at, now())
WHERE part IN ('followed', 'sums', 'letter_tasks', 'asked');
ALTER TABLE sentinel_round DROP CONSTRAINT sentinel_part;
ALTER TABLE sentinel_round ADD CONSTRAINT sentinel_part CHECK
        (part IN ('subjects', 'left_open', 'letters', 'bulks', 'engine', 'done'));
