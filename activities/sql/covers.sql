-- name: cover_of
SELECT c.principal, c.acts, c.ends_on, (
    SELECT p.id_hash FROM person p
    WHERE p.id = c.principal AND p.realm IN ('', $3) ORDER BY p.realm DESC LIMIT 1) AS human
FROM covers_at($3, $4) c WHERE c.deputy = $1 AND c.organisation = $2
ORDER BY c.named_at, c.id LIMIT 1

-- name: deputy_of
-- Not where the deputy, under whatever row, is the applicant of a case.
SELECT c.deputy FROM covers_at($3, $4) c
WHERE c.principal = $1 AND c.organisation = $2 AND NOT EXISTS (
    SELECT FROM application a
    JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm)
    JOIN person d ON d.id = c.deputy AND d.realm IN ('', $3)
        AND (d.id = p.id OR d.id_hash = p.id_hash)
    WHERE a.id = $5)
ORDER BY c.named_at, c.id LIMIT 1

-- name: covers_now
SELECT c.*, NULL::timestamptz AS ended_at, '' AS ended_by, true AS holds FROM covers_at($2, $3) c
WHERE c.organisation = $1 ORDER BY c.named_at, c.id

-- What holds now for a person: whom he or she stands in for, and who for him or her.
-- name: covers_of_person
SELECT c.*, NULL::timestamptz AS ended_at, '' AS ended_by, true AS holds FROM covers_at($2, $3) c
WHERE c.deputy = $1 OR c.principal = $1 ORDER BY c.named_at, c.id

-- The last named first; so many after one.
-- name: covers_of_organisation
SELECT c.*, e.ended_at, coalesce(e.ended_by, '') AS ended_by,
    EXISTS (SELECT FROM covers_at($2, $3) h WHERE h.id = c.id) AS holds
FROM deputy_cover c LEFT JOIN LATERAL (
    SELECT ended_at, ended_by FROM deputy_cover_end
    WHERE cover = c.id AND realm IN ('', $2) ORDER BY ended_at LIMIT 1) e ON true
WHERE c.organisation = $1 AND c.realm IN ('', $2)
  AND ($4::text = '' OR (c.named_at, c.id) < (nullif($4, '')::timestamptz, $5::text))
ORDER BY c.named_at DESC, c.id DESC LIMIT $6

-- name: cover
SELECT c.*, e.ended_at FROM deputy_cover c LEFT JOIN LATERAL (
    SELECT ended_at FROM deputy_cover_end
    WHERE cover = c.id AND realm IN ('', $2) ORDER BY ended_at LIMIT 1) e ON true
WHERE c.id = $1 AND c.realm IN ('', $2)

-- name: covers_beside
-- Of either of two people in one place, on any of these days, not ended.
SELECT c.id FROM deputy_cover c
WHERE c.organisation = $1 AND c.realm IN ('', $2) AND c.starts_on <= $5 AND c.ends_on >= $4
  AND ARRAY[c.principal, c.deputy] && $3::text[]
  AND NOT EXISTS (SELECT FROM deputy_cover_end e WHERE e.cover = c.id AND e.realm IN ('', $2))
LIMIT 1

-- name: covers_ahead
-- What holds of somebody's covers in a place from an instant on, or from its first day where that is later.
SELECT c.id, ahead.since FROM deputy_cover c, LATERAL (
    SELECT greatest($4::timestamptz, c.starts_on::timestamp AT TIME ZONE 'Asia/Shanghai') AS since
) ahead
WHERE $1 IN (c.principal, c.deputy) AND c.organisation = $2 AND c.realm IN ('', $3)
  AND EXISTS (SELECT FROM covers_at($3, ahead.since) h WHERE h.id = c.id)
ORDER BY c.named_at, c.id

-- name: last_grant
SELECT coalesce(max(id), 0) FROM access_grant

-- name: add_cover
INSERT INTO deputy_cover (id, realm, organisation, principal, deputy, starts_on, ends_on, acts,
    reason, last_grant, named_by, named_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: end_cover
INSERT INTO deputy_cover_end (realm, cover, ended_at, ended_by) VALUES ($1, $2, $3, $4)
