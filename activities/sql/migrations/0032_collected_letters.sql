-- What organisations have to do is told in one letter a day (decision 0027)
-- depends: 0031_accounts

-- migrate: apply

-- The collected letters that carry a letter; null: it goes by itself.
ALTER TABLE letter ADD COLUMN carried_by text[];
GRANT UPDATE (carried_by) ON letter TO zhiping_application;

-- `gathered`: it waits to be told by those.
ALTER TABLE letter DROP CONSTRAINT letter_state;
ALTER TABLE letter ADD CONSTRAINT letter_state CHECK (state IN
    ('queued', 'gathered', 'claimed', 'sent', 'bounced', 'unknown', 'cancelled', 'no_address'))
    NOT VALID;
ALTER TABLE letter VALIDATE CONSTRAINT letter_state;

CREATE INDEX letter_carried ON letter USING gin (carried_by) WHERE carried_by IS NOT NULL;
-- One for each recipient and hour takes up what comes; once it was tried it takes up nothing more.
CREATE UNIQUE INDEX letter_collecting ON letter (realm, organisation, person, ordered_at)
    WHERE kind = 'collected' AND state = 'queued' AND attempts = 0 AND resend_of = '';
CREATE INDEX letter_collected ON letter (realm, organisation, ordered_at) WHERE kind = 'collected';

-- How an organisation, or a person wherever he or she is a member, wants to be told.
CREATE TABLE letter_choice (
    realm        text NOT NULL,
    organisation text NOT NULL DEFAULT '',
    person       text NOT NULL DEFAULT '',
    rhythm       text NOT NULL CONSTRAINT letter_choice_rhythm
        CHECK (rhythm IN ('at_once', 'daily', 'weekly', 'usual')),
    chosen_by    text NOT NULL,
    chosen_at    timestamptz NOT NULL,
    written_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (realm, organisation, person),
    CONSTRAINT letter_choice_of_one CHECK ((organisation = '') <> (person = ''))
);
GRANT UPDATE ON letter_choice TO zhiping_application;
SELECT keep('letter_choice', 'copied', 'letter_choice',
    ARRAY['realm', 'organisation', 'person'], ARRAY['realm', 'organisation', 'person']);

-- migrate: rollback

DO $$
DECLARE
    event text;
BEGIN
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
        EXECUTE format('DROP TRIGGER %I ON letter_choice', 'letter_choice_' || event || '_is_kept');
    END LOOP;
END
$$;
DELETE FROM kept WHERE name = 'letter_choice';
DROP TABLE letter_choice;
DROP INDEX letter_collected, letter_collecting, letter_carried;
UPDATE letter SET state = 'queued' WHERE state = 'gathered';
UPDATE letter SET state = 'cancelled' WHERE state = 'queued' AND kind = 'collected';
ALTER TABLE letter DROP CONSTRAINT letter_state;
ALTER TABLE letter ADD CONSTRAINT letter_state CHECK (state IN
    ('queued', 'claimed', 'sent', 'bounced', 'unknown', 'cancelled', 'no_address'));
ALTER TABLE letter DROP COLUMN carried_by;
