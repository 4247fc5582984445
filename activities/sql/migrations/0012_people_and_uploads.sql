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

-- migrate: rollback

ALTER TABLE integrity_record DROP COLUMN document, DROP COLUMN decided_by,
    ADD COLUMN document text NOT NULL, ADD COLUMN decided_by text NOT NULL;
ALTER TABLE bar DROP COLUMN document, DROP COLUMN decided_by,
    ADD COLUMN document text NOT NULL DEFAULT '', ADD COLUMN decided_by text NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN kind text NOT NULL DEFAULT '', ADD COLUMN title bytea;
DELETE FROM kept WHERE name = 'upload';
DROP TABLE upload;
