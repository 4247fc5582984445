-- Papers as they left the house, and the numbers of certificates
-- depends: 0003_committee

-- migrate: apply

-- One row a paper; the file lies under its hash with the other documents. A paper is made once for
-- the step or batch it belongs to and never changed: asking again gives what is here.
CREATE TABLE paper (
    id               text PRIMARY KEY,
    realm            text NOT NULL REFERENCES realm (id),
    kind             text NOT NULL,
    application      text REFERENCES application (id),
    meeting          text,
    batch            integer,
    seq              integer NOT NULL DEFAULT 0,
    detail           text NOT NULL DEFAULT '',
    data_hash        text NOT NULL,
    template_version text NOT NULL,
    unsealed_sha256  text NOT NULL,
    sha256           text NOT NULL REFERENCES document (sha256),
    size             bigint NOT NULL,
    seals            text[] NOT NULL DEFAULT '{}',
    made_at          timestamptz NOT NULL,
    made_by          text NOT NULL,
    written_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT paper_of_one CHECK ((application IS NULL) <> (meeting IS NULL)),
    CONSTRAINT paper_of_batch CHECK ((meeting IS NULL) = (batch IS NULL))
);

CREATE UNIQUE INDEX paper_once ON paper
    (realm, kind, coalesce(application, ''), coalesce(meeting, ''), coalesce(batch, 0), seq, detail);
CREATE INDEX paper_by_application ON paper (application) WHERE application IS NOT NULL;
CREATE INDEX paper_by_meeting ON paper (meeting, batch) WHERE meeting IS NOT NULL;
CREATE INDEX paper_by_prefix ON paper (id text_pattern_ops);

-- Given in the transaction that first needs it; a number is never given twice, not even after a
-- revocation, because rows are only added.
CREATE TABLE certificate (
    number      text NOT NULL,
    realm       text NOT NULL REFERENCES realm (id),
    application text NOT NULL REFERENCES application (id),
    seq         integer NOT NULL,
    year        integer NOT NULL,
    code        text NOT NULL,
    serial      integer NOT NULL CONSTRAINT certificate_serial CHECK (serial > 0),
    obtained_on date NOT NULL,
    issued_on   date NOT NULL,
    document    text NOT NULL,
    level       text NOT NULL,
    profession  text NOT NULL,
    made_at     timestamptz NOT NULL,
    CONSTRAINT certificate_pk PRIMARY KEY (realm, number),
    CONSTRAINT certificate_serial_once UNIQUE (realm, year, code, serial),
    CONSTRAINT certificate_once UNIQUE (realm, application, seq)
);

CREATE FUNCTION paper_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'papers and certificates are only added to';
END
$$;

CREATE TRIGGER paper_is_final BEFORE UPDATE OR DELETE ON paper
    FOR EACH ROW EXECUTE FUNCTION paper_is_final();
CREATE TRIGGER certificate_is_final BEFORE UPDATE OR DELETE ON certificate
    FOR EACH ROW EXECUTE FUNCTION paper_is_final();

-- migrate: rollback

DROP TABLE certificate, paper;
DROP FUNCTION paper_is_final();
