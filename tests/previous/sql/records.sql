-- name: open_application
INSERT INTO application (id, realm) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- name: lock_application
SELECT seq, person, realm, holder, state FROM application WHERE id = $1 FOR UPDATE

-- name: step_hash
SELECT content_hash FROM step WHERE application = $1 AND seq = $2

-- name: draft_to_open
SELECT d.person, d.facts ->> 'channel' AS channel, d.realm
FROM draft d WHERE d.id = $1 FOR UPDATE

-- name: draft_became
UPDATE draft SET application = coalesce(application, $2) WHERE id = $1

-- name: application_of_draft
UPDATE application SET draft = $2, person = $3, channel = $4 WHERE id = $1

-- name: person_hash
SELECT id_hash FROM person WHERE id = $1 AND realm = kept_under($2)

-- name: take_claim
INSERT INTO yearly_claim (realm, person_hash, year, slot, application, taken_at)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: claim_holder
SELECT c.application, a.end_name IS NULL AS open FROM yearly_claim c
JOIN application a ON a.id = c.application
WHERE c.realm = $1 AND c.person_hash = $2 AND c.year = $3 AND c.slot = $4
  AND c.released_at IS NULL

-- name: release_claim
UPDATE yearly_claim SET released_at = $2 WHERE application = $1 AND released_at IS NULL

-- name: bars_of_applicant
SELECT b.number::text, b.ends_on, b.reason FROM bar b
JOIN person p ON p.id = $2 AND p.realm = kept_under($1) AND p.id_hash = b.id_hash
WHERE b.realm = $1 AND b.lifted_at IS NULL AND b.starts_on <= $3 AND b.ends_on >= $3
  AND NOT (b.number::text = ANY ($4::text[]))
ORDER BY b.ends_on, b.number

-- name: add_step
INSERT INTO step (application, seq, realm, source, name, acted_at, recorded_at, stage_before,
    stage_after, end_after, holder_after, organisation, content, content_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: project
UPDATE application SET seq = $2, campaign = $3, route = $4, level = $5, stage = $6, end_name = $7,
    end_clause = $8, end_reason = $9, end_remedy = $10, end_responsible = $11, holder = $12,
    submissions = $13, due_on = $14, due_rule = $15, places = $16, checks = $17,
    submitted_at = $18, closed = $19, version = $20, policy_version = $21, calendar_version = $22,
    state = coalesce($23::jsonb, state), updated_at = $24,
    person = coalesce(person, nullif($25, ''))
WHERE id = $1

-- name: add_payment
INSERT INTO payment (application, transaction, realm, yuan, paid_at, received_at, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT payment_once DO NOTHING

-- name: stored_case
SELECT state, realm, campaign, policy_version, calendar_version, closed
FROM application WHERE id = $1

-- name: stored_cases
SELECT id, state, realm, campaign, policy_version, calendar_version, closed
FROM application WHERE id = ANY ($1::text[])

-- name: steps_since
SELECT content FROM step WHERE application = $1 AND seq > $2 ORDER BY seq DESC LIMIT $3

-- name: last_step
SELECT seq FROM application WHERE id = $1
