-- name: state
-- Typed again before it was sent, it is replaced; another's, another act's or a sent one is not touched.
INSERT INTO pending_act (id, account, person, organisation, realm, subject, action, seen_seq, stated)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE
SET stated = excluded.stated, seen_seq = excluded.seen_seq, stated_at = now()
WHERE pending_act.state = 'stated'
    AND (pending_act.account, pending_act.person, pending_act.organisation, pending_act.realm,
        pending_act.subject, pending_act.action)
      = (excluded.account, excluded.person, excluded.organisation, excluded.realm,
        excluded.subject, excluded.action)
RETURNING id

-- name: pending
SELECT * FROM pending_act WHERE id = $1 AND account = $2

-- name: take
UPDATE pending_act SET act = $2, state = 'sent', sent_at = now() WHERE id = $1 AND state = 'stated'

-- name: answered
UPDATE pending_act
SET state = $2, answer = $3, answered_at = now(),
    stated = CASE $2 WHEN 'done' THEN NULL ELSE stated END,
    act = CASE $2 WHEN 'done' THEN NULL ELSE act END
WHERE id = $1 AND state = 'sent'

-- name: end_past
-- What was never sent, or was answered, is kept so long and no longer.
DELETE FROM pending_act WHERE state <> 'sent' AND stated_at < now() - $1::interval

-- name: open_acts
SELECT * FROM pending_act
WHERE account = $1 AND person = $2 AND organisation = $3 AND realm = $4 AND subject = $5
    AND state IN ('stated', 'sent')
ORDER BY stated_at DESC LIMIT 20
