"""The committee (评委会), its pool of experts, and who was drawn for a meeting (40号令 art 7-11)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from workflows.rules.days import Day
from workflows.rules.message import Message
from workflows.rules.names import Level
from workflows.rules.numbers import Whole
from workflows.rules.text import Line

ART_8 = "40号令 第8条"
ART_9 = "40号令 第9条"
ART_10 = "40号令 第10条"
ART_11 = "40号令 第11条"
ART_19 = "40号令 第19条"
ART_20 = "40号令 第20条"
ART_21 = "40号令 第21条"
ART_22 = "40号令 第22条"
ART_25 = "40号令 第25条"

Chair = Literal["", "director", "deputy_director"]


class Committee(Message):
    """A committee as its filing has it.

    `seats` is how many members sit in a meeting (odd, art 9), `spares` how many more are drawn;
    the filing is good to `valid_until`, three years at most (art 8).
    """

    id: Line
    office: Line
    city_office: Line
    filing: Line
    filed_on: Day
    valid_until: Day
    seats: Whole
    spares: Whole
    minimum: Whole
    """The least number of members its kind may have (art 9: 25 by series, 11 by profession)."""
    max_level: Level

    def is_filed_on(self, day: date) -> bool:
        """Whether the filing covers a day."""
        return self.filed_on <= day <= self.valid_until


class Expert(Message):
    """One expert of a pool in the present term; the name stays in Postgres."""

    id: Line
    person: Line
    unit: Line
    professions: tuple[Line, ...] = ()
    chair: Chair = ""
    term_from: Day
    term_to: Day

    def serves_on(self, day: date) -> bool:
        """Whether the term covers a day."""
        return self.term_from <= day <= self.term_to


class Seat(Message):
    """A drawn expert in a meeting: a member, or a spare in the order drawn."""

    expert: Line
    person: Line
    unit: Line
    chair: Chair = ""
    rank: int
    term_to: Day | None = None
    """The last day of the term: a meeting that is moved beyond it is one member short."""
    spare: bool = False
    standing: Literal["drawn", "declined"] = "drawn"

    def serves_on(self, day: date) -> bool:
        """Whether the term still covers a day after the draw."""
        return self.term_to is None or day <= self.term_to

    @property
    def sits(self) -> bool:
        """True for a member who has not declined."""
        return not self.spare and self.standing == "drawn"
