"""From the result to its confirmation: report, publicity, draft, issue (BD 四(三)3, LC A38)."""

from __future__ import annotations

from datetime import date

from workflows.application.acts.recheck import open_recheck_window
from workflows.application.case import ResultEntry
from workflows.application.move import Move
from workflows.application.payloads import Issue, PostResults, ReportResults, SendForConfirmation
from workflows.rules.deadlines import compute
from workflows.rules.names import LetterKind, Party, Result, RuleName, Stage
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason, outside_day, posting_day


def report_results(move: Move, stated: ReportResults) -> None:
    """评审情况 is reported to 市职改办; the duty is met by report and posting (A8).

    Raises:
        Refused: `already_decided`, `date_not_allowed`.
    """
    result = _result(move)
    if result.reported_on:
        raise refuse(Code.ALREADY_DECIDED, "", action=move.action)
    result.reported_on = outside_day(move, stated.reported_on, not_before=result.meeting_ended_on)
    move.clause = move.case.policy.terms(RuleName.RESULT_REPORT).source
    _meet_result_report(move, result)


def post_results(move: Move, stated: PostResults) -> None:
    """Passed: the publicity of at least five working days begins. Not passed: it is told.

    Raises:
        Refused: `already_decided`, `date_not_allowed`.
    """
    result = _result(move)
    if result.posted_on:
        raise refuse(Code.ALREADY_DECIDED, "", action=move.action)
    _post(move, result, stated, restarts=0)
    _meet_result_report(move, result)
    if result.result is Result.PASSED:
        move.go(Stage.RESULT_PUBLICITY)


def restart_publicity(move: Move, stated: PostResults) -> None:
    """The list was changed or taken down: the floor begins anew.

    Raises:
        Refused: `reason_required`, `date_not_allowed`.
    """
    need_reason(stated.reason)
    move.reason = stated.reason
    before = move.case.result_publicity
    move.close(RuleName.CONFIRMATION)
    move.close(RuleName.CONFIRMATION_REPLY)
    _post(move, _result(move), stated, restarts=before.restarts + 1 if before else 1)


def send_for_confirmation(move: Move, stated: SendForConfirmation) -> None:
    """The draft 职称资格确认通知 goes to 市职改办 within 15 working days (A46).

    Raises:
        Refused: `publicity_not_over`, `inquiry_open`, `wrong_stage` for 委托评审 and 自主评审.
    """
    case = move.case
    if case.entrusted or case.own_committee:
        raise refuse(
            Code.WRONG_STAGE,
            case.policy.clause("reply_to_entrusting_unit"),
            reason="entrusted" if case.entrusted else "own_committee",
        )
    _may_leave_publicity(move)
    case.sent_for_confirmation_on = move.on
    case.batch = stated.batch or case.batch
    move.clause = case.policy.terms(RuleName.CONFIRMATION).source
    move.go(Stage.AWAITING_CONFIRMATION)
    if not case.in_meeting:  # a meeting tells 市职改办 once for its whole batch
        move.tell(LetterKind.TASK, Party.CITY_OFFICE, task="confirm", number=case.batch)


def confirm(move: Move, stated: Issue) -> None:
    """市职改办 issues the 确认通知; of a failed candidate's meeting it brings the day that counts.

    Raises:
        Refused: `inquiry_open`, `wrong_stage`, `date_not_allowed`.
    """
    case = move.case
    result = _result(move)
    if case.entrusted or case.own_committee:
        raise refuse(Code.WRONG_STAGE, case.policy.clause("confirm"), reason="entrusted")
    if case.stage is Stage.RESULT_RECORDED:
        _failed_and_told(move, result)
    _no_open_inquiry(move)
    earliest = case.sent_for_confirmation_on or result.meeting_ended_on
    move.clause = case.policy.clause("confirm")
    _take_effect(move, result, stated, earliest, LetterKind.CONFIRMED)


def reply_to_entrusting_unit(move: Move, stated: Issue) -> None:
    """委托评审: the 函复, passed and failed alike (BD 四(三)3f).

    Raises:
        Refused: `wrong_stage` where nobody entrusted it; as for `confirm` otherwise.
    """
    case = move.case
    if not case.entrusted:
        raise refuse(Code.WRONG_STAGE, case.policy.clause("confirm"), reason="not_entrusted")
    move.clause = case.policy.clause("reply_to_entrusting_unit")
    _answer_without_confirmation(move, stated, LetterKind.REPLIED)


def file_for_record(move: Move, stated: Issue) -> None:
    """自主评审 by the unit's own committee: confirmed by itself and filed 备案 (A54).

    Raises:
        Refused: `wrong_stage` where the committee is the campaign's.
    """
    case = move.case
    if not case.own_committee:
        raise refuse(Code.WRONG_STAGE, case.policy.self_evaluating.source, reason="not_own")
    move.clause = case.policy.clause("file_for_record", case.policy.self_evaluating.source)
    _answer_without_confirmation(move, stated, LetterKind.FILED)


def send_back(move: Move, stated: Reason) -> None:
    """市职改办 sends the draft back; the floor stays met and the 15 days do not restart (A46).

    Raises:
        Refused: `reason_required`.
    """
    need_reason(stated.reason)
    move.reason = stated.reason
    move.go(Stage.RESULT_PUBLICITY)
    if not move.case.in_meeting:
        move.tell(LetterKind.TASK, Party.OFFICE, task="draft_sent_back", reason=stated.reason)


def _answer_without_confirmation(move: Move, stated: Issue, kind: LetterKind) -> None:
    result = _result(move)
    if result.result is Result.PASSED:
        _may_leave_publicity(move)
        earliest = move.case.result_publicity.ends_on if move.case.result_publicity else None
    else:
        _failed_and_told(move, result)
        _no_open_inquiry(move)
        earliest = result.posted_on
    _take_effect(move, result, stated, earliest, kind)


def _take_effect(
    move: Move, result: ResultEntry, stated: Issue, earliest: date | None, kind: LetterKind
) -> None:
    issued_on = outside_day(move, stated.issued_on, not_before=earliest)
    result.effective_on = issued_on
    result.document = stated.number
    open_recheck_window(move, issued_on)
    right = move.case.deadline(RuleName.RECHECK)
    told = {
        "document": stated.number,
        "issued_on": str(issued_on),
        "result": result.result.value,
        "deadline_on": str(right.ends_on) if right else "",
        "rule": RuleName.RECHECK.value,
        "clause": right.clause if right else "",
    }
    move.tell(kind, Party.APPLICANT, **told)
    if result.result is Result.PASSED and kind is LetterKind.CONFIRMED:
        forwarding = move.case.deadline(RuleName.FORWARDING)
        told_forwarder = told | {
            "deadline_on": str(forwarding.ends_on) if forwarding else "",
            "rule": RuleName.FORWARDING.value,
        }
        move.tell(kind, Party.FORWARDER, **told_forwarder)
    if kind is LetterKind.REPLIED:
        move.tell(kind, Party.ENTRUSTING_UNIT, **told)


def _post(move: Move, result: ResultEntry, stated: PostResults, *, restarts: int) -> None:
    case = move.case
    terms = case.policy.terms(RuleName.RESULT_PUBLICITY)
    day = posting_day(move, stated.posted_on, terms.source)
    result.posted_on = result.told_on = day
    move.clause = terms.source
    if result.result is not Result.PASSED:
        move.tell(LetterKind.RESULT_TOLD, Party.APPLICANT, result=result.result.value)
        return
    floor = compute(RuleName.RESULT_PUBLICITY, terms, case.calendar, day)
    case.result_publicity = Publicity(posted_on=day, ends_on=floor.ends_on, restarts=restarts)
    move.open(floor)
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(
            LetterKind.PUBLICITY_RESULT,
            party,
            result=result.result.value,
            posted_on=day,
            deadline_on=floor.ends_on,
            rule=floor.rule.value,
            clause=floor.clause,
        )


def _meet_result_report(move: Move, result: ResultEntry) -> None:
    if result.reported_on and result.posted_on:
        move.close(RuleName.RESULT_REPORT)


def _may_leave_publicity(move: Move) -> None:
    case = move.case
    floor = case.deadline(RuleName.RESULT_PUBLICITY)
    publicity = case.result_publicity
    if publicity is None or (floor is not None and move.at < floor.ends_at):
        raise refuse(
            Code.PUBLICITY_NOT_OVER,
            case.policy.terms(RuleName.RESULT_PUBLICITY).source,
            ends_on=publicity.ends_on if publicity else "未公示",
        )
    publicity.over = True
    _no_open_inquiry(move)


def _no_open_inquiry(move: Move) -> None:
    for inquiry in move.case.open_inquiries:
        raise refuse(
            Code.INQUIRY_OPEN, move.case.policy.clause("result_inquiry"), inquiry=inquiry.id
        )


def _failed_and_told(move: Move, result: ResultEntry) -> None:
    if result.result is Result.PASSED or result.posted_on is None:
        raise refuse(
            Code.WRONG_STAGE,
            move.case.policy.clause("confirm"),
            reason="not_told" if result.posted_on is None else "not_posted",
        )


def _result(move: Move) -> ResultEntry:
    result = move.case.result
    if result is None:
        raise refuse(Code.WRONG_STAGE, "", reason="no_result")
    return result
