-- Lists of cases from their index alone: a first page looks at a thousand, each of them a page of the disk
-- depends: 0035_struck_of_a_season

-- migrate: apply

-- The day and the instant beside their expressions: only what stands in an index as it is, is read there.
DROP INDEX application_in_turn, application_open_in_turn, application_of_campaign,
    application_at_stage, application_ended_so, application_with_holder;
CREATE INDEX application_in_turn ON application
    (realm, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (due_on, submitted_at);
CREATE INDEX application_open_in_turn ON application
    (realm, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (due_on, submitted_at)
    WHERE NOT closed;
CREATE INDEX application_of_campaign ON application
    (realm, campaign, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (stage, end_name, due_on, submitted_at);
CREATE INDEX application_at_stage ON application
    (realm, stage, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (due_on, submitted_at)
    WHERE stage IS NOT NULL;
CREATE INDEX application_ended_so ON application
    (realm, end_name, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (due_on, submitted_at)
    WHERE end_name IS NOT NULL;
CREATE INDEX application_with_holder ON application
    (realm, holder, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (due_on, submitted_at)
    WHERE holder <> '';

-- migrate: rollback

DROP INDEX application_in_turn, application_open_in_turn, application_of_campaign,
    application_at_stage, application_ended_so, application_with_holder;
CREATE INDEX application_in_turn ON application
    (realm, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id);
CREATE INDEX application_open_in_turn ON application
    (realm, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE NOT closed;
CREATE INDEX application_of_campaign ON application
    (realm, campaign, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    INCLUDE (stage, end_name);
CREATE INDEX application_at_stage ON application
    (realm, stage, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE stage IS NOT NULL;
CREATE INDEX application_ended_so ON application
    (realm, end_name, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE end_name IS NOT NULL;
CREATE INDEX application_with_holder ON application
    (realm, holder, coalesce(due_on, 'infinity'::date), coalesce(submitted_at, 'infinity'::timestamptz), id)
    WHERE holder <> '';
