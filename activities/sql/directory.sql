-- name: organisation
SELECT * FROM organisation WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: organisations
SELECT DISTINCT ON (id) * FROM organisation WHERE realm IN ('', $1) AND id > $2
ORDER BY id, realm DESC LIMIT $3

-- name: organisation_names
SELECT DISTINCT ON (id) id, name FROM organisation
WHERE id = ANY ($1::text[]) AND realm IN ('', $2) ORDER BY id, realm DESC

-- name: these_organisations
SELECT DISTINCT ON (id) * FROM organisation
WHERE id = ANY ($1::text[]) AND realm IN ('', $2) ORDER BY id, realm DESC

-- name: around
WITH named AS (
    SELECT superior, agency FROM organisation WHERE id = ANY ($1::text[]) AND realm IN ('', $2)
)
SELECT DISTINCT ON (id) * FROM organisation
WHERE realm IN ('', $2) AND (id = ANY ($1::text[]) OR (kind = 'district_office' AND kind <> 'unit')
    OR id = ANY (ARRAY(SELECT superior FROM named UNION SELECT agency FROM named)))
ORDER BY id, realm DESC

-- name: organisation_of_kind
SELECT * FROM organisation WHERE kind = $2 AND kind <> 'unit' AND realm IN ('', $1)
ORDER BY id, realm DESC LIMIT 1

-- name: above
-- A circle in the directory ends where it began: each is found once.
WITH RECURSIVE above (id) AS (
    SELECT unnest($1::text[])
    UNION
    SELECT (SELECT o.superior FROM organisation o WHERE o.id = a.id AND o.realm IN ('', $2)
            ORDER BY o.realm DESC LIMIT 1) FROM above a WHERE a.id <> ''
)
SELECT id FROM above WHERE id <> '' ORDER BY id

-- name: person
SELECT * FROM person WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: applicants
SELECT application, person AS id, name, phone, email, address FROM applicant
WHERE application = ANY ($1::text[]) AND name IS NOT NULL

-- name: people
SELECT DISTINCT ON (id) * FROM person
WHERE id = ANY ($1::text[]) AND realm IN ('', $2) ORDER BY id, realm DESC

-- name: grants_of
SELECT * FROM grants_in($2) WHERE person = $1 ORDER BY starts_at, id

-- An operator's right is asked now, whatever a rehearsal's clock shows.
-- name: role_at
SELECT role FROM grants_in($3), LATERAL (
    SELECT CASE WHEN role = 'operations' THEN now() ELSE $4 END AS at) asked
WHERE person = $1 AND organisation = $2
  AND starts_at <= asked.at AND (ends_at IS NULL OR ends_at > asked.at)
ORDER BY array_position(ARRAY['operations', 'supervisor', 'member'], role) LIMIT 1

-- name: people_of
SELECT * FROM grants_in($2), LATERAL (
    SELECT CASE WHEN role = 'operations' THEN now() ELSE $3 END AS at) asked
WHERE organisation = $1
  AND starts_at <= asked.at AND (ends_at IS NULL OR ends_at > asked.at)
ORDER BY person, starts_at

-- name: admin_of
SELECT DISTINCT g.organisation FROM grants_in($2) g
WHERE g.role <> 'operations'
  AND g.starts_at <= $3 AND (g.ends_at IS NULL OR g.ends_at > $3)
  AND g.person IN (SELECT id FROM person WHERE id_hash = $1 AND realm IN ('', $2))
ORDER BY g.organisation

-- name: which_policy
SELECT realm, version FROM campaign_version
WHERE campaign = $1 AND realm IN ('', $2) AND ($3::integer IS NULL OR version = $3)
ORDER BY realm DESC, version DESC LIMIT 1

-- name: policy
SELECT policy, content_hash FROM campaign_version
WHERE campaign = $1 AND realm = $2 AND version = $3

-- name: campaign_content
SELECT content FROM campaign_version
WHERE campaign = $1 AND realm IN ('', $2) AND ($3::integer IS NULL OR version = $3)
ORDER BY realm DESC, version DESC LIMIT 1

-- name: notice_numbers
SELECT DISTINCT ON (campaign) campaign, policy ->> 'document' AS document FROM campaign_version
WHERE realm IN ('', $1) ORDER BY campaign, realm DESC, version DESC

-- name: campaigns
SELECT campaign, realm, version, year, published_at, published_by, reason FROM campaign_version
WHERE realm IN ('', $1) ORDER BY campaign, realm, version

-- name: which_calendar
SELECT realm, version FROM calendar_version
WHERE realm IN ('', $1) AND ($2::text IS NULL OR version = $2)
ORDER BY realm DESC, number DESC LIMIT 1

-- name: calendar
-- Two with one version are the same.
SELECT version, years, content_hash FROM calendar_version
WHERE realm = $1 AND version = $2 ORDER BY number DESC LIMIT 1

-- name: realm
SELECT * FROM realm WHERE id = $1

-- name: realms
SELECT * FROM realm ORDER BY created_at, id
