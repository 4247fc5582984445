-- What seals personal data is a key of the record, itself sealed under the identity key: that one can be changed
-- depends: 0038_kept_sums

-- migrate: apply

-- Number 0 is the first identity key itself: what was sealed before there were content keys, every hash
-- and the anchors' signatures are made from it.
CREATE TABLE content_key (
    number    integer PRIMARY KEY CONSTRAINT content_key_number CHECK (number BETWEEN 0 AND 65535),
    begins_at timestamptz NOT NULL,
    made_at   timestamptz NOT NULL
);

-- A content key under each identity key that may open it: two of them while the identity key changes.
CREATE TABLE content_key_wrap (
    number     integer NOT NULL REFERENCES content_key (number),
    under      text NOT NULL,
    wrapped    bytea NOT NULL,
    wrapped_at timestamptz NOT NULL,
    CONSTRAINT content_key_wrap_pk PRIMARY KEY (number, under)
);

GRANT DELETE ON content_key_wrap TO zhiping_application;

-- migrate: rollback

DROP TABLE content_key_wrap, content_key;
