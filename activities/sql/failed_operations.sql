-- name: open_task
INSERT INTO task (operation, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $3, $4, $5, $6)

-- name: end_tasks
-- Of the same, asked by the same, as often as it failed.
UPDATE task t SET closed_at = greatest($2, t.opened_at) FROM operation o
WHERE o.id = t.operation AND o.asked = $1 AND t.key = 'failed_operation' AND t.closed_at IS NULL

-- name: failure
-- What failed in a realm, and whether its task is open still.
SELECT o.asked, t.closed_at IS NULL AS open FROM task t JOIN operation o ON o.id = t.operation
WHERE t.operation = $1 AND t.realm = $2 AND t.key = 'failed_operation'
