-- The cases of a meeting and of a batch in the order of lists, and what is open in the order of its ids
-- depends: 0033_pages

-- migrate: apply

DROP INDEX application_by_meeting, application_by_batch;
CREATE INDEX application_of_meeting ON application
    (meeting, realm, coalesce(due_on, 'infinity'::date),
     coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE meeting <> '';
CREATE INDEX application_of_batch ON application
    (batch, realm, coalesce(due_on, 'infinity'::date),
     coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE batch <> '';

-- Whatever a workflow is to run of: looked at page by page beside the engine (`workers/watching.py`).
CREATE INDEX application_open_by_name ON application (id) WHERE NOT closed;
CREATE INDEX meeting_open_by_name ON meeting (id) WHERE phase NOT IN ('closed', 'cancelled');
CREATE VIEW open_subject AS
SELECT id, realm, true AS is_case, updated_at FROM application WHERE NOT closed AND seq > 0
UNION ALL
SELECT id, realm, false, updated_at FROM meeting
WHERE phase NOT IN ('closed', 'cancelled') AND seq > 0;

-- migrate: rollback

DROP VIEW open_subject;
DROP INDEX meeting_open_by_name, application_open_by_name;

DROP INDEX application_of_batch, application_of_meeting;
CREATE INDEX application_by_batch ON application (batch) WHERE batch <> '';
CREATE INDEX application_by_meeting ON application (meeting) WHERE meeting <> '';
