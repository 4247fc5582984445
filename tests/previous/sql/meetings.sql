-- name: open_meeting
INSERT INTO meeting (id, realm, number, phase) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING

-- name: number_of_a_cancelled
-- Papers and letters of that meeting name it: its number means it for good.
SELECT EXISTS (SELECT FROM meeting
    WHERE realm = $1 AND number = $2 AND number <> '' AND phase = 'cancelled')

-- name: lock_meeting
SELECT seq FROM meeting WHERE id = $1 FOR UPDATE

-- name: step_written
SELECT content_hash, answer FROM meeting_step WHERE meeting = $1 AND seq = $2

-- name: add_step
INSERT INTO meeting_step (meeting, seq, realm, source, name, acted_at, recorded_at, phase_after,
    organisation, content, content_hash, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: project
UPDATE meeting SET seq = $2, number = $3, campaign = $4, committee = $5, office = $6,
    city_office = $7, phase = $8, days = $9, due_on = $10, due_rule = $11,
    state = coalesce($12::jsonb, state), updated_at = $13
WHERE id = $1

-- name: counts
SELECT
    count(*) FILTER (WHERE
        standing IN ('collected', 'posted', 'held', 'released', 'drafted')
        -- A deferred case hangs in the meeting until it was given back.
        OR (state = 'deferred' AND CASE WHEN in_review THEN NOT told ELSE NOT freed END)) AS "left",
    count(*) FILTER (WHERE state = 'deferred' AND NOT in_review AND NOT freed) AS to_free
FROM candidate WHERE meeting = $1

-- name: released
SELECT track, batch, posted, min(released_on) AS since, count(*) AS number
FROM candidate WHERE meeting = $1 AND standing = 'released'
GROUP BY batch, track, posted ORDER BY batch, track, posted DESC

-- name: batches
SELECT batch, track, count(*) AS rows,
    -- An inquiry holds no posting: the held count too. A batch is posted once; whom its posting did
    -- not reach waits for a supplementary batch, and nobody waits for him or her.
    count(*) FILTER (WHERE told AND NOT posted AND standing IN ('collected', 'held')
        AND batch = ANY ($2::integer[])) AS unposted,
    count(*) FILTER (WHERE standing IN ('collected', 'posted', 'drafted')) AS waiting
FROM candidate WHERE meeting = $1 AND batch IS NOT NULL
GROUP BY batch, track ORDER BY batch, track

-- name: lock_list
SELECT pg_advisory_xact_lock(hashtextextended('candidates/' || $1::text || '/' || $2::text, 0))

-- name: named
SELECT n.id, a.id IS NOT NULL AS known, a.holder = $4 AS held_here, a.stage, a.end_name, a.level,
    s.number
FROM unnest($1::text[]) WITH ORDINALITY AS n (id, place)
LEFT JOIN application a ON a.id = n.id AND a.realm = $2 AND a.campaign = $3
LEFT JOIN standing_candidate s ON s.application = a.id
ORDER BY n.place

-- name: list
INSERT INTO candidate (meeting, application, realm, position, track, unit, entrusting, level,
    profession, listed_at, listed_seq)
SELECT $1, a.id, a.realm,
    (SELECT coalesce(max(position), 0) FROM candidate WHERE meeting = $1)
        + row_number() OVER (ORDER BY a.submitted_at, a.id),
    CASE
        WHEN a.route = 'resident_branch' OR (d.facts ->> 'entrusted')::boolean THEN 'reply'
        WHEN $6::boolean AND (d.facts ->> 'self_evaluating')::boolean THEN 'file'
        ELSE 'confirm'
    END,
    coalesce(a.places -> 0 ->> 'organisation', ''), coalesce(d.facts ->> 'entrusting_unit', ''),
    a.level, coalesce(a.state -> 'facts' ->> 'profession', d.facts ->> 'profession', ''), $7, $8
FROM application a
LEFT JOIN draft d ON d.id = a.draft
WHERE a.realm = $2 AND a.campaign = $3 AND a.holder = $4
  AND a.stage = 'awaiting_meeting' AND a.end_name IS NULL
  AND ($5::text[] IS NULL OR a.id = ANY ($5))
  AND ($9::text[] IS NULL OR a.level = ANY ($9))
  AND NOT EXISTS (SELECT FROM standing_candidate s WHERE s.application = a.id)
ON CONFLICT ON CONSTRAINT candidate_pk DO UPDATE SET
    position = excluded.position, track = excluded.track, unit = excluded.unit,
    entrusting = excluded.entrusting, level = excluded.level, profession = excluded.profession,
    state = 'listed', why = '', opinion = '', opinion_by = '{}', group_number = NULL,
    first = NULL, first_by = '', ballot = NULL, second_by = '', outcome = NULL, batch = NULL,
    standing = '', released_on = NULL, in_review = false, told = false, posted = false,
    freed = false, listed_at = excluded.listed_at, listed_seq = excluded.listed_seq
RETURNING application

-- name: free_all
UPDATE candidate SET state = 'deferred', why = 'cancelled', first = NULL, first_by = '',
    ballot = NULL, second_by = '', outcome = NULL
WHERE meeting = $1 AND state IN ('listed', 'on_ballot', 'balloted') AND batch IS NULL

-- name: defer
UPDATE candidate SET state = 'deferred', why = $3, first = NULL, first_by = '', ballot = NULL,
    second_by = '', outcome = NULL
WHERE meeting = $1 AND application = $2 AND state IN ('listed', 'on_ballot', 'balloted')
  AND batch IS NULL
RETURNING application

-- name: candidate_for_news
SELECT state, standing, batch, told, in_review, freed, outcome FROM candidate
WHERE meeting = $1 AND application = $2

-- name: hold
UPDATE candidate SET standing = 'held', why = 'inquiry' WHERE meeting = $1 AND application = $2

-- name: release
UPDATE candidate SET released_on = $3,
    standing = CASE standing
        WHEN 'held' THEN standing_again(batch, track, posted, $4, $5) ELSE standing END
WHERE meeting = $1 AND application = $2

-- name: is_gone
UPDATE candidate SET why = $3,
    state = CASE WHEN batch IS NULL THEN 'off' ELSE state END,
    standing = CASE WHEN batch IS NULL THEN standing ELSE 'out' END
WHERE meeting = $1 AND application = $2

-- name: barred
SELECT p.id FROM person p JOIN bar b ON b.id_hash = p.id_hash
WHERE p.id = ANY ($1::text[]) AND p.realm IN ('', kept_under($2)) AND b.realm = $2
  AND b.lifted_at IS NULL AND b.starts_on <= $3 AND b.ends_on >= $3

-- name: competing
SELECT e.id FROM person e
JOIN person p ON p.id_hash = e.id_hash
JOIN application a ON a.person = p.id AND p.realm = kept_under(a.realm)
JOIN candidate c ON c.application = a.id
WHERE c.meeting = $1 AND c.state = 'listed' AND e.id = ANY ($2::text[])
  AND e.realm IN ('', kept_under(c.realm))

-- name: seated
SELECT c.application, e.id AS person FROM candidate c
JOIN application a ON a.id = c.application
JOIN person p ON p.id = a.person AND p.realm = kept_under(c.realm)
JOIN person e ON e.id = ANY ($3::text[]) AND e.realm IN ('', kept_under(c.realm))
    AND (e.id = p.id OR e.id_hash = p.id_hash)
WHERE c.meeting = $1 AND c.application = ANY ($2::text[])
ORDER BY c.position

-- name: professions
SELECT DISTINCT profession FROM candidate
WHERE meeting = $1 AND state = 'listed' AND profession <> '' ORDER BY profession

-- name: judged
SELECT c.application, a.person, c.unit, d.facts ->> 'employer' AS employer,
    coalesce(a.state -> 'facts' ->> 'insured_unit', d.facts ->> 'insured_unit') AS insured_unit,
    -- The candidate may have another row of the same ID number as a member of staff or expert.
    (SELECT s.id FROM person s
     WHERE s.id = ANY ($3::text[]) AND s.realm IN ('', kept_under(c.realm))
       AND s.id_hash = p.id_hash LIMIT 1) AS seated_as
FROM candidate c
JOIN application a ON a.id = c.application
LEFT JOIN draft d ON d.id = a.draft
LEFT JOIN person p ON p.id = a.person AND p.realm = kept_under(c.realm)
WHERE c.meeting = $1 AND c.state IN ('listed', 'on_ballot')
  AND ($2::text[] IS NULL OR c.application = ANY ($2))
ORDER BY c.position

-- name: earlier_draws
SELECT count(*) FROM draw_pool d
JOIN meeting cancelled ON cancelled.id = d.meeting
JOIN meeting own ON own.id = $1 AND own.realm = cancelled.realm
    AND own.committee = cancelled.committee AND own.campaign = cancelled.campaign
WHERE cancelled.phase = 'cancelled' AND cancelled.state ->> 'opened_on' IS NULL

-- name: keep_pool
INSERT INTO draw_pool (meeting, number, experts) VALUES ($1, $2, $3)

-- name: kept_pool
SELECT experts FROM draw_pool WHERE meeting = $1 AND number = $2

-- name: seated_experts
SELECT DISTINCT ON (id) id, person, unit FROM expert
WHERE id = ANY ($1::text[]) AND realm IN ('', $2) ORDER BY id, realm DESC

-- name: forget_conflicts
DELETE FROM recusal WHERE meeting = $1 AND entered_by = ''

-- name: add_conflicts
INSERT INTO recusal (meeting, application, expert, ground, entered_by, entered_at)
SELECT $1, c.application, c.expert, c.ground, '', $5
FROM unnest($2::text[], $3::text[], $4::text[]) AS c (application, expert, ground)
ON CONFLICT ON CONSTRAINT recusal_pk DO NOTHING

-- name: on_list
SELECT application, state FROM candidate
WHERE meeting = $1 AND application = ANY ($2::text[])
  AND state IN ('listed', 'on_ballot', 'balloted') AND batch IS NULL

-- name: already_recused
SELECT application FROM recusal
WHERE meeting = $1 AND expert = $2 AND application = ANY ($3::text[])

-- name: recuse
INSERT INTO recusal (meeting, application, expert, ground, reason, entered_by, entered_at)
SELECT $1, n.application, $3, $4, $5, $6, $7 FROM unnest($2::text[]) AS n (application)
ON CONFLICT ON CONSTRAINT recusal_pk DO UPDATE SET ground = excluded.ground,
    reason = excluded.reason, entered_by = excluded.entered_by, entered_at = excluded.entered_at

-- name: take_back_judgement
UPDATE candidate SET state = 'on_ballot', first = NULL, first_by = '', ballot = NULL, second_by = '',
    outcome = NULL,
    opinion = CASE WHEN $3 = ANY (opinion_by) THEN '' ELSE opinion END,
    opinion_by = CASE WHEN $3 = ANY (opinion_by) THEN '{}' ELSE opinion_by END
WHERE meeting = $1 AND application = ANY ($2::text[]) AND state IN ('on_ballot', 'balloted')
  AND batch IS NULL

-- name: listed
SELECT c.application, recused_of(c.meeting, c.application) AS recused FROM candidate c
WHERE c.meeting = $1 AND c.state = 'listed' ORDER BY c.position

-- name: put_on_ballot
UPDATE candidate SET state = 'on_ballot' WHERE meeting = $1 AND application = ANY ($2::text[])

-- name: too_few_voters
UPDATE candidate SET state = 'deferred', why = 'quorum'
WHERE meeting = $1 AND application = ANY ($2::text[])

-- name: judged_rows
SELECT c.application, c.state, c.first, c.first_by, recused_of(c.meeting, c.application) AS recused,
    p.id_hash AS applicant
FROM candidate c
LEFT JOIN application a ON a.id = c.application
LEFT JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm)
WHERE c.meeting = $1 AND c.application = ANY ($2::text[])

-- name: note_opinions
UPDATE candidate c SET opinion = s.text, opinion_by = s.experts, group_number = s."group"
FROM jsonb_to_recordset($2::jsonb) AS s (application text, text text, experts text[], "group" integer)
WHERE c.meeting = $1 AND c.application = s.application

-- name: first_counts
UPDATE candidate c SET first = s.totals, first_by = $3
FROM jsonb_to_recordset($2::jsonb) AS s (application text, totals jsonb)
WHERE c.meeting = $1 AND c.application = s.application

-- name: second_counts
UPDATE candidate c SET ballot = s.totals, second_by = $3, outcome = s.outcome, state = 'balloted'
FROM jsonb_to_recordset($2::jsonb) AS s (application text, totals jsonb, outcome text)
WHERE c.meeting = $1 AND c.application = s.application

-- name: unfinished
SELECT application, CASE WHEN state = 'on_ballot' THEN 'count' WHEN opinion = '' THEN 'opinion'
    ELSE 'review' END AS reason
FROM candidate
WHERE meeting = $1
  AND (state = 'on_ballot' OR (state = 'balloted' AND (opinion = '' OR NOT in_review)))
ORDER BY reason, position

-- name: seal
UPDATE candidate SET batch = $2, standing = 'collected'
WHERE meeting = $1 AND state = 'balloted' AND batch IS NULL

-- name: seal_deferred
UPDATE candidate SET outcome = 'deferred' WHERE meeting = $1 AND state = 'deferred' AND in_review

-- name: deferred
SELECT count(*) FROM candidate WHERE meeting = $1 AND state = 'deferred'

-- name: collect_supplement
UPDATE candidate SET batch = $2,
    standing = CASE WHEN posted THEN 'posted' ELSE 'collected' END
WHERE meeting = $1 AND standing = 'released' AND told AND posted = $3

-- name: destination
SELECT policy #>> '{self_evaluating,destination}' FROM campaign_version
WHERE campaign = $1 AND realm IN ('', kept_under($2)) ORDER BY realm DESC, version DESC LIMIT 1

-- name: kept_sheet
-- Rows too many for a message, kept as a text before the act that names them.
SELECT body FROM free_text WHERE id = $1
