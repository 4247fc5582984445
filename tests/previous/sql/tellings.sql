-- name: add_telling
INSERT INTO telling (id, realm, meeting, batch, action, actor, acted_at, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: drop_telling
DELETE FROM telling WHERE id = $1

-- name: add_lines
-- What the meeting states of all (`MeetingEnded`) is with each row's outcome a `RecordResult`.
INSERT INTO telling_line (telling, application, position, payload)
SELECT $1, c.application, row_number() OVER (ORDER BY c.position, c.application),
    CASE WHEN $3 IN ('outcomes', 'named_outcome')
        THEN $4::jsonb || jsonb_build_object('result', c.outcome) ELSE $4::jsonb END
FROM candidate c JOIN application a ON a.id = c.application
WHERE c.meeting = $2
  AND CASE $3
    WHEN 'listed' THEN c.state = 'listed'
    WHEN 'new' THEN c.state = 'listed' AND c.listed_seq = $5
    WHEN 'on_ballot' THEN c.state = 'on_ballot'
    WHEN 'to_free' THEN c.state = 'deferred' AND NOT c.in_review AND NOT c.freed
    WHEN 'outcomes' THEN c.in_review AND NOT c.told AND c.outcome IS NOT NULL
        AND (c.batch IS NOT NULL OR c.state = 'deferred')
    WHEN 'named_outcome' THEN c.application = $7 AND c.in_review AND NOT c.told
        AND c.outcome IS NOT NULL AND (c.batch IS NOT NULL OR c.state = 'deferred')
    -- The report tells of everybody judged, the held too.
    WHEN 'batch' THEN c.batch = $6
        AND c.standing IN ('collected', 'posted', 'held', 'released', 'drafted')
    -- An inquiry holds no posting: the held are on the list, and only in no draft.
    WHEN 'unposted' THEN c.batch = $6 AND c.told AND NOT c.posted
        AND c.standing IN ('collected', 'held')
    WHEN 'passed_posted' THEN c.batch = $6 AND c.outcome = 'passed' AND c.posted
        AND (c.standing IN ('posted', 'held', 'released')
            OR (c.standing = 'drafted' AND NOT $9::boolean))
    WHEN 'passed_clear' THEN c.batch = $6 AND c.track = 'confirm' AND c.outcome = 'passed'
        AND c.standing = 'posted'
    -- Whom an inquiry holds that came after the draft is in that draft still.
    WHEN 'drafted' THEN c.batch = $6 AND (c.standing = 'drafted'
        OR (c.standing = 'held' AND a.stage = 'awaiting_confirmation'))
    WHEN 'drafted_and_failed' THEN c.batch = $6 AND c.track = 'confirm'
        AND (c.standing = 'drafted' OR (c.outcome = 'not_passed' AND c.standing = 'posted'))
    WHEN 'reply' THEN c.batch = $6 AND c.track = 'reply' AND c.standing = 'posted'
        AND ($8 = '' OR c.entrusting = $8)
    WHEN 'file' THEN c.batch = $6 AND c.track = 'file' AND c.standing = 'posted'
    ELSE false END

-- name: settle_gone
UPDATE candidate c SET why = t.why,
    state = CASE WHEN c.batch IS NULL THEN 'off' ELSE c.state END,
    standing = CASE WHEN c.batch IS NULL THEN c.standing ELSE 'out' END
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'gone'
  AND c.state <> 'off' AND c.standing NOT IN ('confirmed', 'replied', 'filed', 'out')

-- name: assign_to_meeting
UPDATE candidate c SET state = 'off', why = t.why
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'refused'
  AND c.state IN ('listed', 'on_ballot')

-- name: open_review
UPDATE candidate c SET in_review = true
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'done'

-- name: review_refused
UPDATE candidate c SET state = 'deferred', why = t.why, first = NULL, first_by = '',
    ballot = NULL, second_by = '', outcome = NULL
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'refused' AND c.batch IS NULL
  AND c.state IN ('listed', 'on_ballot', 'balloted')

-- name: leave_meeting
UPDATE candidate c SET freed = true
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state <> 'open'

-- name: record_result
UPDATE candidate c SET told = true,
    standing = CASE
        -- Held by the refusal of this very word, not by news: the inquiry is over, or had refused.
        WHEN c.standing = 'collected' OR (c.standing = 'held' AND c.why <> 'inquiry')
        THEN standing_again(c.batch, c.track, c.posted, $4, $5) ELSE c.standing END,
    released_on = CASE
        WHEN c.standing = 'held' AND c.why <> 'inquiry' THEN $3
        WHEN c.standing = 'collected'
            AND standing_again(c.batch, c.track, c.posted, $4, $5) = 'released'
        THEN coalesce(c.released_on, $3) ELSE c.released_on END
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'done'

-- name: post_results
UPDATE candidate c SET posted = true,
    standing = CASE WHEN c.standing IN ('collected', 'released') THEN 'posted' ELSE c.standing END
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'done'

-- name: move_on
UPDATE candidate c SET standing = $4
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'done' AND c.standing = ANY ($3::text[])

-- name: held_by_refusal
UPDATE candidate c SET why = t.why,
    -- The inquiry may have ended while the others were still being told.
    standing = CASE WHEN c.released_on >= t.opened_on
        THEN standing_again(c.batch, c.track, c.posted, $5, $6) ELSE 'held' END
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'refused' AND c.standing = ANY ($3::text[])
  AND (t.inquiry OR NOT $4::boolean)

-- name: released_by_refusal
-- Who is sent already refuses to be sent again: news that was overtaken had taken it out of a draft.
UPDATE candidate c SET why = t.why,
    standing = CASE WHEN t.sent THEN 'drafted'
        ELSE standing_again(c.batch, c.track, c.posted, $5, $6) END,
    released_on = CASE WHEN t.sent THEN c.released_on ELSE $4 END
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'refused' AND c.standing = ANY ($3::text[])
  AND NOT t.inquiry

-- name: refused_as_it_stands
UPDATE candidate c SET why = t.why
FROM telling_answer t
WHERE t.telling = $1 AND t.meeting = $2 AND t.meeting = c.meeting
  AND t.application = c.application AND t.state = 'refused' AND NOT t.inquiry

-- name: telling
SELECT id, realm, meeting, batch, action, actor, acted_at, done_at FROM telling WHERE id = $1

-- name: open_lines
SELECT application, position, payload FROM telling_line
WHERE telling = $1 AND state = 'open' AND position > $2
ORDER BY position LIMIT $3

-- name: ended
SELECT id FROM application WHERE id = ANY ($1::text[]) AND end_name IS NOT NULL

-- name: answer_lines
UPDATE telling_line l SET state = a.state, codes = string_to_array(a.codes, ','), seq = a.seq
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[])
    AS a (application, state, codes, seq)
WHERE l.telling = $1 AND l.application = a.application AND l.state = 'open'

-- name: tally
SELECT count(*) FILTER (WHERE state = 'open') AS "open",
    count(*) FILTER (WHERE state = 'done') AS done,
    count(*) FILTER (WHERE state = 'refused') AS refused,
    count(*) FILTER (WHERE state = 'gone') AS gone
FROM telling_line WHERE telling = $1

-- name: telling_done
UPDATE telling SET done_at = coalesce(done_at, now()) WHERE id = $1
