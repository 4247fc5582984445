-- name: open_application
INSERT INTO application (id, realm) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- name: lock_application
SELECT seq, person, realm, holder FROM application WHERE id = $1 FOR UPDATE

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
SELECT application FROM yearly_claim
WHERE realm = $1 AND person_hash = $2 AND year = $3 AND slot = $4 AND released_at IS NULL

-- name: release_claim
UPDATE yearly_claim SET released_at = $2 WHERE application = $1 AND released_at IS NULL

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

-- name: open_tasks
SELECT key FROM task WHERE application = $1 AND closed_at IS NULL

-- name: close_tasks
UPDATE task SET closed_at = $2, closed_seq = $3
WHERE application = $1 AND closed_at IS NULL AND NOT (key = ANY ($4::text[]))
  AND NOT starts_with(key, 'notice:')  -- those are the delivery's, not the case's

-- name: keep_task
INSERT INTO task (application, realm, key, kind, organisation, person, due_on, params, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (application, key) WHERE closed_at IS NULL
DO UPDATE SET kind = excluded.kind, organisation = excluded.organisation,
    person = excluded.person, due_on = excluded.due_on, params = excluded.params

-- name: open_deadlines
SELECT id, key, kind, starts_on, ends_on, content, struck_at, holder FROM deadline
WHERE application = $1 AND closed_at IS NULL

-- name: close_deadline
UPDATE deadline SET closed_at = $2, closed_seq = $3, ended = $4,
    struck_at = CASE WHEN $4 = 'struck' THEN coalesce(struck_at, $5) ELSE struck_at END
WHERE id = $1

-- name: renew_deadline
UPDATE deadline SET content = $2, ends_at = $3,
    struck_at = CASE WHEN $4::boolean THEN coalesce(struck_at, $5) END
WHERE id = $1

-- name: add_deadline
INSERT INTO deadline (application, realm, key, rule, kind, starts_on, ends_on, ends_at, clause,
    content, holder, opened_at, opened_seq, struck_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: add_notice
INSERT INTO notice (id, application, realm, seq, kind, party, organisation, person, params,
    ordered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: notices_to_start
SELECT id FROM notice WHERE application = $1 AND seq = $2 AND state = 'queued' ORDER BY id

-- name: add_payment
INSERT INTO payment (application, transaction, realm, yuan, paid_at, received_at, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT payment_once DO NOTHING

-- name: closed_case
SELECT state FROM application WHERE id = $1
