-- name: open_application
INSERT INTO application (id, realm) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- name: keep_task
INSERT INTO task (application, meeting, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
ON CONFLICT (subject, key) WHERE closed_at IS NULL DO UPDATE SET params = excluded.params

-- name: end_task
UPDATE task SET closed_at = $3 WHERE subject = $1 AND key = $2 AND closed_at IS NULL

-- name: open_subjects
SELECT a.id, a.realm, true AS is_case,
    CASE r.kind WHEN 'live' THEN now() ELSE coalesce(a.updated_at, r.opens_at) END AS at
FROM application a JOIN realm r ON r.id = a.realm
WHERE NOT a.closed AND a.seq > 0 AND r.closed_at IS NULL
UNION ALL
SELECT m.id, m.realm, false,
    CASE r.kind WHEN 'live' THEN now() ELSE coalesce(m.updated_at, r.opens_at) END
FROM meeting m JOIN realm r ON r.id = m.realm
WHERE m.phase NOT IN ('closed', 'cancelled') AND m.seq > 0 AND r.closed_at IS NULL

-- name: end_other_tasks
UPDATE task SET closed_at = $3 WHERE key = $1 AND closed_at IS NULL AND NOT (subject = ANY ($2::text[]))

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
