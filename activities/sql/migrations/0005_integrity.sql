-- The integrity register: 影响期 by number, and the record of what was obtained by fraud
-- depends: 0004_papers

-- migrate: apply

-- A 影响期 has a number of its own in each realm, by which a case remembers that the office looked
-- at it. A correction is a new row; the one it replaces stays, lifted with the reason.
ALTER TABLE bar
    ADD COLUMN number     integer,
    ADD COLUMN document   text NOT NULL DEFAULT '',
    ADD COLUMN decided_by text NOT NULL DEFAULT '',
    ADD COLUMN replaces   integer;

UPDATE bar SET number = n.number
FROM (SELECT id, row_number() OVER (PARTITION BY realm ORDER BY id) AS number FROM bar) n
WHERE n.id = bar.id;

ALTER TABLE bar ALTER COLUMN number SET NOT NULL;
CREATE UNIQUE INDEX bar_number ON bar (realm, number);

-- What 40号令 calls 职称评审诚信档案: it bars nobody by itself (A56). Who is meant is the keyed hash
-- of the ID number, or a row of ours without one: not every member of staff has stated a number.
CREATE TABLE integrity_record (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    realm        text NOT NULL,
    number       integer NOT NULL,
    id_hash      bytea,
    person       text,
    subject      text NOT NULL CONSTRAINT integrity_record_subject
        CHECK (subject IN ('applicant', 'unit_staff', 'expert', 'office_staff')),
    conduct      text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    application  text NOT NULL DEFAULT '',
    document     text NOT NULL,
    decided_by   text NOT NULL,
    decided_on   date NOT NULL,
    keep_until   date NOT NULL,
    reason       text NOT NULL,
    entered_by   text NOT NULL,
    entered_at   timestamptz NOT NULL,
    replaces     integer,
    replaced_by  integer,
    ended_by     text NOT NULL DEFAULT '',
    ended_at     timestamptz,
    ended_why    text NOT NULL DEFAULT '',
    CONSTRAINT integrity_record_whose CHECK (id_hash IS NOT NULL OR person IS NOT NULL),
    CONSTRAINT integrity_record_span CHECK (keep_until >= decided_on)
);

CREATE UNIQUE INDEX integrity_record_number ON integrity_record (realm, number);
CREATE INDEX integrity_record_by_hash ON integrity_record (realm, id_hash);
CREATE INDEX integrity_record_by_person ON integrity_record (realm, person);

-- migrate: rollback

DROP TABLE integrity_record;
DROP INDEX bar_number;
ALTER TABLE bar DROP COLUMN number, DROP COLUMN document, DROP COLUMN decided_by,
    DROP COLUMN replaces;
