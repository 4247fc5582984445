"""The committee office's intake: acceptance, refusal, returns (BD 四(二)3(3), LC 四(二)4(1))."""

from __future__ import annotations

from workflows.application.acts.arrivals import arrive_at_committee, tell_task
from workflows.application.acts.exclusions import look_again
from workflows.application.acts.fees import send_pay_notice_if_open
from workflows.application.acts.unit import note_return, tell_return
from workflows.application.corrections import (
    check_committee_return,
    check_publicised,
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
from workflows.rules.deadlines import window_state
from workflows.rules.facts import OpenCheck
from workflows.rules.names import EndName, LetterKind, Party, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason


def accept(move: Move, stated: Accept) -> None:
    """受理: registered, and asked to pay when the payment window is open.

    Raises:
        Refused: `window_not_open`, `window_closed` (after the review window only with
            `extend_deadline`), `check_open`, `excluded_retired`; `excluded_bar` by the record.
    """
    case = move.case
    _review_is_open(move)
    for check in case.checks:
        raise refuse(Code.CHECK_OPEN, check.clause, check=check.key)
    look_again(move)
    case.accepted_on = move.on
    case.acceptance_number = stated.number or f"{case.policy.year}-{case.application[-12:]}"
    move.clause = case.policy.clause("accept")
    move.go(Stage.AWAITING_PAYMENT)
    move.tell(LetterKind.ACCEPTED, Party.APPLICANT, number=case.acceptance_number, fee=case.fee)
    send_pay_notice_if_open(move)


def refuse_application(move: Move, stated: Refuse) -> None:
    """不予受理 on one of its three grounds, at any submission (A1).

    Raises:
        Refused: `reason_required`.
    """
    clause = move.case.policy.clause("not_accepted")
    need_reason(stated.reason, clause)
    move.finish(EndName.NOT_ACCEPTED, clause, reason=stated.reason)


def return_for_correction(move: Move, stated: ReturnForCorrection) -> None:
    """一次性告知 and return: all defects at once the first time (A3).

    Raises:
        Refused: `no_return_left`, `new_defect`, `items_required`, `term_out_of_range`,
            `term_too_short`, `window_not_open`.
    """
    _give_back(move, stated, override=False)


def override_return(move: Move, stated: OverrideReturn) -> None:
    """A supervisor's return with defects the first notice did not name (A3).

    Raises:
        Refused: `reason_required` and those of a return but `new_defect`.
    """
    need_reason(stated.reason)
    move.reason = stated.reason
    _give_back(move, stated, override=True)


def fail_audit(move: Move, stated: Reason) -> None:
    """审核不通过: the last submission still fails (LC 四(二)4(1)e).

    Raises:
        Refused: `wrong_stage` before the last submission or where the notice has no such end;
            `reason_required`.
    """
    case = move.case
    most = case.policy.corrections.committee_max_submissions
    clause = case.policy.clause("audit_failed", case.policy.corrections.source)
    if most is None or case.submissions < most:
        raise refuse(
            Code.WRONG_STAGE,
            clause,
            reason="submissions_left",
            submissions=case.submissions,
            maximum=most or "不限",
        )
    need_reason(stated.reason, clause)
    move.finish(EndName.AUDIT_FAILED, clause, reason=stated.reason)


def declare_abandoned(move: Move, stated: Reason) -> None:
    """视为放弃: the term is over and the application stands uncured (逾期未补正, A45).

    Raises:
        Refused: `not_late` while the term runs, nothing was returned, or the notice ends such
            a case by 审核不通过; `reason_required`.
    """
    case = move.case
    clause = case.policy.clause("abandoned:committee")
    if case.policy.corrections.committee_max_submissions is not None or not uncured(case, move.at):
        given = case.last_return
        raise refuse(Code.NOT_LATE, clause, ends_on=given.ends_on if given else "无")
    need_reason(stated.reason, clause)
    move.finish(EndName.ABANDONED, clause, reason=stated.reason)


def resubmit(move: Move, stated: Resubmit) -> None:
    """The corrected application: to the committee directly, or up the chain again (A32).

    Added files may only prove publicised achievements, and the unit attests them (A33).

    Raises:
        Refused: `unpublicised_file`.
    """
    case = move.case
    check_publicised(case, stated.files, Stage.COMMITTEE_CORRECTION)
    if case.last_return:
        case.last_return.resubmitted_at = move.at
    if stated.files:
        key = f"attestation:{len(case.returns)}"
        case.checks.append(OpenCheck(key=key, body="unit", clause="A33"))
        move.tell(LetterKind.TASK, Party.UNIT, task="attestation", check=key)
    if case.policy.corrections.correction_path == "chain_confirm" and case.chain:
        case.chain_confirming = True
        move.go(Stage.CHAIN_REVIEW, chain_index=0)
    else:
        arrive_at_committee(move)
    tell_task(move)


def _give_back(move: Move, stated: ReturnForCorrection, *, override: bool) -> None:
    case = move.case
    clause = case.policy.clause("return:committee", case.policy.corrections.source)
    items = items_of(len(case.returns) + 1, stated.items, clause)
    check_committee_return(case, items, override=override)
    _review_is_open(move)
    deadline = term(case, RuleName.COMMITTEE_CORRECTION, stated.days, move.at)
    first = not any(given.level == "committee" for given in case.returns)
    note_return(move, "committee", items, deadline, overridden=override)
    move.clause = clause
    move.go(Stage.COMMITTEE_CORRECTION)
    move.open(deadline)
    kind = LetterKind.ONE_OFF_NOTICE if first else LetterKind.RETURNED
    tell_return(move, kind, Party.APPLICANT, items, deadline)
    tell_return(move, kind, Party.UNIT, items, deadline)


def _review_is_open(move: Move) -> None:
    case = move.case
    window = case.policy.windows.review
    if window_state(window, move.at) == "before":
        raise refuse(Code.WINDOW_NOT_OPEN, window.source, starts_on=window.starts_on)
    duty = case.deadline(RuleName.INTAKE_DUTY)
    if duty is not None and move.at > duty.ends_at:
        raise refuse(Code.WINDOW_CLOSED, window.source, ends_on=duty.ends_on)
