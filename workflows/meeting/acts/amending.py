"""New rules or a changed calendar reach a meeting: its running clocks are counted again (A59)."""

from __future__ import annotations

from workflows.meeting.clocks import batch_of
from workflows.meeting.move import MeetingMove
from workflows.rules.deadlines import recomputed
from workflows.rules.names import RuleName
from workflows.writer.payloads import Amend


def amend(move: MeetingMove, stated: Amend) -> None:
    """Count running clocks again, never to an earlier day for a floor; struck ones stay (A57).

    The cases do the same with their copies, so that meeting and case agree on every day.
    """
    meeting = move.meeting
    if stated.policy is not None:
        meeting.policy = stated.policy
    if stated.calendar is not None:
        meeting.calendar = stated.calendar
    move.reason = stated.reason
    fresh = []
    for deadline in meeting.deadlines:
        new = recomputed(deadline, meeting.policy.terms(deadline.rule), meeting.calendar)
        fresh.append(new)
        batch = meeting.batch(batch_of(deadline))
        floor = deadline.rule is RuleName.RESULT_PUBLICITY
        if floor and batch is not None and batch.publicity is not None:
            batch.publicity.ends_on = new.ends_on
    meeting.deadlines = fresh
