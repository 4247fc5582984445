-- name: ordered
SELECT n.*, coalesce(n.application, '') AS case_id, a.person AS applicant_id,
    coalesce(a.campaign, m.campaign) AS campaign, a.level, a.stage, a.closed, a.places,
    coalesce(a.policy_version, (t.content ->> 'policy_version')::integer) AS policy_version,
    a.acceptance_number, coalesce(a.holder, m.office) AS holder,
    coalesce(s.organisation, t.organisation) AS step_organisation, s.stage_before,
    coalesce(s.content, t.content) -> 'actor' AS step_actor,
    coalesce(s.holder_after, a.holder, m.office) AS holder_then,
    m.number AS meeting_number
FROM letter n
LEFT JOIN application a ON a.id = n.application
LEFT JOIN step s ON s.application = n.application AND s.seq = n.seq
LEFT JOIN meeting m ON m.id = n.meeting
LEFT JOIN meeting_step t ON t.meeting = n.meeting AND t.seq = n.seq
WHERE n.id = ANY ($1::text[]) AND n.state = ANY ($2::text[]) ORDER BY n.created_at, n.id

-- name: chance
SELECT CASE WHEN released_at IS NULL THEN 'kept' ELSE 'given_back' END FROM yearly_claim
WHERE application = $1 ORDER BY id DESC LIMIT 1

-- name: operations
SELECT id FROM organisation WHERE kind = 'operations' AND realm IN ('', $1)
ORDER BY realm DESC, id LIMIT 1

-- name: done_meanwhile
-- Which letters about work ask for what was done since: it was open, and nothing like it is now.
SELECT a.id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
    $7::timestamptz[], $8::text[]) AS a (id, subject, realm, organisation, kinds, since, as_of, params)
WHERE EXISTS (
    SELECT FROM task t
    WHERE t.realm = a.realm AND t.organisation = a.organisation AND t.organisation <> ''
      AND t.closed_at > a.since AND t.closed_at <= a.as_of AND t.subject = a.subject
      AND t.kind = ANY (string_to_array(a.kinds, ' ')) AND t.params @> a.params::jsonb
) AND NOT EXISTS (
    SELECT FROM task t
    WHERE t.subject = a.subject AND t.closed_at IS NULL AND t.organisation = a.organisation
      AND t.opened_at <= a.as_of
      AND t.kind = ANY (string_to_array(a.kinds, ' ')) AND t.params @> a.params::jsonb
) AND NOT EXISTS (
    SELECT FROM task t
    WHERE t.realm = a.realm AND t.organisation = a.organisation AND t.organisation <> ''
      AND t.closed_at > a.as_of AND t.subject = a.subject AND t.opened_at <= a.as_of
      AND t.kind = ANY (string_to_array(a.kinds, ' ')) AND t.params @> a.params::jsonb
)

-- name: deadline_gone
-- Which reminders are of a deadline that is closed, or stands with another last day.
SELECT a.id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::timestamptz[])
    AS a (id, subject, key, rule, ends_on, as_of)
WHERE NOT EXISTS (
    SELECT FROM deadline d
    WHERE d.subject = a.subject AND (d.key = a.key OR (a.key = '' AND d.rule = a.rule))
      AND d.opened_at <= a.as_of AND (d.closed_at IS NULL OR d.closed_at > a.as_of)
      AND d.ends_on = a.ends_on
)

-- name: realm_now
SELECT greatest(now() + shift_seconds * interval '1 s', now_at) FROM realm WHERE id = $1

-- name: calendar_now
SELECT version, content_hash FROM calendar_version WHERE realm IN ('', $1)
ORDER BY realm DESC, number DESC LIMIT 1

-- name: choices
SELECT organisation, person, rhythm, written_at FROM letter_choice
WHERE realm IN ('', $1) AND (organisation = $2 AND organisation <> '' OR person = ANY ($3::text[]))
ORDER BY realm

-- name: begin_collecting
INSERT INTO letter (id, realm, kind, party, organisation, person, params, ordered_at, room, due_at)
VALUES ($1, $2, 'collected', 'holder', $3, $4, $5, $6, $7, now() + $8::interval)
ON CONFLICT (realm, organisation, person, ordered_at)
    WHERE kind = 'collected' AND state = 'queued' AND attempts = 0 AND resend_of = ''
DO NOTHING

-- name: collecting
-- Held fast until what it is to carry is written: it is not claimed before that.
SELECT id FROM letter
WHERE realm = $1 AND organisation = $2 AND person = $3 AND ordered_at = $4
  AND kind = 'collected' AND state = 'queued' AND attempts = 0 AND resend_of = ''
FOR SHARE

-- name: was_collected
SELECT EXISTS (SELECT FROM letter WHERE realm = $1 AND organisation = $2 AND person = $3
    AND ordered_at = $4 AND kind = 'collected')

-- name: gather
-- What is also a mail of its own, to some of its readers, stays queued for those.
UPDATE letter n SET
    carried_by = ARRAY(SELECT DISTINCT unnest(coalesce(n.carried_by, '{}') || g.carriers) ORDER BY 1),
    state = CASE WHEN o.readers IS NULL THEN 'gathered' ELSE n.state END,
    left_to = o.readers
FROM (SELECT letter, array_agg(carrier) AS carriers
    FROM unnest($1::text[], $2::text[]) AS p (letter, carrier) GROUP BY letter) g
LEFT JOIN (SELECT letter, array_agg(reader) AS readers
    FROM unnest($3::text[], $4::text[]) AS p (letter, reader) GROUP BY letter) o
    ON o.letter = g.letter
WHERE n.id = g.letter AND n.state = 'queued'

-- name: carried
SELECT id, state FROM letter WHERE carried_by @> ARRAY[$1::text]

-- name: due_of_organisation
-- What an organisation has still to do by a day, as of an instant: what is open, and for a rehearsal,
-- whose cases may have gone on meanwhile, what was closed after that.
SELECT t.application, m.number AS meeting_number, t.kind, t.due_on, t.subject,
    a.acceptance_number
FROM (
    SELECT * FROM task WHERE realm = $1 AND organisation = $2 AND organisation <> ''
      AND closed_at IS NULL AND coalesce(due_on, 'infinity'::date) <= $3 AND opened_at <= $4
    UNION ALL
    SELECT * FROM task WHERE realm = $1 AND realm <> 'live' AND organisation = $2
      AND organisation <> '' AND closed_at > $4 AND due_on <= $3 AND opened_at <= $4
) t
LEFT JOIN application a ON a.id = t.application
LEFT JOIN meeting m ON m.id = t.meeting
ORDER BY t.due_on, t.opened_at, t.id LIMIT $5

-- name: first_carried
SELECT application, meeting, subject FROM letter
WHERE carried_by @> ARRAY[$1::text] ORDER BY created_at, id LIMIT 1

-- name: settle_carried
-- With the collected letter that told them: those that are named, or all that still wait for it.
UPDATE letter SET state = $3, message_id = $4, error = $5, settled_at = now()
WHERE carried_by @> ARRAY[$1::text] AND ($2::text[] IS NULL OR id = ANY ($2))
  AND (state = 'gathered' OR attempts = 0 AND (
    $3 = 'sent' AND state IN ('bounced', 'unknown', 'no_address')
    OR $3 = 'bounced' AND state = 'unknown'))

-- name: let_go
-- What came to a collected letter after it was written is told by the next.
UPDATE letter SET state = 'queued', carried_by = nullif(array_remove(carried_by, $1), '{}')
WHERE carried_by @> ARRAY[$1::text] AND state = 'gathered'
RETURNING id

-- name: realm_reached
UPDATE realm SET now_at = greatest(now_at, $2) WHERE id = $1 AND kind <> 'live'

-- name: hour_has_come
-- Of a rehearsal: its clock has reached the hour, or somebody looks at its letters now.
UPDATE letter SET due_at = now()
WHERE realm = $1 AND realm <> 'live' AND kind = 'collected' AND state = 'queued' AND attempts = 0
  AND resend_of = ''
  AND ordered_at + $3::interval <= coalesce($2, 'infinity'::timestamptz) AND due_at > now()
RETURNING room

-- name: gathered_of
SELECT realm FROM letter WHERE subject = $1 AND state = 'gathered' LIMIT 1

-- name: is_known
SELECT EXISTS (SELECT FROM organisation WHERE realm IN ('', $1) AND id = $2)
    OR EXISTS (SELECT FROM person WHERE realm IN ('', $1) AND id = $3)

-- name: choose
INSERT INTO letter_choice (realm, organisation, person, rhythm, chosen_by, chosen_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (realm, organisation, person) DO UPDATE SET rhythm = excluded.rhythm,
    chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at, written_at = now()

-- name: hasten
-- Whoever chooses anew is told at once what waited until then.
UPDATE letter SET due_at = now()
WHERE realm = $1 AND kind = 'collected' AND state = 'queued' AND attempts = 0 AND resend_of = ''
  AND CASE WHEN $2 <> '' THEN organisation = $2 AND person = '' ELSE person = $3 END
RETURNING room

-- name: claim
UPDATE letter n SET state = 'claimed', message_id = c.message_id, claimed_by = $3,
    claimed_at = now(), attempts = n.attempts + 1
FROM unnest($1::text[], $2::text[]) AS c (id, message_id)
WHERE n.id = c.id AND n.state = 'queued'
RETURNING n.id, n.attempts

-- name: put_back
UPDATE letter SET state = 'queued', claimed_by = '', claimed_at = NULL, error = $3,
    due_at = now() + $4::interval, left_to = $5
WHERE id = $1 AND state IN ('claimed', 'unknown') AND claimed_by = $2

-- name: settle_sent
UPDATE letter n SET state = 'sent', error = s.error, settled_at = now(), due_at = NULL
FROM unnest($1::text[], $2::text[]) AS s (id, error)
WHERE n.id = s.id AND n.state IN ('claimed', 'unknown') AND n.claimed_by = $3

-- name: settle_own
UPDATE letter SET state = $3, error = $4, settled_at = now()
WHERE id = $1 AND state IN ('claimed', 'unknown') AND claimed_by = $2
RETURNING id

-- name: settle_unsent
UPDATE letter SET state = $2, error = $3, settled_at = now()
WHERE id = $1 AND state = 'queued'
RETURNING id

-- name: orphans
SELECT n.*, coalesce(n.application, '') AS case_id,
    coalesce(s.organisation, t.organisation) AS step_organisation
FROM letter n
LEFT JOIN step s ON s.application = n.application AND s.seq = n.seq
LEFT JOIN meeting_step t ON t.meeting = n.meeting AND t.seq = n.seq
WHERE n.room = $1 AND n.state = 'claimed' AND n.claimed_by <> $2

-- name: settle_orphan
UPDATE letter SET state = 'unknown', error = $2, settled_at = now()
WHERE id = $1 AND state = 'claimed'
RETURNING id

-- name: waiting
SELECT id, created_at FROM letter
WHERE room = $1 AND state = 'queued' AND (due_at IS NULL OR due_at <= now())
  AND (created_at, id) > ($2, $3)
ORDER BY created_at, id LIMIT $4

-- name: next_due
SELECT extract(epoch FROM min(coalesce(due_at, now())) - now())::float FROM letter
WHERE room = $1 AND state = 'queued'

-- name: awake
INSERT INTO mailroom (room, awake_until, trouble) VALUES ($1, now() + $2::interval, $3)
ON CONFLICT (room) DO UPDATE SET awake_until = excluded.awake_until, trouble = excluded.trouble

-- name: is_awake
SELECT EXISTS (SELECT FROM mailroom WHERE room = $1 AND awake_until > now())

-- name: ring
SELECT pg_notify('mailroom', $1)

-- name: asleep
SELECT room FROM (
    SELECT DISTINCT room FROM letter
    WHERE state = 'queued' AND (due_at IS NULL OR due_at <= now())
      -- Whoever ordered it may only just be ringing.
      AND created_at < now() - interval '10 s'
    UNION
    SELECT DISTINCT room FROM letter WHERE state = 'claimed'
) waiting
WHERE room IS NOT NULL
  AND NOT EXISTS (SELECT FROM mailroom m WHERE m.room = waiting.room AND m.awake_until > now())

-- name: open_task
INSERT INTO task (application, meeting, operation, realm, key, kind, organisation, params, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (subject, key) WHERE closed_at IS NULL DO NOTHING

-- name: is_told_of
SELECT EXISTS (
    SELECT FROM task WHERE realm = $1 AND kind = $2 AND closed_at IS NULL AND params ->> 'who' = $3
)

-- name: close_tasks
WITH RECURSIVE sent AS (
    SELECT id, resend_of, ordered_at, true AS own FROM letter WHERE id = ANY ($1::text[])
    UNION
    SELECT n.id, n.resend_of, sent.ordered_at, false
    FROM letter n JOIN sent ON n.id = sent.resend_of
)
UPDATE task SET closed_at = greatest(sent.ordered_at, task.opened_at) FROM sent
WHERE task.closed_at IS NULL AND task.key = 'letter:' || sent.id
  -- That others do not read it stays true when the last of them got it.
  AND NOT (sent.own AND task.kind = 'partly_sent_letter')
