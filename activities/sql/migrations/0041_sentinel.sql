-- Rounds of the sentinel: what it looked at, how far it came, and what it found
-- depends: 0040_covers

-- migrate: apply

CREATE TABLE sentinel_round (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at   timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    part       text NOT NULL DEFAULT 'subjects' CONSTRAINT sentinel_part CHECK
        (part IN ('subjects', 'left_open', 'letters', 'bulks', 'engine', 'done')),
    after      text NOT NULL DEFAULT '',        -- the last of that part that was looked at
    subjects   integer NOT NULL DEFAULT 0,
    letters    bigint NOT NULL DEFAULT 0,
    workflows  integer NOT NULL DEFAULT 0,
    unanswered integer NOT NULL DEFAULT 0       -- of whom the engine's state was not to be had
);
-- One at a time: whoever goes on after a worker that is gone goes on with this one.
CREATE UNIQUE INDEX sentinel_round_open_once ON sentinel_round ((ended_at IS NULL)) WHERE ended_at IS NULL;
CREATE INDEX sentinel_round_ended ON sentinel_round (ended_at DESC) WHERE ended_at IS NOT NULL;

CREATE TABLE sentinel_finding (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round    bigint NOT NULL REFERENCES sentinel_round (id),
    subject  text NOT NULL,
    kind     text NOT NULL,
    what     text NOT NULL DEFAULT '',
    outcome  text NOT NULL CONSTRAINT sentinel_outcome CHECK
        (outcome IN ('mended', 'nudged', 'told', 'named')),
    found_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sentinel_finding_of ON sentinel_finding (round, id);

GRANT UPDATE (ended_at, part, after, subjects, letters, workflows, unanswered) ON sentinel_round
    TO zhiping_application;

-- migrate: rollback

DROP TABLE sentinel_finding, sentinel_round;
