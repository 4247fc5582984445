-- name: bulk
SELECT * FROM bulk WHERE id = $1

-- name: lock_bulk
SELECT * FROM bulk WHERE id = $1 AND realm = $2 FOR UPDATE

-- name: add_bulk
-- Whoever prepares it begins it, or it is over as if nobody had confirmed it.
INSERT INTO bulk (id, realm, action, person, organisation, role, payload, total, weighty, stop_after,
    digest, prepared_at, confirm_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12::timestamptz + interval '48 hours')
ON CONFLICT (id) DO NOTHING RETURNING id

-- name: subjects
SELECT subject FROM bulk_line WHERE bulk = $1 AND state <> 'left_out' ORDER BY position

-- name: set_state
UPDATE bulk SET state = $2, why = $3, changed_by = $4, changed_at = $5,
    started_at = CASE WHEN $2 = 'running' THEN coalesce(started_at, $5) ELSE started_at END,
    failures = CASE WHEN $2 = 'running' THEN 0 ELSE failures END
WHERE id = $1

-- name: not_confirmed
-- Only what nobody began.
UPDATE bulk SET state = 'not_confirmed', why = $2, reason = $3, changed_by = $4, changed_at = $5
WHERE id = $1 AND state = 'prepared'

-- name: waits
UPDATE bulk SET confirm_until = greatest(confirm_until, $2) WHERE id = $1 AND state = 'prepared'

-- name: expire
-- A word on its way is waited for a minute longer, as a lapse does.
UPDATE bulk SET state = 'not_confirmed', why = 'expired', changed_at = confirm_until
WHERE id = $1 AND state = 'prepared' AND confirm_until <= $2::timestamptz - interval '1 minute'

-- name: waits_for
SELECT extract(epoch FROM confirm_until + interval '1 minute' - $2::timestamptz)::float FROM bulk
WHERE id = $1 AND state = 'prepared' AND confirm_until IS NOT NULL

-- name: expired_in
-- What waited in vain by an instant, in a realm.
SELECT id FROM bulk
WHERE realm = $1 AND state = 'prepared' AND confirm_until <= $2::timestamptz - interval '1 minute'

-- name: recall_lines
UPDATE bulk_line SET state = 'recalled' WHERE bulk = $1 AND state = 'open'

-- name: retry_lines
UPDATE bulk_line SET state = 'open' WHERE bulk = $1 AND state IN ('refused', 'unanswered')

-- name: begun_lines
-- What was asked and never heard of: by a worker that is gone.
SELECT position, subject, is_meeting, act, vouched_by, voucher, tries FROM bulk_line
WHERE bulk = $1 AND state = 'asked' ORDER BY position LIMIT $2

-- name: begin_lines
-- Only while it runs; what is recalled at this moment is not begun.
UPDATE bulk_line l SET state = 'asked', tries = l.tries + 1
FROM (SELECT position FROM bulk_line WHERE bulk = $1 AND state = 'open' ORDER BY position LIMIT $2) n
WHERE l.bulk = $1 AND l.position = n.position AND l.state = 'open'
  AND EXISTS (SELECT FROM bulk WHERE id = $1 AND state = 'running')
RETURNING l.position, l.subject, l.is_meeting, l.act, l.vouched_by, l.voucher, l.tries

-- name: answer_lines
WITH answered AS (
    UPDATE bulk_line l SET state = a.state, refusals = a.refusals, seq = a.seq, answered_at = now()
    FROM unnest($2::integer[], $3::text[], $4::jsonb[], $5::integer[])
        AS a (position, state, refusals, seq)
    WHERE l.bulk = $1 AND l.position = a.position AND l.state = 'asked'
    RETURNING l.state)
UPDATE bulk SET failures = failures + (SELECT count(*) FROM answered WHERE state <> 'done')
WHERE id = $1

-- name: come_to_rest
-- It is done where nothing is left, and stops where too much failed; each only while it runs.
UPDATE bulk b SET changed_at = $2,
    why = CASE WHEN b.failures >= b.stop_after AND n.left_over THEN 'failures' ELSE '' END,
    state = CASE WHEN b.failures >= b.stop_after AND n.left_over THEN 'stopped' ELSE 'done' END
FROM (SELECT EXISTS (SELECT FROM bulk_line WHERE bulk = $1 AND state IN ('open', 'asked'))
    AS left_over) n
WHERE b.id = $1 AND b.state = 'running' AND (NOT n.left_over OR b.failures >= b.stop_after)

-- name: tally
SELECT state, count(*) AS number FROM bulk_line WHERE bulk = $1 GROUP BY state

-- name: realm_time
-- As the office reckons it: where a rehearsal's clock was moved to, and how far its cases came.
SELECT CASE WHEN r.kind = 'live' THEN now() ELSE greatest(
    now() + make_interval(secs => r.shift_seconds), r.now_at,
    (SELECT max(a.updated_at) FROM application a WHERE a.realm = r.id)) END AS at
FROM realm r WHERE r.id = $1

-- name: done_as
-- The step by which a case answered a request.
SELECT seq FROM step
WHERE application = $1 AND source = 'act' AND content ->> 'request_id' = $2 ORDER BY seq LIMIT 1

-- name: bulks_of
-- So many after one, the last prepared first; of an organisation, or of all.
SELECT b.*, (SELECT jsonb_object_agg(state, number) FROM (
    SELECT state, count(*) AS number FROM bulk_line WHERE bulk = b.id GROUP BY state) n) AS tally
FROM bulk b
WHERE b.realm = $1 AND ($2 = '' OR b.organisation = $2)
  AND ($3::text = '' OR (b.prepared_at, b.id) < (nullif($3, '')::timestamptz, $4::text))
ORDER BY b.prepared_at DESC, b.id DESC LIMIT $5

-- name: lines_of
-- So many after one; in one of these states, or in any where none is named.
SELECT l.position, l.subject, l.is_meeting, l.state, l.tries, l.refusals, l.seq, l.answered_at,
    c.sealed_name, c.acceptance_number, c.stage, c."end"
FROM bulk_line l LEFT JOIN case_line c ON c.application = l.subject
WHERE l.bulk = $1 AND ($2::text[] = '{}' OR l.state = ANY ($2::text[])) AND l.position > $3
ORDER BY l.position LIMIT $4

-- name: stop
UPDATE bulk SET state = 'stopped', why = $2, changed_at = $3 WHERE id = $1 AND state = 'running'

-- name: open_subjects
-- Cases and meetings that are open in a realm, so many after one.
SELECT id, is_meeting FROM (
    (SELECT id, false AS is_meeting FROM application
     WHERE realm = $1 AND NOT closed AND seq > 0 AND ($2 = '' OR campaign = $2) AND id > $3
     ORDER BY id LIMIT $4)
    UNION ALL
    (SELECT id, true FROM meeting
     WHERE realm = $1 AND phase NOT IN ('closed', 'cancelled') AND ($2 = '' OR campaign = $2)
       AND id > $3
     ORDER BY id LIMIT $4)) AS open
ORDER BY id LIMIT $4
