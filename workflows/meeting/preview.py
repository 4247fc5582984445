"""What an act on a meeting would do: the decision on a copy, without a trace."""

from __future__ import annotations

from datetime import date, datetime

from workflows.application.messages import Moved, ToldTo
from workflows.meeting.decision import decide
from workflows.meeting.meeting import Meeting
from workflows.meeting.messages import MeetingPreview
from workflows.meeting.move import MeetingMove
from workflows.meeting.projection import shown_clocks
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act, LetterOrder


def preview(meeting: Meeting, name: str, act: Act, now: datetime) -> MeetingPreview:
    """Refusals, or the next phase, the clocks before and after, who is told what, and warnings.

    What concerns single candidates is found out with the step itself, in its transaction.

    Args:
        now: the instant as of which the act would be done.
    """
    try:
        move = decide(meeting, name, act, now)
    except Refused as error:
        return MeetingPreview(refusals=tuple(error.reasons), phase_before=meeting.phase)
    return _of(meeting, move)


def _of(meeting: Meeting, move: MeetingMove) -> MeetingPreview:
    was = {clock.key: clock for clock in shown_clocks(meeting)}
    now = {clock.key: clock for clock in shown_clocks(move.meeting)}
    return MeetingPreview(
        phase_before=meeting.phase,
        phase_after=move.meeting.phase,
        clocks=tuple(
            Moved(key=key, before=was.get(key), after=now.get(key)) for key in sorted(was | now)
        ),
        letters=tuple(_told(item) for item in move.letters),
        word=move.telling.action if move.telling else "",
        warnings=tuple(move.warnings),
    )


def _told(order: LetterOrder) -> ToldTo:
    by = order.params.get("deadline_on", "")
    return ToldTo(
        kind=order.kind,
        to=order.to,
        organisation=order.organisation,
        deadline_on=date.fromisoformat(by) if by else None,
    )
