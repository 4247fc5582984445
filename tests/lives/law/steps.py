"""Where an act or a clock may lead: lifecycle T1 and T3, one line a row."""

from __future__ import annotations

import json
from typing import Any

from tests.lives.law.clocks import Want
from tests.lives.law.days import midnight_before
from tests.lives.law.gates import (
    CORRECTING,
    EARLY,
    TITLED,
    found_after_its_end,
    reopened,
    reopens,
)
from tests.lives.people import APPLICANT, holder_of
from tests.lives.world import Seen
from workflows.application.case import Case
from workflows.rules.names import EndName, InquiryKind, InquiryOutcome, Result, Stage

S = Stage
HANGS_ANEW = frozenset(
    {
        "profession_field",
        "profession",
        "current_title",
        "years_in_title",
        "achievements",
        "relaxations",
        "applicant_kind",
    }
)
"""What stands on the 公示表."""
STAYS = frozenset(
    {
        "restart_publicity",
        "raise_objection",
        "file_complaint",
        "assign_to_meeting",
        "leave_meeting",
        "report_results",
        "forward_confirmation",
        "confirm_printed",
        "confirm_archived",
        "urge",
        "extend_deadline",
        "hold_review",
        "record_manual_check",
        "amend",
        "resume",
        "ask_second_person",
        "confirm_request",
    }
)
ENDS = {
    "decline_recommendation": EndName.NOT_RECOMMENDED,
    "reject": EndName.REJECTED_BY_CHAIN,
    "refuse": EndName.NOT_ACCEPTED,
    "fail_audit": EndName.AUDIT_FAILED,
    "declare_abandoned": EndName.ABANDONED,
    "withdraw": EndName.WITHDRAWN,
    "disqualify": EndName.DISQUALIFIED,
    "revoke": EndName.REVOKED,
}
GOES = {
    "start_publicity": S.UNIT_PUBLICITY,
    "open_review": S.IN_REVIEW,
    "override_return": S.COMMITTEE_CORRECTION,
    "send_for_confirmation": S.AWAITING_CONFIRMATION,
    "send_back": S.RESULT_PUBLICITY,
}


def where(case: Case) -> str:
    """Where a case stands, in one word."""
    if case.end is not None:
        return f"end:{case.end.name.value}"
    if case.stage in (S.CHAIN_REVIEW, S.CHAIN_CORRECTION):
        return f"{case.stage.value}:{case.chain_index}"
    return case.stage.value if case.stage else ""


def leads_to(seen: Seen, clocks: dict[str, Want]) -> set[str]:
    """Where a step may lead, given the clocks that ran before it."""
    before = seen.before
    assert before is not None
    if seen.due is not None:
        return _struck(seen, before, clocks)
    move = seen.move
    asks = move.action == "ask_second_person"
    if not asks and reopens(before, move.action, move.at):
        before = reopened(before)
    return _done(seen, before, move.payload, clocks)


def _done(seen: Seen, before: Case, stated: dict[str, Any], clocks: dict[str, Want]) -> set[str]:
    act = seen.move.action
    if act in ENDS:
        return {f"end:{ENDS[act].value}"}
    if act in GOES:
        return {GOES[act].value}
    if act in STAYS:
        return {where(before)}
    match act:
        case "return_for_correction":
            return {_returned(before)}
        case "resubmit":
            return {_resubmitted(before, stated)}
        case "finish_publicity":
            return {_finished(before)}
        case "approve":
            return {_above(before, before.chain_index + 1)}
        case "accept":
            paid = sum(item.yuan for item in before.payments)
            enough = paid >= before.policy.fees.yuan[before.level]
            opens = midnight_before(before.policy.windows.payment.starts_on)
            counts = enough and seen.move.at >= opens
            return {(S.AWAITING_MEETING if counts else S.AWAITING_PAYMENT).value}
        case "send_pay_notice":
            return {where(before), S.AWAITING_MEETING.value}
        case "record_payment":
            return {_paid(seen, before, clocks)}
        case "record_result":
            deferred = stated["result"] == Result.DEFERRED.value
            return {(S.AWAITING_MEETING if deferred else S.RESULT_RECORDED).value}
        case "post_results":
            passed = before.results[-1].result is Result.PASSED
            return {S.RESULT_PUBLICITY.value if passed else where(before)}
        case "confirm" | "reply_to_entrusting_unit" | "file_for_record":
            result = before.results[-1]
            early = result.recheck_asked_on and not result.recheck_decision
            return {(S.RECHECK if early else S.RECHECK_WINDOW).value}
        case "request_recheck":
            if before.end is not None:
                return {S.RECHECK.value}
            return {S.RECHECK.value if before.stage is S.RECHECK_WINDOW else where(before)}
        case "decide_recheck":
            return {_rechecked(seen, before, stated, clocks)}
        case "respond_to_inquiry":
            end = before.end
            heard = {item.id for item in seen.after.inquiries if item.outcome is None}
            # Found unheard, and heard after all: the end that the finding brought is none.
            undone = end is not None and bool(end.inquiry) and end.inquiry in heard
            return {where(reopened(before) if undone else before)}
        case "conclude_inquiry":
            return {_concluded(before, stated)}
        case "set_aside":
            return {_undone(before)}
        case "reinstate":
            return {where(reopened(before))}
        case _:
            raise AssertionError(f"no row for {act}")


def _above(case: Case, index: int) -> str:
    chain = len(case.places) - 1
    return f"chain_review:{index}" if index < chain else S.COMMITTEE_INTAKE.value


def _returned(case: Case) -> str:
    if case.stage in (S.UNIT_REVIEW, S.UNIT_PUBLICITY):
        return S.UNIT_CORRECTION.value
    if case.stage is S.CHAIN_REVIEW:
        return f"chain_correction:{case.chain_index}"
    return S.COMMITTEE_CORRECTION.value


def _hangs_anew(case: Case, stated: dict[str, Any]) -> bool:
    hung = case.unit_publicity is not None and case.unit_publicity.over_at is not None
    now = case.facts.model_dump(mode="json")
    changed = {name for name, value in stated.get("changes", {}).items() if now[name] != value}
    return hung and bool(changed & HANGS_ANEW or stated.get("achievements"))


def _resubmitted(case: Case, stated: dict[str, Any]) -> str:
    assert case.stage in (*CORRECTING, S.CHAIN_REVIEW)
    if case.stage is S.UNIT_CORRECTION or _hangs_anew(case, stated):
        return S.UNIT_REVIEW.value
    if case.stage in (S.CHAIN_CORRECTION, S.CHAIN_REVIEW):
        return f"chain_review:{case.chain_index}"
    return _back_at_committee(case)


def _back_at_committee(case: Case) -> str:
    """At once, or by way of the chain that confirms it (A32)."""
    again = case.policy.corrections.correction_path == "chain_confirm" and len(case.places) > 1
    return "chain_review:0" if again else S.COMMITTEE_INTAKE.value


def _finished(case: Case) -> str:
    """Up from the first; what hung anew goes back to the level that had returned it (A31)."""
    above = [given for given in case.returns if given.level != "unit"]
    if case.going_up_again != "republicised" or not above:
        return _above(case, 0)
    last = above[-1]
    if last.level == "committee":
        return _back_at_committee(case)
    return _above(case, last.chain_index)


def _paid(seen: Seen, before: Case, clocks: dict[str, Want]) -> str:
    """By `paid_at`: the sum paid in time decides (A19)."""
    after = seen.after
    clock = clocks.get("payment_window")
    end = clock.ends_at if clock else None
    ended = before.end
    if ended is not None and ended.deadline is not None:
        end = ended.deadline.ends_at
    in_time = sum(item.yuan for item in after.payments if end is None or item.paid_at <= end)
    enough = in_time >= before.policy.fees.yuan[before.level]
    waits = before.stage is S.AWAITING_PAYMENT or ended is not None
    waits = waits and not found_after_its_end(before)
    opens = midnight_before(before.policy.windows.payment.starts_on)
    fresh = len(after.payments) > len(before.payments)
    if waits and enough and fresh and seen.move.at >= opens:
        return S.AWAITING_MEETING.value
    return where(before)


def _rechecked(seen: Seen, case: Case, stated: dict[str, Any], clocks: dict[str, Want]) -> str:
    if stated["decision"] == "reassess":
        return S.AWAITING_MEETING.value
    right = clocks["recheck"]
    if right.struck or seen.move.at > right.ends_at:
        return _by_result(case)
    return S.RECHECK_WINDOW.value


def _by_result(case: Case) -> str:
    passed = case.results[-1].result is Result.PASSED
    return f"end:{(EndName.COMPLETED if passed else EndName.NOT_PASSED).value}"


def _concluded(case: Case, stated: dict[str, Any]) -> str:
    open_ones = [item for item in case.inquiries if item.outcome is None]
    name = stated.get("inquiry")
    about = next(item for item in open_ones if not name or item.id == name)
    true = stated["outcome"] == InquiryOutcome.SUBSTANTIATED.value
    alone = true and stated.get("not_of_applicant", False)
    near = about.kind is InquiryKind.OBJECTION and about.raised_in is S.UNIT_PUBLICITY
    if alone and near and case.end is None and case.stage is S.UNIT_PUBLICITY:
        return S.UNIT_REVIEW.value  # what hung is not counted on: it is posted anew
    if not true or alone:
        last = len(open_ones) == 1
        drawn_back = last and case.in_meeting and case.stage is S.AWAITING_CONFIRMATION
        ended = case.end is not None
        return S.RESULT_PUBLICITY.value if drawn_back and not ended else where(case)
    if case.end is not None or case.stage in TITLED:
        return where(case)
    if about.kind is InquiryKind.OBJECTION and about.raised_in is S.UNIT_PUBLICITY:
        return f"end:{EndName.NOT_RECOMMENDED.value}"
    # Raised on an ended case that was re-opened, or before a result is judged anew: by where it is.
    where_raised = case.stage if about.raised_in in (None, *TITLED) else about.raised_in
    if where_raised in EARLY:
        terminates = case.policy.limits.complaint_terminates
        return f"end:{EndName.TERMINATED.value}" if terminates else where(case)
    if where_raised is S.IN_REVIEW:
        return f"end:{EndName.TERMINATED.value}"
    return f"end:{EndName.CANCELLED_BY_OBJECTION.value}"


def _undone(case: Case) -> str:
    """As the act found it; what it did not touch stands as it does now."""
    assert case.undo is not None
    found = json.loads(case.undo.before)
    end = found.get("end", case.end and {"name": case.end.name.value})
    stage = found.get("stage", case.stage and case.stage.value)
    if end is not None:
        return f"end:{end['name']}"
    if stage in ("chain_review", "chain_correction"):
        return f"{stage}:{found.get('chain_index', case.chain_index)}"
    return str(stage)


def _struck(seen: Seen, before: Case, clocks: dict[str, Want]) -> set[str]:
    due = seen.due
    assert due is not None
    here = where(before)
    match due.what:
        case "reminder" | "request_expired" | "close":
            return {here}
        case "pay_notice":
            paid = sum(item.yuan for item in before.payments)
            enough = paid >= before.policy.fees.yuan[before.level]
            return {S.AWAITING_MEETING.value if enough else here}
        case _:
            return {_ended(before, clocks[due.key])}


def _ended(case: Case, clock: Want) -> str:
    match clock.rule.value:
        case "unit_correction" | "committee_correction":
            return f"end:{EndName.ABANDONED.value}"
        case "chain_correction":
            return f"chain_review:{case.chain_index}"
        case "payment_window":
            return f"end:{EndName.PAYMENT_MISSED.value}"
        case "chain_cutoff":
            if holder_of(case) == APPLICANT:
                return f"end:{EndName.ABANDONED.value}"
            lapses = case.policy.limits.lapse_on_chain_delay
            return f"end:{EndName.LAPSED.value}" if lapses else where(case)
        case "recheck":
            return where(case) if case.stage is S.RECHECK else _by_result(case)
        case _:
            return where(case)


def submissions_after(before: Case, after: Case) -> int:
    """Counted on arrival at the committee, but after a supervisor's return not (A1, A3)."""
    arrives = after.stage is S.COMMITTEE_INTAKE and before.stage is not S.COMMITTEE_INTAKE
    given = [item for item in before.returns if item.level == "committee"]
    free = bool(given) and given[-1].overridden
    return before.submissions + (arrives and not free)
