-- name: queued
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
WHERE n.id = ANY ($1::text[]) AND n.state = 'queued' ORDER BY n.created_at, n.id

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
UPDATE letter n SET state = 'claimed', message_id = c.message_id, claimed_by = $3,
    claimed_at = now(), attempts = n.attempts + 1
FROM unnest($1::text[], $2::text[]) AS c (id, message_id)
WHERE n.id = c.id AND n.state = 'queued'
RETURNING n.id, n.attempts

-- name: put_back
UPDATE letter SET state = 'queued', claimed_by = '', claimed_at = NULL, error = $3,
    due_at = now() + $4::interval, left_to = $5
WHERE id = $1 AND state IN ('claimed', 'unknown') AND claimed_by = $2

-- name: settle_sent
UPDATE letter n SET state = 'sent', error = s.error, settled_at = now(), due_at = NULL
FROM unnest($1::text[], $2::text[]) AS s (id, error)
WHERE n.id = s.id AND n.state IN ('claimed', 'unknown') AND n.claimed_by = $3

-- name: settle_own
UPDATE letter SET state = $3, error = $4, settled_at = now()
WHERE id = $1 AND state IN ('claimed', 'unknown') AND claimed_by = $2
RETURNING id

-- name: settle_unsent
UPDATE letter SET state = $2, error = $3, settled_at = now()
WHERE id = $1 AND state = 'queued'
RETURNING id

-- name: orphans
SELECT n.id, n.kind, n.realm, n.subject, n.application, n.meeting, n.ordered_at,
    coalesce(s.organisation, t.organisation) AS step_organisation
FROM letter n
LEFT JOIN step s ON s.application = n.application AND s.seq = n.seq
LEFT JOIN meeting_step t ON t.meeting = n.meeting AND t.seq = n.seq
WHERE n.room = $1 AND n.state = 'claimed' AND n.claimed_by <> $2

-- name: settle_orphan
UPDATE letter SET state = 'unknown', error = $2, settled_at = now()
WHERE id = $1 AND state = 'claimed'
RETURNING id

-- name: waiting
SELECT id, created_at FROM letter
WHERE room = $1 AND state = 'queued' AND (due_at IS NULL OR due_at <= now())
  AND (created_at, id) > ($2, $3)
ORDER BY created_at, id LIMIT $4

-- name: next_due
SELECT extract(epoch FROM min(coalesce(due_at, now())) - now())::float FROM letter
WHERE room = $1 AND state = 'queued'

-- name: awake
INSERT INTO mailroom (room, awake_until, trouble) VALUES ($1, now() + $2::interval, $3)
ON CONFLICT (room) DO UPDATE SET awake_until = excluded.awake_until, trouble = excluded.trouble

-- name: is_awake
SELECT EXISTS (SELECT FROM mailroom WHERE room = $1 AND awake_until > now())

-- name: ring
SELECT pg_notify('mailroom', $1)

-- name: asleep
SELECT room FROM (
    SELECT DISTINCT room FROM letter
    WHERE state = 'queued' AND (due_at IS NULL OR due_at <= now())
      -- Whoever ordered it may only just be ringing.
      AND created_at < now() - interval '10 s'
    UNION
    SELECT DISTINCT room FROM letter WHERE state = 'claimed'
) waiting
WHERE room IS NOT NULL
  AND NOT EXISTS (SELECT FROM mailroom m WHERE m.room = waiting.room AND m.awake_until > now())

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
    SELECT id, resend_of, subject, ordered_at, true AS own FROM letter WHERE id = ANY ($1::text[])
    UNION
    SELECT n.id, n.resend_of, sent.subject, sent.ordered_at, false
    FROM letter n JOIN sent ON n.id = sent.resend_of
)
UPDATE task SET closed_at = greatest(sent.ordered_at, task.opened_at) FROM sent
WHERE task.subject = sent.subject AND task.closed_at IS NULL AND task.key = 'letter:' || sent.id
  -- That others do not read it stays true when the last of them got it.
  AND NOT (sent.own AND task.kind = 'partly_sent_letter')
