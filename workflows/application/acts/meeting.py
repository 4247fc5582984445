"""The meeting seen from one case: date told, review opened, result received (BD 四(三)1-2)."""

from __future__ import annotations

from workflows.application.acts.exclusions import look_again
from workflows.application.case import MEETING_PREFIX, ResultEntry
from workflows.application.move import Move
from workflows.application.payloads import AssignToMeeting, RecordResult
from workflows.rules.deadlines import compute
from workflows.rules.names import LetterKind, Party, Relation, Result, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing, Reason
from workflows.writer.stating import outside_day

EARLY_STAGES = (
    Stage.UNIT_REVIEW,
    Stage.UNIT_CORRECTION,
    Stage.UNIT_PUBLICITY,
    Stage.CHAIN_REVIEW,
    Stage.CHAIN_CORRECTION,
    Stage.COMMITTEE_INTAKE,
    Stage.COMMITTEE_CORRECTION,
    Stage.AWAITING_PAYMENT,
    Stage.AWAITING_MEETING,
)
"""The stages before the meeting."""


def assign_to_meeting(move: Move, stated: AssignToMeeting) -> None:
    """The meeting's day is told; it may be moved and is told again.

    Raises:
        Refused: `date_not_allowed` for a day that is past; `not_entitled` for the id of a meeting
            of the platform, which lists its candidates itself.
    """
    case = move.case
    if stated.meeting.startswith(MEETING_PREFIX) and move.relation is not Relation.MEETING:
        raise refuse(Code.NOT_ENTITLED, "design 15", needed=Relation.MEETING.value)
    if stated.meeting_on < move.on:
        raise refuse(Code.DATE_NOT_ALLOWED, "", reason="past", date=stated.meeting_on)
    moved_from = case.meeting_on if case.meeting_on != stated.meeting_on else None
    case.meeting, case.meeting_on = stated.meeting, stated.meeting_on
    case.batch = stated.batch or case.batch
    move.clause = case.policy.clause("assign_to_meeting")
    move.tell(
        LetterKind.MEETING_SET,
        Party.APPLICANT,
        meeting_on=stated.meeting_on,
        old_on=moved_from or "",
        meeting_number=stated.number,
    )


def leave_meeting(move: Move, stated: Reason) -> None:
    """The meeting gives the case back: it waits for another."""
    case = move.case
    case.meeting, case.meeting_on, case.batch = "", None, ""
    move.reason = stated.reason
    move.clause = case.policy.clause("assign_to_meeting")
    move.tell(
        LetterKind.MEETING_SET, Party.APPLICANT, result=Result.DEFERRED.value, reason=stated.reason
    )


def open_review(move: Move, stated: Nothing) -> None:
    """The meeting takes the case up; from here on it cannot be withdrawn.

    Raises:
        Refused: `meeting_not_set`; `inquiry_open` where the office holds it for a complaint;
            `check_open`, `excluded_retired`; `excluded_bar` by the record.
    """
    case = move.case
    if case.meeting_on is None:
        raise refuse(Code.MEETING_NOT_SET, case.policy.clause("open_review"))
    for inquiry in case.open_inquiries:
        if inquiry.holds_review:
            raise refuse(Code.INQUIRY_OPEN, case.policy.clause("terminated"), inquiry=inquiry.id)
    look_again(move)
    case.opened_on = move.on
    move.clause = case.policy.clause("open_review")
    move.go(Stage.IN_REVIEW)


def record_result(move: Move, stated: RecordResult) -> None:
    """The result of the meeting; the five working days run from its last day (A7).

    Raises:
        Refused: `inquiry_open` while clues found in the review are looked into;
            `date_not_allowed` for a day in the future or before the review was opened.
    """
    case = move.case
    for inquiry in case.open_inquiries:
        if inquiry.raised_in is Stage.IN_REVIEW:
            raise refuse(Code.INQUIRY_OPEN, case.policy.clause("terminated"), inquiry=inquiry.id)
    # A meeting's own last day is what it is, however long an inquiry held this result.
    told = move.relation is Relation.MEETING
    ended_on = outside_day(
        move, stated.meeting_ended_on, not_before=case.opened_on, however_old=told
    )
    move.clause = case.policy.clause("record_result")
    if stated.result is Result.DEFERRED:
        case.meeting, case.meeting_on, case.opened_on, case.batch = "", None, None, ""
        move.go(Stage.AWAITING_MEETING)
        move.tell(LetterKind.MEETING_SET, Party.APPLICANT, result=stated.result.value)
        return
    case.results.append(
        ResultEntry(
            number=len(case.results) + 1,
            result=stated.result,
            meeting=case.meeting,
            meeting_ended_on=ended_on,
        )
    )
    case.result_publicity = None
    case.sent_for_confirmation_on = None
    case.forwarded_on, case.printed_on, case.archived = None, None, []
    move.go(Stage.RESULT_RECORDED)
    terms = case.policy.terms(RuleName.RESULT_REPORT)
    move.open(compute(RuleName.RESULT_REPORT, terms, case.calendar, ended_on), told=False)
