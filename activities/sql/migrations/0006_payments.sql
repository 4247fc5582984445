-- The bank's lines: every payment the bank told, and what became of it (BD 三3, A19)
-- depends: 0005_integrity

-- migrate: apply

-- `answer` is what the case said, or that nobody could be asked; part, double, over and late follow
-- from the case's payments, fee and last day, and are computed when read, so that they never age.
-- Whatever the payer wrote is sealed, the number too: people write their ID number there.
CREATE TABLE bank_line (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    realm         text NOT NULL,
    office        text NOT NULL,
    transaction   text NOT NULL,
    content_hash  bytea NOT NULL,
    fen           bigint NOT NULL CONSTRAINT bank_line_fen CHECK (fen > 0),
    paid_at       timestamptz NOT NULL,
    numbers       bytea,
    remark        bytea,
    payer         bytea,
    application   text,
    answer        text NOT NULL CONSTRAINT bank_line_answer
        CHECK (answer IN ('open', 'told', 'refused', 'unknown', 'uneven')),
    code          text NOT NULL DEFAULT '',
    teller        jsonb NOT NULL,
    imported_by   text NOT NULL,
    imported_at   timestamptz NOT NULL,
    answered_at   timestamptz,
    assigned_by   text NOT NULL DEFAULT '',
    assigned_at   timestamptz,
    assigned_why  text NOT NULL DEFAULT '',
    dismissed_by  text NOT NULL DEFAULT '',
    dismissed_at  timestamptz,
    dismissed_why text NOT NULL DEFAULT '',
    CONSTRAINT bank_line_asks_whom CHECK (answer NOT IN ('open', 'told') OR application IS NOT NULL)
);

CREATE UNIQUE INDEX bank_line_once ON bank_line (realm, transaction);
CREATE INDEX bank_line_by_application ON bank_line (application) WHERE application IS NOT NULL;
CREATE INDEX bank_line_open ON bank_line (realm, id) WHERE dismissed_at IS NULL;

-- migrate: rollback

DROP TABLE bank_line;
