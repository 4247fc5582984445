-- name: case
-- A case's row, its steps, and where the last of them left it.
SELECT a.*, s.steps, s.last, l.stage_after, l.end_after, l.content AS last_step
FROM application a
CROSS JOIN LATERAL (SELECT count(*)::integer AS steps, coalesce(max(seq), 0) AS last
    FROM step WHERE application = a.id) s
LEFT JOIN step l ON l.application = a.id AND l.seq = a.seq
WHERE a.id = $1

-- name: meeting
SELECT m.*, s.steps, s.last, l.phase_after, l.content AS last_step
FROM meeting m
CROSS JOIN LATERAL (SELECT count(*)::integer AS steps, coalesce(max(seq), 0) AS last
    FROM meeting_step WHERE meeting = m.id) s
LEFT JOIN meeting_step l ON l.meeting = m.id AND l.seq = m.seq
WHERE m.id = $1

-- name: lock_case
SELECT seq FROM application WHERE id = $1 FOR UPDATE

-- name: lock_meeting
SELECT seq FROM meeting WHERE id = $1 FOR UPDATE

-- name: clocks
SELECT key, starts_on, ends_on, ends_at, content FROM deadline
WHERE subject = $1 AND closed_at IS NULL

-- name: tasks
-- Those that the subject asks for, and not the delivery's or operations' own.
SELECT key, kind, organisation, person, due_on, params FROM task
WHERE subject = $1 AND closed_at IS NULL
  AND NOT starts_with(key, 'letter:') AND NOT starts_with(key, 'sentinel')
  AND key NOT IN ('operator', 'engine')

-- name: left_open
-- Whatever has an open clock or task, so many after one.
SELECT subject FROM (
    (SELECT DISTINCT subject FROM deadline
     WHERE closed_at IS NULL AND subject > $1 ORDER BY subject LIMIT $2)
    UNION
    (SELECT DISTINCT subject FROM task
     WHERE closed_at IS NULL AND subject > $1 ORDER BY subject LIMIT $2)) AS open
ORDER BY subject LIMIT $2

-- name: closed_among
-- Those of these that nothing runs of any more, and which they are.
SELECT a.id, a.realm, true AS is_case, a.updated_at AS at FROM application a
JOIN realm r ON r.id = a.realm AND r.closed_at IS NULL
WHERE a.id = ANY ($1::text[]) AND a.closed AND a.seq > 0
UNION ALL
SELECT m.id, m.realm, false, m.updated_at FROM meeting m
JOIN realm r ON r.id = m.realm AND r.closed_at IS NULL
WHERE m.id = ANY ($1::text[]) AND m.phase IN ('closed', 'cancelled') AND m.seq > 0

-- name: letter_chains
-- So many letters that a chain knows, after one; `there` is whether the letter is.
SELECT c.subject, e.content ->> 'subject' AS of, l.id IS NOT NULL AS there
FROM (SELECT subject FROM chain
    WHERE subject > greatest($1, 'letter:') AND subject < 'letter;' ORDER BY subject LIMIT $2) c
LEFT JOIN letter l ON l.id = substr(c.subject, 8)
LEFT JOIN chain_entry e ON e.subject = c.subject AND e.position = 1 AND l.id IS NULL
ORDER BY c.subject

-- name: followed_page
-- So many cases after one: whether the stays and the organisations that follow them are what their rows
-- and steps make of them, and whether they hold a year's chance as their state says. Of one whose steps
-- have a gap nothing is said.
SELECT p.id, NOT s.whole OR (s.stays_agree AND s.places_agree) AS agrees,
    NOT s.whole OR p.claim IS NULL OR (p.claim = 'taken') = s.claims AS chance_agrees
FROM (SELECT id, seq, CASE WHEN state IS NOT NULL THEN coalesce(state ->> 'claim', 'none') END AS claim
    FROM application WHERE id > $1 AND seq > 0 ORDER BY id LIMIT $2) p
CROSS JOIN LATERAL (SELECT
    (SELECT count(*) = p.seq AND max(seq) = p.seq FROM step WHERE application = p.id) AS whole,
    EXISTS (SELECT FROM yearly_claim WHERE application = p.id AND released_at IS NULL) AS claims,
    (SELECT array_agg(row(seq, holder, since, until) ORDER BY seq) FROM stays_made(p.id))
        IS NOT DISTINCT FROM
    (SELECT array_agg(row(seq, holder, since, until) ORDER BY seq) FROM stay WHERE application = p.id)
        AS stays_agree,
    (SELECT array_agg(row(organisation, due, submitted, closed) ORDER BY organisation)
        FROM case_of_made(p.id))
        IS NOT DISTINCT FROM
    (SELECT array_agg(row(organisation, due, submitted, closed) ORDER BY organisation)
        FROM case_of WHERE application = p.id) AS places_agree
) s
ORDER BY p.id

-- name: follow_again
SELECT follow_again($1)

-- name: sums_apart
-- Realms whose kept sums are not what their rows add up to, as of one instant, and which; under no realm
-- where the numbered working days are not the calendars'.
WITH days AS (
    SELECT realm, day, (day - '2000-01-01'::date
            - row_number() OVER (PARTITION BY realm ORDER BY day))::integer AS block,
        counts, (count(*) FILTER (WHERE counts) OVER (PARTITION BY realm ORDER BY day))::integer AS working
    FROM (SELECT DISTINCT ON (realm) realm, years FROM calendar_version
        ORDER BY realm, number DESC) AS c, days_of(c.years)
)
SELECT DISTINCT realm, what FROM (
    SELECT realm, 'case_tally' AS what
    FROM (SELECT realm, campaign, coalesce(stage, '') AS stage, coalesce(end_name, '') AS end_name,
            count(*) AS there
        FROM application WHERE campaign <> '' GROUP BY 1, 2, 3, 4) a
    FULL JOIN (SELECT * FROM case_tally WHERE cases <> 0) t USING (realm, campaign, stage, end_name)
    WHERE there IS DISTINCT FROM cases
    UNION ALL
    SELECT realm, 'stay_tally'
    FROM (SELECT s.realm, s.campaign, s.holder, count(*) AS n,
            coalesce(sum(u.working - d.working), 0)::bigint AS days,
            coalesce(max(u.working - d.working), 0) AS longest_day,
            sum(microseconds(s.until - s.since))::bigint AS micros
        FROM stay s
        JOIN (SELECT id, calendar_realm(id) AS calendar
            FROM (SELECT id FROM realm UNION SELECT 'live') AS every (id)) c ON c.id = s.realm
        LEFT JOIN counted_day d ON d.realm = c.calendar AND d.day = s.since_on
        LEFT JOIN counted_day u ON u.realm = d.realm AND u.day = s.until_on AND u.block = d.block
            AND u.working > d.working
        WHERE s.until IS NOT NULL GROUP BY 1, 2, 3) k
    FULL JOIN (SELECT * FROM stay_tally WHERE stays <> 0) t USING (realm, campaign, holder)
    WHERE (n, days, longest_day, micros) IS DISTINCT FROM (stays, working_days, longest, spent)
    UNION ALL
    SELECT '', 'counted_day' FROM (
        (TABLE days EXCEPT TABLE counted_day) UNION ALL (TABLE counted_day EXCEPT TABLE days)) o
) apart
ORDER BY realm, what

-- name: tally_again
SELECT tally_again($1)

-- name: told_of_letters
-- Operations' tasks about letters that were gone, and the letters that they name.
SELECT t.subject, t.params ->> 'what' AS what FROM task t WHERE t.key = $1 AND t.closed_at IS NULL

-- name: letters_there
SELECT id FROM letter WHERE id = ANY ($1::text[])

-- name: settled_tasks
-- Tasks about letters that were sent in the end, or sent again.
WITH RECURSIVE known AS (
    SELECT t.id AS task, t.subject, t.kind, n.id, n.state, true AS own
    FROM task t JOIN letter n ON n.id = substr(t.key, 8)
    WHERE t.closed_at IS NULL AND t.key > 'letter:' AND t.key < 'letter;'
    UNION ALL
    SELECT k.task, k.subject, k.kind, n.id, n.state, false
    FROM known k JOIN letter n ON n.resend_of = k.id AND n.resend_of <> ''
)
SELECT DISTINCT task, subject, 'letter:' || id AS letter FROM known
WHERE state IN ('sent', 'cancelled') AND NOT (own AND kind = 'partly_sent_letter')

-- name: end_task
UPDATE task SET closed_at = greatest($2, opened_at) WHERE id = $1 AND closed_at IS NULL

-- name: unasked_letters
-- Letters that a person must look at, and about which no task was ever opened. What goes with a
-- collected letter is told by that one's.
SELECT n.*, coalesce(n.application, '') AS case_id,
    coalesce(s.organisation, t.organisation) AS step_organisation
FROM letter n
JOIN realm r ON r.id = n.realm AND r.closed_at IS NULL
LEFT JOIN step s ON s.application = n.application AND s.seq = n.seq
LEFT JOIN meeting_step t ON t.meeting = n.meeting AND t.seq = n.seq
WHERE n.state IN ('bounced', 'unknown', 'no_address') AND n.subject IS NOT NULL
  AND n.kind <> 'collected' AND n.carried_by IS NULL
  AND NOT EXISTS (SELECT FROM task WHERE subject = n.subject AND key = 'letter:' || n.id
      AND starts_with(key, 'letter:'))
  AND NOT EXISTS (SELECT FROM letter WHERE resend_of = n.id AND resend_of <> '')
ORDER BY n.id

-- name: unfinished_bulks
-- What runs, what was asked and not heard of, and what waited in vain for another human.
SELECT b.id FROM bulk b JOIN realm r ON r.id = b.realm AND r.closed_at IS NULL
WHERE b.id > $1 AND (b.state = 'running'
    OR (b.state <> 'prepared' AND EXISTS (
        SELECT FROM bulk_line WHERE bulk = b.id AND state = 'asked'))
    OR (b.state = 'prepared' AND b.confirm_until < CASE WHEN r.kind = 'live' THEN now()
            ELSE coalesce(r.now_at, r.opens_at) END - interval '2 minutes'))
ORDER BY b.id LIMIT $2

-- name: operations_recorded
SELECT id, kind, recorded_at, outcome -> 'affected' IS NOT NULL
    AND outcome -> 'affected' <> 'null' AS tells_many
FROM operation WHERE id = ANY ($1::text[])

-- name: answered_in_record
-- Forms that were sent and heard no answer, and whose act stands in the record.
SELECT p.id, p.subject FROM pending_act p
WHERE p.state = 'sent' AND p.sent_at < now() - interval '1 hour' AND (
    EXISTS (SELECT FROM step s WHERE s.application = p.subject AND s.source = 'act'
        AND s.content ->> 'request_id' = p.id)
    OR EXISTS (SELECT FROM meeting_step s WHERE s.meeting = p.subject AND s.source = 'act'
        AND s.content ->> 'request_id' = p.id))
ORDER BY p.id

-- name: form_is_answered
-- As an answer of yes leaves it: the record has the act.
UPDATE pending_act SET state = 'done', answered_at = now(), stated = NULL, act = NULL
WHERE id = $1 AND state = 'sent'

-- name: known
-- Of these ids, those that the record knows, and whether it shows them open.
SELECT id, NOT closed AS open FROM application WHERE id = ANY ($1::text[])
UNION ALL
SELECT id, phase NOT IN ('closed', 'cancelled') FROM meeting WHERE id = ANY ($1::text[])
UNION ALL
SELECT id, true FROM bulk WHERE id = ANY ($1::text[])

-- name: parked
SELECT EXISTS (SELECT FROM task WHERE subject = $1 AND key = 'operator' AND closed_at IS NULL)

-- name: begin_round
INSERT INTO sentinel_round DEFAULT VALUES ON CONFLICT DO NOTHING

-- name: open_round
SELECT id, part, after FROM sentinel_round WHERE ended_at IS NULL

-- name: note_progress
UPDATE sentinel_round SET part = $2, after = $3, subjects = subjects + $4, letters = letters + $5,
    workflows = workflows + $6, unanswered = unanswered + $7,
    ended_at = CASE WHEN $2 = 'done' THEN now() END
WHERE id = $1

-- name: add_findings
INSERT INTO sentinel_finding (round, subject, kind, what, outcome)
SELECT $1, f.subject, f.kind, f.what, f.outcome
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS f (subject, kind, what, outcome)

-- name: rounds
SELECT * FROM sentinel_round WHERE $1::bigint = 0 OR id < $1 ORDER BY id DESC LIMIT $2

-- name: last_proof
SELECT * FROM sentinel_round WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1

-- name: found
SELECT kind, outcome, count(*)::integer AS number FROM sentinel_finding
WHERE round = $1 GROUP BY kind, outcome ORDER BY kind, outcome

-- name: findings
SELECT id, subject, kind, what, outcome, found_at FROM sentinel_finding
WHERE round = $1 AND id > $2 ORDER BY id LIMIT $3
