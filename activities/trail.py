"""What the record of a case and of a meeting have in common: steps, tasks, letters.

Both are written by one writer, a step at a time and each step once; what a step leaves behind for
people to do and to read is kept in the same tables.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import NAMESPACE_OID, uuid5

from activities import failures
from activities.database import Connection
from activities.statements import statements
from workflows.application.messages import Step
from workflows.letter.messages import room_of
from workflows.meeting.messages import MeetingStep
from workflows.writer.messages import LetterOrder, TaskItem

SQL = statements("trail")

Ring = Callable[[str], Awaitable[None]]
"""Rings at one mailroom, which may be awake already."""


@dataclass(frozen=True)
class Entry:
    """One step as the shared tables see it: of which case or meeting, under which number, when."""

    application: str | None
    meeting: str | None
    realm: str
    seq: int
    source: str
    name: str
    acted_at: datetime
    recorded_at: datetime

    @property
    def subject(self) -> str:
        """The case's or the meeting's id."""
        return self.application or self.meeting or ""


def entry_of(step: Step | MeetingStep) -> Entry:
    """A case's or a meeting's step as an entry."""
    return Entry(
        application=step.application if isinstance(step, Step) else None,
        meeting=step.meeting if isinstance(step, MeetingStep) else None,
        realm=step.realm,
        seq=step.seq,
        source=step.source,
        name=step.name,
        acted_at=step.acted_at,
        recorded_at=step.recorded_at,
    )


def step_hash(step: Step | MeetingStep) -> bytes:
    """The hash that tells a repeat from another step.

    Defaults are left out, so that a worker whose model has grown a field between two attempts
    still sees the same step.
    """
    plain = step.model_dump(mode="json", exclude_defaults=True)
    return sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).digest()


def check_follows(step: Step | MeetingStep, last: int, stored: bytes | None) -> None:
    """A step is the last plus one, or the very step that stands under its number.

    Args:
        last: the number of the last step written.
        stored: the hash of the step written under this number, where there is one.

    Raises:
        ApplicationError: `step_gap`, `step_conflict`; neither is retried.
    """
    subject = entry_of(step).subject
    if step.seq > last + 1:
        raise failures.step_gap(subject, step.seq, last)
    if step.seq <= last and stored != step_hash(step):
        raise failures.step_conflict(subject, step.seq)


async def replace_tasks(
    connection: Connection,
    entry: Entry,
    tasks: Iterable[TaskItem],
    *,
    gone: Collection[str] | None = None,
) -> None:
    """Close tasks that are no more; those that stay keep their id and the day they were opened.

    Args:
        gone: the keys of those; where it is not said, all that are not among `tasks`.
    """
    wanted = list(tasks)
    await connection.execute(
        SQL["close_tasks"],
        entry.subject,
        entry.recorded_at,
        entry.seq,
        [task.key for task in wanted],
        None if gone is None else list(gone),
    )
    for task in wanted:
        await connection.execute(
            SQL["keep_task"],
            entry.application,
            entry.meeting,
            entry.realm,
            task.key,
            task.kind,
            task.organisation,
            task.person,
            task.due_on,
            json.dumps(task.params, ensure_ascii=False),
            entry.recorded_at,
        )


async def add_letters(connection: Connection, entry: Entry, orders: Iterable[LetterOrder]) -> None:
    """Write the letters a step ordered; after its commit somebody rings at their room."""
    room = room_of(entry.realm, entry.subject)
    for index, order in enumerate(orders):
        await connection.execute(
            SQL["add_letter"],
            _letter_id(entry, index, order),
            entry.application,
            entry.meeting,
            entry.realm,
            entry.seq,
            order.kind,
            order.to,
            order.organisation,
            order.person,
            json.dumps(order.params, ensure_ascii=False),
            entry.recorded_at,
            room,
        )


async def ring_for(entry: Entry, orders: Collection[LetterOrder], ring: Ring) -> None:
    """Ring for the letters of a step; also on a repeat of the step.

    The first attempt may have died between its commit and this.
    """
    if orders:
        await ring(room_of(entry.realm, entry.subject))


def _letter_id(entry: Entry, index: int, order: LetterOrder) -> str:
    """The id the workflow gave, else one that every attempt arrives at."""
    return order.id or str(uuid5(NAMESPACE_OID, f"{entry.subject}/{entry.seq}/{index}"))
