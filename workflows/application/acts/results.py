"""From the result to its confirmation: report, publicity, draft, issue (BD 四(三)3, LC A38)."""

from __future__ import annotations

from datetime import date

from workflows.application.act import Rule
from workflows.application.case import ResultEntry
from workflows.application.move import Move
from workflows.application.payloads import (
    Issue,
    PostResults,
    ReportResults,
    SendForConfirmation,
)
from workflows.letter.kinds import (
    Confirmed,
    Filed,
    PublicityResult,
    Replied,
    ResultTold,
    Task,
    TookEffect,
)
from workflows.letter.letter import dated
from workflows.rules.message import local_date
from workflows.rules.names import Party, Result, RuleName, Stage
from workflows.rules.publicity import Publicity
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason, outside_day, posting_day


def the_result(move: Move) -> ResultEntry:
    """The result that counts now.

    Raises:
        Refused: `wrong_stage` where there is none.
    """
    result = move.case.result
    if result is None:
        raise move.refusal(Code.WRONG_STAGE, "record_result", reason="no_result")
    return result


def no_inquiry_open(move: Move) -> None:
    """An inquiry holds this person's place in the draft, and nobody else's (T3).

    Raises:
        Refused: `inquiry_open`.
    """
    for inquiry in move.case.open_inquiries:
        raise move.refusal(Code.INQUIRY_OPEN, "result_inquiry", inquiry=inquiry.id)


def may_report(move: Move) -> None:
    """Not reported yet.

    Raises:
        Refused: `already_decided`.
    """
    if the_result(move).reported_on:
        raise _decided(move, RuleName.RESULT_REPORT)


def _reported_since_the_meeting(move: Move, stated: ReportResults) -> None:
    clause = move.policy.terms(RuleName.RESULT_REPORT).source
    outside_day(
        move, stated.reported_on, not_before=the_result(move).meeting_ended_on, clause=clause
    )


def report_results(move: Move, stated: ReportResults) -> None:
    """评审情况 is reported to 市职改办; the duty is met by report and posting (A8)."""
    the_result(move).reported_on = stated.reported_on or move.on
    move.clause = move.case.policy.terms(RuleName.RESULT_REPORT).source


def may_post(move: Move) -> None:
    """Not posted or told yet.

    Raises:
        Refused: `already_decided`.
    """
    if the_result(move).posted_on:
        raise _decided(move, RuleName.RESULT_PUBLICITY)


def _posted_today(move: Move, stated: PostResults) -> None:
    posting_day(move, stated.posted_on, move.policy.terms(RuleName.RESULT_PUBLICITY).source)


def _posted_anew(move: Move, stated: PostResults) -> None:
    need_reason(stated.reason)
    _posted_today(move, stated)


def post_results(move: Move, stated: PostResults) -> None:
    """Passed: the publicity of at least five working days begins. Not passed: it is told."""
    _post(move, stated, restarts=0)


def restart_publicity(move: Move, stated: PostResults) -> None:
    """The list was changed or taken down: the floor begins anew."""
    before = move.case.result_publicity
    move.reason = stated.reason
    _post(move, stated, restarts=before.restarts + 1 if before else 1)


def may_send(move: Move) -> None:
    """The publicity is over, nobody's inquiry open, and the result one that is confirmed.

    Raises:
        Refused: `wrong_stage` for 委托评审 and 自主评审, `publicity_not_over`, `inquiry_open`.
    """
    case = move.case
    if case.entrusted or case.own_committee:
        reason = "entrusted" if case.entrusted else "own_committee"
        raise move.refusal(Code.WRONG_STAGE, "reply_to_entrusting_unit", reason=reason)
    _may_leave_publicity(move)


def send_for_confirmation(move: Move, stated: SendForConfirmation) -> None:
    """The draft 职称资格确认通知 goes to 市职改办 within 15 working days (A46)."""
    case = move.case
    _leave_publicity(move)
    case.sent_for_confirmation_at = move.at
    case.batch = stated.batch or case.batch
    move.clause = case.policy.terms(RuleName.CONFIRMATION).source
    move.go(Stage.AWAITING_CONFIRMATION)
    if not case.in_meeting:  # a meeting tells 市职改办 once for its whole batch
        move.tell(Task(task="confirm", draft=case.batch), Party.CITY_OFFICE)


def may_confirm(move: Move) -> None:
    """Of the passed the draft was sent; the failed were told. Neither has an open inquiry.

    Raises:
        Refused: `wrong_stage`, `inquiry_open`.
    """
    case = move.case
    if case.entrusted or case.own_committee:
        raise move.refusal(Code.WRONG_STAGE, "confirm", reason="entrusted")
    if case.stage is Stage.RESULT_RECORDED:
        _failed_and_told(move)
    no_inquiry_open(move)


def _issued_since_it_was_sent(move: Move, stated: Issue) -> None:
    sent_at = move.case.sent_for_confirmation_at
    earliest = local_date(sent_at) if sent_at else the_result(move).meeting_ended_on
    outside_day(move, stated.issued_on, not_before=earliest, clause=move.clause_of("confirm"))


def confirm(move: Move, stated: Issue) -> None:
    """市职改办 issues the 确认通知; of a failed candidate's meeting it brings the day that counts."""
    move.clause = move.clause_of("confirm")
    _take_effect(move, stated, Confirmed)


def may_reply(move: Move) -> None:
    """委托评审 only; passed and failed alike (BD 四(三)3f).

    Raises:
        Refused: `wrong_stage` where nobody entrusted it; `publicity_not_over`, `inquiry_open`.
    """
    if not move.case.entrusted:
        raise move.refusal(Code.WRONG_STAGE, "confirm", reason="not_entrusted")
    _may_answer_itself(move)


def may_file(move: Move) -> None:
    """自主评审 with a committee of its own only (A54).

    Raises:
        Refused: `wrong_stage` where the committee is the campaign's; `publicity_not_over`,
            `inquiry_open`.
    """
    if not move.case.own_committee:
        clause = move.case.policy.self_evaluating.source
        raise refuse(Code.WRONG_STAGE, clause, reason="not_own")
    _may_answer_itself(move)


def _issued_since_posting(move: Move, stated: Issue) -> None:
    result, posted = the_result(move), move.case.result_publicity
    earliest = posted.ends_on if result.result is Result.PASSED and posted else result.posted_on
    outside_day(move, stated.issued_on, not_before=earliest, clause=move.clause_of("confirm"))


def reply_to_entrusting_unit(move: Move, stated: Issue) -> None:
    """委托评审: the 函复."""
    move.clause = move.clause_of("reply_to_entrusting_unit")
    _leave_publicity(move)
    _take_effect(move, stated, Replied)


def file_for_record(move: Move, stated: Issue) -> None:
    """自主评审 by the unit's own committee: confirmed by itself and filed 备案 (A54)."""
    move.clause = move.clause_of("file_for_record", move.case.policy.self_evaluating.source)
    _leave_publicity(move)
    _take_effect(move, stated, Filed)


def _send_back_reason(move: Move, stated: Reason) -> None:
    need_reason(stated.reason, move.clause_of("send_back"))


def send_back(move: Move, stated: Reason) -> None:
    """市职改办 sends the draft back; the floor stays met and the 15 days do not restart (A46)."""
    move.reason, move.clause = stated.reason, move.clause_of("send_back")
    move.go(Stage.RESULT_PUBLICITY)
    if not move.case.in_meeting:
        move.tell(Task(task="draft_sent_back", reason=stated.reason), Party.OFFICE)


REPORT = Rule(report_results, may_report, _reported_since_the_meeting)
POST = Rule(post_results, may_post, _posted_today)
RESTART = Rule(restart_publicity, check=_posted_anew)
SEND = Rule(send_for_confirmation, may_send)
CONFIRM = Rule(confirm, may_confirm, _issued_since_it_was_sent)
REPLY = Rule(reply_to_entrusting_unit, may_reply, _issued_since_posting)
FILE = Rule(file_for_record, may_file, _issued_since_posting)
SEND_BACK = Rule(send_back, check=_send_back_reason)


def _decided(move: Move, rule: RuleName) -> Exception:
    clause = move.case.policy.terms(rule).source
    return refuse(Code.ALREADY_DECIDED, clause, action=move.action)


def _may_answer_itself(move: Move) -> None:
    if the_result(move).result is Result.PASSED:
        _may_leave_publicity(move)
    else:
        _failed_and_told(move)
        no_inquiry_open(move)


def _may_leave_publicity(move: Move) -> None:
    floor, posted = move.clock(RuleName.RESULT_PUBLICITY), move.case.result_publicity
    if posted is None or (floor is not None and move.at < floor.ends_at):
        raise refuse(
            Code.PUBLICITY_NOT_OVER,
            move.case.policy.terms(RuleName.RESULT_PUBLICITY).source,
            ends_on=floor.ends_on if floor else "未公示",
        )
    no_inquiry_open(move)


def _leave_publicity(move: Move) -> None:
    """An act that comes before its floor's clock was looked at notes that the floor is over."""
    floor, posted = move.clock(RuleName.RESULT_PUBLICITY), move.case.result_publicity
    if posted is not None and floor is not None:
        posted.over_at = floor.ends_at


def _failed_and_told(move: Move) -> None:
    result = the_result(move)
    if result.result is Result.PASSED or result.posted_on is None:
        reason = "not_told" if result.posted_on is None else "not_posted"
        raise move.refusal(Code.WRONG_STAGE, "confirm", reason=reason)


def _take_effect(move: Move, stated: Issue, model: type[TookEffect]) -> None:
    """The day that counts has come: the right to 复查 (2 months), the duty to forward (1 month).

    A request for 复查 made earlier is taken up at once (A52).
    """
    result = the_result(move)
    result.effective_on, result.effective_at = stated.issued_on, move.at
    result.document = stated.number
    early = result.recheck_asked_on is not None and not result.recheck_decision
    move.go(Stage.RECHECK if early else Stage.RECHECK_WINDOW)

    def until(rule: RuleName) -> TookEffect:
        return model(
            document=stated.number,
            issued_on=stated.issued_on,
            result=result.result,
            **dated(move.started(rule)),
        )

    of_right = until(RuleName.RECHECK)
    move.tell(of_right, Party.APPLICANT)
    if result.result is Result.PASSED and model is Confirmed:
        move.tell(until(RuleName.FORWARDING), Party.FORWARDER)
    if model is Replied:
        move.tell(of_right, Party.ENTRUSTING_UNIT)


def _post(move: Move, stated: PostResults, *, restarts: int) -> None:
    case, result = move.case, the_result(move)
    day: date = stated.posted_on or move.on
    result.posted_on = day
    move.clause = case.policy.terms(RuleName.RESULT_PUBLICITY).source
    if result.result is not Result.PASSED:
        move.tell(ResultTold(result=result.result), Party.APPLICANT)
        return
    case.sent_for_confirmation_at = None
    case.result_publicity = Publicity(
        posted_on=day, posted_at=move.at, ends_on=day, restarts=restarts
    )
    move.go(Stage.RESULT_PUBLICITY)
    floor = move.started(RuleName.RESULT_PUBLICITY)
    posted = PublicityResult(result=result.result, posted_on=day, **dated(floor))
    for party in (Party.APPLICANT, Party.UNIT):
        move.tell(posted, party)
