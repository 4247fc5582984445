-- What another human did not confirm: by when a bulk may be, and why a request was declined
-- depends: 0043_page_jobs

-- migrate: apply

ALTER TABLE bulk ADD COLUMN confirm_until timestamptz;
GRANT UPDATE (confirm_until) ON bulk TO zhiping_application;
-- What was prepared and never begun before there was a time for it.
UPDATE bulk SET confirm_until = prepared_at + interval '48 hours' WHERE state = 'prepared';
CREATE INDEX bulk_that_waits ON bulk (confirm_until) WHERE state = 'prepared';

ALTER TABLE answer_of_second ADD COLUMN reason text;    -- by reference; a no may have one

-- migrate: rollback

ALTER TABLE answer_of_second DROP COLUMN reason;
DROP INDEX bulk_that_waits;
ALTER TABLE bulk DROP COLUMN confirm_until;
