-- Meetings, candidates, the bank's lines and what waits for a second person, as pages in their order
-- depends: 0032_collected_letters

-- migrate: apply

CREATE INDEX candidate_in_turn ON candidate (meeting, position, application) INCLUDE (state);
CREATE INDEX bank_line_in_turn ON bank_line (realm, office, id);
DROP INDEX request_for_second_by_end;
CREATE INDEX request_for_second_in_turn ON request_for_second (realm, expires_at, id);

-- What a verification, and who closes the task of an operation that failed, went through whole tables for.
CREATE INDEX draft_of_application ON draft (application) WHERE application IS NOT NULL;
CREATE INDEX draft_of_person ON draft (person);
DROP INDEX task_by_operation;
CREATE INDEX task_by_operation ON task (operation) WHERE operation IS NOT NULL;

-- One line of a list of meetings; the names as subqueries, like `case_line`.
CREATE VIEW meeting_line AS
SELECT m.id AS meeting, m.realm, m.number, m.campaign, m.committee,
    (SELECT k.name FROM committee k WHERE k.id = m.committee
        AND k.realm IN ('', kept_under(m.realm)) ORDER BY k.realm DESC LIMIT 1) AS committee_name,
    m.office, (SELECT o.name FROM organisation o WHERE o.id = m.office
        AND o.realm IN ('', m.realm) ORDER BY o.realm DESC LIMIT 1) AS office_name,
    m.city_office, (SELECT o.name FROM organisation o WHERE o.id = m.city_office
        AND o.realm IN ('', m.realm) ORDER BY o.realm DESC LIMIT 1) AS city_office_name,
    m.phase, m.days, m.due_on, m.due_rule, m.seq, m.updated_at,
    (SELECT count(*) FROM candidate c WHERE c.meeting = m.id AND c.state <> 'off') AS candidates
FROM meeting m;

-- migrate: rollback

DROP VIEW meeting_line;
DROP INDEX task_by_operation, draft_of_person, draft_of_application, request_for_second_in_turn,
    bank_line_in_turn, candidate_in_turn;
CREATE INDEX task_by_operation ON task (operation) WHERE operation IS NOT NULL AND closed_at IS NULL;
CREATE INDEX request_for_second_by_end ON request_for_second (realm, expires_at);
