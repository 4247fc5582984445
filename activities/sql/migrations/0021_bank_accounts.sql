-- A bank numbers its lines within an account: another account's, or another office's, is another line
-- depends: 0010_roles

-- migrate: apply

-- Empty where the bank's file does not name it: the one account of the office.
ALTER TABLE bank_line ADD COLUMN account text NOT NULL DEFAULT '';
ALTER TABLE bank_line ALTER COLUMN account DROP DEFAULT;
DROP INDEX bank_line_once;
CREATE UNIQUE INDEX bank_line_once ON bank_line (realm, office, account, transaction);

-- migrate: rollback

DROP INDEX bank_line_once;
CREATE UNIQUE INDEX bank_line_once ON bank_line (realm, transaction);
ALTER TABLE bank_line DROP COLUMN account;
