-- name: keep_committee
INSERT INTO committee (id, realm, name, office, city_office, filing, filed_on, valid_until, seats,
    spares, minimum, max_level, content, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT ON CONSTRAINT committee_pk DO UPDATE SET
    name = excluded.name, office = excluded.office, city_office = excluded.city_office,
    filing = excluded.filing, filed_on = excluded.filed_on, valid_until = excluded.valid_until,
    seats = excluded.seats, spares = excluded.spares, minimum = excluded.minimum,
    max_level = excluded.max_level, content = excluded.content, updated_at = excluded.updated_at

-- name: keep_expert
INSERT INTO expert (id, realm, committee, person, unit, professions, chair, term_from, term_to,
    updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT ON CONSTRAINT expert_pk DO UPDATE SET
    committee = excluded.committee, person = excluded.person, unit = excluded.unit,
    professions = excluded.professions, chair = excluded.chair, term_from = excluded.term_from,
    term_to = excluded.term_to, updated_at = excluded.updated_at

-- name: committee
SELECT content FROM committee WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: committees
SELECT DISTINCT ON (id) content FROM committee WHERE realm IN ('', $1) ORDER BY id, realm DESC

-- name: pool
SELECT * FROM (
    SELECT DISTINCT ON (id) * FROM expert WHERE realm IN ('', $2) ORDER BY id, realm DESC
) known WHERE committee = $1 ORDER BY id

-- name: expert
SELECT * FROM expert WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: experts_elsewhere
SELECT DISTINCT id FROM expert
WHERE id = ANY ($1::text[]) AND committee <> $2 AND realm IN ('', $3) ORDER BY id

-- name: people_of_experts
SELECT DISTINCT ON (id) id, person FROM expert
WHERE id = ANY ($1::text[]) AND realm IN ('', $2) ORDER BY id, realm DESC
