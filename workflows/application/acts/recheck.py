"""After confirmation: 复查, forwarding, printing, archive, revocation (BD 四(三)4-6, LC 5)."""

from __future__ import annotations

from datetime import date

from workflows.application.case import Case, ResultEntry
from workflows.application.move import Move
from workflows.application.payloads import (
    ConfirmArchived,
    DecideRecheck,
    Forward,
    RequestRecheck,
    Revoke,
)
from workflows.rules.deadlines import compute, full_working_days_left
from workflows.rules.message import end_of
from workflows.rules.names import EndName, LetterKind, Party, Result, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing
from workflows.writer.stating import need_reason, outside_day

BOTH_COPIES = ("personal", "unit")


def open_recheck_window(move: Move, issued_on: date) -> None:
    """The right to 复查 (2 months) and, where passed, the duty to forward (1 month) begin.

    A request made earlier is taken up at once (A52).
    """
    case = move.case
    right = compute(RuleName.RECHECK, case.policy.terms(RuleName.RECHECK), case.calendar, issued_on)
    move.open(right)
    result = case.result
    if result and result.result is Result.PASSED and _by_confirmation(case):
        terms = case.policy.terms(RuleName.FORWARDING)
        move.open(compute(RuleName.FORWARDING, terms, case.calendar, issued_on))
    early = result is not None and result.recheck_asked_on and not result.recheck_decision
    move.go(Stage.RECHECK if early else Stage.RECHECK_WINDOW)


def request_recheck(move: Move, stated: RequestRecheck) -> None:
    """A written request; the platform's form is one, by post its dispatch day counts (A52).

    Raises:
        Refused: `recheck_repeated` (one per result, A37), `recheck_too_late`, `date_not_allowed`.
    """
    case = move.case
    result = _result(case.result)
    clause = case.policy.terms(RuleName.RECHECK).source
    if result.recheck_asked_on:
        raise refuse(Code.RECHECK_REPEATED, clause, on=result.recheck_asked_on)
    day = outside_day(move, stated.dispatched_on)
    _in_time(move, result, day, by_post=stated.dispatched_on is not None)
    result.recheck_asked_on = day
    move.clause = clause
    for party in (Party.APPLICANT, Party.OFFICE):
        move.tell(LetterKind.RECHECK_RECEIVED, party, reason=stated.text, clause=clause)
    if case.stage is Stage.RECHECK_WINDOW:
        move.go(Stage.RECHECK)


def decide_recheck(move: Move, stated: DecideRecheck) -> None:
    """The answer, which must be told: upheld, or reassessed at a meeting (A51).

    Raises:
        Refused: `reason_required`.
    """
    case = move.case
    clause = case.policy.clause("decide_recheck", case.policy.terms(RuleName.RECHECK).source)
    need_reason(stated.reason, clause)
    result = _result(case.result)
    result.recheck_decision = stated.decision
    move.clause, move.reason = clause, stated.reason
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(LetterKind.RECHECK_DECIDED, party, decision=stated.decision, reason=stated.reason)
    if stated.decision == "reassess":
        case.meeting, case.meeting_on, case.opened_on, case.batch = "", None, None, ""
        move.go(Stage.AWAITING_MEETING)
        return
    right = case.deadline(RuleName.RECHECK)
    if right is None or right.struck or move.at > right.ends_at:
        end_by_result(move, clock=RuleName.RECHECK.value)
    else:
        move.go(Stage.RECHECK_WINDOW)


def end_by_result(move: Move, *, clock: str = "") -> None:
    """办结 or 评审未通过: the right has run out and nothing is pending (A53)."""
    case = move.case
    result = _result(case.result)
    passed = result.result is Result.PASSED
    name = EndName.COMPLETED if passed else EndName.NOT_PASSED
    clause = case.policy.terms(RuleName.RECHECK).source
    right = case.deadline(RuleName.RECHECK)
    move.finish(name, clause, clock=clock, deadline=right)


def forward_confirmation(move: Move, stated: Forward) -> None:
    """呈报单位 forwarded the confirmation to the unit; the applicant prints the 评审表.

    Raises:
        Refused: `already_decided`, `wrong_stage` where nothing was passed, `date_not_allowed`.
    """
    case = move.case
    result = _passed(move)
    if not _by_confirmation(case):
        raise refuse(Code.WRONG_STAGE, case.policy.clause("confirm"), reason="entrusted")
    if case.forwarded_on:
        raise refuse(Code.ALREADY_DECIDED, "", action=move.action)
    case.forwarded_on = outside_day(move, stated.forwarded_on, not_before=result.effective_on)
    move.clause = case.policy.terms(RuleName.FORWARDING).source
    move.close(RuleName.FORWARDING)
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(LetterKind.FORWARDED, party, document=result.document)


def confirm_printed(move: Move, stated: Nothing) -> None:
    """The applicant printed the 评审表.

    Raises:
        Refused: `already_decided`.
    """
    _passed(move)
    if move.case.printed_on:
        raise refuse(Code.ALREADY_DECIDED, "", action=move.action)
    move.case.printed_on = move.on
    move.clause = move.case.policy.clause("confirm_printed")


def confirm_archived(move: Move, stated: ConfirmArchived) -> None:
    """One of the two copies is in its archive.

    Raises:
        Refused: `already_decided`.
    """
    _passed(move)
    if stated.copy_in in move.case.archived:
        raise refuse(Code.ALREADY_DECIDED, "", action=move.action)
    move.case.archived.append(stated.copy_in)
    move.clause = move.case.policy.clause("confirm_archived")


def revoke(move: Move, stated: Revoke) -> None:
    """撤销: 市职改办 withdraws the title (A36); possible on a closed case too.

    Raises:
        Refused: `reason_required`, `wrong_stage` where no title was confirmed.
    """
    case = move.case
    clause = case.policy.clause("revoked", "40号令 第38-42条")
    need_reason(stated.reason, clause)
    titled = any(
        item.result is Result.PASSED and item.effective_on is not None for item in case.results
    )
    if not titled:
        raise refuse(Code.WRONG_STAGE, clause, reason="no_title")
    move.finish(EndName.REVOKED, clause, reason=stated.reason)


def _by_confirmation(case: Case) -> bool:
    """Only a 确认通知 is forwarded; a 函复 goes to its unit at once, 备案 stays with it (3C)."""
    return not (case.entrusted or case.own_committee)


def _in_time(move: Move, result: ResultEntry, day: date, *, by_post: bool) -> None:
    case = move.case
    right = case.deadline(RuleName.RECHECK)
    if right is None and case.end is not None:
        right = case.end.deadline
    if right is None:
        if result.effective_on is None and case.end is None:
            return
        raise refuse(Code.RECHECK_TOO_LATE, case.policy.terms(RuleName.RECHECK).source)
    moment = end_of(day) if by_post else move.at
    travelled = by_post and full_working_days_left(case.calendar, end_of(right.ends_on), move.on)
    if moment > right.ends_at or (
        travelled and travelled > case.policy.limits.back_dating_working_days
    ):
        raise refuse(Code.RECHECK_TOO_LATE, right.clause, ends_on=right.ends_on)


def _passed(move: Move) -> ResultEntry:
    result = _result(move.case.result)
    if result.result is not Result.PASSED:
        raise refuse(Code.WRONG_STAGE, "", reason="not_passed")
    return result


def _result(result: ResultEntry | None) -> ResultEntry:
    if result is None:
        raise refuse(Code.WRONG_STAGE, "", reason="no_result")
    return result
