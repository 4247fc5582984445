-- A task may be an operation's: one that our own rules failed over waits for operations
-- depends: 0021_bank_accounts

-- migrate: apply

ALTER TABLE task DROP CONSTRAINT task_of_one;
ALTER TABLE task DROP COLUMN subject;
ALTER TABLE task ADD COLUMN operation text REFERENCES operation (id),
    ADD COLUMN subject text NOT NULL
        GENERATED ALWAYS AS (coalesce(application, meeting, operation)) STORED,
    ADD CONSTRAINT task_of_one CHECK (num_nonnulls(application, meeting, operation) = 1);
CREATE UNIQUE INDEX task_open_once ON task (subject, key) WHERE closed_at IS NULL;
CREATE INDEX task_by_operation ON task (operation) WHERE operation IS NOT NULL AND closed_at IS NULL;

-- migrate: rollback

DELETE FROM task WHERE operation IS NOT NULL;
ALTER TABLE task DROP CONSTRAINT task_of_one;
ALTER TABLE task DROP COLUMN subject;
ALTER TABLE task DROP COLUMN operation,
    ADD COLUMN subject text NOT NULL GENERATED ALWAYS AS (coalesce(application, meeting)) STORED,
    ADD CONSTRAINT task_of_one CHECK ((application IS NULL) <> (meeting IS NULL));
CREATE UNIQUE INDEX task_open_once ON task (subject, key) WHERE closed_at IS NULL;
