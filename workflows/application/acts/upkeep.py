"""What operations do to a case: new rules, a newer version, going on after a stop."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.move import Move
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Amend, Nothing, Nudge


def may_amend(move: Move) -> None:
    """Whatever still listens takes the new rules, an ended case for the day it is re-opened.

    Raises:
        Refused: `already_decided` on a closed case, which stays on the rules it was decided by.
    """
    end = move.case.end
    if end is not None and end.closes_at is None:
        raise refuse(Code.ALREADY_DECIDED, end.clause, end=end.name.value)


def amend(move: Move, stated: Amend) -> None:
    """The rules and calendar now published (`Move.published`) are travelled with from here.

    Clocks follow: nothing ends before a day that was told, what was decided stays (A57, A59), and
    whose day moves is told (`decision.settle`).
    """
    if move.published is not None:
        move.case.policy = move.published.policy
        move.case.calendar = move.published.calendar
    move.reason = stated.reason


def nudge(move: Move, stated: Nudge) -> None:
    """Wakes the case; whether it moves to a newer version is the workflow's business."""


def resume(move: Move, stated: Nothing) -> None:
    """A person looked after a parked case."""


AMEND = Rule(amend, may_amend)
NUDGE = Rule(nudge)
RESUME = Rule(resume)
