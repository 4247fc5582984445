-- One act on many cases: what is asked of each, sealed by whoever's door, and what each answered
-- depends: 0036_lists_from_indexes

-- migrate: apply

-- What is to be done is written once, before it is begun: the operation that begins it has its digest.
CREATE TABLE bulk (
    id           text PRIMARY KEY,
    realm        text NOT NULL REFERENCES realm (id),
    action       text NOT NULL,
    person       text NOT NULL,
    organisation text NOT NULL,
    role         text NOT NULL,
    payload      jsonb NOT NULL,
    total        integer NOT NULL,
    weighty      boolean NOT NULL,
    stop_after   integer NOT NULL CONSTRAINT bulk_stops CHECK (stop_after > 0),
    digest       bytea NOT NULL,
    prepared_at  timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'prepared' CONSTRAINT bulk_state CHECK
        (state IN ('prepared', 'running', 'paused', 'stopped', 'recalled', 'done')),
    why          text NOT NULL DEFAULT '',
    failures     integer NOT NULL DEFAULT 0,    -- since it was begun or resumed
    changed_by   text NOT NULL DEFAULT '',
    started_at   timestamptz,
    changed_at   timestamptz
);
CREATE INDEX bulk_of ON bulk (realm, organisation, prepared_at DESC, id DESC);
CREATE INDEX bulk_in ON bulk (realm, prepared_at DESC, id DESC);
CREATE INDEX bulk_by_name ON bulk (id COLLATE "C");
CREATE INDEX bulk_by_end ON bulk (reverse(id) COLLATE "C");

CREATE TABLE bulk_line (
    bulk        text NOT NULL REFERENCES bulk (id),
    position    integer NOT NULL,
    subject     text NOT NULL,
    is_meeting  boolean NOT NULL DEFAULT false,
    act         bytea,                          -- as it is sent; none where it is a word of ours
    vouched_by  text NOT NULL DEFAULT '',
    voucher     bytea,
    state       text NOT NULL DEFAULT 'open' CONSTRAINT bulk_line_state CHECK
        (state IN ('open', 'asked', 'done', 'refused', 'unanswered', 'recalled', 'left_out')),
    tries       integer NOT NULL DEFAULT 0,
    refusals    jsonb NOT NULL DEFAULT '[]',
    seq         integer,
    answered_at timestamptz,
    CONSTRAINT bulk_line_vouched CHECK ((act IS NULL) = (voucher IS NULL)),
    PRIMARY KEY (bulk, position),
    CONSTRAINT bulk_line_once UNIQUE (bulk, subject)
);
CREATE INDEX bulk_line_in_state ON bulk_line (bulk, state, position);
CREATE INDEX bulk_line_of ON bulk_line (subject);

GRANT UPDATE (state, why, failures, changed_by, started_at, changed_at) ON bulk
    TO zhiping_application;
GRANT UPDATE (state, tries, refusals, seq, answered_at) ON bulk_line TO zhiping_application;

-- migrate: rollback

DROP TABLE bulk_line, bulk;
