-- name: close_tasks
UPDATE task SET closed_at = $2, closed_seq = $3
WHERE subject = $1 AND closed_at IS NULL AND NOT (key = ANY ($4::text[]))
  AND ($5::text[] IS NULL OR key = ANY ($5::text[]))
  -- Those are the delivery's and operations', not the subject's.
  AND NOT starts_with(key, 'letter:') AND key NOT IN ('operator', 'engine')

-- name: keep_task
INSERT INTO task (application, meeting, realm, key, kind, organisation, person, due_on, params,
    opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (subject, key) WHERE closed_at IS NULL
DO UPDATE SET kind = excluded.kind, organisation = excluded.organisation,
    person = excluded.person, due_on = excluded.due_on, params = excluded.params

-- name: open_deadlines
SELECT id, key, kind, starts_on, ends_on, content, struck_at, holder FROM deadline
WHERE subject = $1 AND closed_at IS NULL

-- name: close_deadline
UPDATE deadline SET closed_at = $2, closed_seq = $3, ended = $4,
    struck_at = CASE WHEN $4 = 'struck' THEN coalesce(struck_at, $5) ELSE struck_at END
WHERE id = $1

-- name: renew_deadline
UPDATE deadline SET content = $2, ends_at = $3,
    struck_at = CASE WHEN $4::boolean THEN coalesce(struck_at, $5) END
WHERE id = $1

-- name: add_deadline
INSERT INTO deadline (application, meeting, realm, key, rule, kind, starts_on, ends_on, ends_at,
    clause, content, holder, opened_at, opened_seq, struck_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: add_letter
INSERT INTO letter (id, application, meeting, realm, seq, kind, party, organisation, person,
    params, ordered_at, room)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
