-- name: lock_anchors
SELECT pg_advisory_xact_lock(hashtextextended('anchors', 0))

-- name: last_anchor
SELECT number, made_at, root FROM anchor ORDER BY number DESC LIMIT 1

-- name: moved_since
SELECT c.subject, c.position, e.hash FROM chain c
JOIN chain_entry e ON e.subject = c.subject AND e.position = c.position
WHERE c.position > coalesce(
    (SELECT h.position FROM anchor_head h WHERE h.subject = c.subject ORDER BY h.anchor DESC LIMIT 1),
    0)

-- name: add_anchor
INSERT INTO anchor (number, made_at, chains, previous, root, signature)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: add_heads
INSERT INTO anchor_head (anchor, subject, position, hash)
SELECT $1, h.subject, h.position, h.hash
FROM unnest($2::text[], $3::integer[], $4::bytea[]) AS h (subject, position, hash)

-- name: as_hashed
SELECT set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),
    set_config('datestyle', 'ISO', true), set_config('extra_float_digits', '1', true)

-- name: owner
SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'chain_entry'

-- name: kept
SELECT name, quote_ident(name) AS quoted, mode, key_columns FROM kept ORDER BY name

-- name: rows_of
SELECT kept_key(this, $1::text[]) AS key, kept_text(this) AS text
-- `step` stands for whichever table it is.
FROM (SELECT to_jsonb(t) AS this FROM step t) AS r

-- name: entries
SELECT subject, position, source, key, what, content::text AS content, row_hash,
    instant_text(written_at) AS written_at, written_by, previous, hash
FROM chain_entry ORDER BY subject, position

-- name: heads
SELECT subject, position FROM chain ORDER BY subject

-- name: anchors
SELECT number, made_at, previous, root, signature FROM anchor ORDER BY number

-- name: anchor_heads
SELECT subject, position, hash FROM anchor_head WHERE anchor = $1
