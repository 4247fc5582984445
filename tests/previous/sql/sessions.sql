-- name: add_session
INSERT INTO session (token_hash, account, organisation, realm, created_at, seen_at, ends_at,
    proved_at, second_at, device, notice)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: session
SELECT s.*, a.person, a.realm AS reaches,
    EXISTS (SELECT FROM account_factor f WHERE f.account = a.id AND f.kind = 'totp'
        AND f.ended_at IS NULL) AS has_second
FROM session s JOIN account a ON a.id = s.account
WHERE s.token_hash = $1 AND s.ends_at > $2 AND s.seen_at > $2 - $3::interval
    AND a.disabled_at IS NULL

-- name: seen
UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2

-- name: prove
UPDATE session SET proved_at = $2 WHERE token_hash = $1

-- name: note
UPDATE session SET notice = $2 WHERE token_hash = $1

-- name: end_session
DELETE FROM session WHERE token_hash = $1 RETURNING token_hash

-- name: end_session_of
-- By what the account's own page shows of it.
DELETE FROM session WHERE account = $1 AND encode(token_hash, 'hex') = $2

-- name: end_sessions
DELETE FROM session WHERE account = $1 AND token_hash <> $2

-- name: end_past
DELETE FROM session WHERE ends_at <= $1 OR seen_at <= $1 - $2::interval

-- name: sessions_of
SELECT * FROM session
WHERE account = $1 AND ends_at > $2 AND seen_at > $2 - $3::interval ORDER BY seen_at DESC

-- name: hats
-- In which organisations somebody may act at an instant, with the weightiest role of each. An
-- operator's right is asked now, whatever a rehearsal's clock shows.
SELECT DISTINCT ON (g.organisation) g.organisation, g.role, o.name, o.kind
FROM grants_in($2) g
CROSS JOIN LATERAL (SELECT CASE WHEN g.role = 'operations' THEN now() ELSE $3 END AS at) asked
CROSS JOIN LATERAL (SELECT name, kind FROM organisation
    WHERE id = g.organisation AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1) o
WHERE g.person = $1 AND g.starts_at <= asked.at AND (g.ends_at IS NULL OR g.ends_at > asked.at)
ORDER BY g.organisation, array_position(ARRAY['operations', 'supervisor', 'member'], g.role)

-- name: who
SELECT name, id_hash FROM person WHERE id = $1 AND realm IN ('', $2) ORDER BY realm DESC LIMIT 1

-- name: add_viewing
INSERT INTO viewing (account, person, organisation, realm, application, part)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: looking_now
-- By the machine's clock, as a look is written down: a rehearsal's clock stands still while people look.
SELECT DISTINCT ON (person) person, part, at FROM viewing
WHERE application = $1 AND at > now() - $5::interval
    AND realm = $2 AND organisation = $3 AND person <> $4
ORDER BY person, at DESC

-- name: viewings_of
SELECT person, organisation, part, at FROM viewing WHERE application = $1
ORDER BY id DESC LIMIT $2
