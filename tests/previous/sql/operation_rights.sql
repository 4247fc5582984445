-- name: organisation_kind
SELECT kind FROM organisation WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: committee
SELECT office, city_office FROM committee
WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: committee_of_expert
SELECT c.office, c.city_office FROM (
    SELECT committee FROM expert WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1
) e JOIN committee c ON c.id = e.committee AND c.realm IN ('', $2)
ORDER BY c.realm DESC LIMIT 1

-- name: office_of_letter
SELECT coalesce(m.office, v.policy -> 'committee' ->> 'office', '') AS office
FROM letter l
LEFT JOIN meeting m ON m.id = l.meeting
LEFT JOIN application a ON a.id = l.application
LEFT JOIN LATERAL (
    SELECT policy FROM campaign_version
    WHERE campaign = a.campaign AND version = a.policy_version AND realm IN ('', a.realm)
    ORDER BY realm DESC LIMIT 1) v ON true
WHERE l.id = $1 AND l.realm = $2

-- Superiors, the agency and its superiors, and 市职改办: whoever is above an organisation.
-- name: above
WITH RECURSIVE known AS (
    SELECT DISTINCT ON (id) id, kind, superior, agency FROM organisation
    WHERE realm IN ('', $2) ORDER BY id, realm DESC
), line AS (
    SELECT k.id, k.superior, k.agency FROM known k WHERE k.id = $1
    UNION
    SELECT k.id, k.superior, k.agency FROM line l
    JOIN known k ON k.id IN (l.superior, l.agency)
)
SELECT id FROM line UNION SELECT id FROM known WHERE kind = 'city_office'

-- name: roles_held
SELECT DISTINCT role FROM grants_in($3)
WHERE person = $1 AND organisation = $2 AND (ends_at IS NULL OR ends_at > $4)

-- name: bar_of
SELECT id_hash FROM bar WHERE realm = $1 AND number = $2

-- name: record_of
SELECT id_hash FROM integrity_record WHERE realm = $1 AND number = $2

-- name: organisations_of
-- Where somebody has a right, now or later, with the weightiest role of each; an operator's is asked now.
SELECT DISTINCT ON (organisation) organisation, role FROM grants_in($2)
WHERE person = $1 AND (ends_at IS NULL
    OR ends_at > CASE WHEN role = 'operations' THEN now() ELSE $3 END)
ORDER BY organisation, array_position(ARRAY['operations', 'supervisor', 'member'], role)

-- name: bulk
SELECT person, organisation FROM bulk WHERE id = $1 AND realm = $2
