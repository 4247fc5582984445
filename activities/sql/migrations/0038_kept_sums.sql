-- Sums of reports, kept as cases move: the funnel counted every case, and who waited on whom every stay
-- depends: 0037_bulks

-- migrate: apply

-- Working days by number, from the calendar a realm goes by: what counts up to a day less what counts
-- up to another is what lies between. Days of one block have no unpublished year between them.
CREATE TABLE counted_day (
    realm   text NOT NULL,
    day     date NOT NULL,
    block   integer NOT NULL,
    counts  boolean NOT NULL,
    working integer NOT NULL,
    CONSTRAINT counted_day_pk PRIMARY KEY (realm, day)
);

-- How many cases of a campaign stand at a stage or ended so.
CREATE TABLE case_tally (
    realm    text NOT NULL,
    campaign text NOT NULL,
    stage    text NOT NULL,
    end_name text NOT NULL,
    cases    bigint NOT NULL,
    CONSTRAINT case_tally_pk PRIMARY KEY (realm, campaign, stage, end_name)
);

-- How long a holder had cases of a campaign, of the stays that are over. Those that last are counted
-- when somebody asks, up to that instant.
CREATE TABLE stay_tally (
    realm        text NOT NULL,
    campaign     text NOT NULL,
    holder       text NOT NULL,
    stays        bigint NOT NULL,
    working_days bigint NOT NULL,
    longest      integer NOT NULL,
    spent        bigint NOT NULL,  -- microseconds
    CONSTRAINT stay_tally_pk PRIMARY KEY (realm, campaign, holder)
);
DROP INDEX stay_of_campaign;
CREATE INDEX stay_that_lasts ON stay (realm, campaign) INCLUDE (holder, since, since_on)
    WHERE until IS NULL;

-- The realm whose calendar a realm goes by: its own, or everybody's.
CREATE FUNCTION calendar_realm(asked text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM calendar_version WHERE realm = asked) THEN asked ELSE '' END
$$;

-- The days of a calendar as `Calendar.is_working_day` has them.
CREATE FUNCTION days_of(years jsonb) RETURNS TABLE (day date, counts boolean) IMMUTABLE LANGUAGE sql AS $$
    SELECT d::date, (y.value -> 'workdays') ? to_char(d, 'YYYY-MM-DD')
        OR extract(isodow FROM d) < 6 AND NOT coalesce(y.value -> 'holidays' ? to_char(d, 'YYYY-MM-DD'), false)
    FROM jsonb_each(years) AS y,
        generate_series(make_date(y.key::integer, 1, 1)::timestamp, make_date(y.key::integer, 12, 31), '1 day') AS d
$$;

-- Of a stay that is over: its working days, none where a day of it was not published.
CREATE FUNCTION working_days(calendar text, since_on date, until_on date) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT u.working - s.working
    FROM counted_day s JOIN counted_day u ON u.realm = s.realm AND u.block = s.block
    WHERE s.realm = calendar AND s.day = since_on AND u.day = until_on AND u.working > s.working
$$;
CREATE FUNCTION microseconds(span interval) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT greatest(0, extract(epoch FROM span) * 1000000)::bigint
$$;

-- At the end of the transaction: a campaign's sums are one row for many cases, and held for as long as
-- a commit takes. All take them in one order.
CREATE FUNCTION tally_case() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO case_tally AS t
    SELECT m.realm, m.campaign, m.stage, m.end_name, sum(m.cases) FROM (VALUES
        (NEW.realm, NEW.campaign, coalesce(NEW.stage, ''), coalesce(NEW.end_name, ''), 1),
        (OLD.realm, OLD.campaign, coalesce(OLD.stage, ''), coalesce(OLD.end_name, ''), -1)
    ) AS m (realm, campaign, stage, end_name, cases)
    WHERE m.campaign <> ''  -- and a row that is not there has none
    GROUP BY 1, 2, 3, 4 HAVING sum(m.cases) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT case_tally_pk DO UPDATE SET cases = t.cases + excluded.cases;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER application_is_tallied AFTER INSERT OR UPDATE OR DELETE ON application
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tally_case();

CREATE FUNCTION tally_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever counts all again has it for himself; and what he counts by is read after he is done.
    LOCK TABLE stay_tally IN ROW EXCLUSIVE MODE;
    INSERT INTO stay_tally AS t
    SELECT NEW.realm, NEW.campaign, NEW.holder, 1, coalesce(d.days, 0), coalesce(d.days, 0),
        microseconds(NEW.until - NEW.since)
    FROM working_days(calendar_realm(NEW.realm), NEW.since_on, NEW.until_on) AS d (days)
    ON CONFLICT ON CONSTRAINT stay_tally_pk DO UPDATE SET stays = t.stays + 1,
        working_days = t.working_days + excluded.working_days,
        longest = greatest(t.longest, excluded.longest), spent = t.spent + excluded.spent;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER stay_is_tallied AFTER UPDATE ON stay
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL) EXECUTE FUNCTION tally_stay();

-- The stays of realms that touch these days, counted again with all of their holders' own.
CREATE FUNCTION tally_stays(realms text[], first date, last date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE stay_tally IN EXCLUSIVE MODE;
    WITH touched AS (
        SELECT DISTINCT realm, campaign, holder FROM stay
        WHERE realm = ANY (realms) AND until_on >= first AND since_on <= last
    )
    INSERT INTO stay_tally
    SELECT s.realm, s.campaign, s.holder, count(*), coalesce(sum(u.working - d.working), 0),
        coalesce(max(u.working - d.working), 0), sum(microseconds(s.until - s.since))
    FROM touched t JOIN stay s USING (realm, campaign, holder)
    CROSS JOIN LATERAL (SELECT calendar_realm(t.realm) AS realm) c
    LEFT JOIN counted_day d ON d.realm = c.realm AND d.day = s.since_on
    LEFT JOIN counted_day u ON u.realm = d.realm AND u.day = s.until_on AND u.block = d.block
        AND u.working > d.working
    WHERE s.until IS NOT NULL
    GROUP BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT stay_tally_pk DO UPDATE SET stays = excluded.stays,
        working_days = excluded.working_days, longest = excluded.longest, spent = excluded.spent;
END
$$;

-- What a published calendar changes: the days that count otherwise, and the stays over them.
CREATE FUNCTION count_days() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    first date;
    last date;
BEGIN
    IF NEW.realm <> '' AND NEW.number = 1 THEN  -- until now it went by everybody's
        first := '-infinity';
        last := 'infinity';
    ELSE
        SELECT min(day), max(day) INTO first, last
        FROM days_of(NEW.years) AS n FULL JOIN
            (SELECT day, counts FROM counted_day WHERE realm = NEW.realm) AS o USING (day)
        WHERE n.counts IS DISTINCT FROM o.counts;
    END IF;
    DELETE FROM counted_day WHERE realm = NEW.realm;
    INSERT INTO counted_day
    SELECT NEW.realm, day, day - '2000-01-01'::date - row_number() OVER (ORDER BY day), counts,
        count(*) FILTER (WHERE counts) OVER (ORDER BY day)
    FROM days_of(NEW.years);
    PERFORM tally_stays(ARRAY(
        SELECT id FROM (SELECT id FROM realm UNION SELECT 'live') AS r (id)
        WHERE calendar_realm(id) = NEW.realm), first, last);
    RETURN NULL;
END
$$;
CREATE TRIGGER calendar_is_counted AFTER INSERT ON calendar_version FOR EACH ROW
    EXECUTE FUNCTION count_days();

-- All again from the record alone: here for what there is, later where somebody doubts it.
CREATE FUNCTION tally_all() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE case_tally, stay_tally IN EXCLUSIVE MODE;
    DELETE FROM counted_day;
    INSERT INTO counted_day
    SELECT realm, day, day - '2000-01-01'::date - row_number() OVER (PARTITION BY realm ORDER BY day), counts,
        count(*) FILTER (WHERE counts) OVER (PARTITION BY realm ORDER BY day)
    FROM (SELECT DISTINCT ON (realm) realm, years FROM calendar_version ORDER BY realm, number DESC) AS c,
        days_of(c.years);
    DELETE FROM case_tally;
    INSERT INTO case_tally
    SELECT realm, campaign, coalesce(stage, ''), coalesce(end_name, ''), count(*)
    FROM application WHERE campaign <> '' GROUP BY 1, 2, 3, 4;
    DELETE FROM stay_tally;
    PERFORM tally_stays(ARRAY(SELECT DISTINCT realm FROM application), '-infinity', 'infinity');
END
$$;
REVOKE ALL ON FUNCTION tally_case(), tally_stay(), tally_stays(text[], date, date), count_days(), tally_all()
    FROM PUBLIC;
REVOKE INSERT ON counted_day, case_tally, stay_tally FROM zhiping_application;
SELECT tally_all();

-- migrate: rollback

DROP TRIGGER calendar_is_counted ON calendar_version;
DROP TRIGGER stay_is_tallied ON stay;
DROP TRIGGER application_is_tallied ON application;
DROP FUNCTION tally_all(), count_days(), tally_stays(text[], date, date), tally_stay(), tally_case(),
    microseconds(interval), working_days(text, date, date), days_of(jsonb), calendar_realm(text);
DROP INDEX stay_that_lasts;
CREATE INDEX stay_of_campaign ON stay (realm, campaign)
    INCLUDE (holder, since, until, since_on, until_on);
DROP TABLE stay_tally, case_tally, counted_day;
