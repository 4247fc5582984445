"""What a case tells the meeting that has it: nobody else's result waits for it (T3, A9)."""

from __future__ import annotations

from datetime import date

from workflows.application.case import Case
from workflows.application.stages import EARLY_STAGES
from workflows.meeting.payloads import NoteCase
from workflows.rules.names import Stage

BEFORE_EFFECT = frozenset(
    {
        *EARLY_STAGES,
        Stage.IN_REVIEW,
        Stage.RESULT_RECORDED,
        Stage.RESULT_PUBLICITY,
        Stage.AWAITING_CONFIRMATION,
    }
)
"""Stages in which a meeting still has something to do for a case."""

RESULT_OPEN = BEFORE_EFFECT - frozenset(EARLY_STAGES)


def news_of(before: Case, after: Case, on: date) -> NoteCase | None:
    """The news of a step on a day; None where it does not concern a meeting."""
    if not before.in_meeting or before.stage not in BEFORE_EFFECT:
        return None
    if after.end is not None:
        return NoteCase(application=after.application, news="gone", on=on, end=after.end.name.value)
    if before.stage not in RESULT_OPEN:
        return None
    was, now = bool(before.open_inquiries), bool(after.open_inquiries)
    if was == now:
        return None
    return NoteCase(application=after.application, news="held" if now else "released", on=on)
