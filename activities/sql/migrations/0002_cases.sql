-- Applications, their audit trail, and the lists derived from it
-- depends: 0001_registers

-- migrate: apply

CREATE TABLE application (
    id                text PRIMARY KEY,
    realm             text NOT NULL REFERENCES realm (id),
    person            text,
    draft             text,
    seq               integer NOT NULL DEFAULT 0,
    campaign          text NOT NULL DEFAULT '',
    route             text NOT NULL DEFAULT '',
    level             text NOT NULL DEFAULT '',
    channel           text NOT NULL DEFAULT 'normal',
    stage             text,
    end_name          text,
    end_clause        text NOT NULL DEFAULT '',
    end_reason        text NOT NULL DEFAULT '',
    end_remedy        text NOT NULL DEFAULT '',
    end_responsible   text NOT NULL DEFAULT '',
    holder            text NOT NULL DEFAULT '',
    submissions       integer NOT NULL DEFAULT 0,
    due_on            date,
    due_rule          text NOT NULL DEFAULT '',
    places            jsonb NOT NULL DEFAULT '[]',
    checks            jsonb NOT NULL DEFAULT '[]',
    submitted_at      timestamptz,
    closed            boolean NOT NULL DEFAULT false,
    version           text NOT NULL DEFAULT '',
    policy_version    integer NOT NULL DEFAULT 0,
    calendar_version  text NOT NULL DEFAULT '',
    state             jsonb,
    acceptance_number text GENERATED ALWAYS AS (state ->> 'acceptance_number') STORED,
    meeting           text GENERATED ALWAYS AS (state ->> 'meeting') STORED,
    batch             text GENERATED ALWAYS AS (state ->> 'batch') STORED,
    updated_at        timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX application_by_stage ON application (realm, campaign, stage) WHERE NOT closed;
CREATE INDEX application_by_holder ON application (realm, holder) WHERE NOT closed;
CREATE INDEX application_by_due ON application (realm, due_on) WHERE NOT closed;
CREATE INDEX application_by_person ON application (person);
CREATE INDEX application_by_acceptance ON application (acceptance_number)
    WHERE acceptance_number <> '';
CREATE INDEX application_by_meeting ON application (meeting) WHERE meeting <> '';
CREATE INDEX application_by_prefix ON application (id text_pattern_ops);

-- The audit trail. Rows are only added: the rule below holds for every program and every person.
CREATE TABLE step (
    application  text NOT NULL REFERENCES application (id),
    seq          integer NOT NULL,
    realm        text NOT NULL,
    source       text NOT NULL,
    name         text NOT NULL,
    acted_at     timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    stage_before text,
    stage_after  text,
    end_after    text,
    holder_after text NOT NULL DEFAULT '',
    organisation text NOT NULL DEFAULT '',
    content      jsonb NOT NULL,
    content_hash bytea NOT NULL,
    written_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT step_once UNIQUE (application, seq)
);

CREATE INDEX step_by_realm ON step (realm, acted_at);
CREATE INDEX step_struck ON step (realm, acted_at) WHERE source = 'clock';

CREATE FUNCTION step_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only added to';
END
$$;

CREATE TRIGGER step_is_final BEFORE UPDATE OR DELETE ON step
    FOR EACH ROW EXECUTE FUNCTION step_is_final();

CREATE TABLE task (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application  text NOT NULL REFERENCES application (id),
    realm        text NOT NULL,
    key          text NOT NULL,
    kind         text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    person       text NOT NULL DEFAULT '',
    due_on       date,
    params       jsonb NOT NULL DEFAULT '{}',
    opened_at    timestamptz NOT NULL,
    closed_at    timestamptz,
    closed_seq   integer
);

CREATE UNIQUE INDEX task_open_once ON task (application, key) WHERE closed_at IS NULL;
CREATE INDEX task_by_organisation ON task (realm, organisation, due_on);
CREATE INDEX task_by_person ON task (realm, person) WHERE person <> '';

CREATE TABLE deadline (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application text NOT NULL REFERENCES application (id),
    realm       text NOT NULL,
    key         text NOT NULL,
    rule        text NOT NULL,
    kind        text NOT NULL,
    starts_on   date NOT NULL,
    ends_on     date NOT NULL,
    ends_at     timestamptz NOT NULL,
    clause      text NOT NULL,
    content     jsonb NOT NULL,
    holder      text NOT NULL DEFAULT '',
    opened_at   timestamptz NOT NULL,
    opened_seq  integer NOT NULL,
    struck_at   timestamptz,
    closed_at   timestamptz,
    closed_seq  integer,
    ended       text CONSTRAINT deadline_ended
        CHECK (ended IN ('met', 'struck', 'superseded', 'case_ended'))
);

CREATE UNIQUE INDEX deadline_open_once ON deadline (application, key) WHERE closed_at IS NULL;
CREATE INDEX deadline_by_end ON deadline (realm, ends_at) WHERE closed_at IS NULL;

CREATE TABLE letter (
    id           text PRIMARY KEY,
    application  text REFERENCES application (id),
    realm        text NOT NULL,
    seq          integer NOT NULL DEFAULT 0,
    kind         text NOT NULL,
    party        text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    person       text NOT NULL DEFAULT '',
    params       jsonb NOT NULL DEFAULT '{}',
    state        text NOT NULL DEFAULT 'queued' CONSTRAINT letter_state CHECK (
        state IN ('queued', 'claimed', 'sent', 'bounced', 'unknown', 'cancelled', 'no_address')),
    message_id   text NOT NULL DEFAULT '',
    attempts     integer NOT NULL DEFAULT 0,
    error        text NOT NULL DEFAULT '',
    ordered_at   timestamptz NOT NULL,
    claimed_at   timestamptz,
    claimed_by   text NOT NULL DEFAULT '',
    settled_at   timestamptz,
    resend_of    text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX letter_by_application ON letter (application, seq);
CREATE INDEX letter_unsettled ON letter (realm, state) WHERE state <> 'sent';

-- Once a year through the normal channel; a claim given back stays readable.
CREATE TABLE yearly_claim (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    realm       text NOT NULL,
    person_hash bytea NOT NULL,
    year        integer NOT NULL,
    slot        text NOT NULL,
    application text NOT NULL REFERENCES application (id),
    taken_at    timestamptz NOT NULL,
    released_at timestamptz
);

CREATE UNIQUE INDEX yearly_claim_once ON yearly_claim (realm, person_hash, year, slot)
    WHERE released_at IS NULL;
CREATE INDEX yearly_claim_by_application ON yearly_claim (application);

CREATE TABLE payment (
    application text NOT NULL REFERENCES application (id),
    transaction text NOT NULL,
    realm       text NOT NULL,
    yuan        integer NOT NULL,
    paid_at     timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    seq         integer NOT NULL,
    CONSTRAINT payment_once PRIMARY KEY (application, transaction)
);

CREATE INDEX payment_by_transaction ON payment (transaction);

-- Under which realm people, grants and the directory of a realm are kept: live is '', seen by all.
CREATE FUNCTION kept_under(realm text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE realm WHEN 'live' THEN '' ELSE realm END
$$;

CREATE FUNCTION organisation_name(organisation text, realm text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT o.name FROM organisation o
    WHERE o.id = $1 AND o.realm IN ('', $2) ORDER BY o.realm DESC LIMIT 1
$$;

CREATE VIEW case_line AS
SELECT
    a.id AS application, a.realm, a.campaign, a.route, a.level, a.channel, a.stage,
    a.end_name AS "end", a.holder, organisation_name(a.holder, a.realm) AS holder_name,
    a.person, p.name AS sealed_name, a.due_on, a.due_rule, a.submissions, a.submitted_at,
    a.updated_at, a.closed, a.acceptance_number, a.meeting, a.batch, a.version, a.seq,
    a.end_clause, a.end_reason, a.end_remedy, a.end_responsible, a.places, a.checks,
    a.policy_version, a.calendar_version, a.draft
FROM application a
LEFT JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm);

-- migrate: rollback

DROP VIEW case_line;
DROP FUNCTION organisation_name(text, text);
DROP FUNCTION kept_under(text);
DROP TABLE payment, yearly_claim, letter, deadline, task, step, application;
DROP FUNCTION step_is_final();
