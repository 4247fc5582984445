"""The chain's part: 主管部门, agencies, district offices (BD 四(二)3(2), LC 四(二)3(2)-(3))."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.acts.arrivals import pass_up, tell_task
from workflows.application.acts.returning import (
    by_whom_it_was_asked,
    check_resubmission,
    give_back,
    hang_anew,
    take_corrections,
    tell_return,
)
from workflows.application.corrections import check_room, items_of, ran_out, term
from workflows.application.move import Move
from workflows.application.payloads import Resubmit, ReturnForCorrection
from workflows.letter.kinds import Returned
from workflows.rules.clocks import identity
from workflows.rules.names import CautionCode, EndName, Party, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing, Reason
from workflows.writer.stating import need_reason


def approve(move: Move, stated: Nothing) -> None:
    """The level agrees: up to the next, after the last to the committee."""
    case = move.case
    move.clause = move.clause_of("approve")
    for inquiry in case.open_inquiries:
        move.warn(CautionCode.OBJECTION_HOLDS, move.clause_of("inquiry"), inquiry=inquiry.id)
    pass_up(move, from_index=case.chain_index)


def _reject_reason(move: Move, stated: Reason) -> None:
    need_reason(stated.reason, move.clause_of("rejected_by_chain"))


def reject(move: Move, stated: Reason) -> None:
    """上级审核不同意."""
    clause = move.clause_of("rejected_by_chain")
    move.finish(EndName.REJECTED_BY_CHAIN, clause, reason=stated.reason)


def may_return(move: Move) -> None:
    """Not on the second ascent after a committee's return, and only with room for a term.

    Raises:
        Refused: `wrong_stage` (A32), `term_too_short`.
    """
    if move.case.going_up_again == "confirming":
        raise move.refusal(Code.WRONG_STAGE, "chain_confirm", reason="chain_confirming")
    check_room(move.case, RuleName.CHAIN_CORRECTION, move.at)


def _sound_return(move: Move, stated: ReturnForCorrection) -> None:
    items_of(len(move.case.returns) + 1, stated.items, move.clause_of("return:chain"))
    term(move.case, RuleName.CHAIN_CORRECTION, stated.days, move.now)


def return_for_correction(move: Move, stated: ReturnForCorrection) -> None:
    """A level gives the application back to applicant or unit; no 放弃 follows from it (A47)."""
    items = items_of(len(move.case.returns) + 1, stated.items, move.clause_of("return:chain"))
    clock = give_back(move, stated, items, "chain", Stage.CHAIN_CORRECTION)
    to = Party.UNIT if stated.to == "unit" else Party.APPLICANT
    tell_return(move, Returned, to, clock=clock)


def was_in_time(move: Move) -> None:
    """Corrected before the term ran out, and heard after it had brought the case back.

    Raises:
        Refused: `wrong_stage` where none ran out, or the correction came after it; `not_entitled`.
    """
    told = ran_out(move.case)
    if told is None or move.at > told.ends_at:
        stage = move.case.stage.value if move.case.stage else ""
        raise refuse(Code.WRONG_STAGE, "", stage=stage, action=move.action)
    by_whom_it_was_asked(move)


def resubmit_after_all(move: Move, stated: Resubmit) -> None:
    """The level has what was corrected in time, and decides on that."""
    case, given = move.case, move.case.last_return
    if given is not None:
        name = identity(RuleName.CHAIN_CORRECTION.value, given.at)
        case.struck = [item for item in case.struck if item != name]
    resubmit(move, stated)


def resubmit(move: Move, stated: Resubmit) -> None:
    """The corrected application goes back to the level that returned it; where what hung has
    changed, by way of the unit's posting."""
    if take_corrections(move, stated):
        hang_anew(move)
        return
    move.go(Stage.CHAIN_REVIEW)
    tell_task(move)


APPROVE = Rule(approve)
REJECT = Rule(reject, check=_reject_reason)
RETURN = Rule(return_for_correction, may_return, _sound_return)
RESUBMIT = Rule(resubmit, by_whom_it_was_asked, check_resubmission)
HEARD_LATE = Rule(resubmit_after_all, was_in_time, check_resubmission)
