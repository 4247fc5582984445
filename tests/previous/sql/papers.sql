-- name: lock_paper
SELECT pg_advisory_xact_lock(hashtextextended('paper/' || $1, 0))

-- name: paper_of
SELECT * FROM paper
WHERE realm = $1 AND kind = $2 AND application IS NOT DISTINCT FROM $3
  AND meeting IS NOT DISTINCT FROM $4 AND batch IS NOT DISTINCT FROM $5
  AND seq = $6 AND detail = $7

-- name: add_paper
INSERT INTO paper (id, realm, kind, application, meeting, batch, seq, detail, data_hash,
    template_version, unsealed_sha256, sha256, size, seals, made_at, made_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)

-- name: paper
SELECT * FROM paper WHERE id = $1

-- name: papers_of_application
SELECT * FROM paper WHERE application = $1 ORDER BY seq, made_at, id

-- name: papers_of_meeting
SELECT * FROM paper
WHERE meeting = $1 AND ($2::integer IS NULL OR batch = $2) ORDER BY batch, made_at, id

-- name: identity_of
SELECT name, id_number, phone FROM applicant WHERE application = $1

-- name: deadlines_as_of
SELECT content, opened_seq, closed_seq, ended FROM deadline
WHERE subject = $1 AND opened_seq <= $2 ORDER BY opened_seq, id

-- name: ballot_of
SELECT c.ballot, c.opinion, c.outcome, c.profession, m.state FROM candidate c
JOIN meeting m ON m.id = c.meeting
WHERE c.application = $1 AND c.realm = $2 AND c.ballot IS NOT NULL
  AND ($3 = '' OR c.meeting = $3)
ORDER BY c.listed_at DESC LIMIT 1

-- name: lock_certificates
SELECT pg_advisory_xact_lock(hashtextextended('certificates/' || $1, 0))

-- name: last_serial
SELECT coalesce(max(serial), 0) FROM certificate WHERE realm = $1 AND year = $2 AND code = $3

-- name: add_certificate
INSERT INTO certificate (number, realm, application, seq, year, code, serial, obtained_on, issued_on,
    document, level, profession, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: certificate_of
SELECT * FROM certificate WHERE realm = $1 AND application = $2 AND ($3::integer IS NULL OR seq = $3)
ORDER BY seq DESC LIMIT 1

-- name: certificate_by_number
SELECT * FROM certificate WHERE realm = $1 AND number = $2

-- name: meeting_of
SELECT m.realm, m.number, m.campaign, m.office, m.city_office, m.state,
    (SELECT c.name FROM committee c WHERE c.id = m.committee AND c.realm IN ('', kept_under(m.realm))
     ORDER BY c.realm DESC LIMIT 1) AS committee_name
FROM meeting m WHERE m.id = $1

-- name: words_told
SELECT id, action, acted_at FROM telling
WHERE meeting = $1 AND batch = $2 AND action = ANY ($3::text[]) AND done_at IS NOT NULL
ORDER BY opened_at, id

-- name: candidates_told
SELECT c.application, c.track, c.unit, c.entrusting, c.level, c.outcome, c.ballot,
    l.state, l.payload, a.places, p.name AS sealed_name, p.id_number AS sealed_id_number,
    coalesce(d.facts ->> 'employer', c.unit) AS employer,
    concat_ws('·',
        nullif(coalesce(a.state -> 'facts' ->> 'profession_field', d.facts ->> 'profession_field'), ''),
        nullif(coalesce(a.state -> 'facts' ->> 'profession', d.facts ->> 'profession'), '')
    ) AS profession
FROM telling_line l
JOIN telling t ON t.id = l.telling
JOIN candidate c ON c.meeting = t.meeting AND c.application = l.application
JOIN application a ON a.id = c.application
LEFT JOIN draft d ON d.id = a.draft
JOIN applicant p ON p.application = a.id
WHERE l.telling = ANY ($1::text[])
ORDER BY array_position($2::text[], c.level), c.unit, l.position, c.application

-- name: left_out
SELECT count(*) FILTER (WHERE state IN ('deferred', 'off')) AS deferred,
    count(*) FILTER (WHERE standing IN ('held', 'released')) AS held
FROM candidate WHERE meeting = $1

-- name: batch_circle
SELECT m.office, m.city_office, coalesce(jsonb_agg(a.places) FILTER (WHERE a.id IS NOT NULL), '[]') AS routes
FROM meeting m
LEFT JOIN candidate c ON c.meeting = m.id AND c.batch = $2
LEFT JOIN application a ON a.id = c.application
WHERE m.id = $1 GROUP BY m.id

-- name: certificates_of
SELECT * FROM certificate WHERE realm = $1 AND application = $2 ORDER BY seq

-- name: perhaps_withdrawn
SELECT c.number, c.issued_on, c.document, a.campaign, a.state FROM certificate c
JOIN application a ON a.id = c.application
WHERE c.realm = $1
  AND (a.end_name = 'revoked' OR jsonb_array_length(coalesce(a.state -> 'results', '[]')) > 1
       OR a.state #>> '{results,-1,recheck_decision}' = 'reassess')
ORDER BY c.number

-- name: publicity_ends
SELECT max(ends_at) FROM deadline WHERE subject = $1 AND key = $2

-- name: open_paper_task
INSERT INTO task (application, meeting, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (subject, key) WHERE closed_at IS NULL DO UPDATE SET params = excluded.params

-- name: close_paper_task
UPDATE task SET closed_at = $3 WHERE subject = $1 AND key = $2 AND closed_at IS NULL
