-- name: cases_by_stage
SELECT stage, end_name, sum(cases)::bigint AS cases FROM case_tally
WHERE realm = $1 GROUP BY stage, end_name

-- name: letters_due
-- Those whose hour has come; what is collected until the morning waits for nobody.
SELECT count(*) AS waiting,
    coalesce(extract(epoch FROM now() - min(coalesce(due_at, created_at))), 0)::float8 AS oldest
FROM letter WHERE state = 'queued' AND (due_at IS NULL OR due_at <= now())

-- name: letters_unsettled
SELECT state, count(*) AS letters FROM letter
WHERE realm = $1 AND state IN ('bounced', 'unknown', 'no_address') GROUP BY state

-- name: latest_clock
-- By how long the clock that is most overdue has not struck, of cases that do not stand still.
SELECT coalesce(max(extract(epoch FROM now() - late.ends_at)), 0)::float8 AS late FROM (
    SELECT d.ends_at FROM deadline d
    JOIN application a ON a.id = d.application AND NOT a.closed
    WHERE d.realm = $1 AND d.closed_at IS NULL AND d.struck_at IS NULL AND d.ends_at < now()
      AND d.rule = ANY ($2::text[])
      AND NOT EXISTS (
          SELECT FROM task t WHERE t.application = d.application AND t.closed_at IS NULL
            AND t.key IN ('operator', 'engine'))
    ORDER BY d.ends_at LIMIT 1
) AS late
