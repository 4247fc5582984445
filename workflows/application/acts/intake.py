"""The committee office's intake: acceptance, refusal, returns (BD 四(二)3(3), LC 四(二)4(1))."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.acts.arrivals import return_to_committee, tell_task
from workflows.application.acts.exclusions import may_go_on
from workflows.application.acts.fees import send_pay_notice_if_open
from workflows.application.acts.returning import (
    attest,
    by_whom_it_was_asked,
    check_resubmission,
    give_back,
    hang_anew,
    take_corrections,
    tell_return,
)
from workflows.application.case import Item
from workflows.application.corrections import (
    check_last_submission,
    check_no_new_defect,
    check_returns_left,
    check_room,
    ended,
    items_of,
    term,
    uncured,
)
from workflows.application.move import Move
from workflows.application.payloads import (
    Accept,
    OverrideReturn,
    Refuse,
    Resubmit,
    ReturnForCorrection,
)
from workflows.letter.kinds import Accepted, OneOffNotice, Returned
from workflows.rules.deadlines import window_state
from workflows.rules.names import CautionCode, EndName, Party, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason


def may_accept(move: Move) -> None:
    """Inside the review window, with no open check and no exclusion.

    Raises:
        Refused: `window_not_open`, `window_closed` (after the review window only with
            `extend_deadline`), `check_open`, `excluded_retired`; `excluded_bar` by the record.
    """
    _review_is_open(move)
    for check in move.case.checks:
        raise refuse(Code.CHECK_OPEN, check.clause, check=check.key)
    may_go_on(move)


def accept(move: Move, stated: Accept) -> None:
    """受理: registered, and asked to pay when the payment window is open."""
    case = move.case
    move.guard = "bars"
    case.accepted_on = move.on
    case.acceptance_number = stated.number or f"{case.policy.year}-{case.application[-12:]}"
    move.clause = move.clause_of("accept")
    move.go(Stage.AWAITING_PAYMENT)
    move.tell(Accepted(number=case.acceptance_number, fee=case.fee), Party.APPLICANT)
    for inquiry in case.open_inquiries:
        move.warn(CautionCode.OBJECTION_HOLDS, move.clause_of("inquiry"), inquiry=inquiry.id)
    send_pay_notice_if_open(move)


def _refusal_reason(move: Move, stated: Refuse) -> None:
    need_reason(stated.reason, move.clause_of("not_accepted"))


def refuse_application(move: Move, stated: Refuse) -> None:
    """不予受理 on one of its three grounds, at any submission (A1)."""
    move.finish(EndName.NOT_ACCEPTED, move.clause_of("not_accepted"), reason=stated.reason)


def may_return(move: Move) -> None:
    """There is a return left, the review window is open, and there is room for a term.

    Raises:
        Refused: `no_return_left`, `window_not_open`, `window_closed`, `term_too_short`.
    """
    check_returns_left(move.case)
    _review_is_open(move)
    check_room(move.case, RuleName.COMMITTEE_CORRECTION, move.at)


def _sound_return(move: Move, stated: ReturnForCorrection) -> None:
    check_no_new_defect(move.case, _items(move, stated))
    term(move.case, RuleName.COMMITTEE_CORRECTION, stated.days, move.now)


def _sound_override(move: Move, stated: OverrideReturn) -> None:
    need_reason(stated.reason)
    _items(move, stated)
    term(move.case, RuleName.COMMITTEE_CORRECTION, stated.days, move.now)


def return_for_correction(move: Move, stated: ReturnForCorrection) -> None:
    """一次性告知 and return: all defects at once the first time (A3)."""
    _give_back(move, stated, overridden=False)


def override_return(move: Move, stated: OverrideReturn) -> None:
    """A supervisor's return with defects the first notice did not name; it counts towards no limit
    (A3)."""
    move.reason = stated.reason
    _give_back(move, stated, overridden=True)


def may_fail(move: Move) -> None:
    """审核不通过 only at the last submission of a notice that knows it.

    Raises:
        Refused: `wrong_stage`.
    """
    check_last_submission(move.case)


def _fail_reason(move: Move, stated: Reason) -> None:
    corrections = move.case.policy.corrections
    need_reason(stated.reason, move.clause_of("audit_failed", corrections.source))


def fail_audit(move: Move, stated: Reason) -> None:
    """审核不通过: the last submission still fails (LC 四(二)4(1)e)."""
    clause = move.clause_of("audit_failed", move.case.policy.corrections.source)
    move.finish(EndName.AUDIT_FAILED, clause, reason=stated.reason)


def may_declare(move: Move) -> None:
    """The term is over and the application stands uncured (逾期未补正, A45).

    Raises:
        Refused: `not_late` while the term runs, nothing was returned, or the notice ends such
            a case by 审核不通过.
    """
    case = move.case
    if case.policy.corrections.committee_max_submissions is not None or not uncured(case, move.at):
        given = [item for item in case.returns if item.level == "committee"]
        ended_on = ended(case, given[-1] if given else None)
        raise move.refusal(Code.NOT_LATE, "abandoned:committee", ends_on=ended_on or "无")


def _declare_reason(move: Move, stated: Reason) -> None:
    need_reason(stated.reason, move.clause_of("abandoned:committee"))


def declare_abandoned(move: Move, stated: Reason) -> None:
    """视为放弃, by the office's word."""
    move.finish(EndName.ABANDONED, move.clause_of("abandoned:committee"), reason=stated.reason)


def resubmit(move: Move, stated: Resubmit) -> None:
    """The corrected application: to the committee directly, or up the chain again (A32).

    Added files may only prove publicised achievements, and the unit attests them (A33).
    """
    changed = take_corrections(move, stated)
    attest(move, stated)
    if changed:
        hang_anew(move)
        return
    return_to_committee(move)
    tell_task(move)


ACCEPT = Rule(accept, may_accept)
REFUSE = Rule(refuse_application, check=_refusal_reason)
RETURN = Rule(return_for_correction, may_return, _sound_return)


def _always(_move: Move, _stated: OverrideReturn) -> bool:
    """What one supervisor alone may not do."""
    return True


OVERRIDE = Rule(override_return, may_return, _sound_override, second=_always)
FAIL = Rule(fail_audit, may_fail, _fail_reason)
DECLARE = Rule(declare_abandoned, may_declare, _declare_reason)
RESUBMIT = Rule(resubmit, by_whom_it_was_asked, check_resubmission)


def _items(move: Move, stated: ReturnForCorrection) -> tuple[Item, ...]:
    return items_of(len(move.case.returns) + 1, stated.items, _return_clause(move))


def _return_clause(move: Move) -> str:
    return move.clause_of("return:committee", move.case.policy.corrections.source)


def _give_back(move: Move, stated: ReturnForCorrection, *, overridden: bool) -> None:
    case = move.case
    items = _items(move, stated)
    first = not any(given.level == "committee" for given in case.returns)
    move.clause = _return_clause(move)
    clock = give_back(
        move, stated, items, "committee", Stage.COMMITTEE_CORRECTION, overridden=overridden
    )
    model = OneOffNotice if first else Returned
    tell_return(move, model, Party.APPLICANT, Party.UNIT, clock=clock)


def _review_is_open(move: Move) -> None:
    window = move.case.policy.windows.review
    if window_state(window, move.at) == "before":
        raise refuse(Code.WINDOW_NOT_OPEN, window.source, starts_on=window.starts_on)
    duty = move.clock(RuleName.INTAKE_DUTY)
    if duty is not None and move.at > duty.ends_at:
        raise refuse(Code.WINDOW_CLOSED, window.source, ends_on=duty.ends_on)
