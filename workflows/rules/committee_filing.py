"""A committee as it is filed, with its pool, and what the law finds wrong with it (40号令 art 6-11).

The file's lint and the import ask the same questions here; each says the answers in its own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from workflows.rules.committee import ART_8, ART_9, ART_10, ART_11, ART_19, Committee, Expert
from workflows.rules.deadlines import add_months
from workflows.rules.message import Message
from workflows.rules.names import Level
from workflows.rules.text import Line

ART_6 = "40号令 第6条"

LONGEST_MONTHS = 36
"""Three years: the longest filing (art 8) and the longest term of an expert (art 10)."""
LEAST_MEMBERS = {"series": 25, "profession": 11}
"""Art 9, for 高级 committees; smaller numbers need the consent of the province."""
ART_9_LEVELS = (Level.DEPUTY_SENIOR, Level.SENIOR)

Slug = Annotated[Line, Field(pattern=r"^[a-z][a-z0-9-]{1,62}$")]


class FiledCommittee(Committee):
    """A committee with what its filing says beyond what a meeting needs."""

    id: Slug
    name: Annotated[Line, Field(min_length=1)]
    series: Annotated[Line, Field(min_length=1)]
    """The one 职称系列 it judges (art 6: never across series)."""
    organised_by: Literal["series", "profession"]
    professions: tuple[Line, ...] = ()
    """What its experts may be of; empty where the filing limits none."""
    seats: Annotated[int, Field(ge=1, le=99)]
    spares: Annotated[int, Field(ge=0, le=99)]
    minimum: Annotated[int, Field(ge=1, le=99)]
    consent: Line = ""
    """The document that allows fewer members than art 9 asks for."""

    def plain(self) -> Committee:
        """What a meeting travels with."""
        return Committee.model_validate(self.model_dump(include=set(Committee.model_fields)))


class Defect(StrEnum):
    """What can be wrong with a filing or a pool."""

    EVEN_SEATS = "even_seats"
    TOO_FEW_SEATS = "too_few_seats"
    BELOW_MINIMUM = "below_minimum"
    FILING_BACKWARDS = "filing_backwards"
    FILING_TOO_LONG = "filing_too_long"
    TERM_BACKWARDS = "term_backwards"
    TERM_TOO_LONG = "term_too_long"
    OUTSIDE_SCOPE = "outside_scope"
    EXPERT_TWICE = "expert_twice"
    PERSON_TWICE = "person_twice"
    DIRECTOR_TWICE = "director_twice"
    POOL_SHORT = "pool_short"
    NO_CHAIR = "no_chair"


class Finding(Message):
    """One defect: whose it is, the values of its sentence, and the clause."""

    defect: Defect
    expert: Line = ""
    clause: Line
    values: dict[Line, Line] = {}


def longest_end(starts_on: date) -> date:
    """The last day a filing or a term of three years may have: the corresponding day (A10)."""
    return add_months(starts_on, LONGEST_MONTHS)


def findings(
    committee: FiledCommittee, experts: Sequence[Expert], on: date | None = None
) -> tuple[Finding, ...]:
    """Everything wrong with a committee and its pool; empty if sound.

    Args:
        experts: `person` must be the same for the same human being, whatever it is.
        on: count those who serve on this day; None counts whoever serves on some day of the
            filing.
    """
    return (
        *_filing(committee),
        *(item for expert in experts for item in _expert(committee, expert)),
        *_twice(experts),
        *_pool(committee, experts, on),
    )


def _filing(committee: FiledCommittee) -> Iterator[Finding]:
    seats, minimum = committee.seats, committee.minimum
    if seats % 2 == 0:
        yield _finding(Defect.EVEN_SEATS, ART_9, seats=seats)
    if seats < minimum:
        yield _finding(Defect.TOO_FEW_SEATS, ART_9, seats=seats, minimum=minimum)
    asked = LEAST_MEMBERS[committee.organised_by]
    if committee.max_level in ART_9_LEVELS and minimum < asked and not committee.consent:
        yield _finding(Defect.BELOW_MINIMUM, ART_9, minimum=minimum, asked=asked)
    if committee.valid_until < committee.filed_on:
        yield _finding(Defect.FILING_BACKWARDS, ART_8)
    latest = longest_end(committee.filed_on)
    if committee.valid_until > latest:
        yield _finding(Defect.FILING_TOO_LONG, ART_8, latest=latest)


def _expert(committee: FiledCommittee, expert: Expert) -> Iterator[Finding]:
    if expert.term_to < expert.term_from:
        yield _finding(Defect.TERM_BACKWARDS, ART_10, expert.id)
    latest = longest_end(expert.term_from)
    if expert.term_to > latest:
        yield _finding(Defect.TERM_TOO_LONG, ART_10, expert.id, latest=latest)
    outside = set(expert.professions) - set(committee.professions)
    if committee.professions and outside:
        named = "、".join(sorted(outside))
        yield _finding(Defect.OUTSIDE_SCOPE, ART_6, expert.id, professions=named)


def _twice(experts: Sequence[Expert]) -> Iterator[Finding]:
    """A person has one term at a time; a later term is another entry, and no defect."""
    for one, other in combinations(experts, 2):
        if one.id == other.id:
            yield _finding(Defect.EXPERT_TWICE, ART_11, one.id)
        elif _together(one, other) and one.person == other.person:
            yield _finding(Defect.PERSON_TWICE, ART_11, other.id, other=one.id)
        elif _together(one, other) and one.chair == other.chair == "director":
            yield _finding(Defect.DIRECTOR_TWICE, ART_9, other.id, other=one.id)


def _pool(
    committee: FiledCommittee, experts: Sequence[Expert], on: date | None
) -> Iterator[Finding]:
    serving = [
        item
        for item in experts
        if (
            item.serves_on(on)
            if on is not None
            else item.term_from <= committee.valid_until and item.term_to >= committee.filed_on
        )
    ]
    available, needed = len({item.person for item in serving}), committee.seats + committee.spares
    if available < needed:
        yield _finding(Defect.POOL_SHORT, ART_11, available=available, needed=needed)
    if not any(item.chair for item in serving):
        yield _finding(Defect.NO_CHAIR, ART_19)


def _together(one: Expert, other: Expert) -> bool:
    return one.term_from <= other.term_to and other.term_from <= one.term_to


def _finding(defect: Defect, clause: str, expert: str = "", **values: object) -> Finding:
    told = {key: str(value) for key, value in values.items()}
    return Finding(defect=defect, clause=clause, expert=expert, values=told)
