-- name: open_application
INSERT INTO application (id, realm) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- name: keep_task
INSERT INTO task (application, meeting, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
ON CONFLICT (subject, key) WHERE closed_at IS NULL DO UPDATE SET params = excluded.params

-- name: end_task
UPDATE task SET closed_at = $3 WHERE subject = $1 AND key = $2 AND closed_at IS NULL
