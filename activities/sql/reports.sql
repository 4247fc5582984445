-- name: funnel
SELECT campaign, coalesce(stage, '') AS stage, coalesce(end_name, '') AS "end", count(*) AS count
FROM application WHERE realm = $1 AND seq > 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: stays
SELECT s.application, s.acted_at, s.holder_after, organisation_name(s.holder_after, s.realm) AS name
FROM step s WHERE s.realm = $1 ORDER BY s.application, s.seq

-- name: struck
SELECT d.application, d.meeting, m.number AS meeting_number, d.rule, d.key, d.kind, d.clause, d.ends_on, d.struck_at, d.holder,
    organisation_name(d.holder, d.realm) AS holder_name, d.content, s.stage_before, s.stage_after,
    s.end_after AS "end"
FROM deadline d
LEFT JOIN meeting m ON m.id = d.meeting
LEFT JOIN step s ON s.application = d.application AND s.source = 'clock' AND s.name = d.key
    AND s.seq = (
        SELECT max(l.seq) FROM step l
        WHERE l.application = d.application AND l.source = 'clock' AND l.name = d.key
          AND l.seq >= d.opened_seq AND (d.closed_seq IS NULL OR l.seq <= d.closed_seq))
WHERE d.realm = $1 AND d.struck_at IS NOT NULL
ORDER BY d.struck_at, d.subject, d.key

-- name: duties
SELECT d.meeting, m.number, m.campaign, d.rule, d.key, d.clause, d.holder,
    organisation_name(d.holder, d.realm) AS holder_name, d.starts_on, d.ends_on, d.ends_at,
    d.struck_at, d.closed_at, d.ended, s.acted_at AS done_at, s.name AS done_by
FROM deadline d
JOIN meeting m ON m.id = d.meeting
LEFT JOIN meeting_step s ON s.meeting = d.meeting AND s.seq = d.closed_seq
WHERE d.realm = $1 AND d.rule = ANY ($2::text[])
  AND d.ended IS DISTINCT FROM 'superseded'  -- its duty goes on under other days
ORDER BY m.number, d.meeting, d.opened_at, d.id
