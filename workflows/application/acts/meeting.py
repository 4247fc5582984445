"""The meeting seen from one case: date told, review opened, result received (BD 四(三)1-2)."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.acts.exclusions import may_go_on
from workflows.application.case import MEETING_PREFIX, ResultEntry
from workflows.application.move import Move
from workflows.application.payloads import AssignToMeeting, RecordResult
from workflows.letter.kinds import MeetingSet
from workflows.rules.names import CautionCode, Party, Relation, Result, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing, Reason
from workflows.writer.stating import outside_day


def _possible_meeting(move: Move, stated: AssignToMeeting) -> None:
    if stated.meeting.startswith(MEETING_PREFIX) and move.relation is not Relation.MEETING:
        raise move.refusal(Code.NOT_ENTITLED, "by_meeting", needed=Relation.MEETING.value)
    if stated.meeting_on < move.on:
        clause = move.clause_of("assign_to_meeting")
        raise refuse(Code.DATE_NOT_ALLOWED, clause, reason="past", date=stated.meeting_on)


def assign_to_meeting(move: Move, stated: AssignToMeeting) -> None:
    """The meeting's day is told; it may be moved and is told again."""
    case = move.case
    moved_from = case.meeting_on if case.meeting_on != stated.meeting_on else None
    case.meeting, case.meeting_on = stated.meeting, stated.meeting_on
    case.batch = stated.batch or case.batch
    move.clause = move.clause_of("assign_to_meeting")
    if not case.calendar.is_working_day(stated.meeting_on):
        move.warn(CautionCode.REST_DAY, move.clause, date=stated.meeting_on)
    meeting_set = MeetingSet(
        meeting_on=stated.meeting_on, old_on=moved_from, meeting_number=stated.number
    )
    move.tell(meeting_set, Party.APPLICANT)


def may_leave(move: Move) -> None:
    """Only from a meeting it was assigned to.

    Raises:
        Refused: `meeting_not_set`.
    """
    if not move.case.meeting:
        raise move.refusal(Code.MEETING_NOT_SET, "assign_to_meeting")


def leave_meeting(move: Move, stated: Reason) -> None:
    """The meeting gives the case back: it waits for another."""
    case = move.case
    case.meeting, case.meeting_on, case.batch = "", None, ""
    move.reason = stated.reason
    move.clause = move.clause_of("assign_to_meeting")
    move.tell(MeetingSet(result=Result.DEFERRED, reason=stated.reason), Party.APPLICANT)


def may_open(move: Move) -> None:
    """The day was told, no complaint holds it, and no exclusion is open.

    Raises:
        Refused: `meeting_not_set`; `inquiry_open` where the office holds it for a complaint;
            `check_open`, `excluded_retired`; `excluded_bar` by the record.
    """
    case = move.case
    if case.meeting_on is None:
        raise move.refusal(Code.MEETING_NOT_SET, "open_review")
    for inquiry in case.open_inquiries:
        if inquiry.holds_review:
            raise move.refusal(Code.INQUIRY_OPEN, "terminated", inquiry=inquiry.id)
    may_go_on(move)


def open_review(move: Move, stated: Nothing) -> None:
    """The meeting takes the case up; from here on it cannot be withdrawn."""
    move.guard = "bars"
    move.case.opened_on = move.on
    move.clause = move.clause_of("open_review")
    move.go(Stage.IN_REVIEW)


def may_record(move: Move) -> None:
    """Clues found in the review are looked into before there is a result.

    Raises:
        Refused: `inquiry_open`.
    """
    for inquiry in move.case.open_inquiries:
        if inquiry.raised_in is Stage.IN_REVIEW:
            raise move.refusal(Code.INQUIRY_OPEN, "terminated", inquiry=inquiry.id)


def _last_meeting_day(move: Move, stated: RecordResult) -> None:
    # A meeting's own last day is what it is, however long an inquiry held this result.
    outside_day(
        move,
        stated.meeting_ended_on,
        not_before=move.case.opened_on,
        clause=move.clause_of("record_result"),
        however_old=move.relation is Relation.MEETING,
    )


def record_result(move: Move, stated: RecordResult) -> None:
    """The result of the meeting; the five working days run from its last day (A7)."""
    case = move.case
    move.clause = move.clause_of("record_result")
    if stated.result is Result.DEFERRED:
        case.meeting, case.meeting_on, case.opened_on, case.batch = "", None, None, ""
        move.go(Stage.AWAITING_MEETING)
        move.tell(MeetingSet(result=stated.result), Party.APPLICANT)
        return
    case.results.append(
        ResultEntry(
            number=len(case.results) + 1,
            result=stated.result,
            meeting=case.meeting,
            meeting_ended_on=stated.meeting_ended_on,
            recorded_at=move.at,
        )
    )
    case.result_publicity = None
    case.sent_for_confirmation_at = None
    case.forwarded_on, case.printed_on, case.archived = None, None, []
    move.go(Stage.RESULT_RECORDED)


ASSIGN = Rule(assign_to_meeting, check=_possible_meeting)
LEAVE = Rule(leave_meeting, may_leave)
OPEN = Rule(open_review, may_open)
RECORD = Rule(record_result, may_record, _last_meeting_day)
