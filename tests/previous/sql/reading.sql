-- name: case
-- The facts as they stand: what was submitted, with what corrections changed of it. Which human it is,
-- so that nobody is the office on the own case under another row of the directory.
SELECT c.*, (SELECT p.id_hash FROM person p
        WHERE p.id = c.person AND p.realm = kept_under(c.realm)) AS id_hash,
    (SELECT coalesce(a.state -> 'facts', d.facts) FROM application a
        LEFT JOIN draft d ON d.id = a.draft WHERE a.id = c.application) AS facts,
    ARRAY(SELECT content FROM deadline
        WHERE subject = c.application AND closed_at IS NULL ORDER BY ends_at, key) AS running
FROM case_line c WHERE c.application = $1 AND ($2::text IS NULL OR c.realm = $2)

-- name: state
SELECT state FROM application WHERE id = $1

-- name: case_lines
-- What a list shows, and no more: the places and checks of a case are many times as long. A page has
-- few holders, and the name of each is looked for once.
WITH lines AS MATERIALIZED (
    SELECT a.id AS application, a.realm, a.campaign, a.route, a.level, a.channel, a.stage, a.end_name AS "end",
        a.holder, a.person, p.name AS sealed_name, a.due_on, a.due_rule, a.submissions, a.submitted_at,
        a.updated_at, a.closed, a.acceptance_number, a.meeting, a.batch, a.version
    FROM application a JOIN applicant p ON p.application = a.id
    WHERE a.id = ANY ($1::text[])
), holders AS MATERIALIZED (
    SELECT h.realm, h.holder, organisation_name(h.holder, h.realm) AS holder_name
    FROM (SELECT DISTINCT realm, holder FROM lines) AS h
)
SELECT lines.*, holders.holder_name FROM lines JOIN holders USING (realm, holder)

-- name: is_office
SELECT EXISTS (SELECT FROM campaign_version WHERE realm IN ('', $2)
    AND (policy #>> '{committee,office}' = $1 OR policy #>> '{committee,city_office}' = $1))

-- name: timeline
SELECT content FROM step WHERE application = $1 ORDER BY seq

-- name: letters
SELECT n.*, m.number AS meeting_number FROM letter n LEFT JOIN meeting m ON m.id = n.meeting
WHERE n.subject = $1 ORDER BY n.seq, n.ordered_at, n.id

-- name: letter
SELECT n.*, m.number AS meeting_number FROM letter n LEFT JOIN meeting m ON m.id = n.meeting
WHERE n.id = $1

-- name: unsettled_letters
-- After the last of the page before, where one is named.
SELECT n.*, m.number AS meeting_number FROM letter n LEFT JOIN meeting m ON m.id = n.meeting
WHERE n.realm = $1 AND n.state IN ('bounced', 'unknown', 'no_address')
  AND (n.carried_by IS NULL OR n.attempts > 0)  -- else the one that carried it is listed
  AND ($2::text = '' OR (n.ordered_at, n.id) > (nullif($2, '')::timestamptz, $3::text))
ORDER BY n.ordered_at, n.id LIMIT $4

-- name: deadlines
SELECT d.*, organisation_name(d.holder, d.realm) AS holder_name
FROM deadline d WHERE d.subject = $1 ORDER BY d.opened_at, d.id

-- name: case_tasks
SELECT t.*, c.sealed_name, coalesce(c.campaign, m.campaign) AS campaign, c.route, c.level,
    c.stage, c.acceptance_number, m.number AS meeting_number
FROM task t
LEFT JOIN case_line c ON c.application = t.application
LEFT JOIN meeting m ON m.id = t.meeting
WHERE t.subject = $1 AND t.closed_at IS NULL
ORDER BY t.due_on NULLS LAST, t.id

-- name: task_lines
SELECT t.*, c.sealed_name, coalesce(c.campaign, m.campaign) AS campaign, c.route, c.level,
    c.stage, c.acceptance_number, m.number AS meeting_number
FROM task t
LEFT JOIN case_line c ON c.application = t.application
LEFT JOIN meeting m ON m.id = t.meeting
WHERE t.id = ANY ($1::bigint[])

-- name: reached
SELECT max(updated_at) FROM application WHERE realm = $1 AND realm <> 'live'

-- name: open_applications
-- So many after one, of a campaign or of all.
SELECT id FROM application
WHERE realm = $1 AND NOT closed AND id > $2 AND ($3 = '' OR campaign = $3) ORDER BY id LIMIT $4

-- name: draft
SELECT d.*, coalesce(d.name, p.name) AS sealed_name
FROM draft d JOIN person p ON p.id = d.person AND p.realm = kept_under(d.realm)
WHERE d.id = $1

-- name: titles_of_case
SELECT d.titles FROM application a JOIN draft d ON d.id = a.draft WHERE a.id = $1

-- name: texts
SELECT id, body FROM free_text WHERE id = ANY ($1::text[])

-- name: uploads
SELECT u.id, u.person, u.sha256, d.size, u.kind, u.title
FROM upload u JOIN document d ON d.sha256 = u.sha256
WHERE u.id = ANY ($1::text[]) ORDER BY u.created_at, u.id

-- name: uploads_of
SELECT u.id, u.person, u.sha256, d.size, u.kind, u.title
FROM upload u JOIN document d ON d.sha256 = u.sha256
WHERE u.realm = $1 AND u.person = $2 ORDER BY u.created_at DESC, u.id LIMIT $3

-- name: uploads_since_yesterday
SELECT count(*) FROM upload
WHERE realm = $1 AND person = $2 AND created_at > now() - interval '1 day'
