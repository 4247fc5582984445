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

-- name: running_bulks
SELECT id FROM bulk WHERE id > $1 AND state = 'running' ORDER BY id LIMIT $2

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
