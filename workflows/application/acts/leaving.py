"""Leaving before the meeting: by the applicant's wish, or because the ground was lost."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.move import Move
from workflows.application.parties import claim_is_given_back
from workflows.application.payloads import Disqualify
from workflows.rules.names import CautionCode, EndName, Stage
from workflows.rules.refusals import Code
from workflows.writer.payloads import Reason
from workflows.writer.stating import need_reason


def may_withdraw(move: Move) -> None:
    """Up to the meeting, by when it was done; not while a result is judged anew.

    Raises:
        Refused: `wrong_stage` once the review has begun, or there is a result.
    """
    case = move.case
    begun = case.stage is Stage.IN_REVIEW and not (case.arrived_at and move.at < case.arrived_at)
    if case.results or begun:
        raise move.refusal(Code.WRONG_STAGE, "withdrawn", reason="after_review")


def withdraw(move: Move, stated: Reason) -> None:
    """撤回 by the applicant."""
    clause = move.clause_of("withdrawn")
    if not claim_is_given_back(move.case, EndName.WITHDRAWN):
        move.warn(CautionCode.CHANCE_KEPT, clause)
    move.finish(EndName.WITHDRAWN, clause, reason=stated.reason)


def _ground_stated(move: Move, stated: Disqualify) -> None:
    need_reason(stated.reason, stated.clause)
    need_reason(stated.clause)


def disqualify(move: Move, stated: Disqualify) -> None:
    """不再符合申报范围: an office decision with its clause (A24, A58)."""
    move.finish(EndName.DISQUALIFIED, stated.clause, reason=stated.reason)


WITHDRAW = Rule(withdraw, may_withdraw)
DISQUALIFY = Rule(disqualify, check=_ground_stated)
