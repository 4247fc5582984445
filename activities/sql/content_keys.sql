-- name: keys
SELECT k.number, k.begins_at, w.under, w.wrapped
FROM content_key k LEFT JOIN content_key_wrap w ON w.number = k.number
WHERE k.number >= 0
ORDER BY k.number, w.under

-- name: add_first
INSERT INTO content_key (number, begins_at, made_at) VALUES (0, $1, $1)
ON CONFLICT DO NOTHING RETURNING number

-- name: add
INSERT INTO content_key (number, begins_at, made_at)
VALUES ((SELECT coalesce(max(number), -1) + 1 FROM content_key), $1, $2)
RETURNING number

-- name: add_wrap
INSERT INTO content_key_wrap (number, under, wrapped, wrapped_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING

-- name: not_under
SELECT k.number FROM content_key k
WHERE k.number > $2
    AND NOT EXISTS (SELECT FROM content_key_wrap w WHERE w.number = k.number AND w.under = $1)
ORDER BY k.number LIMIT $3

-- name: take_away
DELETE FROM content_key_wrap WHERE number >= 0 AND under <> $1

-- name: lock
SELECT pg_advisory_xact_lock(7302114656)

-- name: a_sealed_name
SELECT name FROM person WHERE id >= '' ORDER BY id LIMIT 1
