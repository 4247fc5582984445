"""催办: the applicant reminds whoever holds the case (BD 四(二)2e)."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.move import Move
from workflows.application.parties import APPLICANT, holder
from workflows.letter.kinds import Urged
from workflows.rules.names import Party
from workflows.rules.refusals import Code
from workflows.writer.payloads import Nothing


def may_urge(move: Move) -> None:
    """Once in two working days and holder, and not while the applicant holds it.

    Raises:
        Refused: `urge_too_soon`, `wrong_stage` where the applicant holds it.
    """
    case = move.case
    held_by = holder(case)
    if held_by == APPLICANT:
        raise move.refusal(Code.WRONG_STAGE, "urge", reason="held_by_applicant")
    last = case.urged.get(held_by)
    gap = case.policy.limits.urge_every_working_days
    if last and case.calendar.working_days_between(last, move.on) < gap:
        next_on = case.calendar.add_working_days(last, gap)
        raise move.refusal(Code.URGE_TOO_SOON, "urge", last=last, next_on=next_on)


def urge(move: Move, stated: Nothing) -> None:
    """Reminds the holder."""
    case = move.case
    held_by = holder(case)
    case.urged[held_by] = move.on
    move.clause = move.clause_of("urge")
    move.tell(Urged(stage=case.stage), Party.HOLDER, organisation=held_by)


URGE = Rule(urge, may_urge)
