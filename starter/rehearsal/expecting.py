"""What a scenario file expects of an instant: of an application, of a meeting, of a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from starter.rehearsal.vocabulary import letter_problem
from workflows.meeting.meeting import BatchPhase, Phase
from workflows.rules.message import local
from workflows.rules.names import EndName, RuleName, Stage
from workflows.rules.refusals import Code


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Phrases = dict[str, Annotated[tuple[str, ...], BeforeValidator(_one_or_several)]]


class Part(BaseModel):
    """Base of everything in the file: an unknown key is refused, because a typo must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sheet(Part):
    """What is expected of one running deadline beyond its last day."""

    ends_on: date | None = None
    ends_at: datetime | None = None
    starts_on: date | None = None
    nominal_on: date | None = None
    uncapped_on: date | None = None
    capped_by: RuleName | None = None
    kind: Literal["lapse", "floor", "duty", "right", "bar"] | None = None
    counted: int | None = None
    """How many working days were counted."""
    skipped: tuple[date, ...] | None = None
    """Days that must be among those passed over (day 0 aside)."""
    includes: tuple[date, ...] | None = None
    """Days that must be among those counted."""
    clause: str | None = None
    """A part of the clause."""

    @field_validator("ends_at")
    @classmethod
    def _beijing(cls, value: datetime | None) -> datetime | None:
        return local(value) if value else None


class Expect(Part):
    """What must hold at that instant; a key that is not given is not looked at."""

    stage: Stage | Literal["none"] | None = None
    end: EndName | Literal["none"] | None = None
    end_clause: str | None = None
    """A part of the clause of the end."""
    end_at: datetime | None = None
    end_responsible: str | None = None
    closed: bool | None = None
    holder: str | None = None
    deadline: date | None = None
    """The last day of the deadline that is due next."""
    deadline_rule: RuleName | None = None
    deadlines: dict[RuleName, date | Literal[False] | Sheet] = {}
    """Rule → last day, `false` where none of that rule runs, or a table (`Sheet`)."""
    struck: tuple[RuleName, ...] = ()
    """Rules that must have struck by now."""
    submissions: int | None = None
    notices: dict[str, int | Literal["some"]] = {}
    """`kind` or `kind:party` → how many were sent so far in this case, or `some`."""
    letters_say: Phrases = {}
    """`kind:party` → words that all stand in the last such letter that was sent."""
    letters_do_not_say: Phrases = {}
    """The same for words that do not stand there; the letter itself must have been sent."""
    tasks: dict[str, tuple[str, ...] | int] = {}
    """Holder → kinds of its open tasks (each must be there), or how many it has."""
    claim: Literal["taken", "released", "none"] | None = None
    may: tuple[str, ...] = ()
    may_not: tuple[str, ...] = ()
    inquiries: int | None = None
    """How many inquiries are open."""
    checks: tuple[str, ...] | None = None
    """Keys of the open checks, exactly these."""
    route: tuple[str, ...] | None = None
    """The kinds of the places, the unit first."""
    refused: tuple[Code, ...] = ()
    """Codes of refusals that must be in the record (of signals, or with legal weight)."""
    done: tuple[str, ...] = ()
    """Names of steps that must be in the record."""
    not_done: tuple[str, ...] = ()

    @field_validator("end_at")
    @classmethod
    def _beijing(cls, value: datetime | None) -> datetime | None:
        return local(value) if value else None

    @property
    def looks_at_letters(self) -> bool:
        """True where the letters have to be sent before anything can be said of them."""
        return bool(self.notices or self.letters_say or self.letters_do_not_say)

    @field_validator("letters_say", "letters_do_not_say")
    @classmethod
    def _phrases(cls, value: Phrases) -> Phrases:
        _check_phrases(value)
        return value

    @field_validator("notices")
    @classmethod
    def _known_kinds(
        cls, value: dict[str, int | Literal["some"]]
    ) -> dict[str, int | Literal["some"]]:
        _check_letters(value)
        return value


class ExpectMeeting(Part):
    """What must hold of a meeting at that instant; a key that is not given is not looked at."""

    phase: Phase | Literal["none"] | None = None
    """`none` where there is no such meeting."""
    days: tuple[date, ...] | None = None
    drawn: int | None = None
    """How many members sit."""
    present: int | None = None
    quorum: int | None = None
    """How many of the members drawn must be there."""
    candidates: dict[str, str] = {}
    """Alias → where the candidate stands: words of state, outcome, standing, or why (all hold)."""
    counts: dict[str, int] = {}
    """State, outcome or standing → how many candidates have it."""
    voters: dict[str, int] = {}
    """Alias → who may vote on the candidate: those present without those recused."""
    votes: dict[str, tuple[int, ...]] = {}
    """Alias → the agreed totals: yes, no, abstain, uncast."""
    batches: dict[int, BatchPhase] = {}
    deadlines: dict[str, date | Literal[False] | Sheet] = {}
    """`rule:batch` → last day, `false` where it does not run, or a table."""
    tasks: dict[str, tuple[str, ...] | int] = {}
    """Holder → kinds of its open tasks on this meeting, or how many it has."""
    notices: dict[str, int | Literal["some"]] = {}
    """`kind` or `kind:party` → how many letters about this meeting were sent so far."""
    letters_say: Phrases = {}
    """`kind:party` → words that all stand in the last such letter that was sent."""
    letters_do_not_say: Phrases = {}
    """The same for words that do not stand there; the letter itself must have been sent."""
    cases: dict[str, str] = {}
    """Alias → the application's stage, or its end."""
    done: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    refused: tuple[Code, ...] = ()
    """Codes of refusals that must be in the meeting's record."""

    @field_validator("deadlines")
    @classmethod
    def _of_a_batch(cls, value: dict[str, Any]) -> dict[str, Any]:
        for key in value:
            rule, _, batch = key.partition(":")
            if rule not in list(RuleName) or not batch.isdigit():
                raise ValueError(f"{key} 应为 期限:批次，如 result_report:1")
        return value

    @property
    def looks_at_letters(self) -> bool:
        """True where the letters have to be sent before anything can be said of them."""
        return bool(self.notices or self.letters_say or self.letters_do_not_say)

    @field_validator("letters_say", "letters_do_not_say")
    @classmethod
    def _phrases(cls, value: Phrases) -> Phrases:
        _check_phrases(value)
        return value

    @field_validator("notices")
    @classmethod
    def _known_kinds(
        cls, value: dict[str, int | Literal["some"]]
    ) -> dict[str, int | Literal["some"]]:
        _check_letters(value)
        return value


def _check_letters(keys: Iterable[str]) -> None:
    for key in keys:
        if problem := letter_problem(key):
            raise ValueError(problem)


def _check_phrases(phrases: Mapping[str, tuple[str, ...]]) -> None:
    """To whom is part of the key: the same letter has other words for another party."""
    _check_letters(phrases)
    for key, told in phrases.items():
        if ":" not in key:
            raise ValueError(f"{key} 须写明对象，如 {key}:applicant")
        if not told or not all(phrase.strip() for phrase in told):
            raise ValueError(f"{key} 须写明至少一个词句，且不能为空")
