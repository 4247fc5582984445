-- A bulk that another human did not confirm: by whom and why
-- depends: 0041_sentinel

-- migrate: apply

ALTER TABLE bulk DROP CONSTRAINT bulk_state;
ALTER TABLE bulk ADD CONSTRAINT bulk_state CHECK
        (state IN ('prepared', 'running', 'paused', 'stopped', 'recalled', 'done', 'not_confirmed')),
    ADD COLUMN reason text NOT NULL DEFAULT '';    -- of who would not, by reference
GRANT UPDATE (reason) ON bulk TO zhiping_application;

-- migrate: rollback

UPDATE bulk SET state = 'recalled' WHERE state = 'not_confirmed';
ALTER TABLE bulk DROP COLUMN reason, DROP CONSTRAINT bulk_state;
ALTER TABLE bulk ADD CONSTRAINT bulk_state CHECK
        (state IN ('prepared', 'running', 'paused', 'stopped', 'recalled', 'done'));
