-- Accounts, sessions and what is looked at: who signs in to the console (decision 0028)
-- depends: 0011_chains 0025_reads 0030_mailrooms

-- migrate: apply

-- The first table of sessions was never used: it kept a role, which is read at every request now.
DROP TABLE session;

-- One account belongs to one row of `person`. One that was made in a rehearsal reaches it alone.
CREATE TABLE account (
    id          text PRIMARY KEY,
    realm       text NOT NULL DEFAULT '',
    person      text NOT NULL,
    login       bytea NOT NULL,      -- sealed; looked up by `account_identity`
    assurance   text NOT NULL
        CONSTRAINT account_assurance CHECK (assurance IN ('declared', 'verified')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL,
    disabled_at timestamptz,
    disabled_by text NOT NULL DEFAULT '',
    CONSTRAINT account_once UNIQUE (person, realm)
);
GRANT UPDATE (login, disabled_at, disabled_by) ON account TO zhiping_application;

-- By which names somebody comes: a login name of our own (issuer ''), or a subject of a provider.
CREATE TABLE account_identity (
    issuer       text NOT NULL,
    subject_hash bytea NOT NULL,
    account      text NOT NULL REFERENCES account (id),
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_identity_pk PRIMARY KEY (issuer, subject_hash)
);
CREATE INDEX account_identity_of ON account_identity (account);

-- What somebody proves it by. A password is kept as argon2's hash, a second factor's key sealed;
-- one that was replaced has ended, and is kept without what it was.
CREATE TABLE account_factor (
    id         text PRIMARY KEY,
    account    text NOT NULL REFERENCES account (id),
    kind       text NOT NULL CONSTRAINT account_factor_kind CHECK (kind IN ('password', 'totp')),
    secret     bytea,
    used_step  bigint,   -- the last 30 seconds whose code was used: a code counts once
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CONSTRAINT account_factor_ends CHECK (ended_at IS NOT NULL OR secret IS NOT NULL)
);
CREATE UNIQUE INDEX account_factor_one ON account_factor (account, kind) WHERE ended_at IS NULL;
GRANT UPDATE (secret, used_step, ended_at) ON account_factor TO zhiping_application;

-- A link by which somebody sets the first password, or a new one; the hash of its token alone.
CREATE TABLE account_invitation (
    token_hash bytea PRIMARY KEY,
    account    text NOT NULL REFERENCES account (id),
    made_by    text NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT account_invitation_hash CHECK (length(token_hash) = 32)
);
CREATE INDEX account_invitation_of ON account_invitation (account) WHERE ended_at IS NULL;
GRANT UPDATE (ended_at) ON account_invitation TO zhiping_application;

-- Every try to sign in, by the keyed hashes of name and address: what follows too fast waits.
CREATE TABLE login_attempt (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login_hash   bytea NOT NULL,
    address_hash bytea NOT NULL,
    outcome      text NOT NULL
        CONSTRAINT login_attempt_outcome CHECK (outcome IN ('tried', 'succeeded')),
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX login_attempt_by_login ON login_attempt (login_hash, at);
CREATE INDEX login_attempt_by_address ON login_attempt (address_hash, at);

-- Whoever is signed in, by the hash of the token. No role: rights are read at every request.
CREATE TABLE session (
    token_hash   bytea PRIMARY KEY,
    account      text NOT NULL REFERENCES account (id),
    organisation text NOT NULL DEFAULT '',
    realm        text NOT NULL REFERENCES realm (id),
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    proved_at    timestamptz NOT NULL,   -- when the password was last stated
    second_at    timestamptz,            -- when the second factor was last shown
    device       bytea NOT NULL,         -- what the browser says it is, sealed
    notice       bytea                   -- one sentence for the next page, sealed
);
CREATE INDEX session_of ON session (account);
GRANT UPDATE (seen_at, proved_at, second_at, notice), DELETE ON session TO zhiping_application;

-- Every look at a case: who, for whom, at which part of it. Added to alone, by nobody changed.
CREATE TABLE viewing (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account      text NOT NULL,
    person       text NOT NULL,
    organisation text NOT NULL,
    realm        text NOT NULL,
    application  text NOT NULL,
    part         text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX viewing_of_case ON viewing (application, at);
CREATE INDEX viewing_by_person ON viewing (person, at);

-- Who may come, by what, and who looked: in the chains as everything that must stay. Of a factor the
-- chain has the hash of its latest state alone, never the secret.
SELECT keep('account', 'copied', 'account', ARRAY['id'], ARRAY['id']);
SELECT keep('account_identity', 'final', 'account', ARRAY['account'], ARRAY['issuer', 'subject_hash']);
SELECT keep('account_factor', 'latest', 'account_factor', ARRAY['id'], ARRAY['id']);
SELECT keep('viewing', 'final', 'viewing', ARRAY['application'], ARRAY['id']);

CREATE TRIGGER login_attempt_is_final BEFORE UPDATE OR DELETE ON login_attempt
    FOR EACH ROW EXECUTE FUNCTION is_final();
CREATE TRIGGER login_attempt_is_never_emptied BEFORE TRUNCATE ON login_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION is_final();

-- migrate: rollback

DELETE FROM kept WHERE name IN ('account', 'account_identity', 'account_factor', 'viewing');
DROP TABLE viewing, session, login_attempt, account_invitation, account_factor, account_identity,
    account;
CREATE TABLE session (
    token_hash   bytea PRIMARY KEY,
    person       text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    role         text NOT NULL DEFAULT '',
    realm        text NOT NULL REFERENCES realm (id),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
GRANT DELETE ON session TO zhiping_application;
