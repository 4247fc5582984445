-- name: funnel
-- Of these campaigns, or of all.
SELECT campaign, stage, end_name AS "end", cases AS count FROM case_tally
WHERE realm = $1 AND ($2::text[] IS NULL OR campaign = ANY ($2)) AND cases > 0
ORDER BY 1, 2, 3

-- name: campaigns_of_season
SELECT DISTINCT campaign FROM campaign_version WHERE year = $2 AND realm IN ('', $1)

-- name: waiting
-- Realm, campaigns, until when what lasts counts, that day, and how many lines. Stays that are over
-- are added up already.
WITH by_holder AS (
    SELECT holder, stays, 0 AS lasting, working_days, longest, spent FROM stay_tally
    WHERE realm = $1 AND ($2::text[] IS NULL OR campaign = ANY ($2))
    UNION ALL
    SELECT s.holder, count(*), count(*), coalesce(sum(t.working - d.working), 0),
        coalesce(max(t.working - d.working), 0), coalesce(sum(microseconds($3::timestamptz - s.since)), 0)
    FROM stay s CROSS JOIN calendar_realm($1) AS calendar
    LEFT JOIN counted_day d ON d.realm = calendar AND d.day = s.since_on
    LEFT JOIN counted_day t ON t.realm = calendar AND t.day = $4 AND t.block = d.block
        AND t.working > d.working
    WHERE s.realm = $1 AND ($2::text[] IS NULL OR s.campaign = ANY ($2)) AND s.until IS NULL
    GROUP BY s.holder
), tallies AS (
    SELECT holder, sum(stays) AS stays, sum(lasting) AS open_now, sum(working_days) AS working_days,
        max(longest) AS longest_working_days, sum(spent) AS spent
    FROM by_holder GROUP BY holder ORDER BY sum(working_days) DESC, holder LIMIT $5
)
SELECT holder, stays::bigint, open_now::bigint, working_days::bigint, longest_working_days,
    spent / 3600000000 AS hours, organisation_name(holder, $1) AS holder_name FROM tallies t
ORDER BY t.working_days DESC, holder

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
