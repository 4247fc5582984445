-- Absence cover: who stands in for which supervisor, on which days, for which acts, and when it was ended
-- depends: 0039_content_keys

-- migrate: apply

-- Named and ended by rows that are only added. `last_grant` is the youngest right there was at the
-- naming: whoever loses the role loses the cover for good, also where the role is granted anew.
CREATE TABLE deputy_cover (
    id           text PRIMARY KEY,              -- the operation that named it
    realm        text NOT NULL DEFAULT '',
    organisation text NOT NULL,
    principal    text NOT NULL,
    deputy       text NOT NULL,
    starts_on    date NOT NULL,
    ends_on      date NOT NULL,                 -- both days are within it, by Beijing's calendar
    acts         text[] NOT NULL,
    reason       text NOT NULL,                 -- the reference of a text
    last_grant   bigint NOT NULL,
    named_by     text NOT NULL,
    named_at     timestamptz NOT NULL,
    CONSTRAINT deputy_cover_span CHECK (ends_on >= starts_on),
    CONSTRAINT deputy_cover_two CHECK (principal <> deputy)
);
CREATE INDEX deputy_cover_of ON deputy_cover (organisation, named_at DESC, id DESC);
CREATE INDEX deputy_cover_by_deputy ON deputy_cover (deputy, organisation);
CREATE INDEX deputy_cover_by_principal ON deputy_cover (principal, organisation);

-- A rehearsal may end one of the live office for itself alone.
CREATE TABLE deputy_cover_end (
    realm    text NOT NULL DEFAULT '',
    cover    text NOT NULL REFERENCES deputy_cover (id),
    ended_at timestamptz NOT NULL,
    ended_by text NOT NULL,
    CONSTRAINT deputy_cover_end_pk PRIMARY KEY (cover, realm)
);

-- What covers hold in a realm at an instant: within their days, not ended, both still in their roles.
CREATE FUNCTION covers_at(realm text, at timestamptz) RETURNS SETOF deputy_cover
STABLE LANGUAGE sql AS $$
    SELECT c.* FROM deputy_cover c
    WHERE c.realm IN ('', $1)
      AND ($2 AT TIME ZONE 'Asia/Shanghai')::date BETWEEN c.starts_on AND c.ends_on
      AND NOT EXISTS (
          SELECT FROM deputy_cover_end e
          WHERE e.cover = c.id AND e.realm IN ('', $1) AND e.ended_at <= $2)
      AND EXISTS (
          SELECT FROM grants_in($1) g
          WHERE g.person = c.principal AND g.organisation = c.organisation
            AND g.role = 'supervisor' AND g.id <= c.last_grant
            AND g.starts_at <= $2 AND (g.ends_at IS NULL OR g.ends_at > $2))
      AND EXISTS (
          SELECT FROM grants_in($1) g
          WHERE g.person = c.deputy AND g.organisation = c.organisation
            AND g.role = 'member' AND g.id <= c.last_grant
            AND g.starts_at <= $2 AND (g.ends_at IS NULL OR g.ends_at > $2))
      AND NOT EXISTS (
          SELECT FROM grants_in($1) g
          WHERE g.person = c.deputy AND g.organisation = c.organisation
            AND g.role <> 'member'
            AND g.starts_at <= $2 AND (g.ends_at IS NULL OR g.ends_at > $2))
$$;

SELECT keep('deputy_cover', 'final', 'deputy_cover', ARRAY['id'], ARRAY['id']);
SELECT keep('deputy_cover_end', 'final', 'deputy_cover', ARRAY['cover'], ARRAY['cover', 'realm']);

-- migrate: rollback

DROP FUNCTION covers_at(text, timestamptz);
DELETE FROM kept WHERE name IN ('deputy_cover', 'deputy_cover_end');
DROP TABLE deputy_cover_end, deputy_cover;
