-- Lists by keyset, whose case it is, and how long each holder had it: what a season's readers look for
-- depends: 0024_operation_tasks

-- migrate: apply

-- The order of every list of cases: the next due first, those without a day last. Written the same way
-- in `case_lists.py`, so that a page goes on where the one before ended, in the index.
DROP INDEX application_by_stage, application_by_holder, application_by_due, application_by_prefix;
CREATE INDEX application_in_turn ON application
    (realm, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id);
CREATE INDEX application_open_in_turn ON application
    (realm, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE NOT closed;
CREATE INDEX application_of_campaign ON application
    (realm, campaign, coalesce(due_on, 'infinity'::date),
     coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (stage, end_name);
CREATE INDEX application_at_stage ON application
    (realm, stage, coalesce(due_on, 'infinity'::date),
     coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE stage IS NOT NULL;
CREATE INDEX application_ended_so ON application
    (realm, end_name, coalesce(due_on, 'infinity'::date),
     coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE end_name IS NOT NULL;
CREATE INDEX application_with_holder ON application
    (realm, holder, coalesce(due_on, 'infinity'::date),
     coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE holder <> '';
CREATE INDEX application_open_by_id ON application (realm, id) INCLUDE (campaign) WHERE NOT closed;
CREATE INDEX application_by_batch ON application (batch) WHERE batch <> '';
-- How far a rehearsal came; the live office has the real time.
CREATE INDEX application_reached ON application (realm, updated_at) WHERE realm <> 'live';

-- Parts of ids people type; in C's order whatever the database's own is, so that a range finds them.
CREATE INDEX application_by_front ON application (id COLLATE "C");
CREATE INDEX application_by_end ON application (reverse(id) COLLATE "C");
DROP INDEX meeting_by_prefix;
CREATE INDEX meeting_by_front ON meeting (id COLLATE "C");
CREATE INDEX meeting_by_end ON meeting (reverse(id) COLLATE "C");
DROP INDEX paper_by_prefix;
CREATE INDEX paper_by_front ON paper (id COLLATE "C");
CREATE INDEX paper_by_end ON paper (reverse(id) COLLATE "C");
CREATE INDEX letter_by_front ON letter (id COLLATE "C");
CREATE INDEX letter_by_end ON letter (reverse(id) COLLATE "C");

-- An inbox: what is open by its day, and what was closed after the instant that is asked for.
DROP INDEX task_by_organisation, task_by_person;
CREATE INDEX task_open_of_organisation ON task
    (realm, organisation, coalesce(due_on, 'infinity'::date), opened_at, id)
    WHERE closed_at IS NULL AND organisation <> '';
CREATE INDEX task_closed_of_organisation ON task (realm, organisation, closed_at)
    WHERE closed_at IS NOT NULL AND organisation <> '';
CREATE INDEX task_open_of_person ON task
    (realm, person, coalesce(due_on, 'infinity'::date), opened_at, id)
    WHERE closed_at IS NULL AND person <> '';
CREATE INDEX task_closed_of_person ON task (realm, person, closed_at)
    WHERE closed_at IS NOT NULL AND person <> '';
CREATE INDEX task_open_by_key ON task (key) WHERE closed_at IS NULL;

DROP INDEX letter_unsettled;
CREATE INDEX letter_unsettled ON letter (realm, ordered_at, id)
    WHERE state IN ('bounced', 'unknown', 'no_address');

CREATE INDEX deadline_struck ON deadline (realm, struck_at, id) WHERE struck_at IS NOT NULL;
CREATE INDEX deadline_of_subject ON deadline (subject, opened_at);
CREATE INDEX meeting_by_number ON meeting (realm, number, id);
CREATE INDEX meeting_in_turn ON meeting
    (realm, coalesce(days[1], '-infinity'::date) DESC, number, id);
CREATE INDEX organisation_by_kind ON organisation (kind, id) WHERE kind <> 'unit';
CREATE INDEX draft_by_name ON draft (name_hash) WHERE application IS NOT NULL;
CREATE INDEX person_change_by_name ON person_change (name_hash) WHERE name_hash IS NOT NULL;
CREATE INDEX campaign_version_of_office ON campaign_version ((policy #>> '{committee,office}'));
CREATE INDEX campaign_version_of_city_office ON campaign_version
    ((policy #>> '{committee,city_office}'));
DROP INDEX step_by_realm, step_struck;

-- Which organisations a case concerns by its route, with the order of lists: one row a place, so that
-- an organisation's page is read from an index. Its committee's offices are found by the campaign.
CREATE TABLE case_of (
    application  text NOT NULL REFERENCES application (id),
    organisation text NOT NULL,
    realm        text NOT NULL,
    due          date NOT NULL,
    submitted    timestamptz NOT NULL,
    closed       boolean NOT NULL,
    CONSTRAINT case_of_pk PRIMARY KEY (application, organisation)
);
CREATE INDEX case_of_in_turn ON case_of (organisation, realm, due, submitted, application);
CREATE INDEX case_of_open_in_turn ON case_of (organisation, realm, due, submitted, application)
    WHERE NOT closed;

-- One row a stay of a case with one holder, until somebody else held it.
CREATE TABLE stay (
    application text NOT NULL REFERENCES application (id),
    seq         integer NOT NULL,
    realm       text NOT NULL,
    campaign    text NOT NULL,
    holder      text NOT NULL,
    since       timestamptz NOT NULL,
    until       timestamptz,
    since_on    date GENERATED ALWAYS AS ((since AT TIME ZONE 'Asia/Shanghai')::date) STORED,
    until_on    date GENERATED ALWAYS AS ((until AT TIME ZONE 'Asia/Shanghai')::date) STORED,
    CONSTRAINT stay_pk PRIMARY KEY (application, seq)
);
CREATE INDEX stay_of_campaign ON stay (realm, campaign)
    INCLUDE (holder, since, until, since_on, until_on);

-- Whom a case concerns by its route: every place, the one it went through and the one it may still
-- come to, and the unit that entrusts the evaluation to us.
CREATE FUNCTION concerned(a application) RETURNS TABLE (organisation text) STABLE LANGUAGE sql AS $$
    SELECT p ->> 'organisation' FROM jsonb_array_elements(a.places) AS p
    UNION SELECT a.state #>> '{facts,entrusting_unit}'
    WHERE coalesce(a.state #>> '{facts,entrusting_unit}', '') <> ''
$$;

-- Both follow the case's own row, whatever wrote it. As the owner: nothing else may write them.
CREATE FUNCTION follow_application() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.places IS DISTINCT FROM NEW.places THEN
        DELETE FROM case_of WHERE application = NEW.id;
        INSERT INTO case_of
        SELECT NEW.id, c.organisation, NEW.realm, coalesce(NEW.due_on, 'infinity'),
            coalesce(NEW.submitted_at, 'infinity'), NEW.closed
        FROM concerned(NEW) c;
    ELSIF (OLD.due_on, OLD.submitted_at, OLD.closed) IS DISTINCT FROM
          (NEW.due_on, NEW.submitted_at, NEW.closed) THEN
        UPDATE case_of SET due = coalesce(NEW.due_on, 'infinity'),
            submitted = coalesce(NEW.submitted_at, 'infinity'), closed = NEW.closed
        WHERE application = NEW.id;
    END IF;
    IF OLD.holder <> NEW.holder THEN
        UPDATE stay SET until = s.acted_at FROM step s
        WHERE s.application = NEW.id AND s.seq = NEW.seq
          AND stay.application = NEW.id AND stay.until IS NULL;
        INSERT INTO stay (application, seq, realm, campaign, holder, since)
        SELECT NEW.id, NEW.seq, NEW.realm, NEW.campaign, NEW.holder, s.acted_at FROM step s
        WHERE s.application = NEW.id AND s.seq = NEW.seq AND NEW.holder <> '';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER application_is_followed AFTER UPDATE ON application FOR EACH ROW
    EXECUTE FUNCTION follow_application();

-- Both again from the record alone: here for what there is, later where somebody doubts them.
CREATE FUNCTION follow_all() RETURNS void LANGUAGE sql AS $$
    DELETE FROM case_of;
    INSERT INTO case_of
    SELECT a.id, c.organisation, a.realm, coalesce(a.due_on, 'infinity'),
        coalesce(a.submitted_at, 'infinity'), a.closed
    FROM application a, LATERAL concerned(a) c;
    DELETE FROM stay;
    INSERT INTO stay (application, seq, realm, campaign, holder, since, until)
    SELECT application, seq, realm, campaign, holder_after, acted_at, until FROM (
        SELECT s.*, lead(acted_at) OVER (PARTITION BY application ORDER BY seq) AS until FROM (
            SELECT s.application, s.seq, s.realm, a.campaign, s.holder_after, s.acted_at,
                lag(s.holder_after, 1, '') OVER (PARTITION BY s.application ORDER BY s.seq) AS before
            FROM step s JOIN application a ON a.id = s.application) s
        WHERE s.holder_after <> s.before) t
    WHERE t.holder_after <> ''
$$;
REVOKE ALL ON FUNCTION follow_application(), follow_all() FROM PUBLIC;
SELECT follow_all();
REVOKE INSERT ON case_of, stay FROM zhiping_application;

-- The name as a subquery: a function is begun and ended for each line, ten times as slow.
CREATE OR REPLACE VIEW case_line AS
SELECT
    a.id AS application, a.realm, a.campaign, a.route, a.level, a.channel, a.stage,
    a.end_name AS "end", a.holder, (SELECT o.name FROM organisation o
        WHERE o.id = a.holder AND o.realm IN ('', a.realm) ORDER BY o.realm DESC LIMIT 1) AS holder_name,
    a.person, p.name AS sealed_name, a.due_on, a.due_rule, a.submissions, a.submitted_at,
    a.updated_at, a.closed, a.acceptance_number, a.meeting, a.batch, a.version, a.seq,
    a.end_clause, a.end_reason, a.end_remedy, a.end_responsible, a.places, a.checks,
    a.policy_version, a.calendar_version, a.draft
FROM application a
JOIN applicant p ON p.application = a.id;

-- migrate: rollback

CREATE OR REPLACE VIEW case_line AS
SELECT
    a.id AS application, a.realm, a.campaign, a.route, a.level, a.channel, a.stage,
    a.end_name AS "end", a.holder, organisation_name(a.holder, a.realm) AS holder_name,
    a.person, p.name AS sealed_name, a.due_on, a.due_rule, a.submissions, a.submitted_at,
    a.updated_at, a.closed, a.acceptance_number, a.meeting, a.batch, a.version, a.seq,
    a.end_clause, a.end_reason, a.end_remedy, a.end_responsible, a.places, a.checks,
    a.policy_version, a.calendar_version, a.draft
FROM application a
JOIN applicant p ON p.application = a.id;
DROP TRIGGER application_is_followed ON application;
DROP FUNCTION follow_all(), follow_application(), concerned(application);
DROP TABLE stay, case_of;
CREATE INDEX step_by_realm ON step (realm, acted_at);
CREATE INDEX step_struck ON step (realm, acted_at) WHERE source = 'clock';
DROP INDEX campaign_version_of_city_office, campaign_version_of_office, person_change_by_name,
    draft_by_name, organisation_by_kind, meeting_in_turn, meeting_by_number, deadline_of_subject, deadline_struck,
    letter_unsettled, task_open_by_key, task_closed_of_person, task_open_of_person,
    task_closed_of_organisation, task_open_of_organisation, letter_by_end, letter_by_front,
    paper_by_end, paper_by_front, meeting_by_end, meeting_by_front, application_by_end,
    application_by_front, application_reached, application_by_batch, application_open_by_id,
    application_with_holder, application_ended_so, application_at_stage, application_of_campaign,
    application_open_in_turn, application_in_turn;
CREATE INDEX letter_unsettled ON letter (realm, state) WHERE state <> 'sent';
CREATE INDEX task_by_organisation ON task (realm, organisation, due_on);
CREATE INDEX task_by_person ON task (realm, person) WHERE person <> '';
CREATE INDEX paper_by_prefix ON paper (id text_pattern_ops);
CREATE INDEX meeting_by_prefix ON meeting (id text_pattern_ops);
CREATE INDEX application_by_prefix ON application (id text_pattern_ops);
CREATE INDEX application_by_stage ON application (realm, campaign, stage) WHERE NOT closed;
CREATE INDEX application_by_holder ON application (realm, holder) WHERE NOT closed;
CREATE INDEX application_by_due ON application (realm, due_on) WHERE NOT closed;
