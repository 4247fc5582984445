-- Committees, experts, meetings with their candidates, and the words told to cases
-- depends: 0002_cases

-- migrate: apply

-- A committee with its filing, which is good for three years at most (40号令 art 8).
CREATE TABLE committee (
    id          text NOT NULL,
    realm       text NOT NULL DEFAULT '',
    name        text NOT NULL,
    office      text NOT NULL,
    city_office text NOT NULL,
    filing      text NOT NULL,
    filed_on    date NOT NULL,
    valid_until date NOT NULL,
    seats       integer NOT NULL,
    spares      integer NOT NULL,
    minimum     integer NOT NULL,
    max_level   text NOT NULL,
    content     jsonb NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT committee_pk PRIMARY KEY (id, realm),
    CONSTRAINT committee_odd CHECK (seats % 2 = 1 AND seats >= minimum),
    CONSTRAINT committee_filing CHECK (valid_until >= filed_on)
);

-- One term of one person in one committee's pool. The name is sealed with the person; who sits in
-- a meeting is known to its office alone (40号令 art 24).
CREATE TABLE expert (
    id          text NOT NULL,
    realm       text NOT NULL DEFAULT '',
    committee   text NOT NULL,
    person      text NOT NULL,
    unit        text NOT NULL,
    professions text[] NOT NULL,
    chair       text NOT NULL DEFAULT '' CONSTRAINT expert_chair
        CHECK (chair IN ('', 'director', 'deputy_director')),
    term_from   date NOT NULL,
    term_to     date NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT expert_pk PRIMARY KEY (id, realm),
    CONSTRAINT expert_term CHECK (term_to >= term_from)
);

CREATE INDEX expert_by_committee ON expert (committee, realm);

CREATE TABLE meeting (
    id          text PRIMARY KEY,
    realm       text NOT NULL REFERENCES realm (id),
    number      text NOT NULL DEFAULT '',
    campaign    text NOT NULL DEFAULT '',
    committee   text NOT NULL DEFAULT '',
    office      text NOT NULL DEFAULT '',
    city_office text NOT NULL DEFAULT '',
    seq         integer NOT NULL DEFAULT 0,
    phase       text NOT NULL DEFAULT '',
    days        date[] NOT NULL DEFAULT '{}',
    due_on      date,
    due_rule    text NOT NULL DEFAULT '',
    state       jsonb,
    updated_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- A cancelled meeting gives its number back.
CREATE UNIQUE INDEX meeting_number_once ON meeting (realm, number)
    WHERE number <> '' AND phase <> 'cancelled';
CREATE INDEX meeting_by_phase ON meeting (realm, phase);
CREATE INDEX meeting_by_prefix ON meeting (id text_pattern_ops);

-- The audit trail of a meeting; only added to, as the trail of a case.
CREATE TABLE meeting_step (
    meeting      text NOT NULL REFERENCES meeting (id),
    seq          integer NOT NULL,
    realm        text NOT NULL,
    source       text NOT NULL,
    name         text NOT NULL,
    acted_at     timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    phase_after  text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    content      jsonb NOT NULL,
    content_hash bytea NOT NULL,
    answer       jsonb NOT NULL,
    written_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT meeting_step_once UNIQUE (meeting, seq)
);

CREATE TRIGGER meeting_step_is_final BEFORE UPDATE OR DELETE ON meeting_step
    FOR EACH ROW EXECUTE FUNCTION step_is_final();

-- A candidate of a meeting, from the list to the confirmation. `ballot` is the agreed total;
-- who voted how is nowhere kept.
CREATE TABLE candidate (
    meeting      text NOT NULL REFERENCES meeting (id),
    application  text NOT NULL REFERENCES application (id),
    realm        text NOT NULL,
    position     integer NOT NULL,
    track        text NOT NULL CONSTRAINT candidate_track CHECK (track IN ('confirm', 'reply', 'file')),
    unit         text NOT NULL,
    entrusting   text NOT NULL DEFAULT '',
    level        text NOT NULL,
    profession   text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'listed' CONSTRAINT candidate_state
        CHECK (state IN ('listed', 'on_ballot', 'balloted', 'deferred', 'off')),
    why          text NOT NULL DEFAULT '',
    opinion      text NOT NULL DEFAULT '',
    opinion_by   text[] NOT NULL DEFAULT '{}',
    group_number integer,
    first        jsonb,
    first_by     text NOT NULL DEFAULT '',
    ballot       jsonb,
    second_by    text NOT NULL DEFAULT '',
    outcome      text CONSTRAINT candidate_outcome
        CHECK (outcome IN ('passed', 'not_passed', 'deferred')),
    batch        integer,
    standing     text NOT NULL DEFAULT '' CONSTRAINT candidate_standing
        CHECK (standing IN ('', 'collected', 'posted', 'held', 'released', 'drafted', 'confirmed',
            'replied', 'filed', 'out')),
    released_on  date,
    in_review    boolean NOT NULL DEFAULT false,  -- the case has opened its review
    told         boolean NOT NULL DEFAULT false,  -- the case has its result
    posted       boolean NOT NULL DEFAULT false,  -- the result was posted or told
    freed        boolean NOT NULL DEFAULT false,  -- the case left the meeting again
    listed_at    timestamptz NOT NULL,
    listed_seq   integer NOT NULL,  -- the meeting's step that put it on the list
    CONSTRAINT candidate_pk PRIMARY KEY (meeting, application)
);

CREATE INDEX candidate_by_application ON candidate (application);
CREATE INDEX candidate_by_batch ON candidate (meeting, batch);

-- Who stands on the list of a meeting that has not been signed: nobody stands on two at once.
CREATE VIEW standing_candidate AS
SELECT c.application, c.meeting, m.number
FROM candidate c JOIN meeting m ON m.id = c.meeting
WHERE c.state IN ('listed', 'on_ballot', 'balloted')
  AND m.phase IN ('planned', 'experts_drawn', 'opened');

CREATE TABLE recusal (
    meeting     text NOT NULL,
    application text NOT NULL,
    expert      text NOT NULL,
    ground      text NOT NULL CONSTRAINT recusal_ground
        CHECK (ground IN ('same_unit', 'kin', 'co_author', 'declared', 'same_person')),
    reason      text NOT NULL DEFAULT '',
    entered_by  text NOT NULL,
    entered_at  timestamptz NOT NULL,
    CONSTRAINT recusal_pk PRIMARY KEY (meeting, application, expert),
    CONSTRAINT recusal_of_candidate FOREIGN KEY (meeting, application)
        REFERENCES candidate (meeting, application)
);

CREATE FUNCTION recused_of(meeting text, application text) RETURNS text[] STABLE LANGUAGE sql AS $$
    SELECT coalesce(array_agg(r.expert ORDER BY r.expert), '{}') FROM recusal r
    WHERE r.meeting = $1 AND r.application = $2
$$;

-- Where somebody stands whom an inquiry lets go: in the own batch while that one can still take him
-- or her along, else released, for a supplementary batch (A9). `sent` are the `<batch>/<track>` whose
-- results were sent on, `unposted` the batches whose list was not posted yet: one posts once.
CREATE FUNCTION standing_again(
    batch integer, track text, posted boolean, sent text[], unposted integer[]
) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE
        WHEN batch || '/' || track = ANY (sent) THEN 'released'
        WHEN posted THEN 'posted'
        WHEN batch = ANY (unposted) THEN 'collected'
        ELSE 'released'
    END
$$;

-- A word told to many cases: one row a telling, one line a case, each answered once.
CREATE TABLE telling (
    id        text PRIMARY KEY,
    realm     text NOT NULL,
    meeting   text REFERENCES meeting (id),
    batch     integer,
    action    text NOT NULL,
    actor     jsonb NOT NULL,
    acted_at  timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    done_at   timestamptz
);

CREATE INDEX telling_by_meeting ON telling (meeting, opened_at);

CREATE TABLE telling_line (
    telling     text NOT NULL REFERENCES telling (id),
    application text NOT NULL REFERENCES application (id),
    position    integer NOT NULL,
    payload     jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'open' CONSTRAINT telling_line_state
        CHECK (state IN ('open', 'done', 'refused', 'gone')),
    codes       text[] NOT NULL DEFAULT '{}',
    seq         integer,
    CONSTRAINT telling_line_pk PRIMARY KEY (telling, application)
);

CREATE INDEX telling_line_open ON telling_line (telling, position) WHERE state = 'open';

-- What a case answered to a word, with the reason a candidate's row keeps.
CREATE VIEW telling_answer AS
SELECT l.telling, t.meeting, l.application, l.state, 'inquiry_open' = ANY (l.codes) AS inquiry,
    (t.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS opened_on,
    CASE l.state WHEN 'gone' THEN coalesce(a.end_name, 'gone') ELSE coalesce(l.codes[1], '') END
        AS why,
    a.stage = 'awaiting_confirmation' AS sent
FROM telling_line l
JOIN telling t ON t.id = l.telling
JOIN application a ON a.id = l.application;

-- Tasks, deadlines and letters are a case's or a meeting's; `subject` is whichever it is.
ALTER TABLE task ALTER COLUMN application DROP NOT NULL,
    ADD COLUMN meeting text REFERENCES meeting (id),
    ADD COLUMN subject text NOT NULL GENERATED ALWAYS AS (coalesce(application, meeting)) STORED,
    ADD CONSTRAINT task_of_one CHECK ((application IS NULL) <> (meeting IS NULL));
DROP INDEX task_open_once;
CREATE UNIQUE INDEX task_open_once ON task (subject, key) WHERE closed_at IS NULL;

ALTER TABLE deadline ALTER COLUMN application DROP NOT NULL,
    ADD COLUMN meeting text REFERENCES meeting (id),
    ADD COLUMN subject text NOT NULL GENERATED ALWAYS AS (coalesce(application, meeting)) STORED,
    ADD CONSTRAINT deadline_of_one CHECK ((application IS NULL) <> (meeting IS NULL));
DROP INDEX deadline_open_once;
CREATE UNIQUE INDEX deadline_open_once ON deadline (subject, key) WHERE closed_at IS NULL;
CREATE INDEX deadline_by_meeting ON deadline (meeting) WHERE meeting IS NOT NULL;

ALTER TABLE letter ADD COLUMN meeting text REFERENCES meeting (id),
    ADD COLUMN subject text GENERATED ALWAYS AS (coalesce(application, meeting)) STORED;
DROP INDEX letter_by_application;
CREATE INDEX letter_by_subject ON letter (subject, seq);

-- migrate: rollback

DELETE FROM letter WHERE meeting IS NOT NULL;
DELETE FROM deadline WHERE meeting IS NOT NULL;
DELETE FROM task WHERE meeting IS NOT NULL;
ALTER TABLE letter DROP COLUMN subject, DROP COLUMN meeting;
ALTER TABLE deadline DROP COLUMN subject, DROP COLUMN meeting, ALTER COLUMN application SET NOT NULL;
ALTER TABLE task DROP COLUMN subject, DROP COLUMN meeting, ALTER COLUMN application SET NOT NULL;
CREATE INDEX letter_by_application ON letter (application, seq);
CREATE UNIQUE INDEX deadline_open_once ON deadline (application, key) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX task_open_once ON task (application, key) WHERE closed_at IS NULL;
DROP FUNCTION recused_of(text, text);
DROP FUNCTION standing_again(integer, text, boolean, text[], integer[]);
DROP VIEW telling_answer, standing_candidate;
DROP TABLE telling_line, telling, recusal, candidate, meeting_step, meeting, expert, committee;
