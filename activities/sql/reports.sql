-- name: funnel
SELECT campaign, coalesce(stage, '') AS stage, coalesce(end_name, '') AS "end", count(*) AS count
FROM application WHERE realm = $1 AND seq > 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: stays
SELECT s.application, s.acted_at, s.holder_after, organisation_name(s.holder_after, s.realm) AS name
FROM step s WHERE s.realm = $1 ORDER BY s.application, s.seq

-- name: struck
SELECT d.application, d.rule, d.key, d.kind, d.clause, d.ends_on, d.struck_at, d.holder,
    organisation_name(d.holder, d.realm) AS holder_name, d.content, s.stage_before, s.stage_after,
    s.end_after AS "end"
FROM deadline d
LEFT JOIN step s ON s.application = d.application AND s.source = 'clock' AND s.name = d.key
    AND s.seq = (
        SELECT max(l.seq) FROM step l
        WHERE l.application = d.application AND l.source = 'clock' AND l.name = d.key
          AND l.seq >= d.opened_seq AND (d.closed_seq IS NULL OR l.seq <= d.closed_seq))
WHERE d.realm = $1 AND d.struck_at IS NOT NULL
ORDER BY d.struck_at, d.application, d.key
