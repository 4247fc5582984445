-- Realms, campaigns, calendars, the directory, people and what they hand in
-- depends:

-- migrate: apply

-- A column `realm` that may be '' means "everywhere": what the live office publishes is seen by
-- every rehearsal, and what a rehearsal adds is seen by that rehearsal alone.

CREATE TABLE realm (
    id            text PRIMARY KEY,
    kind          text NOT NULL CONSTRAINT realm_kind CHECK (kind IN ('live', 'rehearsal')),
    title         text NOT NULL DEFAULT '',
    opens_at      timestamptz NOT NULL,
    shift_seconds double precision NOT NULL DEFAULT 0,
    now_at        timestamptz,
    closed_at     timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT realm_live_is_unshifted CHECK (kind <> 'live' OR shift_seconds = 0)
);

INSERT INTO realm (id, kind, title, opens_at) VALUES ('live', 'live', '正式办理', now());

CREATE TABLE campaign_version (
    campaign     text NOT NULL,
    realm        text NOT NULL DEFAULT '',
    version      integer NOT NULL,
    year         integer NOT NULL,
    policy       jsonb NOT NULL,
    content      jsonb NOT NULL,
    content_hash text NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    reason       text NOT NULL DEFAULT '',
    CONSTRAINT campaign_version_pk PRIMARY KEY (campaign, realm, version)
);

CREATE TABLE calendar_version (
    realm        text NOT NULL DEFAULT '',
    number       integer NOT NULL,
    version      text NOT NULL,
    years        jsonb NOT NULL,
    content_hash text NOT NULL,
    loaded_at    timestamptz NOT NULL,
    loaded_by    text NOT NULL,
    reason       text NOT NULL DEFAULT '',
    CONSTRAINT calendar_version_pk PRIMARY KEY (realm, number)
);

CREATE INDEX calendar_version_name ON calendar_version (version);

CREATE TABLE organisation (
    id               text NOT NULL,
    realm            text NOT NULL DEFAULT '',
    kind             text NOT NULL,
    level            text NOT NULL DEFAULT 'city',
    district         text NOT NULL DEFAULT '',
    superior         text NOT NULL DEFAULT '',
    agency           text NOT NULL DEFAULT '',
    insured_district text NOT NULL DEFAULT '',
    self_evaluating  boolean NOT NULL DEFAULT false,
    name             text NOT NULL,
    address          text NOT NULL DEFAULT '',
    contact          text NOT NULL DEFAULT '',
    phone            text NOT NULL DEFAULT '',
    email            text NOT NULL DEFAULT '',
    updated_at       timestamptz NOT NULL,
    CONSTRAINT organisation_pk PRIMARY KEY (id, realm)
);

-- Applicants and staff alike: the administrator rule needs to see that the two are one person.
-- Names, numbers and addresses are AES-GCM ciphertext; the hashes are keyed (HMAC), for search and
-- for the yearly chance. Who somebody is, is the hash: a member of staff who also applies may have
-- two rows, and a rehearsal has rows of its own under the same id.
CREATE TABLE person (
    id          text NOT NULL,
    realm       text NOT NULL DEFAULT '',
    name        bytea NOT NULL,
    name_hash   bytea NOT NULL,
    id_number   bytea,
    id_hash     bytea,
    phone       bytea,
    email       bytea,
    address     bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_pk PRIMARY KEY (id, realm)
);

CREATE INDEX person_by_name ON person (realm, name_hash);
CREATE INDEX person_by_id_number ON person (id_hash);

CREATE TABLE access_grant (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    realm        text NOT NULL DEFAULT '',
    person       text NOT NULL,
    organisation text NOT NULL,
    role         text NOT NULL
        CONSTRAINT access_grant_role CHECK (role IN ('member', 'supervisor', 'operations')),
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz,
    granted_by   text NOT NULL,
    granted_at   timestamptz NOT NULL,
    revoked_by   text NOT NULL DEFAULT '',
    CONSTRAINT access_grant_span CHECK (ends_at IS NULL OR ends_at >= starts_at)
);

-- A rehearsal may end a right of the live directory for itself alone.
CREATE TABLE access_grant_end (
    realm      text NOT NULL,
    grant_id   bigint NOT NULL REFERENCES access_grant (id),
    ends_at    timestamptz NOT NULL,
    revoked_by text NOT NULL,
    CONSTRAINT access_grant_end_pk PRIMARY KEY (realm, grant_id)
);

CREATE FUNCTION grants_in(realm text) RETURNS SETOF access_grant STABLE LANGUAGE sql AS $$
    SELECT g.id, g.realm, g.person, g.organisation, g.role, g.starts_at,
        CASE WHEN e.ends_at IS NULL THEN g.ends_at
             ELSE least(g.ends_at, greatest(e.ends_at, g.starts_at)) END,
        g.granted_by, g.granted_at, coalesce(e.revoked_by, g.revoked_by)
    FROM access_grant g
    LEFT JOIN access_grant_end e ON e.grant_id = g.id AND e.realm = $1
    WHERE g.realm IN ('', $1)
$$;

CREATE INDEX access_grant_by_person ON access_grant (person, organisation);
CREATE INDEX access_grant_by_organisation ON access_grant (organisation);

CREATE TABLE draft (
    id           text PRIMARY KEY,
    realm        text NOT NULL REFERENCES realm (id),
    person       text NOT NULL,
    campaign     text NOT NULL,
    facts        jsonb NOT NULL,
    titles       bytea,
    content_hash bytea NOT NULL,
    application  text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT draft_realm CHECK (realm <> '')
);

-- The same file handed in twice is one draft until it has become a case.
CREATE UNIQUE INDEX draft_once ON draft (realm, content_hash) WHERE application IS NULL;

-- Free text people write (reasons, items, objections): encrypted, because it names people.
CREATE TABLE free_text (
    id         text PRIMARY KEY,
    body       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE document (
    sha256     text PRIMARY KEY CONSTRAINT document_hash CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint NOT NULL,
    kind       text NOT NULL DEFAULT '',
    title      bytea,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Files given to operations (a directory, a campaign): encrypted, because a directory names people.
CREATE TABLE stored_input (
    id         text PRIMARY KEY,
    body       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE session (
    token_hash   bytea PRIMARY KEY,
    person       text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    role         text NOT NULL DEFAULT '',
    realm        text NOT NULL REFERENCES realm (id),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

-- The integrity register: 影响期.
CREATE TABLE bar (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    realm      text NOT NULL,
    id_hash    bytea NOT NULL,
    person     text,
    starts_on  date NOT NULL,
    ends_on    date NOT NULL,
    reason     text NOT NULL DEFAULT '',
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL,
    lifted_by  text NOT NULL DEFAULT '',
    lifted_at  timestamptz,
    lifted_why text NOT NULL DEFAULT '',
    CONSTRAINT bar_span CHECK (ends_on >= starts_on)
);

CREATE INDEX bar_by_person ON bar (realm, id_hash);

-- Applications of the same year elsewhere (green channel, 211号's 专项), known only from papers.
CREATE TABLE outside_application (
    id          text PRIMARY KEY,
    realm       text NOT NULL,
    id_hash     bytea NOT NULL,
    year        integer NOT NULL,
    campaign    text NOT NULL DEFAULT '',
    channel     text NOT NULL,
    slot        text NOT NULL DEFAULT 'normal',
    state       text NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE INDEX outside_application_by_person ON outside_application (realm, id_hash, year);

CREATE TABLE operation (
    id          text PRIMARY KEY,
    kind        text NOT NULL,
    realm       text NOT NULL,
    actor       jsonb NOT NULL,
    as_of       timestamptz NOT NULL,
    reference   text NOT NULL DEFAULT '',
    params      jsonb NOT NULL,
    outcome     jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- migrate: rollback

DROP FUNCTION grants_in(text);
DROP TABLE operation, outside_application, bar, session, stored_input, document, free_text, draft,
    access_grant_end, access_grant, person, organisation, calendar_version, campaign_version, realm;
