-- name: human
SELECT id_hash FROM person WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: lock_request
SELECT pg_advisory_xact_lock(hashtextextended('request_for_second/' || $1, 0))

-- name: add_request
INSERT INTO request_for_second (id, realm, subject_kind, subject, what, digest, payload, person,
    organisation, role, human, asked_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO NOTHING

-- name: request
SELECT r.*, coalesce(a.answer, '') AS answer, a.person AS answered_by, a.answered_at,
    coalesce(a.reason, '') AS reason
FROM request_for_second r LEFT JOIN answer_of_second a ON a.request = r.id
WHERE r.id = $1

-- name: waiting
-- So many after one, the first to end first.
SELECT r.*, '' AS answer, NULL AS answered_by, NULL AS answered_at
FROM request_for_second r LEFT JOIN answer_of_second a ON a.request = r.id
WHERE r.realm = $1 AND r.expires_at > $2 AND a.request IS NULL
  AND ($3::text = '' OR (r.expires_at, r.id) > (nullif($3, '')::timestamptz, $4::text))
ORDER BY r.expires_at, r.id LIMIT $5

-- name: ended
-- What somebody asked for in the last days, and which was answered, or was not in time; the last first.
SELECT r.*, coalesce(a.answer, 'expired') AS answer, a.person AS answered_by,
    coalesce(a.answered_at, r.expires_at) AS answered_at, coalesce(a.reason, '') AS reason
FROM request_for_second r LEFT JOIN answer_of_second a ON a.request = r.id
WHERE r.realm = $1 AND r.person = $2 AND r.expires_at > $3::timestamptz - $4::interval
  AND (a.request IS NOT NULL OR r.expires_at <= $3)
ORDER BY coalesce(a.answered_at, r.expires_at) DESC, r.id LIMIT $5

-- name: add_answer
INSERT INTO answer_of_second (request, answer, person, organisation, role, human, answered_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''))
