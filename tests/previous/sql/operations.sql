-- name: lock_operation
SELECT pg_advisory_xact_lock(hashtextextended('operation/' || $1, 0))

-- name: lock_register
SELECT pg_advisory_xact_lock(hashtextextended('register/' || $1, 0))

-- name: outcome
SELECT asked, outcome FROM operation WHERE id = $1

-- name: add_operation
INSERT INTO operation (id, kind, realm, actor, as_of, reference, params, outcome, asked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: input
SELECT body FROM stored_input WHERE id = $1

-- name: latest_campaign
SELECT version, content_hash, realm FROM campaign_version
WHERE campaign = $1 AND realm IN ('', $2) ORDER BY realm DESC, version DESC LIMIT 1

-- name: last_version
SELECT coalesce(max(version), 0) FROM campaign_version WHERE campaign = $1 AND realm IN ('', $2)

-- name: add_campaign
INSERT INTO campaign_version (campaign, realm, version, year, policy, content, content_hash,
    published_at, published_by, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: latest_calendar
SELECT version, years, realm FROM calendar_version
WHERE realm IN ('', $1) ORDER BY realm DESC, number DESC LIMIT 1

-- name: last_calendar
SELECT coalesce(max(number), 0) FROM calendar_version WHERE realm = $1

-- name: add_calendar
INSERT INTO calendar_version (realm, number, version, years, content_hash, loaded_at, loaded_by,
    reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: count_open
SELECT (SELECT count(*) FROM application
        WHERE realm = ANY ($1::text[]) AND NOT closed AND seq > 0 AND ($2 = '' OR campaign = $2))
    + (SELECT count(*) FROM meeting
        WHERE realm = ANY ($1::text[]) AND phase NOT IN ('closed', 'cancelled')
          AND ($2 = '' OR campaign = $2))

-- name: open_of_campaign
-- Cases and meetings that are open in a realm, so many after one.
SELECT id FROM (
    (SELECT id FROM application
     WHERE realm = $1 AND NOT closed AND seq > 0 AND ($2 = '' OR campaign = $2) AND id > $3
     ORDER BY id LIMIT $4)
    UNION ALL
    (SELECT id FROM meeting
     WHERE realm = $1 AND phase NOT IN ('closed', 'cancelled') AND ($2 = '' OR campaign = $2)
       AND id > $3
     ORDER BY id LIMIT $4)) AS open
ORDER BY id LIMIT $4

-- name: keep_organisation
INSERT INTO organisation (id, realm, kind, level, district, superior, agency, insured_district,
    self_evaluating, name, address, contact, phone, email, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT ON CONSTRAINT organisation_pk DO UPDATE SET
    kind = excluded.kind, level = excluded.level, district = excluded.district,
    superior = excluded.superior, agency = excluded.agency,
    insured_district = excluded.insured_district, self_evaluating = excluded.self_evaluating,
    name = excluded.name, address = excluded.address, contact = excluded.contact,
    phone = excluded.phone, email = excluded.email, updated_at = excluded.updated_at

-- name: organisation_kind
SELECT kind FROM organisation WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- Whether somebody may act for an organisation, now or later.
-- name: is_attended
SELECT EXISTS (
    SELECT 1 FROM grants_in($2) WHERE organisation = $1 AND (ends_at IS NULL OR ends_at > $3))

-- name: person
SELECT id, realm, id_hash FROM person
WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: known_organisations
SELECT DISTINCT ON (id) * FROM organisation WHERE realm IN ('', $1) ORDER BY id, realm DESC

-- name: whole_person
SELECT * FROM person WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: same_grant
SELECT id FROM grants_in($3)
WHERE person = $1 AND organisation = $2 AND role = $4 AND starts_at = $5
  AND ends_at IS NOT DISTINCT FROM $6

-- name: add_grant
INSERT INTO access_grant (realm, person, organisation, role, starts_at, ends_at, granted_by,
    granted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: grants_to_end
SELECT id, realm FROM grants_in($3)
WHERE person = $1 AND organisation = $2 AND (ends_at IS NULL OR ends_at > $4) ORDER BY id

-- name: end_grant
UPDATE access_grant SET ends_at = greatest($2, starts_at), revoked_by = $3 WHERE id = $1

-- name: end_grant_here
INSERT INTO access_grant_end (realm, grant_id, ends_at, revoked_by) VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT access_grant_end_pk DO UPDATE SET
    ends_at = excluded.ends_at, revoked_by = excluded.revoked_by

-- name: open_cases_of
SELECT a.id, a.campaign, a.policy_version, a.places
FROM application a
JOIN person p ON p.id = a.person AND p.realm = kept_under(a.realm)
WHERE a.realm = $1 AND a.seq > 0 AND a.end_name IS NULL
  AND (($2::bytea IS NOT NULL AND p.id_hash = $2) OR a.person = $3)
ORDER BY a.id

-- name: policy
SELECT policy FROM campaign_version
WHERE campaign = $1 AND realm IN ('', $2) AND version = $3 ORDER BY realm DESC LIMIT 1

-- name: add_outside
INSERT INTO outside_application (id, realm, id_hash, year, campaign, channel, slot, state,
    recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, recorded_at = excluded.recorded_at

-- name: resend
INSERT INTO letter (id, application, meeting, realm, seq, kind, party, organisation, person, params,
    ordered_at, resend_of, room)
SELECT $2, application, meeting, realm, seq, kind, party, organisation, person, params, $3, id,
    coalesce(room, CASE WHEN realm = 'live' THEN 'live-0' ELSE 'rehearsal' END)
FROM letter WHERE id = $1 AND state <> 'claimed'
RETURNING room

-- name: letter_state
SELECT state FROM letter WHERE id = $1

-- name: change_person
UPDATE person SET name = coalesce($3, name), name_hash = coalesce($4, name_hash),
    phone = coalesce($5, phone), email = coalesce($6, email), address = coalesce($7, address),
    updated_at = now()
WHERE id = $1 AND realm = $2 RETURNING id

-- name: add_person_change
INSERT INTO person_change (person, realm, name, name_hash, phone, email, address, id, employer,
    source, entered_by, entered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: change_organisation
UPDATE organisation SET phone = coalesce($3, phone), email = coalesce($4, email),
    address = coalesce($5, address), contact = coalesce($6, contact), updated_at = $7
WHERE id = $1 AND realm = $2 RETURNING id

-- name: realm_is_there
SELECT 1 FROM realm WHERE id = $1

-- name: realm_kind
SELECT kind, closed_at FROM realm WHERE id = $1 FOR UPDATE

-- name: close_realm
UPDATE realm SET closed_at = coalesce(closed_at, $2) WHERE id = $1

-- name: set_realm_time
UPDATE realm SET now_at = $2 WHERE id = $1

-- name: has_operators
SELECT 1 FROM access_grant WHERE role = 'operations' AND realm = '' LIMIT 1

-- name: add_operations_body
INSERT INTO organisation (id, realm, kind, name, updated_at)
VALUES ($1, '', 'operations', $2, $3)
ON CONFLICT ON CONSTRAINT organisation_pk DO NOTHING

-- name: add_installation
INSERT INTO operation (id, kind, realm, actor, as_of, params, outcome, asked)
VALUES ('installation', 'install', $1, '{"person": "installation"}', $2,
    jsonb_build_object('operators', $3::text), '{"done": true}', '')
