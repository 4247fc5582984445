-- Work that takes longer than a page: how far it is, for whichever process is asked
-- depends: 0042_bulks_not_confirmed

-- migrate: apply

-- No record, as sessions are none: what came of it stands where it was done. One for each subject, the last.
CREATE TABLE page_job (
    subject   text PRIMARY KEY,
    token     text NOT NULL,                -- whose work it is: another begun since is another's
    about     bytea NOT NULL,               -- sealed: a file is called by people
    whole     bigint NOT NULL DEFAULT 0,
    done      bigint NOT NULL DEFAULT 0,
    began_at  timestamptz NOT NULL DEFAULT now(),
    seen_at   timestamptz NOT NULL DEFAULT now(),   -- the last sign of life
    ended_at  timestamptz,
    result    bytea                         -- sealed
);
CREATE INDEX page_job_past ON page_job (seen_at);
GRANT UPDATE, DELETE ON page_job TO zhiping_application;

-- migrate: rollback

DROP TABLE page_job;
