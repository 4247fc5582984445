"""What operations do to a case: new rules, a newer version, going on after a stop."""

from __future__ import annotations

from workflows.application.act import Rule
from workflows.application.move import Move
from workflows.writer.payloads import Amend, Nothing, Nudge


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


AMEND = Rule(amend)
NUDGE = Rule(nudge)
RESUME = Rule(resume)
