-- The pool of experts as it stood when a draw was ordered: with it the draw is repeated for ever
-- depends: 0010_roles

-- migrate: apply

-- Opaque ids, chairs, professions and terms; no name, no unit. Its fingerprint stands in the step.
CREATE TABLE draw_pool (
    meeting text NOT NULL REFERENCES meeting (id),
    number  integer NOT NULL,
    experts jsonb NOT NULL,
    CONSTRAINT draw_pool_pk PRIMARY KEY (meeting, number)
);

CREATE TRIGGER draw_pool_is_final BEFORE UPDATE OR DELETE ON draw_pool
    FOR EACH ROW EXECUTE FUNCTION is_final();
CREATE TRIGGER draw_pool_is_never_emptied BEFORE TRUNCATE ON draw_pool
    FOR EACH STATEMENT EXECUTE FUNCTION is_final();

-- migrate: rollback

DROP TABLE draw_pool;
