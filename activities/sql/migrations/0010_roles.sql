-- Two roles: the owner changes the schema, the application adds to what must stay
-- depends: 0006_payments

-- migrate: apply

-- Workers and command line act as `zhiping_application`. It owns nothing, and by default may read
-- and add: whatever else a table allows is granted here by name, or in the migration that makes the
-- table. A table nobody names is therefore only added to. An installation sets the password.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'zhiping_application') THEN
        CREATE ROLE zhiping_application NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of this server is being made at this moment
END
$$;

GRANT USAGE ON SCHEMA public TO zhiping_application;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO zhiping_application;
REVOKE INSERT ON _pogo_migration, _pogo_version FROM zhiping_application;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO zhiping_application;

-- What people read is derived from the record, and follows it.
GRANT UPDATE ON application, meeting, task, deadline, candidate, telling, telling_line
    TO zhiping_application;
GRANT DELETE ON telling TO zhiping_application;  -- one that never began

-- Who is who and what there is today; what it was is kept elsewhere (0011).
GRANT UPDATE ON organisation, person, committee, expert TO zhiping_application;
GRANT UPDATE (now_at, closed_at) ON realm TO zhiping_application;
GRANT UPDATE (ends_at, revoked_by) ON access_grant, access_grant_end TO zhiping_application;
GRANT UPDATE (state, recorded_at) ON outside_application TO zhiping_application;
GRANT DELETE ON session TO zhiping_application;

-- What must stay, and where exactly it may be answered, ended, lifted or settled.
GRANT UPDATE (application) ON draft TO zhiping_application;
GRANT UPDATE (lifted_by, lifted_at, lifted_why) ON bar TO zhiping_application;
GRANT UPDATE (replaced_by, ended_by, ended_at, ended_why) ON integrity_record
    TO zhiping_application;
GRANT UPDATE (state, message_id, attempts, error, claimed_at, claimed_by, settled_at) ON letter
    TO zhiping_application;
GRANT UPDATE (released_at) ON yearly_claim TO zhiping_application;
GRANT UPDATE (ground, reason, entered_by, entered_at), DELETE ON recusal TO zhiping_application;
GRANT UPDATE (application, answer, code, teller, answered_at, assigned_by, assigned_at, assigned_why,
    dismissed_by, dismissed_at, dismissed_why) ON bank_line TO zhiping_application;

-- The rest is added once and never changed, by nobody: the step of a case or a meeting, what was
-- paid, handed in, published or carried out, papers and certificates.
CREATE FUNCTION is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME;
END
$$;

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['step', 'meeting_step', 'operation', 'payment', 'free_text',
        'document', 'stored_input', 'paper', 'certificate', 'campaign_version', 'calendar_version']
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %I', kept || '_is_final', kept);
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION is_final()', kept || '_is_final', kept);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION is_final()', kept || '_is_never_emptied', kept);
    END LOOP;
END
$$;

DROP FUNCTION step_is_final(), paper_is_final();

-- migrate: rollback

CREATE FUNCTION step_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only added to';
END
$$;
CREATE FUNCTION paper_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'papers and certificates are only added to';
END
$$;
DROP FUNCTION is_final() CASCADE;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT, INSERT ON TABLES FROM zhiping_application;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM zhiping_application;
REVOKE USAGE ON SCHEMA public FROM zhiping_application;
