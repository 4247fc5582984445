-- name: meeting
SELECT * FROM meeting_line WHERE meeting = $1 AND ($2::text IS NULL OR realm = $2)

-- name: meetings
-- The latest day first; after the last of the page before, where one is named.
SELECT l.* FROM (
    SELECT m.id, coalesce(m.days[1], '-infinity'::date) AS day, m.number FROM meeting m
    WHERE m.realm = $1
      AND ($2 = '' OR m.campaign = $2)
      AND ($3 = '' OR m.committee = $3)
      AND ($4 = '' OR m.office = $4)
      AND ($5 = '' OR m.phase = $5)
      AND (NOT $6::boolean OR m.phase NOT IN ('closed', 'cancelled'))
      AND ($7::text = '' OR coalesce(m.days[1], '-infinity'::date) <= nullif($7, '')::date
          AND (coalesce(m.days[1], '-infinity'::date) < nullif($7, '')::date
              OR (m.number, m.id) > ($8::text, $9::text)))
    ORDER BY coalesce(m.days[1], '-infinity'::date) DESC, m.number, m.id LIMIT $10
) AS page JOIN meeting_line l ON l.meeting = page.id
ORDER BY page.day DESC, page.number, page.id

-- name: state
SELECT state FROM meeting WHERE id = $1

-- name: stored
SELECT m.state, m.realm, m.campaign, s.content->>'policy_version' AS policy_version,
    s.content->>'calendar_version' AS calendar_version
FROM meeting m JOIN meeting_step s ON s.meeting = m.id AND s.seq = m.seq
WHERE m.id = $1

-- name: answered_since
SELECT content FROM meeting_step
WHERE meeting = $1 AND seq > $2 AND content ->> 'source' = 'act' AND content ->> 'mark' <> ''
ORDER BY seq DESC LIMIT $3

-- name: tallies
SELECT state, batch, standing, outcome, track, count(*) AS count
FROM candidate WHERE meeting = $1
GROUP BY state, batch, standing, outcome, track
ORDER BY batch NULLS FIRST, state, standing, outcome, track

-- name: deadlines
SELECT d.*, organisation_name(d.holder, d.realm) AS holder_name, s.acted_at AS done_at, s.name AS done_by
FROM deadline d
LEFT JOIN meeting_step s ON s.meeting = d.meeting AND s.seq = d.closed_seq
WHERE d.meeting = $1
ORDER BY d.opened_at, d.id

-- name: tellings
SELECT t.id AS telling, t.action, t.batch, t.opened_at, t.done_at, count(l.*) AS lines,
    count(l.*) FILTER (WHERE l.state = 'open') AS "open",
    count(l.*) FILTER (WHERE l.state = 'done') AS done,
    count(l.*) FILTER (WHERE l.state = 'refused') AS refused,
    count(l.*) FILTER (WHERE l.state = 'gone') AS gone
FROM telling t JOIN telling_line l ON l.telling = t.id
WHERE t.meeting = $1
GROUP BY t.id ORDER BY t.opened_at DESC, t.id DESC

-- name: candidates
SELECT c.*, c.group_number AS "group", a.person, p.name AS sealed_name, a.acceptance_number,
    organisation_name(c.unit, c.realm) AS unit_name,
    organisation_name(c.entrusting, c.realm) AS entrusting_name,
    cardinality(recused_of(c.meeting, c.application)) AS recusals
FROM candidate c
JOIN application a ON a.id = c.application
JOIN applicant p ON p.application = a.id
WHERE c.meeting = $1
  AND ($2::integer IS NULL OR c.batch = $2)
  AND ($3::text IS NULL OR c.state = $3)
  AND ($4::text IS NULL OR c.standing = $4)
  AND (NOT $5::boolean OR c.batch IS NOT NULL)
  AND ($6::text = '' OR (c.position, c.application) > (nullif($6, '')::integer, $7::text))
ORDER BY c.position, c.application LIMIT $8

-- name: recusals
-- Who entered one under absence cover did so in the name of whoever the step of that moment says.
SELECT r.*, p.name AS sealed_name, coalesce((
    SELECT s.content #>> '{actor,cover,principal}' FROM meeting_step s
    WHERE s.meeting = r.meeting AND s.name = 'recuse' AND s.recorded_at = r.entered_at
      AND s.content #>> '{actor,person}' = r.entered_by
      AND s.content #> '{actor,cover,acts}' <> '[]' LIMIT 1), '') AS principal
FROM recusal r
JOIN candidate c ON c.meeting = r.meeting AND c.application = r.application
JOIN application a ON a.id = r.application
JOIN applicant p ON p.application = a.id
WHERE r.meeting = $1
ORDER BY c.position, r.expert

-- name: steps
SELECT content, answer FROM meeting_step WHERE meeting = $1 ORDER BY seq

-- name: draws
SELECT s.answer, p.experts FROM meeting_step s
JOIN draw_pool p ON p.meeting = s.meeting AND p.number = (s.answer #>> '{drawn,number}')::integer
WHERE s.meeting = $1 AND s.answer #>> '{drawn,seed}' <> '' ORDER BY s.seq

-- name: realm_of
SELECT realm FROM meeting WHERE id = $1
