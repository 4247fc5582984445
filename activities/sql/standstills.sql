-- name: open_application
INSERT INTO application (id, realm) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- name: keep_task
INSERT INTO task (application, meeting, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $4, split_part($4, ':', 1), $5, $6, $7)
ON CONFLICT (subject, key) WHERE closed_at IS NULL DO UPDATE SET params = excluded.params

-- name: end_task
UPDATE task SET closed_at = $3 WHERE subject = $1 AND key = $2 AND closed_at IS NULL

-- name: open_page
-- What the record shows open, so much after one id; a rehearsal's own clock shows how far it came.
SELECT s.id, s.realm, s.is_case,
    CASE r.kind WHEN 'live' THEN now() ELSE coalesce(s.updated_at, r.opens_at) END AS at
FROM open_subject s JOIN realm r ON r.id = s.realm AND r.closed_at IS NULL
WHERE s.id > $1 ORDER BY s.id LIMIT $2

-- name: open_among
-- What of these it shows open.
SELECT s.id, s.realm, s.is_case,
    CASE r.kind WHEN 'live' THEN now() ELSE coalesce(s.updated_at, r.opens_at) END AS at
FROM open_subject s JOIN realm r ON r.id = s.realm AND r.closed_at IS NULL
WHERE s.id = ANY ($1::text[])

-- name: known_among
-- Those of these that are cases or meetings, closed ones too.
SELECT s.id, s.realm, s.is_case,
    CASE r.kind WHEN 'live' THEN now() ELSE coalesce(s.updated_at, r.opens_at) END AS at
FROM (SELECT id, realm, true AS is_case, updated_at FROM application WHERE id = ANY ($1::text[])
    UNION ALL
    SELECT id, realm, false, updated_at FROM meeting WHERE id = ANY ($1::text[])) AS s
JOIN realm r ON r.id = s.realm

-- name: told_page
-- Whose task is open, so many after one id.
SELECT subject FROM task WHERE key = $1 AND closed_at IS NULL AND subject > $2
ORDER BY subject LIMIT $3

-- name: end_tasks_of
UPDATE task SET closed_at = $3 WHERE key = $1 AND closed_at IS NULL AND subject = ANY ($2::text[])

-- name: count_by_why
SELECT t.params ->> 'why' AS why, count(*) AS count FROM task t JOIN realm r ON r.id = t.realm
WHERE t.key = $1 AND t.closed_at IS NULL AND r.closed_at IS NULL GROUP BY 1

-- name: count_tasks
SELECT count(*) FROM task t JOIN realm r ON r.id = t.realm
WHERE t.key = $1 AND t.closed_at IS NULL AND r.closed_at IS NULL

-- name: overdue
-- Only where the clock is the world's: a rehearsal moves its own.
SELECT DISTINCT d.application FROM deadline d
JOIN realm r ON r.id = d.realm AND r.kind = 'live'
JOIN application a ON a.id = d.application AND NOT a.closed
WHERE d.closed_at IS NULL AND d.struck_at IS NULL AND d.ends_at < $1 AND d.rule = ANY ($2::text[])
  AND NOT EXISTS (
      SELECT FROM task t WHERE t.application = d.application AND t.closed_at IS NULL
        AND t.key IN ('operator', 'engine'))
LIMIT $3
