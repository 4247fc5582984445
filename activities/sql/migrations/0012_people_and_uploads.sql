-- What a submission states of its applicant stays with it; uploads; the register's words are sealed
-- depends: 0011_chains

-- migrate: apply

-- Who hands in a file gives it kind and title; the same bytes of another person are another upload.
CREATE TABLE upload (
    id           text PRIMARY KEY,
    realm        text NOT NULL REFERENCES realm (id),
    person       text NOT NULL,
    sha256       text NOT NULL REFERENCES document (sha256),
    kind         text NOT NULL DEFAULT '',
    title        bytea,
    content_hash bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT upload_once UNIQUE (realm, person, content_hash)
);

CREATE INDEX upload_by_document ON upload (sha256);
ALTER TABLE document DROP COLUMN kind, DROP COLUMN title;
SELECT keep('upload', 'final', 'upload', ARRAY['id'], ARRAY['id']);

ALTER TABLE bar DROP COLUMN document, DROP COLUMN decided_by,
    ADD COLUMN document bytea, ADD COLUMN decided_by bytea;
ALTER TABLE integrity_record DROP COLUMN document, DROP COLUMN decided_by,
    ADD COLUMN document bytea NOT NULL, ADD COLUMN decided_by bytea NOT NULL;

-- What the submission states of its applicant; the person's own row is not touched by it.
ALTER TABLE draft ADD COLUMN name bytea, ADD COLUMN name_hash bytea, ADD COLUMN phone bytea,
    ADD COLUMN email bytea, ADD COLUMN address bytea;

-- Each change of what is kept of a person, by whom and on which source; null stays as it was.
CREATE TABLE person_change (
    id         text PRIMARY KEY,
    realm      text NOT NULL,
    person     text NOT NULL,
    name       bytea,
    name_hash  bytea,
    phone      bytea,
    email      bytea,
    address    bytea,
    employer   bytea,
    source     text NOT NULL DEFAULT '',
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX person_change_by_person ON person_change (person, realm, written_at);
SELECT keep('person_change', 'final', 'person', ARRAY['realm', 'person'], ARRAY['id']);

-- An applicant as a case has him or her: what was changed since the submission, else what it states,
-- else what is kept of the person.
CREATE VIEW applicant AS
SELECT a.id AS application, a.realm, a.person, p.id_hash, p.id_number,
    coalesce((SELECT c.name FROM person_change c WHERE c.person = a.person AND c.name IS NOT NULL
        AND c.realm = kept_under(a.realm) AND c.written_at > d.created_at
        ORDER BY c.written_at DESC LIMIT 1), d.name, p.name) AS name,
    coalesce((SELECT c.name_hash FROM person_change c WHERE c.person = a.person
        AND c.name_hash IS NOT NULL AND c.realm = kept_under(a.realm) AND c.written_at > d.created_at
        ORDER BY c.written_at DESC LIMIT 1), d.name_hash, p.name_hash) AS name_hash,
    coalesce((SELECT c.phone FROM person_change c WHERE c.person = a.person AND c.phone IS NOT NULL
        AND c.realm = kept_under(a.realm) AND c.written_at > d.created_at
        ORDER BY c.written_at DESC LIMIT 1), d.phone, p.phone) AS phone,
    coalesce((SELECT c.email FROM person_change c WHERE c.person = a.person AND c.email IS NOT NULL
        AND c.realm = kept_under(a.realm) AND c.written_at > d.created_at
        ORDER BY c.written_at DESC LIMIT 1), d.email, p.email) AS email,
    coalesce((SELECT c.address FROM person_change c WHERE c.person = a.person
        AND c.address IS NOT NULL AND c.realm = kept_under(a.realm) AND c.written_at > d.created_at
        ORDER BY c.written_at DESC LIMIT 1), d.address, p.address) AS address
FROM application a
LEFT JOIN draft d ON d.id = a.draft
LEFT JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm);

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
LEFT JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm);
DROP VIEW applicant;
DROP TABLE person_change;
ALTER TABLE draft DROP COLUMN name, DROP COLUMN name_hash, DROP COLUMN phone, DROP COLUMN email,
    DROP COLUMN address;

ALTER TABLE integrity_record DROP COLUMN document, DROP COLUMN decided_by,
    ADD COLUMN document text NOT NULL, ADD COLUMN decided_by text NOT NULL;
ALTER TABLE bar DROP COLUMN document, DROP COLUMN decided_by,
    ADD COLUMN document text NOT NULL DEFAULT '', ADD COLUMN decided_by text NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN kind text NOT NULL DEFAULT '', ADD COLUMN title bytea;
DELETE FROM kept WHERE name IN ('upload', 'person_change');
DROP TABLE upload;
