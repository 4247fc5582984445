"""What every letter is: a model of what it says, and the form in which that travels and is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self, TypedDict

from pydantic import ConfigDict, model_validator
from pydantic_core import to_json

from workflows.rules.deadlines import Deadline
from workflows.rules.message import Message
from workflows.rules.names import EndName, LetterKind, Party, RuleName, Stage
from workflows.writer.messages import LetterOrder


class Letter(Message):
    """Base of all letters. A name it does not have is refused, in the core and in a template.

    Required fields are what the core must supply; an empty value counts as not supplied, and is
    missed when the letter is written: such a letter bounces, no case stands still for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[LetterKind]
    one_of: ClassVar[tuple[str, ...]] = ()
    """Of these at least one must be stated."""

    clause: str = ""
    """The ground: a clause of the notice, a reading, or both."""

    @model_validator(mode="after")
    def _states_one_of(self) -> Self:
        if self.one_of and not any(getattr(self, name) for name in self.one_of):
            raise ValueError("|".join(self.one_of))
        return self

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Self:
        """Read back what was kept; a value of a later version's is left out.

        Raises:
            ValidationError: something required is missing, or a value makes no sense.
        """
        known = {name: params[name] for name in cls.model_fields if params.get(name)}
        return cls.model_validate(known)

    @property
    def params(self) -> dict[str, str]:
        """What the letter says as it travels and is kept; empty values are left out."""
        return {name: _form(value) for name, value in self if _is_stated(value)}

    def _with(self, stated: Mapping[str, object]) -> Self:
        """The same with more stated; unlike `model_copy` it refuses a name it does not have."""
        return self.model_validate(dict(self) | dict(stated))


class Dated(Letter):
    """A letter that may name the last day of a clock."""

    deadline_on: date | None = None
    deadline_at: datetime | None = None
    """Where it is told to the minute."""
    rule: RuleName | None = None


class AboutWork(Dated):
    """A letter about work, which says by when it is due even where its sender named no clock."""

    def due(self, clock: Deadline) -> Self:
        """Due by this clock, unless it names a day of its own."""
        if self.deadline_on is not None:
            return self
        told = dated(clock)
        return self._with(
            {
                "deadline_on": told["deadline_on"],
                "deadline_at": told["deadline_at"],
                "rule": self.rule or told["rule"],
                "clause": self.clause or told["clause"],
            }
        )


class AboutEnd(Dated):
    """A letter that tells an end: which, out of which stage, and how long one may come back."""

    end: EndName | None = None
    stage: Stage | None = None
    closes_on: date | None = None
    reason: str = ""


class OfMeeting(Letter):
    """A letter that a meeting may send, too: under its number, about one of its batches."""

    meeting_number: str = ""
    batch: int | None = None

    def from_meeting(self, number: str) -> Self:
        """The same under a meeting's number."""
        return self._with({"meeting_number": number})


@dataclass(frozen=True)
class Addressed:
    """A letter and whom it goes to."""

    letter: Letter
    to: Party
    organisation: str = ""
    person: str = ""

    @property
    def order(self) -> LetterOrder:
        """As it goes into the record."""
        return LetterOrder(
            kind=self.letter.kind,
            to=self.to,
            organisation=self.organisation,
            person=self.person,
            params=self.letter.params,
        )


class OfClock(TypedDict):
    """What a letter says of a clock."""

    deadline_on: date
    deadline_at: datetime
    rule: RuleName
    clause: str


def dated(clock: Deadline) -> OfClock:
    """What a letter says of a clock: last day, instant, rule and clause."""
    return OfClock(
        deadline_on=clock.ends_on, deadline_at=clock.ends_at, rule=clock.rule, clause=clock.clause
    )


def _is_stated(value: Any) -> bool:
    """Nought is an amount; nothing, no and none are not said."""
    return value is not False and value not in (None, "", ())


def _form(value: Any) -> str:
    """One value as text: dates are ISO, a yes is `1`, what has parts is JSON."""
    match value:
        case bool():
            return "1"
        case datetime() | date():
            return value.isoformat()
        case str() | int():
            return str(value)
        case _:
            return to_json(value).decode()
