"""After confirmation: 复查, forwarding, printing, archive, revocation (BD 四(三)4-6, LC 5)."""

from __future__ import annotations

from datetime import date, datetime

from workflows.application.act import Rule
from workflows.application.acts.results import the_result
from workflows.application.case import Case, ResultEntry
from workflows.application.move import Move
from workflows.application.payloads import (
    ConfirmArchived,
    DecideRecheck,
    Forward,
    RequestRecheck,
    Revoke,
)
from workflows.letter.kinds import Forwarded, RecheckDecided, RecheckReceived
from workflows.rules.deadlines import Deadline, full_working_days_left
from workflows.rules.message import end_of
from workflows.rules.names import EndName, Party, Result, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing
from workflows.writer.stating import need_reason, outside_day

BOTH_COPIES = ("personal", "unit")
BY_RESULT = frozenset({EndName.COMPLETED, EndName.NOT_PASSED})
"""Ends that the right's end brings: a request posted in time re-opens them (A52)."""


def may_request(move: Move) -> None:
    """One 复查 per result (A37); by what day it counts is judged by what is stated.

    Raises:
        Refused: `wrong_stage` without a result, `recheck_repeated`, `already_decided` where the
            case ended otherwise than by its result.
    """
    case = move.case
    result = the_result(move)
    if result.recheck_asked_on:
        raise move.refusal(Code.RECHECK_REPEATED, "recheck_repeated", on=result.recheck_asked_on)
    if case.end is not None and case.end.name not in BY_RESULT:
        raise refuse(Code.ALREADY_DECIDED, case.end.clause, end=case.end.name.value)


def _posted_in_time(move: Move, stated: RequestRecheck) -> None:
    clause = move.case.policy.terms(RuleName.RECHECK).source
    outside_day(
        move,
        stated.dispatched_on,
        not_before=the_result(move).meeting_ended_on,
        clause=clause,
        however_old=True,
    )
    _check_in_time(move, stated.dispatched_on)


def request_recheck(move: Move, stated: RequestRecheck) -> None:
    """A written request; the platform's form is one, by post its dispatch day counts (A52).

    One that was posted in time re-opens a case that its result had ended meanwhile.
    """
    case = move.case
    if case.end is not None:
        move.reopen()
    result = the_result(move)
    clause = case.policy.terms(RuleName.RECHECK).source
    result.recheck_asked_on = stated.dispatched_on or move.on
    move.clause = clause
    for party in (Party.APPLICANT, Party.OFFICE):
        move.tell(RecheckReceived(reason=stated.text, clause=clause), party)
    if case.stage is Stage.RECHECK_WINDOW:
        move.go(Stage.RECHECK)


def _decision_reason(move: Move, stated: DecideRecheck) -> None:
    need_reason(stated.reason, _decision_clause(move.case))


def decide_recheck(move: Move, stated: DecideRecheck) -> None:
    """The answer, which must be told: upheld, or reassessed at a meeting (A51)."""
    case = move.case
    result = the_result(move)
    result.recheck_decision = stated.decision
    move.clause, move.reason = _decision_clause(case), stated.reason
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(RecheckDecided(decision=stated.decision, reason=stated.reason), party)
    if stated.decision == "reassess":
        case.meeting, case.meeting_on, case.opened_on, case.batch = "", None, None, ""
        move.go(Stage.AWAITING_MEETING)
        return
    right = move.clock(RuleName.RECHECK)
    if right is None or right.struck or move.at > right.ends_at:
        end_by_result(move, right)
    else:
        move.go(Stage.RECHECK_WINDOW)


def end_by_result(move: Move, right: Deadline | None, closes_at: datetime | None = None) -> None:
    """办结 or 评审未通过: the right has run out and nothing is pending (A53)."""
    result = the_result(move)
    move.finish(
        EndName.COMPLETED if result.result is Result.PASSED else EndName.NOT_PASSED,
        move.case.policy.terms(RuleName.RECHECK).source,
        clock=RuleName.RECHECK.value,
        deadline=right,
        closes_at=closes_at,
    )


def may_forward(move: Move) -> None:
    """Only a 确认通知 is forwarded, once; a 函复 goes to its unit at once, 备案 stays with it (3C).

    Raises:
        Refused: `wrong_stage` where nothing was passed, `already_decided`.
    """
    case = move.case
    _passed(move)
    if case.entrusted or case.own_committee:
        raise move.refusal(Code.WRONG_STAGE, "confirm", reason="entrusted")
    if case.forwarded_on:
        raise move.refusal(Code.ALREADY_DECIDED, "confirm", action=move.action)


def _forwarded_since_it_was_issued(move: Move, stated: Forward) -> None:
    earliest = the_result(move).effective_on
    clause = move.policy.terms(RuleName.FORWARDING).source
    outside_day(move, stated.forwarded_on, not_before=earliest, clause=clause)


def forward_confirmation(move: Move, stated: Forward) -> None:
    """呈报单位 forwarded the confirmation to the unit; the applicant prints the 评审表."""
    case = move.case
    case.forwarded_on = stated.forwarded_on or move.on
    move.clause = case.policy.terms(RuleName.FORWARDING).source
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(Forwarded(document=the_result(move).document), party)


def may_print(move: Move) -> None:
    """There is a title, and it was not printed yet.

    Raises:
        Refused: `wrong_stage`, `already_decided`.
    """
    _passed(move)
    if move.case.printed_on:
        raise move.refusal(Code.ALREADY_DECIDED, "confirm_printed", action=move.action)


def confirm_printed(move: Move, stated: Nothing) -> None:
    """The applicant printed the 评审表."""
    move.case.printed_on = move.on
    move.clause = move.clause_of("confirm_printed")


def may_archive(move: Move) -> None:
    """There is a title, and a copy that is not in its archive yet.

    Raises:
        Refused: `wrong_stage`, `already_decided`.
    """
    _passed(move)
    if len(move.case.archived) >= len(BOTH_COPIES):
        raise move.refusal(Code.ALREADY_DECIDED, "confirm_archived", action=move.action)


def _not_archived(move: Move, stated: ConfirmArchived) -> None:
    if stated.copy_in in move.case.archived:
        raise move.refusal(Code.ALREADY_DECIDED, "confirm_archived", action=move.action)


def confirm_archived(move: Move, stated: ConfirmArchived) -> None:
    """One of the two copies is in its archive."""
    move.case.archived.append(stated.copy_in)
    move.clause = move.clause_of("confirm_archived")


def may_revoke(move: Move) -> None:
    """Only a title that was confirmed can be revoked, once (A36).

    Raises:
        Refused: `wrong_stage` where no title was confirmed, `already_decided`.
    """
    case = move.case
    clause = _revocation_clause(case)
    if not case.titled:
        raise refuse(Code.WRONG_STAGE, clause, reason="no_title")
    if case.end is not None and case.end.name is EndName.REVOKED:
        raise refuse(Code.ALREADY_DECIDED, clause, end=case.end.name.value)


def _revocation_reason(move: Move, stated: Revoke) -> None:
    need_reason(stated.reason, _revocation_clause(move.case))


def revoke(move: Move, stated: Revoke) -> None:
    """撤销: 市职改办 withdraws the title; possible on a closed case too."""
    move.finish(EndName.REVOKED, _revocation_clause(move.case), reason=stated.reason)


REQUEST = Rule(request_recheck, may_request, _posted_in_time)
DECIDE = Rule(decide_recheck, check=_decision_reason)
FORWARD = Rule(forward_confirmation, may_forward, _forwarded_since_it_was_issued)
PRINT = Rule(confirm_printed, may_print)
ARCHIVE = Rule(confirm_archived, may_archive, _not_archived)
REVOKE = Rule(revoke, may_revoke, _revocation_reason)


def _decision_clause(case: Case) -> str:
    return case.policy.clause("decide_recheck", case.policy.terms(RuleName.RECHECK).source)


def _revocation_clause(case: Case) -> str:
    return case.policy.clause("revoked", "40号令 第38-42条")


def _check_in_time(move: Move, dispatched_on: date | None) -> None:
    """By post the day of dispatch decides, however long the post took within reason (A52).

    Raises:
        Refused: `recheck_too_late`.
    """
    case = move.case
    right = move.clock(RuleName.RECHECK) or (case.end.deadline if case.end else None)
    if right is None:
        if the_result(move).effective_on is None and case.end is None:
            return  # early: the day that counts has not come
        raise refuse(Code.RECHECK_TOO_LATE, case.policy.terms(RuleName.RECHECK).source)
    moment = end_of(dispatched_on) if dispatched_on else move.at
    travelled = (
        full_working_days_left(case.calendar, end_of(right.ends_on), move.on)
        if dispatched_on
        else 0
    )
    if moment > right.ends_at or travelled > case.policy.limits.back_dating_working_days:
        raise refuse(Code.RECHECK_TOO_LATE, right.clause, ends_on=right.ends_on)


def _passed(move: Move) -> ResultEntry:
    result = the_result(move)
    if result.result is not Result.PASSED:
        raise move.refusal(Code.WRONG_STAGE, "confirm", reason="not_passed")
    if result.effective_on is None:
        raise move.refusal(Code.WRONG_STAGE, "confirm", reason="no_title")
    end = move.case.end
    if end is not None and end.name is EndName.REVOKED:
        raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)
    return result
