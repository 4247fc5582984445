-- name: next_due
SELECT ends_on, rule, count(*) AS count FROM deadline
WHERE realm = $1 AND closed_at IS NULL AND struck_at IS NULL AND ends_at > $2
GROUP BY ends_on, rule ORDER BY ends_on, rule LIMIT $3

-- name: try_lock
-- Gone with its transaction, however that ends.
SELECT pg_try_advisory_xact_lock(hashtextextended('clock/' || $1, 0))
