-- name: case
SELECT * FROM case_line WHERE application = $1 AND ($2::text IS NULL OR realm = $2)

-- name: state
SELECT state FROM application WHERE id = $1

-- name: cases
SELECT *, count(*) OVER () AS total FROM case_line
WHERE realm = $1
  AND ($2 = '' OR campaign = $2)
  AND ($3 = '' OR stage = $3)
  AND ($4 = '' OR "end" = $4)
  AND ($5 = '' OR holder = $5)
  AND ($6 = '' OR meeting = $6)
  AND ($7 = '' OR batch = $7)
  AND ($8::date IS NULL OR due_on <= $8)
  AND (NOT $9::boolean OR NOT closed)
  AND ($12::boolean OR ($14 <> '' AND person = $14) OR ($13 <> '' AND application IN (
      SELECT a.id FROM application a
      LEFT JOIN campaign_version v ON v.campaign = a.campaign AND v.version = a.policy_version
          AND v.realm IN ('', a.realm)
      WHERE a.realm = $1 AND (
          a.places @> jsonb_build_array(jsonb_build_object('organisation', $13::text))
          OR v.policy -> 'committee' ->> 'office' = $13
          OR v.policy -> 'committee' ->> 'city_office' = $13))))
  AND (($15::bytea IS NULL AND $16::bytea IS NULL) OR EXISTS (
      SELECT FROM applicant p WHERE p.application = case_line.application
        AND ($15::bytea IS NULL OR p.name_hash = $15)
        AND ($16::bytea IS NULL OR p.id_hash = $16)))
ORDER BY due_on NULLS LAST, submitted_at, application
LIMIT $10 OFFSET $11

-- name: resolve
-- The reference, its opaque part ('' where that is too short), the prefix of ids, the realm.
SELECT id, (id = $1 OR acceptance_number = $1) AS exact FROM application
WHERE $1 <> '' AND ($4::text IS NULL OR realm = $4)
  AND (id = $1 OR acceptance_number = $1
       OR ($2 <> '' AND (starts_with(id, $3 || $2) OR right(id, length($2)) = $2)))
ORDER BY exact DESC, id
LIMIT 10

-- name: exact
SELECT id FROM application WHERE id = $1 AND ($2::text IS NULL OR realm = $2)

-- name: timeline
SELECT content FROM step WHERE application = $1 ORDER BY seq

-- name: letters
SELECT n.*, m.number AS meeting_number FROM letter n LEFT JOIN meeting m ON m.id = n.meeting
WHERE n.subject = $1 ORDER BY n.seq, n.ordered_at, n.id

-- name: resolve_letter
-- The reference, its opaque part ('' where that is too short), the prefix of ids, here none.
SELECT id, id = $1 AS exact FROM letter
WHERE id = $1 OR ($2 <> '' AND (starts_with(id, $3 || $2) OR right(id, length($2)) = $2))
ORDER BY exact DESC, id LIMIT 10

-- name: letter
SELECT n.*, m.number AS meeting_number FROM letter n LEFT JOIN meeting m ON m.id = n.meeting
WHERE n.id = $1

-- name: unsettled_letters
SELECT n.*, m.number AS meeting_number FROM letter n LEFT JOIN meeting m ON m.id = n.meeting
WHERE n.realm = $1 AND n.state IN ('bounced', 'unknown', 'no_address')
ORDER BY n.ordered_at, n.id

-- name: deadlines
SELECT d.*, organisation_name(d.holder, d.realm) AS holder_name
FROM deadline d WHERE d.subject = $1 ORDER BY d.opened_at, d.id

-- name: open_deadlines
SELECT content FROM deadline WHERE subject = $1 AND closed_at IS NULL ORDER BY ends_at, key

-- name: case_tasks
SELECT t.*, c.sealed_name, coalesce(c.campaign, m.campaign) AS campaign, c.route, c.level,
    c.stage, c.acceptance_number, m.number AS meeting_number
FROM task t
LEFT JOIN case_line c ON c.application = t.application
LEFT JOIN meeting m ON m.id = t.meeting
WHERE t.subject = $1 AND t.closed_at IS NULL
ORDER BY t.due_on NULLS LAST, t.id

-- name: inbox
SELECT t.*, c.sealed_name, coalesce(c.campaign, m.campaign) AS campaign, c.route, c.level,
    c.stage, c.acceptance_number, m.number AS meeting_number
FROM task t
LEFT JOIN case_line c ON c.application = t.application
LEFT JOIN meeting m ON m.id = t.meeting
WHERE t.realm = $1 AND t.organisation = $2
  AND t.opened_at <= $3 AND (t.closed_at IS NULL OR t.closed_at > $3)
ORDER BY t.due_on NULLS LAST, t.opened_at, t.id

-- name: inbox_of_person
SELECT t.*, c.sealed_name, c.campaign, c.route, c.level, c.stage, c.acceptance_number
FROM task t JOIN case_line c ON c.application = t.application
WHERE t.realm = $1 AND t.person = $2
  AND t.opened_at <= $3 AND (t.closed_at IS NULL OR t.closed_at > $3)
ORDER BY t.due_on NULLS LAST, t.opened_at, t.id

-- name: reached
SELECT max(updated_at) FROM application WHERE realm = $1

-- name: ends_of_ids
-- How many cases and meetings have an id with each of these ends of so many characters.
SELECT right(id, $2) AS "end", count(*) AS count
FROM (SELECT id FROM application UNION ALL SELECT id FROM meeting) AS known (id)
WHERE right(id, $2) = ANY ($1::text[]) GROUP BY 1

-- name: ends_of_letters
SELECT right(id, $2) AS "end", count(*) AS count FROM letter
WHERE right(id, $2) = ANY ($1::text[]) GROUP BY 1

-- name: open_applications
SELECT id FROM application WHERE realm = $1 AND NOT closed ORDER BY id

-- name: cases_of_person
SELECT * FROM case_line WHERE realm = $1 AND person = $2
ORDER BY submitted_at DESC NULLS LAST, application

-- name: draft
SELECT d.*, coalesce(d.name, p.name) AS sealed_name
FROM draft d JOIN person p ON p.id = d.person AND p.realm = kept_under(d.realm)
WHERE d.id = $1

-- name: facts_of_case
-- As they stand: what was submitted, with what corrections changed of it.
SELECT coalesce(a.state -> 'facts', d.facts) FROM application a
LEFT JOIN draft d ON d.id = a.draft WHERE a.id = $1

-- name: draft_of_case
SELECT facts, titles FROM draft WHERE id = $1

-- name: texts
SELECT id, body FROM free_text WHERE id = ANY ($1::text[])

-- name: uploads
SELECT u.id, u.sha256, d.size, u.kind, u.title FROM upload u JOIN document d ON d.sha256 = u.sha256
WHERE u.id = ANY ($1::text[]) ORDER BY u.created_at, u.id
