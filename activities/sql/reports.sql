-- name: funnel
-- Of these campaigns, or of all; a row that no step was written of has none.
SELECT campaign, coalesce(stage, '') AS stage, coalesce(end_name, '') AS "end", count(*) AS count
FROM application
WHERE realm = $1 AND campaign <> '' AND ($2::text[] IS NULL OR campaign = ANY ($2))
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: campaigns_of_season
SELECT DISTINCT campaign FROM campaign_version WHERE year = $2 AND realm IN ('', $1)

-- name: waiting
-- Realm, campaigns, until when open stays count, the first day of the calendar, how many working days
-- there are up to each of its days, beyond which number a span is over days that nobody published,
-- and how many lines.
WITH days AS (
    SELECT holder, until, coalesce(until, $3::timestamptz) - since AS spent,
        ($5::integer[])[coalesce(until_on, $8::date) - $4::date + 1]
            - ($5::integer[])[since_on - $4::date + 1] AS working
    FROM stay
    WHERE realm = $1 AND ($2::text[] IS NULL OR campaign = ANY ($2))
    OFFSET 0  -- so that the days of a stay are counted once, not for each of their sums
), tallies AS (
    SELECT holder, count(*) AS stays, count(*) FILTER (WHERE until IS NULL) AS open_now,
        coalesce(sum(working) FILTER (WHERE working BETWEEN 0 AND $6), 0) AS working_days,
        coalesce(max(working) FILTER (WHERE working BETWEEN 0 AND $6), 0) AS longest_working_days,
        coalesce(sum(spent) FILTER (WHERE spent > '0'), '0') AS spent
    FROM days GROUP BY holder ORDER BY working_days DESC, holder LIMIT $7
)
SELECT t.*, extract(epoch FROM t.spent) / 3600 AS hours,
    organisation_name(t.holder, $1) AS holder_name FROM tallies t
ORDER BY t.working_days DESC, t.holder

-- name: struck
-- After the one of the page before, where there was one.
WITH page AS MATERIALIZED (
    SELECT id FROM (
        (SELECT d.struck_at, d.id FROM deadline d
        WHERE $2::text[] IS NULL AND d.realm = $1 AND d.struck_at IS NOT NULL
          AND (d.struck_at, d.id) > ($3::text::timestamptz, $4::bigint)
        ORDER BY d.struck_at, d.id LIMIT $5)
        UNION ALL
        (SELECT s.struck_at, s.id FROM unnest($2::text[]) AS c (campaign) CROSS JOIN LATERAL (
            SELECT d.struck_at, d.id FROM deadline d
            WHERE d.realm = $1 AND d.campaign = c.campaign AND d.struck_at IS NOT NULL
              AND (d.struck_at, d.id) > ($3::text::timestamptz, $4::bigint)
            ORDER BY d.struck_at, d.id LIMIT $5) AS s)
    ) AS found ORDER BY struck_at, id LIMIT $5
)
SELECT d.id, d.application, d.meeting, m.number AS meeting_number, d.rule, d.key, d.kind, d.clause,
    d.ends_on, d.struck_at, d.holder, (SELECT o.name FROM organisation o WHERE o.id = d.holder
        AND o.realm IN ('', d.realm) ORDER BY o.realm DESC LIMIT 1) AS holder_name, d.content,
    s.stage_before, s.stage_after, s.end_after AS "end"
FROM page JOIN deadline d ON d.id = page.id
LEFT JOIN meeting m ON m.id = d.meeting
LEFT JOIN LATERAL (
    SELECT stage_before, stage_after, end_after FROM step l
    WHERE l.application = d.application AND l.source = 'clock' AND l.name = d.key
      AND l.seq >= d.opened_seq AND (d.closed_seq IS NULL OR l.seq <= d.closed_seq)
    ORDER BY l.seq DESC LIMIT 1) s ON true
ORDER BY d.struck_at, d.id

-- name: duties
-- Of so many meetings after the one of the page before, where there was one.
WITH page AS MATERIALIZED (
    SELECT id, number, campaign FROM meeting
    WHERE realm = $1 AND ($3::text[] IS NULL OR campaign = ANY ($3))
      AND (number, id) > ($4, $5)
    ORDER BY number, id LIMIT $6
)
SELECT d.meeting, m.number, m.campaign, d.rule, d.key, d.clause, d.holder,
    (SELECT o.name FROM organisation o WHERE o.id = d.holder AND o.realm IN ('', d.realm)
        ORDER BY o.realm DESC LIMIT 1) AS holder_name, d.starts_on, d.ends_on, d.ends_at,
    d.struck_at, d.closed_at, d.ended, s.acted_at AS done_at, s.name AS done_by,
    (SELECT count(*) FROM page) AS meetings,
    (SELECT number FROM page ORDER BY number DESC, id DESC LIMIT 1) AS last_number,
    (SELECT id FROM page ORDER BY number DESC, id DESC LIMIT 1) AS last_meeting
FROM page m
JOIN deadline d ON d.meeting = m.id
LEFT JOIN meeting_step s ON s.meeting = d.meeting AND s.seq = d.closed_seq
WHERE d.rule = ANY ($2::text[])
  AND d.ended IS DISTINCT FROM 'superseded'  -- its duty goes on under other days
ORDER BY m.number, d.meeting, d.opened_at, d.id
