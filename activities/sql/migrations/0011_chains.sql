-- A hash chain over what must stay, written with each row, and anchors over all chains
-- depends: 0010_roles 0019_second_person

-- migrate: apply

-- Which tables are kept, and how: a table's rows stand in a chain of their subject under their key.
-- `copied`: rows of it may change, so each state of a row stays readable in the chain. The tables
-- that are neither copied nor final are what is derived from the record (`application`): the chain
-- knows the hash of their latest state.
CREATE TABLE kept (
    name            text PRIMARY KEY,
    prefix          text NOT NULL,
    subject_columns text[] NOT NULL,
    key_columns     text[] NOT NULL,
    mode            text NOT NULL CONSTRAINT kept_mode CHECK (mode IN ('final', 'copied', 'latest'))
);

-- How far every chain has come; locked while something is added to it.
CREATE TABLE chain (
    subject  text PRIMARY KEY,
    position integer NOT NULL
);

CREATE TABLE chain_entry (
    subject    text NOT NULL,
    position   integer NOT NULL,
    source     text NOT NULL,
    key        text NOT NULL,
    what       text NOT NULL
        CONSTRAINT chain_entry_what CHECK (what IN ('found', 'added', 'changed', 'removed')),
    content    jsonb,
    row_hash   bytea NOT NULL,
    written_at timestamptz NOT NULL,
    written_by text NOT NULL,
    previous   bytea NOT NULL,
    hash       bytea NOT NULL,
    CONSTRAINT chain_entry_pk PRIMARY KEY (subject, position)
);

-- The ends of all chains that moved since the anchor before, under one root, signed with a key that
-- the database does not have.
CREATE TABLE anchor (
    number    integer PRIMARY KEY,
    made_at   text NOT NULL,
    chains    integer NOT NULL,
    previous  bytea NOT NULL,
    root      bytea NOT NULL,
    signature bytea NOT NULL
);

CREATE TABLE anchor_head (
    anchor   integer NOT NULL REFERENCES anchor (number),
    subject  text NOT NULL,
    position integer NOT NULL,
    hash     bytea NOT NULL,
    CONSTRAINT anchor_head_pk PRIMARY KEY (subject, anchor)
);

CREATE INDEX anchor_head_by_anchor ON anchor_head (anchor);

-- A row as it is hashed: what is null says nothing, so that a later, empty column changes no hash.
CREATE FUNCTION kept_text(this jsonb) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')::text FROM jsonb_each(this)
    WHERE value <> 'null'
$$;

CREATE FUNCTION kept_key(this jsonb, columns text[]) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT jsonb_agg(this -> c.name ORDER BY c.place)::text
    FROM unnest(columns) WITH ORDINALITY AS c (name, place)
$$;

-- What an entry's hash is of; anybody can compute it again from the entry (decision 0013).
CREATE FUNCTION entry_text(
    previous bytea, subject text, place integer, source text, key text, what text, written_at text,
    written_by text, row_hash bytea
) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT jsonb_build_array(encode(previous, 'hex'), subject, place, source, key, what, written_at,
        written_by, encode(row_hash, 'hex'))::text
$$;

CREATE FUNCTION instant_text(this timestamptz) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT to_char(this AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Add one entry to the chain of each of these rows, which are of as many subjects.
CREATE FUNCTION chain_append(rule kept, what text, rows jsonb[]) RETURNS void LANGUAGE sql AS $$
    WITH made AS MATERIALIZED (
        SELECT kept_text(r.this) AS plain, kept_key(r.this, (rule).key_columns) AS key,
            (rule).prefix || ':' || (SELECT string_agg(r.this ->> c.name, '/' ORDER BY c.place)
                FROM unnest((rule).subject_columns) WITH ORDINALITY AS c (name, place)) AS subject
        FROM unnest(rows) AS r (this)
    ), moved AS (
        INSERT INTO chain SELECT subject, 1 FROM made
        ON CONFLICT (subject) DO UPDATE SET position = chain.position + 1
        RETURNING subject, position
    )
    INSERT INTO chain_entry
    SELECT m.subject, v.position, (rule).name, m.key, chain_append.what,
        CASE WHEN (rule).mode = 'copied' THEN m.plain::jsonb END,
        h.row_hash, t.written_at, session_user, h.previous,
        sha256(convert_to(entry_text(h.previous, m.subject, v.position, (rule).name, m.key,
            chain_append.what, instant_text(t.written_at), session_user::text, h.row_hash),
            'UTF8'))
    FROM made m JOIN moved v ON v.subject = m.subject
    LEFT JOIN chain_entry e ON e.subject = v.subject AND e.position = v.position - 1
    CROSS JOIN LATERAL (SELECT coalesce(e.hash, '') AS previous,
        sha256(convert_to(m.plain, 'UTF8')) AS row_hash) AS h
    CROSS JOIN (SELECT clock_timestamp() AS written_at) AS t
$$;

-- Once a statement, whatever it wrote; as the owner, because the application has no right to write a
-- chain. Always by the index: a plan that was made while the tables were empty would read them
-- through ever after.
CREATE FUNCTION keep_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex'
SET datestyle = 'ISO' SET extra_float_digits = 1 SET enable_seqscan = off AS $$
DECLARE
    rule kept := (TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
    what text;
    rows jsonb[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        what := 'added';
        rows := ARRAY(SELECT to_jsonb(n) FROM now_rows n);
    ELSIF TG_OP = 'DELETE' THEN
        what := 'removed';
        rows := ARRAY(SELECT to_jsonb(o) FROM old_rows o);
    ELSE
        what := 'changed';
        rows := ARRAY(SELECT to_jsonb(n) FROM now_rows n EXCEPT SELECT to_jsonb(o) FROM old_rows o);
    END IF;
    IF cardinality(rule.subject_columns) = cardinality(rule.key_columns) THEN
        PERFORM chain_append(rule, what, rows);
    ELSE  -- several rows may be of one subject
        FOR i IN 1 .. cardinality(rows) LOOP
            PERFORM chain_append(rule, what, rows[i:i]);
        END LOOP;
    END IF;
    RETURN NULL;
END
$$;

-- Begin to keep a table; what is in it already is found. A later migration calls it for its own.
CREATE FUNCTION keep(
    name text, mode text, prefix text, subject_columns text[], key_columns text[]
) RETURNS void LANGUAGE plpgsql
SET timezone = 'UTC' SET bytea_output = 'hex' SET datestyle = 'ISO' SET extra_float_digits = 1
SET enable_seqscan = off AS $$
DECLARE
    rule kept := (name, prefix, subject_columns, key_columns, mode);
    this jsonb;
    event text[];
BEGIN
    INSERT INTO kept SELECT (rule).*;
    FOR this IN EXECUTE format('SELECT to_jsonb(t) FROM %I t', name) LOOP
        PERFORM chain_append(rule, 'found', ARRAY[this]);
    END LOOP;
    FOREACH event SLICE 1 IN ARRAY ARRAY[['insert', 'NEW TABLE AS now_rows'],
        ['update', 'OLD TABLE AS old_rows NEW TABLE AS now_rows'],
        ['delete', 'OLD TABLE AS old_rows']]
    LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %I REFERENCING %s
            FOR EACH STATEMENT EXECUTE FUNCTION keep_rows(%L, %L, %L, %L)',
            name || '_' || event[1] || '_is_kept', event[1], name, event[2],
            prefix, subject_columns, key_columns, mode);
    END LOOP;
    IF mode = 'final' THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION is_final()', name || '_is_final', name);
    END IF;
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE TRUNCATE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION is_final()', name || '_is_never_emptied', name);
END
$$;

REVOKE ALL ON FUNCTION keep_rows(), chain_append(kept, text, jsonb[]),
    keep(text, text, text, text[], text[]) FROM PUBLIC;
REVOKE INSERT ON kept, chain, chain_entry FROM zhiping_application;

SELECT keep(k.name, k.mode, k.prefix, k.subject, k.key) FROM (VALUES
    ('step', 'final', 'application', ARRAY['application'], ARRAY['application', 'seq']),
    ('payment', 'final', 'application', ARRAY['application'], ARRAY['application', 'transaction']),
    ('application', 'latest', 'application', ARRAY['id'], ARRAY['id']),
    ('meeting_step', 'final', 'meeting', ARRAY['meeting'], ARRAY['meeting', 'seq']),
    ('meeting', 'latest', 'meeting', ARRAY['id'], ARRAY['id']),
    ('operation', 'final', 'operations', ARRAY['realm'], ARRAY['id']),
    -- The others stand each in a chain of its own: two at once never wait for one another.
    ('candidate', 'copied', 'candidate', ARRAY['meeting', 'application'],
        ARRAY['meeting', 'application']),
    ('recusal', 'copied', 'recusal', ARRAY['meeting', 'application', 'expert'],
        ARRAY['meeting', 'application', 'expert']),
    ('letter', 'copied', 'letter', ARRAY['id'], ARRAY['id']),
    ('yearly_claim', 'copied', 'yearly_claim', ARRAY['id'], ARRAY['id']),
    ('bar', 'copied', 'bar', ARRAY['id'], ARRAY['id']),
    ('integrity_record', 'copied', 'integrity_record', ARRAY['id'], ARRAY['id']),
    ('bank_line', 'copied', 'bank_line', ARRAY['id'], ARRAY['id']),
    ('outside_application', 'copied', 'outside_application', ARRAY['id'], ARRAY['id']),
    ('draft', 'copied', 'draft', ARRAY['id'], ARRAY['id']),
    ('person', 'copied', 'person', ARRAY['realm', 'id'], ARRAY['id', 'realm']),
    ('organisation', 'copied', 'organisation', ARRAY['realm', 'id'], ARRAY['id', 'realm']),
    ('access_grant', 'copied', 'access_grant', ARRAY['id'], ARRAY['id']),
    ('access_grant_end', 'copied', 'access_grant_end', ARRAY['realm', 'grant_id'],
        ARRAY['realm', 'grant_id']),
    ('committee', 'copied', 'committee', ARRAY['realm', 'id'], ARRAY['id', 'realm']),
    ('expert', 'copied', 'expert', ARRAY['realm', 'id'], ARRAY['id', 'realm']),
    ('free_text', 'final', 'free_text', ARRAY['id'], ARRAY['id']),
    ('stored_input', 'final', 'stored_input', ARRAY['id'], ARRAY['id']),
    ('document', 'final', 'document', ARRAY['sha256'], ARRAY['sha256']),
    ('paper', 'final', 'paper', ARRAY['id'], ARRAY['id']),
    ('certificate', 'final', 'certificate', ARRAY['realm', 'number'], ARRAY['realm', 'number']),
    ('campaign_version', 'final', 'campaign', ARRAY['realm', 'campaign'],
        ARRAY['campaign', 'realm', 'version']),
    ('calendar_version', 'final', 'calendar', ARRAY['realm'], ARRAY['realm', 'number']),
    ('request_for_second', 'final', 'request_for_second', ARRAY['id'], ARRAY['id']),
    ('answer_of_second', 'final', 'request_for_second', ARRAY['request'], ARRAY['request'])
) AS k (name, mode, prefix, subject, key);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['chain_entry', 'anchor', 'anchor_head'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION is_final()', name || '_is_final', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION is_final()', name || '_is_never_emptied', name);
    END LOOP;
END
$$;

-- migrate: rollback

DO $$
DECLARE
    name text;
    event text;
BEGIN
    FOR name IN SELECT k.name FROM kept k LOOP
        FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
            EXECUTE format('DROP TRIGGER %I ON %I', name || '_' || event || '_is_kept', name);
        END LOOP;
    END LOOP;
END
$$;
DROP FUNCTION keep(text, text, text, text[], text[]);
DROP FUNCTION keep_rows();
DROP FUNCTION chain_append(kept, text, jsonb[]);
DROP FUNCTION entry_text(bytea, text, integer, text, text, text, text, text, bytea);
DROP FUNCTION instant_text(timestamptz), kept_key(jsonb, text[]), kept_text(jsonb);
DROP TABLE anchor_head, anchor, chain_entry, chain, kept;
