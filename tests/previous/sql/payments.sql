-- name: known_lines
SELECT account, transaction, content_hash FROM bank_line
WHERE realm = $1 AND office = $2 AND transaction = ANY ($3::text[])

-- name: applications_by_number
SELECT id, acceptance_number, campaign FROM application
WHERE realm = $1 AND seq > 0 AND (id = ANY ($2::text[]) OR acceptance_number = ANY ($2::text[]))

-- name: add_line
INSERT INTO bank_line (realm, office, transaction, content_hash, fen, paid_at, numbers, remark,
    payer, application, answer, code, teller, imported_by, imported_at, account)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)

-- name: answer_line
UPDATE bank_line SET answer = $5, code = $6, answered_at = $7
WHERE realm = $1 AND office = $2 AND account = $3 AND transaction = $4 AND answer = 'open'

-- name: lines_to_resolve
SELECT * FROM bank_line
WHERE realm = $1 AND office = $2 AND transaction = $3 AND ($4 = '' OR account = $4)
ORDER BY id FOR UPDATE

-- name: assign_line
UPDATE bank_line SET application = $2, answer = 'open', code = '', teller = $3, answered_at = NULL,
    assigned_by = $4, assigned_at = $5, assigned_why = $6
WHERE id = $1

-- name: dismiss_line
UPDATE bank_line SET dismissed_by = $2, dismissed_at = $3, dismissed_why = $4 WHERE id = $1

-- name: application
SELECT id FROM application WHERE id = $2 AND realm = $1 AND seq > 0

-- name: lines
-- So many after one; with the fifth value those alone that may need a person. A case that was paid its
-- fee in time and nothing beside needs nobody: of the others the line itself tells (`meaning`).
SELECT b.*, a.acceptance_number, (v.policy -> 'fees' -> 'yuan' ->> a.level)::integer AS fee,
    d.ends_at
FROM bank_line b
LEFT JOIN application a ON a.id = b.application
LEFT JOIN campaign_version v ON v.campaign = a.campaign AND v.version = a.policy_version
    AND v.realm = (SELECT max(w.realm) FROM campaign_version w
                   WHERE w.campaign = a.campaign AND w.version = a.policy_version
                     AND w.realm IN ('', a.realm))
LEFT JOIN LATERAL (
    SELECT ends_at FROM deadline
    WHERE subject = a.id AND rule = 'payment_window'
    ORDER BY opened_seq DESC, id DESC LIMIT 1) d ON true
WHERE b.realm = $1 AND ($2 = '' OR b.office = $2) AND ($3::text[] IS NULL OR b.transaction = ANY ($3))
  AND b.id > $4 AND (NOT $5::boolean OR b.dismissed_at IS NULL AND (b.answer <> 'told' OR NOT coalesce((
      SELECT bool_and(d.ends_at IS NULL OR p.paid_at <= d.ends_at)
          AND sum(p.yuan) = (v.policy -> 'fees' -> 'yuan' ->> a.level)::integer
      FROM payment p WHERE p.application = b.application), false)))
ORDER BY b.id LIMIT $6

-- name: payments
SELECT application, transaction, yuan, paid_at FROM payment
WHERE application = ANY ($1::text[]) ORDER BY application, seq, transaction

-- name: to_tell
SELECT account, transaction, content_hash, application, fen, paid_at, teller, assigned_at
FROM bank_line
WHERE realm = $1 AND office = $2 AND answer = 'open' AND dismissed_at IS NULL
  AND ($3::text[] IS NULL OR transaction = ANY ($3))
ORDER BY paid_at, id

-- name: organisation_kind
SELECT kind FROM organisation WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: texts
SELECT id, body FROM free_text WHERE id = ANY ($1::text[])
