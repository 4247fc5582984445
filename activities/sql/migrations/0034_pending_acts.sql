-- Acts between a form and its answer: nothing typed is lost, and what is asked again is the same act
-- depends: 0033_pages

-- migrate: apply

-- The id is the request id of the rendered form. `stated` is what was typed; `act` what was sent,
-- set once when the act arrived, so that asked again it has the same time and the same texts.
-- Answered yes, both are gone: the record has the act.
CREATE TABLE pending_act (
    id           text PRIMARY KEY,
    account      text NOT NULL REFERENCES account (id),
    person       text NOT NULL,
    organisation text NOT NULL,
    realm        text NOT NULL REFERENCES realm (id),
    subject      text NOT NULL,
    action       text NOT NULL,
    seen_seq     integer NOT NULL,      -- how far the record was when the form was shown
    stated       bytea,
    act          bytea,
    state        text NOT NULL DEFAULT 'stated'
        CONSTRAINT pending_act_state CHECK (state IN ('stated', 'sent', 'done', 'refused')),
    answer       bytea,
    stated_at    timestamptz NOT NULL DEFAULT now(),
    sent_at      timestamptz,
    answered_at  timestamptz
);
CREATE INDEX pending_act_open ON pending_act (account, subject) WHERE state IN ('stated', 'sent');
CREATE INDEX pending_act_past ON pending_act (stated_at) WHERE state <> 'sent';
GRANT UPDATE (seen_seq, stated, act, state, answer, stated_at, sent_at, answered_at), DELETE
    ON pending_act TO zhiping_application;

-- migrate: rollback

DROP TABLE pending_act;
