"""What does not agree of one subject: pure, from what the record keeps and what the engine shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from asyncpg import Record

from activities.sentinel.kinds import Finding, Kind
from workflows.application.messages import Projection
from workflows.meeting.messages import MeetingProjection
from workflows.rules.deadlines import Deadline
from workflows.sentinel.messages import OVERDUE_AFTER
from workflows.writer.messages import TaskItem

AS_JSON = ("places", "checks")
NEAR = timedelta(minutes=2)
"""How far a timer may be from what it is for: a lapse waits a minute for an act that is on its way."""


class Moved(NamedTuple):
    """One deadline that ends on another day than it should; None where it is not there on that side."""

    key: str
    before: date | None
    after: date | None


@dataclass(frozen=True)
class Trail:
    """A subject's steps as they stand in the record.

    Attributes:
        number: what the subject's row says its last step is.
        steps: how many there are.
        last: the greatest number among them.
        stood: where the last of them left it: stage and end of a case, phase of a meeting.
    """

    number: int
    steps: int
    last: int
    stood: tuple[str | None, ...]


@dataclass(frozen=True)
class EngineState:
    """What the engine's workflow of a subject shows.

    Attributes:
        wake_at: when its timer rings, on the subject's clock; None while none is set.
        busy: it tells cases of something, and has no timer then.
        parked: why it stands still; empty where it goes on.
    """

    seq: int
    shown: Projection | MeetingProjection
    wake_at: datetime | None = None
    busy: bool = False
    parked: str = ""


def trail_findings(
    trail: Trail, kept: int | None, stands: tuple[str | None, ...]
) -> Iterator[Finding]:
    """Whether the steps are whole, and the state is that of the last.

    Args:
        kept: the number in the kept state; None where none could be read.
        stands: where the state says that the subject stands.
    """
    if not trail.number == trail.steps == trail.last:
        yield Finding(Kind.SEQUENCE, f"{trail.number} {trail.steps} {trail.last}")
    if kept is None:
        yield Finding(Kind.STATE)
    elif kept != trail.number:
        yield Finding(Kind.STATE, f"{kept}")
    elif trail.last == trail.number and stands != trail.stood:
        yield Finding(Kind.STATE, " ".join(part or "" for part in stands).strip())


def list_findings(row: Record, columns: Mapping[str, Any]) -> Iterator[Finding]:
    """The row that people list by, against what the state makes of it."""
    for name, wanted in columns.items():
        stands = row[name]
        same = json.loads(stands) == json.loads(wanted) if name in AS_JSON else stands == wanted
        if not same:
            yield Finding(Kind.LIST, name)


def clocks_moved(rows: Iterable[Record], clocks: Iterable[Deadline]) -> Iterator[Moved]:
    """Open deadlines that end on another day than these clocks do, or are not there."""
    before = {row["key"]: row["ends_on"] for row in rows}
    after = {clock.key: clock.ends_on for clock in clocks}
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Moved(key, before.get(key), after.get(key))


def clock_findings(rows: Iterable[Record], clocks: Iterable[Deadline]) -> Iterator[Finding]:
    """The open deadlines of the record, against the clocks that run."""
    stands = {row["key"]: row for row in rows}
    wanted = {clock.key: clock for clock in clocks}
    for key in sorted(wanted.keys() - stands.keys()):
        yield Finding(Kind.CLOCK_MISSING, key)
    for key in sorted(stands.keys() - wanted.keys()):
        yield Finding(Kind.CLOCK_EXTRA, key)
    for key in sorted(wanted.keys() & stands.keys()):
        row, clock = stands[key], wanted[key]
        days = (row["starts_on"], row["ends_on"], row["ends_at"])
        told = Deadline.model_validate_json(row["content"])
        if days != (clock.starts_on, clock.ends_on, clock.ends_at) or told != clock:
            yield Finding(Kind.CLOCK_OTHER, key)


def task_findings(rows: Iterable[Record], tasks: Iterable[TaskItem]) -> Iterator[Finding]:
    """The open tasks, against those that the state asks for: each in exactly its inbox."""
    stands = {row["key"]: row for row in rows}
    wanted = {task.key: task for task in tasks}
    for key in sorted(wanted.keys() - stands.keys()):
        yield Finding(Kind.TASK_MISSING, key)
    for key in sorted(stands.keys() - wanted.keys()):
        yield Finding(Kind.TASK_EXTRA, key)
    for key in sorted(wanted.keys() & stands.keys()):
        row, task = stands[key], wanted[key]
        in_it = TaskItem(
            key=key,
            kind=row["kind"],
            organisation=row["organisation"],
            person=row["person"],
            due_on=row["due_on"],
            params=json.loads(row["params"]),
        )
        if in_it != task:
            yield Finding(Kind.TASK_OTHER, key)


def engine_findings(
    engine: EngineState,
    number: int,
    shown: Projection | MeetingProjection,
    due: datetime | None,
    now: datetime | None,
) -> Iterator[Finding]:
    """What the engine shows, against the record.

    Args:
        number: of the record's last step.
        shown: what the record's state makes of it.
        due: when something strikes next, as the record's state has it.
        now: the subject's time; None where only its own clock knows it (a rehearsal).
    """
    if engine.seq != number:
        kind = Kind.RECORD_AHEAD if engine.seq < number else Kind.ENGINE_AHEAD
        yield Finding(kind, f"{engine.seq} {number}")
        return
    if engine.shown != shown:
        yield Finding(Kind.ENGINE_OTHER)
    if engine.parked or engine.busy:
        return
    if due is not None and now is not None and due < now - OVERDUE_AFTER:
        yield Finding(Kind.OVERDUE, due.isoformat())
    elif not _near(engine.wake_at, due):
        yield Finding(Kind.TIMER, due.isoformat() if due else "")


def _near(armed: datetime | None, due: datetime | None) -> bool:
    if armed is None or due is None:
        return armed is due
    return abs(armed - due) <= NEAR
