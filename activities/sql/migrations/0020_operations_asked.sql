-- What was asked under an operation's id: the same id for something else is a conflict, not an answer
-- depends: 0019_second_person

-- migrate: apply

-- The keyed hash of kind, sender, realm and input. Empty: no operation of a sender's (installation).
ALTER TABLE operation ADD COLUMN asked bytea NOT NULL DEFAULT '';
ALTER TABLE operation ALTER COLUMN asked DROP DEFAULT;

-- migrate: rollback

ALTER TABLE operation DROP COLUMN asked;
