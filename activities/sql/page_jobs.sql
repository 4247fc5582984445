-- name: end_past
DELETE FROM page_job WHERE seen_at < now() - $1::interval

-- name: begin
-- Not while one about the same runs; one that gives no sign of life runs no more.
INSERT INTO page_job (subject, token, about) VALUES ($1, $2, $3)
ON CONFLICT (subject) DO UPDATE SET token = excluded.token, about = excluded.about, whole = 0,
    done = 0, began_at = now(), seen_at = now(), ended_at = NULL, result = NULL
WHERE page_job.ended_at IS NOT NULL OR page_job.seen_at < now() - $4::interval
RETURNING token

-- name: live
UPDATE page_job SET seen_at = now(), whole = $3, done = $4
WHERE subject = $1 AND token = $2 AND ended_at IS NULL

-- name: end
UPDATE page_job SET seen_at = now(), ended_at = now(), whole = $3, done = $4, result = $5
WHERE subject = $1 AND token = $2 AND ended_at IS NULL

-- name: last
SELECT about, whole, done, ended_at, result, seen_at < now() - $2::interval AS silent
FROM page_job WHERE subject = $1
