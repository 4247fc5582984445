"""What a scenario file expects of an instant: of an application, of a meeting, of a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from workflows.meeting.meeting import BatchPhase, Phase
from workflows.rules.message import local
from workflows.rules.names import EndName, LetterKind, Party, RuleName, Stage
from workflows.rules.refusals import Code


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

    @field_validator("notices")
    @classmethod
    def _known_kinds(
        cls, value: dict[str, int | Literal["some"]]
    ) -> dict[str, int | Literal["some"]]:
        _check_letters(value)
        return value


def _check_letters(keys: Iterable[str]) -> None:
    for key in keys:
        kind, _, party = key.partition(":")
        if kind not in list(LetterKind) or (party and party not in list(Party)):
            raise ValueError(f"没有 {key} 这种通知或这种对象")
