-- name: lock_login
SELECT pg_advisory_xact_lock(hashtextextended('login/' || encode($1, 'hex'), 0))

-- name: account_of_identity
SELECT a.id, a.realm, a.person, a.assurance, a.disabled_at IS NOT NULL AS disabled,
    p.secret AS password, t.id AS second, t.secret AS second_secret
FROM account_identity i
JOIN account a ON a.id = i.account
LEFT JOIN account_factor p ON p.account = a.id AND p.kind = 'password' AND p.ended_at IS NULL
LEFT JOIN account_factor t ON t.account = a.id AND t.kind = 'totp' AND t.ended_at IS NULL
WHERE i.issuer = $1 AND i.subject_hash = $2

-- name: account
SELECT a.id, a.realm, a.person, a.assurance, a.login, a.disabled_at IS NOT NULL AS disabled,
    p.secret AS password, t.id AS second, t.secret AS second_secret
FROM account a
LEFT JOIN account_factor p ON p.account = a.id AND p.kind = 'password' AND p.ended_at IS NULL
LEFT JOIN account_factor t ON t.account = a.id AND t.kind = 'totp' AND t.ended_at IS NULL
WHERE a.id = $1

-- name: account_of_person
SELECT id, disabled_at IS NOT NULL AS disabled FROM account WHERE person = $1 AND realm = $2

-- name: accounts
SELECT a.id, a.realm, a.person, a.login, a.assurance, a.created_at, a.created_by, a.disabled_at,
    a.disabled_by,
    EXISTS (SELECT FROM account_factor f WHERE f.account = a.id AND f.kind = 'password'
        AND f.ended_at IS NULL) AS has_password,
    EXISTS (SELECT FROM account_factor f WHERE f.account = a.id AND f.kind = 'totp'
        AND f.ended_at IS NULL) AS has_second,
    (SELECT max(s.seen_at) FROM session s WHERE s.account = a.id) AS seen_at
FROM account a
WHERE a.realm IN ('', $1) AND (a.person > $2 OR (a.person = $2 AND a.realm > $3))
ORDER BY a.person, a.realm LIMIT $4

-- name: add_account
INSERT INTO account (id, realm, person, login, assurance, created_by)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: add_identity
INSERT INTO account_identity (issuer, subject_hash, account) VALUES ($1, $2, $3)
ON CONFLICT ON CONSTRAINT account_identity_pk DO NOTHING RETURNING account

-- name: disable
UPDATE account SET disabled_at = now(), disabled_by = $2 WHERE id = $1 AND disabled_at IS NULL

-- name: enable
UPDATE account SET disabled_at = NULL, disabled_by = '', login = $2 WHERE id = $1

-- name: end_factors
-- What proved somebody once is kept as a fact, without the secret.
UPDATE account_factor SET ended_at = now(), secret = NULL, used_step = NULL
WHERE account = $1 AND kind = ANY ($2::text[]) AND ended_at IS NULL

-- name: add_factor
INSERT INTO account_factor (id, account, kind, secret) VALUES ($1, $2, $3, $4)

-- name: use_step
-- A code counts once, and none from before it.
UPDATE account_factor SET used_step = $2
WHERE id = $1 AND ended_at IS NULL AND (used_step IS NULL OR used_step < $2) RETURNING id

-- name: end_invitations
UPDATE account_invitation SET ended_at = now() WHERE account = $1 AND ended_at IS NULL

-- name: add_invitation
INSERT INTO account_invitation (token_hash, account, made_by, expires_at)
VALUES ($1, $2, $3, now() + $4)
ON CONFLICT (token_hash) DO NOTHING RETURNING token_hash

-- name: invitation
SELECT i.account, a.person, a.realm, a.login, i.expires_at
FROM account_invitation i JOIN account a ON a.id = i.account
WHERE i.token_hash = $1 AND i.ended_at IS NULL AND i.expires_at > now() AND a.disabled_at IS NULL

-- name: use_invitation
UPDATE account_invitation SET ended_at = now()
WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > now() RETURNING account

-- name: standing
-- How often it was tried since it last went well, and when last; by name, and by address.
SELECT count(*) AS tries, max(at) AS last_at, clock_timestamp() AS now FROM login_attempt
WHERE login_hash = $1 AND outcome = 'tried' AND at > clock_timestamp() - $2::interval
    AND at > coalesce((SELECT max(at) FROM login_attempt
        WHERE login_hash = $1 AND outcome = 'succeeded'), '-infinity')

-- name: standing_of_address
-- Less what went well: a whole office signs in from one address every morning.
SELECT count(*) FILTER (WHERE outcome = 'tried') - count(*) FILTER (WHERE outcome = 'succeeded')
    AS tries, max(at) AS last_at, clock_timestamp() AS now FROM login_attempt
WHERE address_hash = $1 AND at > clock_timestamp() - $2::interval

-- name: add_attempt
INSERT INTO login_attempt (login_hash, address_hash, outcome) VALUES ($1, $2, $3)

-- name: attempts_of
SELECT outcome, at FROM login_attempt WHERE login_hash = $1 ORDER BY at DESC LIMIT $2
