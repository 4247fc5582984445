-- name: stated
SELECT d.facts, p.id_hash FROM draft d
LEFT JOIN person p ON p.id = d.person AND p.realm = kept_under(d.realm)
WHERE (d.application = $1 OR d.person = $2)
ORDER BY (d.application IS NOT DISTINCT FROM $1) DESC, d.created_at DESC LIMIT 1
