"""Who must not judge whom (40号令 art 25, A34): found by rule, or declared and entered."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from workflows.rules.committee import Seat
from workflows.rules.message import Message


class Ground(StrEnum):
    """Why an expert is recused from a candidate."""

    SAME_UNIT = "same_unit"
    KIN = "kin"
    CO_AUTHOR = "co_author"
    DECLARED = "declared"
    SAME_PERSON = "same_person"


class Judged(Message):
    """A candidate as recusal sees it: whose, and in which units."""

    application: str
    person: str
    units: tuple[str, ...] = ()


class Conflict(Message):
    """An expert who is recused from one candidate."""

    application: str
    expert: str
    ground: Ground


def conflicts(seats: Iterable[Seat], candidates: Iterable[Judged]) -> tuple[Conflict, ...]:
    """The recusals that follow from the record alone: same unit, or the candidate in person."""
    members = list(seats)
    found = []
    for candidate in candidates:
        for seat in members:
            if seat.person == candidate.person:
                ground = Ground.SAME_PERSON
            elif seat.unit and seat.unit in candidate.units:
                ground = Ground.SAME_UNIT
            else:
                continue
            found.append(
                Conflict(application=candidate.application, expert=seat.expert, ground=ground)
            )
    return tuple(found)
