"""What holds for every row of a sheet, whether it came with the act or was kept before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.meeting.messages import Count, NoteOpinion
from workflows.meeting.payloads import Opinion, Tally
from workflows.rules.committee import ART_20, ART_21
from workflows.rules.refusals import Code, refuse
from workflows.writer.payloads import Sheet
from workflows.writer.stating import need_reason


def one_place(stated: Sheet) -> None:
    """The rows stand in the act or in a kept sheet: in one of the two.

    Raises:
        Refused: `malformed_payload`.
    """
    if bool(getattr(stated, stated.ROWS)) is bool(stated.sheet):
        raise refuse(Code.MALFORMED_PAYLOAD, ART_20, fields=f"{stated.ROWS}、sheet")


def counts_of(tallies: Sequence[Tally]) -> tuple[Count, ...]:
    """The totals of a counting sheet, each candidate once.

    Raises:
        Refused: `duplicate_conflict`.
    """
    seen: set[str] = set()
    for item in tallies:
        if item.application in seen:
            raise refuse(Code.DUPLICATE_CONFLICT, ART_20, application=item.application)
        seen.add(item.application)
    return tuple(Count(application=item.application, totals=item.totals) for item in tallies)


def opinions_of(
    rows: Iterable[Opinion], group: int, experts: tuple[str, ...]
) -> tuple[NoteOpinion, ...]:
    """The opinions of a sheet, each with its group: its own, else the sheet's.

    Raises:
        Refused: `reason_required` for one that says nothing.
    """
    found = []
    for item in rows:
        need_reason(item.text, ART_21)
        found.append(
            NoteOpinion(
                application=item.application,
                group=item.group if item.experts else group,
                experts=item.experts or experts,
                text=item.text,
            )
        )
    return tuple(found)
