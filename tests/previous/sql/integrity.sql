-- name: next_bar
SELECT coalesce(max(number), 0) + 1 FROM bar WHERE realm = $1

-- name: add_bar
INSERT INTO bar (realm, number, id_hash, person, starts_on, ends_on, reason, document, decided_by,
    entered_by, entered_at, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: bar_to_change
SELECT * FROM bar WHERE realm = $1 AND number = $2 FOR UPDATE

-- name: lift_bars
UPDATE bar SET lifted_by = $3, lifted_at = $4, lifted_why = $5
WHERE realm = $1 AND id_hash = $2 AND lifted_at IS NULL AND ($6::integer IS NULL OR number = $6)
RETURNING number

-- name: next_record
SELECT coalesce(max(number), 0) + 1 FROM integrity_record WHERE realm = $1

-- name: add_record
INSERT INTO integrity_record (realm, number, id_hash, person, subject, conduct, organisation,
    application, document, decided_by, decided_on, keep_until, reason, entered_by, entered_at,
    replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)

-- name: record_to_change
SELECT * FROM integrity_record WHERE realm = $1 AND number = $2 FOR UPDATE

-- name: end_record
UPDATE integrity_record
SET ended_by = $3, ended_at = $4, ended_why = $5, replaced_by = $6
WHERE realm = $1 AND number = $2

-- name: organisation_kind
SELECT kind FROM organisation WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: person
SELECT id, id_hash FROM person WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: bars
-- Of everybody or one person, those that matter on a day or all, so many after one number.
SELECT b.*, p.name AS sealed_name FROM bar b
LEFT JOIN LATERAL (SELECT name FROM person WHERE id_hash = b.id_hash
    AND realm IN ('', kept_under(b.realm)) ORDER BY realm DESC, id LIMIT 1) p ON true
WHERE b.realm = $1 AND ($2::bytea IS NULL OR b.id_hash = $2)
  AND ($3::date IS NULL OR (b.lifted_at IS NULL AND b.ends_on >= $3))
  AND b.number > $4
ORDER BY b.number LIMIT $5

-- name: records
-- Likewise.
SELECT r.*, p.name AS sealed_name FROM integrity_record r
LEFT JOIN LATERAL (SELECT name FROM person WHERE (id_hash = r.id_hash OR id = r.person)
    AND realm IN ('', kept_under(r.realm)) ORDER BY realm DESC, id LIMIT 1) p ON true
WHERE r.realm = $1
  AND (($2::bytea IS NULL AND $6 = '') OR r.id_hash = $2 OR r.person = nullif($6, ''))
  AND ($3::date IS NULL OR (r.ended_at IS NULL AND r.keep_until >= $3))
  AND r.number > $4
ORDER BY r.number LIMIT $5

-- name: texts
SELECT id, body FROM free_text WHERE id = ANY ($1::text[])

-- name: active_records
SELECT number, subject, conduct, decided_on, keep_until FROM integrity_record
WHERE realm = $1 AND id_hash = $2 AND ended_at IS NULL AND decided_on <= $3 AND keep_until >= $3
ORDER BY number

-- name: persons_under_record
SELECT DISTINCT p.id FROM person p
JOIN integrity_record r ON r.id_hash = p.id_hash OR r.person = p.id
WHERE p.id = ANY ($2::text[]) AND p.realm IN ('', kept_under($1))
  AND r.realm = $1 AND r.ended_at IS NULL AND r.decided_on <= $3 AND r.keep_until >= $3
