"""New rules or a changed calendar reach a meeting: its clocks follow (A59)."""

from __future__ import annotations

from workflows.meeting.act import MeetingRule
from workflows.meeting.move import MeetingMove
from workflows.writer.payloads import Amend, Nothing, Nudge


def amend(move: MeetingMove, stated: Amend) -> None:
    """The rules and calendar now published are travelled with; no floor ends before it was told.

    The cases do the same with their copies, so that meeting and case agree on every day.
    """
    if move.published is not None:
        move.meeting.policy = move.published.policy
        move.meeting.calendar = move.published.calendar
    move.reason = stated.reason


def nudge(move: MeetingMove, stated: Nudge) -> None:
    """Wakes the meeting; whether it moves to a newer version is the workflow's business."""


def resume(move: MeetingMove, stated: Nothing) -> None:
    """A person looked after a parked meeting."""


AMEND = MeetingRule(amend)
NUDGE = MeetingRule(nudge)
RESUME = MeetingRule(resume)
