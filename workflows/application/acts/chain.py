"""The chain's part: 主管部门, agencies, district offices (BD 四(二)3(2), LC 四(二)3(2)-(3))."""

from __future__ import annotations

from workflows.application.acts.arrivals import pass_up, tell_task
from workflows.application.acts.unit import note_return, tell_return
from workflows.application.corrections import check_publicised, items_of, term
from workflows.application.move import Move
from workflows.application.payloads import Resubmit, ReturnForCorrection
from workflows.rules.names import EndName, LetterKind, Party, RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Nothing, Reason
from workflows.writer.stating import need_reason


def approve(move: Move, stated: Nothing) -> None:
    """The level agrees: up to the next, after the last to the committee."""
    move.clause = move.case.policy.clause("approve")
    pass_up(move, from_index=move.case.chain_index)


def reject(move: Move, stated: Reason) -> None:
    """上级审核不同意.

    Raises:
        Refused: `reason_required`.
    """
    clause = move.case.policy.clause("rejected_by_chain")
    need_reason(stated.reason, clause)
    move.finish(EndName.REJECTED_BY_CHAIN, clause, reason=stated.reason)


def return_for_correction(move: Move, stated: ReturnForCorrection) -> None:
    """A level gives the application back to applicant or unit; no 放弃 follows from it (A47).

    Raises:
        Refused: `wrong_stage` on the second ascent after a committee return (A32),
            `items_required`, `term_out_of_range`, `term_too_short`.
    """
    case = move.case
    if case.chain_confirming:
        raise refuse(Code.WRONG_STAGE, "A32", reason="chain_confirming")
    items = items_of(len(case.returns) + 1, stated.items, case.policy.clause("return:chain", "A47"))
    deadline = term(case, RuleName.CHAIN_CORRECTION, stated.days, move.at)
    note_return(move, "chain", items, deadline, to=stated.to)
    move.go(Stage.CHAIN_CORRECTION)
    move.open(deadline)
    to = Party.UNIT if stated.to == "unit" else Party.APPLICANT
    tell_return(move, LetterKind.RETURNED, to, items, deadline)


def resubmit(move: Move, stated: Resubmit) -> None:
    """The corrected application goes back to the level that returned it.

    Raises:
        Refused: `unpublicised_file`.
    """
    check_publicised(move.case, stated.files, Stage.CHAIN_CORRECTION)
    if move.case.last_return:
        move.case.last_return.resubmitted_at = move.at
    move.go(Stage.CHAIN_REVIEW)
    tell_task(move)
