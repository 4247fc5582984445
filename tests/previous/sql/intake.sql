-- name: lock_hash
SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex') || $2, 0))

-- name: person_of_hash
SELECT id, realm FROM person WHERE id_hash = $1 AND realm IN ('', $2)
ORDER BY realm DESC, created_at, id LIMIT 1

-- name: keep_person
INSERT INTO person (id, realm, name, name_hash, id_number, id_hash, phone, email, address)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT ON CONSTRAINT person_pk DO UPDATE SET
    name = excluded.name, name_hash = excluded.name_hash,
    id_number = coalesce(excluded.id_number, person.id_number),
    id_hash = coalesce(excluded.id_hash, person.id_hash),
    phone = coalesce(excluded.phone, person.phone),
    email = coalesce(excluded.email, person.email),
    address = coalesce(excluded.address, person.address), updated_at = now()

-- name: know_person
-- Somebody new, or in a rehearsal whom the live directory knows as it has him or her; whoever is there
-- already stays as he or she is.
INSERT INTO person (id, realm, name, name_hash, id_number, id_hash, phone, email, address)
SELECT $1::text, $2::text, coalesce(k.name, $3), coalesce(k.name_hash, $4), $5::bytea, $6::bytea,
    k.phone, k.email, k.address
FROM (SELECT) AS nothing LEFT JOIN person k ON k.id = $1 AND k.realm = ''
ON CONFLICT ON CONSTRAINT person_pk DO NOTHING

-- name: keep_draft
INSERT INTO draft (id, realm, person, campaign, facts, titles, content_hash, name, name_hash, phone,
    email, address)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (realm, content_hash) WHERE application IS NULL DO NOTHING
RETURNING id

-- name: draft_by_content
SELECT id FROM draft WHERE realm = $1 AND content_hash = $2 AND application IS NULL

-- name: duplicates
SELECT a.id AS application, a.campaign, a.channel, a.stage, a.submitted_at
FROM application a
JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm)
WHERE a.realm = $1 AND p.id_hash = $2 AND NOT a.closed AND a.end_name IS NULL AND a.seq > 0
ORDER BY a.submitted_at, a.id

-- name: realm_open
SELECT closed_at IS NULL AS open FROM realm WHERE id = $1

-- name: add_text
INSERT INTO free_text (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- name: add_input
INSERT INTO stored_input (id, body) VALUES ($1, $2)

-- name: input
SELECT body FROM stored_input WHERE id = $1

-- name: add_document
INSERT INTO document (sha256, size) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING

-- name: add_upload
INSERT INTO upload (id, realm, person, sha256, kind, title, content_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT ON CONSTRAINT upload_once DO NOTHING RETURNING id

-- name: upload_once
SELECT id FROM upload WHERE realm = $1 AND person = $2 AND content_hash = $3

-- name: add_realm
INSERT INTO realm (id, kind, title, opens_at, shift_seconds, now_at)
VALUES ($1, $2, $3, $4, $5, $4) ON CONFLICT (id) DO NOTHING RETURNING id
