-- Letters are taken in batches by mailrooms (decision 0022)
-- depends: 0021_bank_accounts

-- migrate: apply

-- What is null says nothing, so that the chains of older letters stay as they are (0011).
ALTER TABLE letter
    ADD COLUMN room    text,          -- the mailroom that sends it
    ADD COLUMN due_at  timestamptz,   -- not before; null: at once
    ADD COLUMN left_to text[];        -- of its readers those who have not got it yet; null: all

UPDATE letter SET room = CASE WHEN realm = 'live' THEN 'live-0' ELSE 'rehearsal' END
WHERE state IN ('queued', 'claimed');

CREATE INDEX letter_to_send ON letter (room, created_at, id) WHERE state = 'queued';
CREATE INDEX letter_being_sent ON letter (room) WHERE state = 'claimed';
GRANT UPDATE (due_at, left_to) ON letter TO zhiping_application;

-- Whether somebody is at work there: whoever orders a letter need not wake a room that is awake.
CREATE TABLE mailroom (
    room        text PRIMARY KEY,
    awake_until timestamptz NOT NULL,
    trouble     text NOT NULL DEFAULT ''  -- why it waits, in the mail server's words
);
GRANT UPDATE ON mailroom TO zhiping_application;

-- migrate: rollback

DROP TABLE mailroom;
DROP INDEX letter_to_send, letter_being_sent;
ALTER TABLE letter DROP COLUMN room, DROP COLUMN due_at, DROP COLUMN left_to;
