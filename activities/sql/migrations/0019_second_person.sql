-- What waits for a second person: who asked for what until when, and what another human answered
-- depends: 0006_payments

-- migrate: apply

-- Rows are only ever added. `human` is the keyed hash of an ID number: two rows of the directory
-- with one number are one human, who cannot confirm what he or she asked for.
CREATE TABLE request_for_second (
    id           text PRIMARY KEY,
    realm        text NOT NULL,
    subject_kind text NOT NULL
        CONSTRAINT request_subject CHECK (subject_kind IN ('operation', 'application', 'meeting')),
    subject      text NOT NULL,
    what         text NOT NULL,
    digest       bytea NOT NULL,
    payload      bytea NOT NULL,
    person       text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    role         text NOT NULL DEFAULT '',
    human        bytea NOT NULL,
    asked_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT request_span CHECK (expires_at > asked_at)
);

CREATE INDEX request_for_second_by_subject ON request_for_second (subject_kind, subject);
CREATE INDEX request_for_second_by_end ON request_for_second (realm, expires_at);

CREATE TABLE answer_of_second (
    request      text PRIMARY KEY REFERENCES request_for_second (id),
    answer       text NOT NULL
        CONSTRAINT answer_known CHECK (answer IN ('confirmed', 'declined', 'withdrawn')),
    person       text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    role         text NOT NULL DEFAULT '',
    human        bytea NOT NULL,
    answered_at  timestamptz NOT NULL
);

-- migrate: rollback

DROP TABLE answer_of_second, request_for_second;
