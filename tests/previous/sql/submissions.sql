-- name: draft
SELECT d.person, d.campaign, d.facts, d.realm, p.id_hash
FROM draft d LEFT JOIN person p ON p.id = d.person AND p.realm = kept_under(d.realm)
WHERE d.id = $1

-- name: applications_of_year
SELECT a.id, a.campaign, a.channel, a.closed, a.end_name, a.state,
    c.slot, c.released_at IS NOT NULL AS released
FROM application a
JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm)
JOIN campaign_version v ON v.campaign = a.campaign AND v.version = a.policy_version
    AND v.realm = (SELECT max(w.realm) FROM campaign_version w
                   WHERE w.campaign = a.campaign AND w.version = a.policy_version
                     AND w.realm IN ('', a.realm))
LEFT JOIN LATERAL (
    SELECT slot, released_at FROM yearly_claim y WHERE y.application = a.id
    ORDER BY y.id DESC LIMIT 1) c ON true
WHERE a.realm = $1 AND p.id_hash = $2 AND v.year = $3 AND a.id <> $4 AND a.seq > 0
ORDER BY a.submitted_at, a.id

-- name: outside
SELECT id, campaign, channel, slot, state FROM outside_application
WHERE realm = $1 AND id_hash = $2 AND year = $3 ORDER BY recorded_at, id

-- name: bars
SELECT ends_on, reason FROM bar
WHERE realm = $1 AND id_hash = $2 AND lifted_at IS NULL AND starts_on <= $3 AND ends_on >= $3
ORDER BY ends_on
