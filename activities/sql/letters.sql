-- name: letter
SELECT n.*, coalesce(n.application, '') AS case_id, a.person AS applicant_id,
    coalesce(a.campaign, m.campaign) AS campaign, a.level, a.stage, a.closed, a.places,
    coalesce(a.policy_version, (t.content ->> 'policy_version')::integer) AS policy_version,
    a.acceptance_number, coalesce(a.holder, m.office) AS holder,
    coalesce(s.organisation, t.organisation) AS step_organisation, s.stage_before,
    coalesce(s.holder_after, a.holder, m.office) AS holder_then,
    m.number AS meeting_number
FROM letter n
LEFT JOIN application a ON a.id = n.application
LEFT JOIN step s ON s.application = n.application AND s.seq = n.seq
LEFT JOIN meeting m ON m.id = n.meeting
LEFT JOIN meeting_step t ON t.meeting = n.meeting AND t.seq = n.seq
WHERE n.id = $1

-- name: chance
SELECT CASE WHEN released_at IS NULL THEN 'kept' ELSE 'given_back' END FROM yearly_claim
WHERE application = $1 ORDER BY id DESC LIMIT 1

-- name: operations
SELECT id FROM organisation WHERE kind = 'operations' AND realm IN ('', $1)
ORDER BY realm DESC, id LIMIT 1

-- name: deadline_stands
SELECT EXISTS (
    SELECT FROM deadline
    WHERE subject = $1 AND closed_at IS NULL AND (key = $2 OR ($2 = '' AND rule = $3))
      AND ($4::date IS NULL OR ends_on = $4)
)

-- name: claim
UPDATE letter SET state = 'claimed', message_id = $2, claimed_by = $3, claimed_at = now(),
    attempts = attempts + 1
WHERE id = $1 AND state = 'queued'
RETURNING attempts

-- name: release
UPDATE letter SET state = 'queued', claimed_by = '', claimed_at = NULL, error = $3
WHERE id = $1 AND state = 'claimed' AND claimed_by = $2

-- name: settle_own
UPDATE letter SET state = $3, error = $4, settled_at = now()
WHERE id = $1 AND state IN ('claimed', 'unknown') AND claimed_by = $2
RETURNING id

-- name: settle_unsent
UPDATE letter SET state = $2, error = $3, settled_at = now()
WHERE id = $1 AND state = 'queued'
RETURNING id

-- name: settle_orphan
UPDATE letter SET state = 'unknown', error = $2, settled_at = now()
WHERE id = $1 AND state = 'claimed'
RETURNING id

-- name: open_task
INSERT INTO task (application, meeting, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (subject, key) WHERE closed_at IS NULL DO NOTHING

-- name: is_told_of
SELECT EXISTS (
    SELECT FROM task WHERE realm = $1 AND kind = $2 AND closed_at IS NULL AND params ->> 'who' = $3
)

-- name: close_tasks
WITH RECURSIVE sent AS (
    SELECT id, resend_of FROM letter WHERE id = $2
    UNION
    SELECT n.id, n.resend_of FROM letter n JOIN sent ON n.id = sent.resend_of
)
UPDATE task SET closed_at = greatest($3, opened_at)
WHERE subject = $1 AND closed_at IS NULL AND key IN (SELECT 'letter:' || id FROM sent)
